package vm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// TestFlowCounters keeps the work of each operation of the worked example as numbers that do not depend on the machine,
// so that more requests, more evaluation, a second look at the host or a larger state show as a difference. Rewrite it
// with -update.
func TestFlowCounters(t *testing.T) {
	ctx := context.Background()
	w := newWorld()
	h := w.host()
	h.Seal = sealer(t, "k")
	store := &keyRecorder{PendingStore: vm.NewMemoryPending(w.clock)}
	h.Pending = store
	e := mustEngine(t, workedExample(t, imlc.Options{}), h)
	var out strings.Builder
	var step *vm.Step
	var conn *vm.Connection
	count := func(name string, run func() error, replies ...reply) {
		t.Helper()
		w.script(replies...)
		nonces, puts, takes := w.nonces, len(store.put), len(store.taken)
		if err := run(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		steps := int64(0)
		for _, event := range w.events {
			steps = max(steps, event.Steps)
		}
		fmt.Fprintf(&out, "%-9s %d requests, %d signatures, %3d steps, %2d events, %d records, pending put %d taken %d\n", name, len(w.sent), w.nonces-nonces, steps, len(w.events), len(w.records),
			len(store.put)-puts, len(store.taken)-takes)
	}
	count("authorize", func() (err error) { step, err = e.Authorize(ctx, workedGrant(t)); return err }, initiated)
	fmt.Fprintf(&out, "%d bytes of sealed state\n", len(step.State))
	count("callback", func() (err error) { conn, err = e.Callback(ctx, step.State, workedCallback); return err }, exchanged, about)
	count("test", func() error { return e.Test(ctx, conn) }, about)
	count("validate", func() error { _, _, err := e.Validate(ctx, conn); return err }, about)
	count("call", func() error {
		_, err := e.Call(ctx, conn, "notes", object(t, `{"text":"Hi","size":1}`))
		return err
	}, reply{status: 201, contentType: "application/json", body: `{"ok":true}`})

	golden := filepath.Join("testdata", "counters.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("the work has changed; if that is meant, run with -update:\n%s", diff)
	}
}
