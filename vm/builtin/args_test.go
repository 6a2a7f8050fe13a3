package builtin

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func TestGivenBeyondMask(t *testing.T) {
	a := MakeArgs(make([]value.Value, 70), 0b101)
	got := []bool{a.Given(0), a.Given(1), a.Given(2), a.Given(63), a.Given(64), a.Given(69), a.Given(70), a.Given(-1)}
	if diff := cmp.Diff([]bool{true, false, true, false, true, true, false, false}, got); diff != "" {
		t.Error(diff)
	}
	if n := clampInt(math.Inf(-1)); n != -1<<30 {
		t.Errorf("got %d", n)
	}
}
