package run

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
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
	x.callback, x.res.Body = "https://host.test/", "oauth_token_secret=secret"
	if err := x.prepareSigner(&oauth1.Params{ConsumerKey: "secret", ConsumerSecret: "secret", Token: "secret", TokenSecret: "secret",
		Verifier: "secret", Realm: "secret", Extra: []uri.Pair{{Name: "secret", Value: "secret"}}}); err != nil {
		t.Fatal(err)
	}
	if !holds(reflect.ValueOf(x.own), "secret") {
		t.Fatal("the test looks past what a request holds")
	}
	header, secrets := x.header, r.veil.secrets
	x.close()
	r.close(nil)
	if holds(reflect.ValueOf(x.own), "secret") {
		t.Errorf("a request left a secret: %+v", x)
	}
	if want := (&exchange{header: header[:0], own: x.own}); !reflect.DeepEqual(x, want) {
		t.Errorf("a request left %+v", x)
	}
	if want := (&run{veil: veil{secrets: secrets[:0]}}); !reflect.DeepEqual(r, want) {
		t.Errorf("a run left %+v", r)
	}
	if secrets[0] != "" || string(header) != string(make([]byte, len(header))) {
		t.Errorf("the memory still holds %q and %q", secrets[0], header)
	}
}

// holds reports whether a text is in some memory, also in what slices have behind their ends.
func holds(v reflect.Value, text string) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.Contains(v.String(), text)
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && holds(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if holds(v.Field(i), text) {
				return true
			}
		}
	case reflect.Slice:
		v = v.Slice(0, v.Cap())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return bytes.Contains(v.Bytes(), []byte(text))
		}
		for i := range v.Len() {
			if holds(v.Index(i), text) {
				return true
			}
		}
	}
	return false
}
