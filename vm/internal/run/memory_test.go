package run

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The memory of a run and of its requests serves those of other connections: nothing of a run may be in it when the run
// ends, its secrets least of all.
func TestNothingIsLeftOfARun(t *testing.T) {
	limits := expr.DefaultLimits()
	runner, err := New(&plan.Plan{Connection: &plan.Connection{}}, Host{Limits: limits, Clock: func() time.Time { return time.Unix(1700000000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	r, err := runner.open(context.Background(), operation{Name: OpCall}, Connection{ID: "c", Data: noEntries}, noEntries)
	if err != nil {
		t.Fatal(err)
	}
	x := r.exchange(&plan.Request{})
	r.veil.addSecret("secret")
	x.header = append(x.header, "OAuth oauth_signature=secret"...)
	x.signer, x.callback, x.res.Body = new(oauth1.Signer), "https://host.test/", "oauth_token_secret=secret"
	header, secrets := x.header, r.veil.secrets
	x.close()
	r.close(nil)
	if want := (&exchange{header: header[:0]}); !reflect.DeepEqual(x, want) {
		t.Errorf("a request left %+v", x)
	}
	if want := (&run{veil: veil{secrets: secrets[:0]}}); !reflect.DeepEqual(r, want) {
		t.Errorf("a run left %+v", r)
	}
	if secrets[0] != "" || string(header) != string(make([]byte, len(header))) {
		t.Errorf("the memory still holds %q and %q", secrets[0], header)
	}
}
