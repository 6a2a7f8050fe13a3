package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// A state that is bound resumes for its own bytes only, and waits on when others come.
func TestBoundState(t *testing.T) {
	for _, c := range []struct{ bound, given string }{{"tenant acme", "tenant globex"}, {"tenant acme", ""}, {"", "tenant acme"}, {"a", "a\x00"}} {
		w := newWorld()
		e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
		w.script(initiated)
		grant := workedGrant(t)
		grant.Bind = []byte(c.bound)
		step, err := e.Authorize(context.Background(), grant)
		if err != nil {
			t.Fatal(err)
		}
		w.script(exchanged, about)
		if _, err := e.CallbackBound(context.Background(), []byte(c.given), step.State, workedCallback); code(err) != vm.CodeTokenMismatch || len(w.sent) > 0 {
			t.Errorf("bound to %q, resumed for %q: %v", c.bound, c.given, err)
		}
		if _, err := e.CallbackBound(context.Background(), []byte(c.bound), step.State, workedCallback); err != nil {
			t.Errorf("bound to %q, resumed for it: %v", c.bound, err)
		}
	}
}

// What costs nothing is checked before the state is claimed: a callback that is not its own, or that comes to a replica
// with another plan, does not use it up.
func TestFreeChecksBeforeTheClaim(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Seal, h.Pending = sealer(t, "k"), vm.NewMemoryPending(w.clock)
	e := mustEngine(t, workedExample(t, imlc.Options{}), h)
	other := mustEngine(t, workedExample(t, imlc.Options{LegacyErrorTypes: true}), h)
	step := started(t, w, e)
	for query, want := range map[string]string{"oauth_token=x": vm.CodeTokenMismatch, "denied=x": vm.CodeTokenMismatch, "oauth_verifier=1": vm.CodeNoCallbackToken,
		workedCallback + strings.Repeat("&a", 40_000): "LIMIT"} {
		if _, err := e.Callback(context.Background(), step.State, query); code(err) != want {
			t.Errorf("%.40s: %v", query, err)
		}
	}
	if _, err := other.Callback(context.Background(), step.State, workedCallback); code(err) != vm.CodeSpecChanged {
		t.Errorf("with another plan: %v", err)
	}
	if _, err := e.Callback(context.Background(), step.State, workedCallback); err != nil {
		t.Errorf("its own callback: %v", err)
	}
}

// Every state waits by itself, also when a provider gives the same request token again.
func TestStatesWithOneToken(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	first, second := started(t, w, e), started(t, w, e)
	if _, err := e.Callback(context.Background(), first.State, workedCallback); err != nil {
		t.Errorf("the first state: %v", err)
	}
	if _, err := e.Callback(context.Background(), first.State, workedCallback); code(err) != vm.CodeUnknownPending {
		t.Errorf("the first state again: %v", err)
	}
	w.script(exchanged, about)
	if _, err := e.Callback(context.Background(), second.State, workedCallback); err != nil {
		t.Errorf("the second state: %v", err)
	}
}

// A state that another replica sealed under a newer key is told from one that is damaged.
func TestUnknownKeyIsToldApart(t *testing.T) {
	w := newWorld()
	engine := func(keys ...string) *vm.Engine {
		h := w.host()
		h.Seal = sealer(t, keys...)
		return mustEngine(t, workedExample(t, imlc.Options{}), h)
	}
	step := started(t, w, engine("new"))
	if _, err := engine("old").Callback(context.Background(), step.State, workedCallback); code(err) != vm.CodeUnknownKey || !errors.Is(err, vm.ErrUnknownKey) || !errors.Is(err, vm.ErrSeal) {
		t.Errorf("without the key: %v", err)
	}
	for _, damaged := range []string{step.State + "x", step.State[:len(step.State)-4], "new.", "no dot", ".x", "a b.x"} {
		if _, err := engine("new").Callback(context.Background(), damaged, workedCallback); code(err) != vm.CodeUnknownPending || errors.Is(err, vm.ErrUnknownKey) {
			t.Errorf("%.12s…: %v", damaged, err)
		}
	}
}

// An expiry that the JSON of a connection cannot hold is refused, not stored.
func TestExpiresThatCannotBeStored(t *testing.T) {
	for expires, year := range map[string]int{
		"1700000000": 2023, "253402300799": 9999, "253402300800": 0, "1700000000000": 0, "-62135596800": 0, "-62135596801": 0, "1e300": 0, "-1e300": 0, "9007199254740993000000": 0,
		`"2030-01-02T03:04:05Z"`: 2030, `"9999-12-31T23:59:59-01:00"`: 0, `"0000-01-01T00:00:00Z"`: 0, `"soon"`: 0, `true`: 0,
	} {
		w := newWorld(reply{contentType: "application/json", body: `{"expires":` + expires + `}`})
		e := mustEngine(t, mustCompile(t, `{"url":"https://a.test/","response":{"expires":"{{body.expires}}"}}`, imlc.Options{}), w.host())
		step, err := e.Authorize(context.Background(), vm.Grant{})
		if year == 0 {
			if errorOf(t, err).Class != vm.ClassSpec || !strings.Contains(err.Error(), "expected a date") && code(err) != "IML402" {
				t.Errorf("%s: %v", expires, err)
			}
			continue
		}
		if err != nil || step.Connection.Expires.Year() != year {
			t.Errorf("%s: %v, %v", expires, step, err)
			continue
		}
		text, err := step.Connection.MarshalJSON()
		var back vm.Connection
		if err != nil || back.UnmarshalJSON(text) != nil || !back.Expires.Equal(step.Connection.Expires) {
			t.Errorf("%s: stored as %s, read as %v (%v)", expires, text, back.Expires.Format(time.RFC3339), err)
		}
	}
}
