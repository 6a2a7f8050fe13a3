package show

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestConnection(t *testing.T) {
	conn := &vm.Connection{UID: "42\x1b[2J", Metadata: &vm.Metadata{Type: "text", Value: "Ada\nerror: fake"}, Scope: []string{"read"},
		Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Data: parse(t, `{"token":"t","a":"key-of-the-app","n":1}`).Object()}
	mask := NewMask(nil)
	mask.Learn("key-of-the-app")
	var out strings.Builder
	s := NewStream(&out, Look{})
	s.Connection(conn, mask)
	want := "connected\n  uid         42\\u001b[2J\n  label       Ada\\nerror: fake\n  expires     2030-01-02 03:04:05 UTC\n  scope       read\n" +
		"  data.token  ••••\n  data.a      ••••\n  data.n      1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		mask *Mask
		want string
	}{
		{mask, `{"data":{"token":"••••","a":"••••","n":1},"uid":"42\u001b[2J","metadata":{"type":"text","value":"Ada\nerror: fake"},"expires":"2030-01-02T03:04:05.000Z","scope":["read"]}`},
		{nil, `{"data":{"token":"t","a":"key-of-the-app","n":1},"uid":"42\u001b[2J","metadata":{"type":"text","value":"Ada\nerror: fake"},"expires":"2030-01-02T03:04:05.000Z","scope":["read"]}`},
	} {
		if diff := cmp.Diff(test.want, string(value.AppendJSON(nil, ConnectionJSON(conn, test.mask)))); diff != "" {
			t.Error(diff)
		}
	}
	empty := string(value.AppendJSON(nil, ConnectionJSON(&vm.Connection{Data: value.NewObject(0)}, mask)))
	if diff := cmp.Diff(`{"data":{},"uid":null,"metadata":null}`, empty); diff != "" {
		t.Error(diff)
	}
}
