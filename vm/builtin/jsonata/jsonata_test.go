package jsonata

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestEvaluate(t *testing.T) {
	data, err := value.ParseJSON(`{"a":[1,2,3],"s":"x"}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := library.Lookup("evaluate")
	for expression, want := range map[string]string{
		"$sum(a)": "6", "a[1]": "2", "s & 'y'": `"xy"`, "$map(a, function($v){$v * 2})": "[2,4,6]", "$uppercase(s)": `"X"`,
		// missing
		"": "", "nope": "", "((": "", "$sum(s)": "",
		// refused
		strings.Repeat(" ", MaxBytes) + "1":                               "",
		strings.Repeat("(", MaxBytes/2) + strings.Repeat(")", MaxBytes/2): "",
	} {
		got, err := builtin.Invoke(f, new(builtin.Context), builtin.MakeArgs([]value.Value{value.Text(expression), data}, 3))
		if err != nil || string(value.AppendJSON(nil, got)) != want && !(want == "" && got.IsUndefined()) {
			t.Errorf("%.60s: got %s, %v, want %s", expression, value.AppendJSON(nil, got), err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Check("a.b[0]"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"a.(", "($f := function(){$f()}; $f())"} {
		if Check(bad) == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
