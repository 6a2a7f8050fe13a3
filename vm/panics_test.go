package vm_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// An operation that a panic of a hook ends is told of as a failure, once, and the panic goes on; the engine works on.
func TestPanicsAreObserved(t *testing.T) {
	for name, hook := range map[string]func(*vm.Host){
		"Allow": func(h *vm.Host) { h.Allow = func(context.Context, string) error { panic("hook") } },
		"Common": func(h *vm.Host) {
			h.Common = func(context.Context, string, string) (*value.Object, error) { panic("hook") }
		},
		"AcceptPlan": func(h *vm.Host) { h.AcceptPlan = func(string, string) bool { panic("hook") } },
		"Nonce":      func(h *vm.Host) { h.Nonce = func() (string, error) { panic("hook") } },
		"Transport": func(h *vm.Host) {
			h.Transport = transportFunc(func(*http.Request) (*http.Response, error) { panic("hook") })
		},
	} {
		var begun int
		var ends []vm.Result
		h := newWorld().host()
		h.Observe = func(ctx context.Context, _ vm.Operation) (context.Context, func(vm.Result)) {
			begun++
			return ctx, func(r vm.Result) { ends = append(ends, r) }
		}
		hook(&h)
		e := mustEngine(t, basePlan(t), h)
		conn := baseConnection()
		conn.PlanHash = "another"
		if name != "AcceptPlan" {
			conn.PlanHash = ""
		}
		panics := 0
		for operation, do := range map[string]func(){
			"Do":       func() { _, _ = e.Do(context.Background(), conn, request(t, "GET", "/notes", "")) },
			"Test":     func() { _ = e.Test(context.Background(), conn) },
			"BaseURL":  func() { _, _ = e.BaseURL(context.Background(), conn) },
			"Validate": func() { _, _, _ = e.Validate(context.Background(), conn) },
		} {
			begun, ends = 0, nil
			panicked := func() (p any) {
				defer func() { p = recover() }()
				do()
				return nil
			}()
			if panicked != nil {
				panics++
			}
			if begun != len(ends) {
				t.Errorf("%s of %s: %d begun, %d ended", operation, name, begun, len(ends))
			}
			for _, r := range ends {
				if (r.Err != nil) != (panicked != nil) || r.Err != nil && errorOf(t, r.Err).Class != vm.ClassHost {
					t.Errorf("%s of %s: panic %v, told %v", operation, name, panicked, r.Err)
				}
			}
			if panicked != nil && panicked != "hook" {
				t.Errorf("%s of %s: another panic: %v", operation, name, panicked)
			}
		}
		if panics == 0 {
			t.Errorf("%s is never asked", name)
		}
	}
}
