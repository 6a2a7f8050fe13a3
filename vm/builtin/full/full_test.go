package full_test

import (
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestNothingIsMissing checks that the import links every function.
func TestNothingIsMissing(t *testing.T) {
	for _, f := range iml.Library().All(true) {
		if path := f.Missing(); path != "" {
			t.Errorf("%s still needs %s", f.Name, path)
		}
	}
}

func TestPatterns(t *testing.T) {
	replace, _ := iml.Library().Lookup("replace")
	v, err := builtin.Invoke(replace, new(builtin.Context), builtin.MakeArgs([]value.Value{value.Text("abc"), value.Text("/(?<=a)b/"), value.Text("-")}, 7))
	if err != nil || v.Str() != "a-c" {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := builtin.MatchPattern("(", ""); err == nil {
		t.Error("a broken pattern is accepted")
	}
	if ok, err := builtin.MatchPattern("b", "abc"); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}
