package iml_test

import (
	"math"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// A word of any length is written as a short one is: the end of a Greek word shows in its sigma, and no character is
// parted where the word is.
func TestStartcaseOfLongWords(t *testing.T) {
	library, _ := builtin.Find("iml")
	call := func(name, s string) string {
		for _, f := range library.All(true) {
			if f.Name == name {
				v, err := builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs([]value.Value{value.Text(s)}, math.MaxUint64))
				if err != nil {
					t.Fatal(err)
				}
				return v.Str()
			}
		}
		t.Fatalf("there is no %s", name)
		return ""
	}
	for _, unit := range []string{"ΑΣ", "É", "xY"} {
		word := strings.Repeat(unit, 40_000)
		want := call("lower", "A"+word)[1:]
		if got := call("startcase", "a"+word+" b"+word); got != "A"+want+" B"+want {
			t.Errorf("a long word of %q is not in lower case behind its first letter", unit)
		}
	}
}
