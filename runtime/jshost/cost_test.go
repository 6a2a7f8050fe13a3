package jshost_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestCostOfACall holds what a call costs against the least that a call in a fresh runtime can cost: a runtime, the compiled
// program, the function, and its values converted by the interpreter itself. Limits, values, and the goroutine that watches come
// on top of that.
func TestCostOfACall(t *testing.T) {
	if race.Slowdown > 1 || testing.Short() {
		t.Skip("nothing is measured here")
	}
	list, err := value.ParseJSON(`[{"k":"A "},{"k":"b"},{"k":"c"},{"x":1}]`, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := []any{map[string]any{"k": "A "}, map[string]any{"k": "b"}, map[string]any{"k": "c"}, map[string]any{"x": 1}}
	h, p, compiled := jshost.New(jshost.Limits{}), program(pure), goja.MustCompile("f", pure, false)
	hosted := func() {
		if _, err := h.Call(t.Context(), script.Script{Program: p}, []value.Value{list, value.Text("k")}); err != nil {
			t.Fatal(err)
		}
	}
	bare := func() {
		rt := goja.New()
		if _, err := rt.RunProgram(compiled); err != nil {
			t.Fatal(err)
		}
		f, _ := goja.AssertFunction(rt.Get("f"))
		v, err := f(goja.Undefined(), rt.ToValue(plain), rt.ToValue("k"))
		if err != nil {
			t.Fatal(err)
		}
		_ = v.Export()
	}
	hosted()
	if a, b := testing.AllocsPerRun(50, hosted), testing.AllocsPerRun(50, bare); a > 1.5*b {
		t.Errorf("%.0f allocations a call, %.0f of them the interpreter's: expected no more than half as many beside", a, b)
	}
	const rounds, each = 15, 60
	var ratios []float64
	for range rounds { // side by side, so that what else runs slows both
		ratios = append(ratios, float64(timed(each, hosted))/float64(timed(each, bare)))
	}
	slices.Sort(ratios)
	if median := ratios[rounds/2]; median > 2 {
		t.Errorf("a call takes %.2f times what a call of the interpreter takes, expected no more than 2", median)
	} else {
		t.Logf("a call takes %.2f times what a call of the interpreter takes", median)
	}
}

// timed returns the processor time of some calls: with other work on the machine a call waits for the goroutine that watches it.
func timed(n int, do func()) time.Duration {
	began := cputime.Now()
	for range n {
		do()
	}
	return cputime.Since(began)
}
