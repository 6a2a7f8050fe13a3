package broker

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
)

// TestBreaker goes through the life of a thing that fails.
func TestBreaker(t *testing.T) {
	now := time.Unix(1000, 0)
	b := breaker{failures: 3, within: time.Minute, rest: 10 * time.Second, longest: 30 * time.Second, now: func() time.Time { return now }}
	x, y := thing{"a/main", "demo", "1"}, thing{"a/main", "demo", "2"}
	tried := func(outcomes string) {
		for _, c := range outcomes {
			b.tried(x, map[rune]string{'-': "IML504", '+': ""}[c])
		}
	}
	waits := func(what string, want time.Duration) {
		t.Helper()
		if got, code := b.wait(x); got != want || want > 0 && code != "IML504" {
			t.Errorf("%s: %s for %q, want %s", what, got, code, want)
		}
	}
	if tried("++++"); len(b.things) != 0 {
		t.Error("what never failed is kept")
	}
	tried("--")
	waits("after two failures", 0)
	now = now.Add(2 * time.Minute)
	tried("--")
	waits("after two of long ago and two", 0)
	tried("++++-")
	waits("when more went well", 0)
	tried("--")
	waits("when more failed", 10*time.Second)
	if list := b.aside("a/main"); len(list) != 1 || list[0].Plan != "1" || len(b.aside("b/main")) != 0 || len(b.aside("")) != 1 {
		t.Errorf("set aside: %v", list)
	}
	if got, _ := b.wait(y); got != 0 {
		t.Errorf("another version waits %s", got)
	}
	tried("+-") // of operations that began before
	waits("while it rests", 10*time.Second)
	now = now.Add(10 * time.Second)
	waits("then one", 0)
	waits("and no second one", 10*time.Second)
	tried("-")
	waits("when that failed", 20*time.Second)
	for range 3 {
		now = now.Add(30 * time.Second)
		waits("again one", 0)
		tried("-")
	}
	waits("at the longest", 30*time.Second)
	now = now.Add(30 * time.Second)
	waits("one of which nothing is heard", 0)
	now = now.Add(30 * time.Second)
	waits("is followed by another", 0)
	tried("+")
	waits("when that went well", 0)
	waits("and all others", 0)
	if tried("--"); len(b.aside("")) != 0 || b.refused.Load() == 0 {
		t.Errorf("it is as new, but %v; %d were refused", b.aside(""), b.refused.Load())
	}
	for i := range maxThings + 10 {
		b.tried(thing{name: fmt.Sprint(i)}, "x")
	}
	if len(b.things) > maxThings {
		t.Errorf("%d things are kept", len(b.things))
	}
}

// TestExhausted says which ends of operations count against a spec.
func TestExhausted(t *testing.T) {
	for want, all := range map[string][]error{
		"":         {nil, errors.New("x"), &limit.Error{Code: limit.CodeCancelled}, &limit.Error{Code: limit.CodeResponseBody}, &limit.Error{Name: "request body", Code: limit.CodeOther}},
		"run time": {&limit.Error{Name: "run time", Code: limit.CodeOther}},
		"IML504":   {fmt.Errorf("x: %w", &limit.Error{Name: "steps", Code: "IML504"})},
	} {
		for _, err := range all {
			if got := exhausted(err); got != want {
				t.Errorf("%v: %q, want %q", err, got, want)
			}
		}
	}
}
