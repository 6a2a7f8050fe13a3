package iml_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range iml.Library().All(true) {
		if got, ok := iml.Library().Lookup(f.Name); !ok || got != f || seen[f.Name] {
			t.Errorf("%s is not found, or there are two", f.Name)
		}
		seen[f.Name] = true
	}
	if core := len(iml.Library().All(false)); core != 87 {
		t.Errorf("%d functions without the white-label edition, want 87", core)
	}
}

// TestParts lists the functions that do not work in a program that links this package alone.
func TestParts(t *testing.T) {
	needy := map[string]builtin.Part{"replace": builtin.PartPatterns, "replacePattern": builtin.PartPatterns, "jwt": builtin.PartRS256}
	for _, f := range iml.Library().All(true) {
		if f.Needs != needy[f.Name] {
			t.Errorf("%s needs %d, want %d", f.Name, f.Needs, needy[f.Name])
		}
	}
}

// TestRows checks that every row is complete and agrees with itself.
func TestRows(t *testing.T) {
	for _, f := range iml.Library().All(true) {
		if regexp.MustCompile(`[(;\[=] *[A-Z]+[(;\])]`).MatchString(strings.ReplaceAll(f.Signature, "= HS256", "")) {
			t.Errorf("%s: name the parameters, not their kinds", f.Signature)
		}
		if f.Version < 1 || f.Doc == "" || f.Family == "" || !strings.HasPrefix(f.Signature, f.Name+"(") {
			t.Errorf("%s: version, documentation, family or signature is missing", f.Name)
		}
		if !strings.Contains(f.Example, f.Name+"(") || !strings.HasPrefix(f.Example, "{{") {
			t.Errorf("%s: the example %s does not use it", f.Name, f.Example)
		}
		if f.Lazy == (f.Call != nil || f.Append != nil) {
			t.Errorf("%s: lazy %t with or without code", f.Name, f.Lazy)
		}
		if f.Append != nil && f.Result != value.KindText {
			t.Errorf("%s: appends but does not yield text", f.Name)
		}
		required := 0
		for i, p := range f.Params {
			if !p.Optional && !p.Variadic {
				required++
			}
			if p.Variadic != (f.Max == builtin.AnyNumber && i == len(f.Params)-1) {
				t.Errorf("%s: parameter %d is wrongly variadic", f.Name, i+1)
			}
		}
		if f.Max != builtin.AnyNumber && (required != f.Min || len(f.Params) != f.Max) {
			t.Errorf("%s: %d to %d arguments, but %d of %d parameters required", f.Name, f.Min, f.Max, required, len(f.Params))
		}
	}
}

func TestSuggest(t *testing.T) {
	tests := []struct {
		name  string
		pack  bool
		extra []string
		want  string
	}{
		{"ifEmpty", false, nil, "ifempty"}, {"uper", false, nil, "upper"}, {"lenght", false, nil, "length"}, {"nofunc", false, nil, ""},
		{"lft", false, nil, "get"}, {"lft", true, nil, "left"}, {"myFun", false, []string{"myFunc"}, "myFunc"}, {"sha255", false, nil, "sha256"},
		{"addday", false, nil, "addDays"}, {"", false, nil, "if"},
	}
	for _, tt := range tests {
		if got := iml.Library().Suggest(tt.name, tt.pack, tt.extra); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestHost(t *testing.T) {
	cause := errors.New("secret detail")
	f, err := builtin.Host("mine", 1, 2, func(c *builtin.Context, a builtin.Args) (value.Value, error) {
		if a.V[0].IsUndefined() {
			return value.Undefined, cause
		}
		return a.V[0], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := builtin.Invoke(f, testContext(), builtin.MakeArgs([]value.Value{value.Null()}, 1))
	if err != nil || got.Kind() != value.KindNull {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = builtin.Invoke(f, testContext(), builtin.MakeArgs([]value.Value{value.Undefined}, 1))
	var failure *builtin.Error
	if !errors.As(err, &failure) || failure.Code != "IML409" || !errors.Is(err, cause) || strings.Contains(err.Error(), "detail") {
		t.Errorf("got %v", err)
	}
	tired, err := builtin.Host("tired", 0, 0, func(c *builtin.Context, _ builtin.Args) (value.Value, error) {
		return value.Undefined, fmt.Errorf("wrapped: %w", &builtin.LimitError{Name: "steps", Code: builtin.CodeSteps})
	})
	if err != nil {
		t.Fatal(err)
	}
	var limit *builtin.LimitError
	if _, err = builtin.Invoke(tired, testContext(), builtin.Args{}); !errors.As(err, &limit) || limit.Code != builtin.CodeSteps || errors.As(err, &failure) {
		t.Errorf("an error of the meter became %v", err)
	}
	if f.Accepts(0) || !f.Accepts(2) || f.Accepts(3) {
		t.Error("the range of arguments is not held")
	}
	for _, tt := range []struct {
		name             string
		minimum, maximum int
	}{{"upper", 0, 1}, {"a b", 0, 1}, {"", 0, 1}, {"1a", 0, 1}, {"ok", 2, 1}, {"ok", -1, 1}, {"ok", 0, 1001}} {
		if _, err := builtin.Host(tt.name, tt.minimum, tt.maximum, f.Call); !errors.Is(err, builtin.ErrDeclaration) {
			t.Errorf("%v: got %v", tt, err)
		}
	}
	if _, err := builtin.Host("left", 0, builtin.AnyNumber, f.Call); err != nil {
		t.Errorf("the name of a pack function is refused: %v", err)
	}
}

func TestCheckLiteral(t *testing.T) {
	text, number, boolean := value.Text("x"), value.Number(1), value.Bool(true)
	tests := []struct {
		f    string
		arg  int
		v    value.Value
		want string
	}{
		{"add", 1, number, "IML203"}, {"pick", 1, text, "IML203"}, {"addDays", 2, text, "IML203"}, {"addDays", 1, boolean, "IML203"},
		{"addDays", 1, number, ""}, {"addDays", 2, boolean, ""}, {"addDays", 2, value.Text(""), ""}, {"substring", 2, text, "IML203"},
		{"dateMax", 7, text, ""}, {"sha256", 2, text, "IML204"}, {"sha256", 2, number, "IML204"}, {"sha256", 2, value.Text(""), ""},
		{"sha256", 4, value.Text("utf8"), ""}, {"replace", 2, value.Text("/(/"), "IML205"}, {"replace", 2, value.Text("/(/x"), ""},
		{"replace", 3, value.Text("/(/"), ""}, {"upper", 1, number, ""}, {"upper", 9, number, ""}, {"max", 50, text, ""}, {"upper", 0, text, ""},
	}
	for _, tt := range tests {
		f, _ := iml.Library().Lookup(tt.f)
		if tt.f == "dateMax" {
			tt.want = "IML203" // the last parameter repeats
		}
		got := ""
		if err := builtin.CheckLiteral(f, tt.arg, tt.v); err != nil {
			got = err.Code
			if err.Arg != tt.arg {
				t.Errorf("%s: argument %d, want %d", tt.f, err.Arg, tt.arg)
			}
		}
		if got != tt.want {
			t.Errorf("%s(%d: %v): got %q, want %q", tt.f, tt.arg, tt.v, got, tt.want)
		}
	}
}

// TestResultTypes checks the known result types against what the examples give.
func TestResultTypes(t *testing.T) {
	root, err := value.ParseJSON(strings.ReplaceAll(testData, `"p":`, `"parameters":`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range iml.Library().All(true) {
		v, err := eval(testContext(), root, strings.TrimSuffix(strings.TrimPrefix(f.Example, "{{"), "}}"))
		if errors.Is(err, errBeyond) || v.IsNil() || f.Result == builtin.ResultUnknown {
			continue
		}
		if err != nil || v.Kind() != f.Result {
			t.Errorf("%s: got %s (%v), want %s", f.Example, v.Kind(), err, f.Result)
		}
	}
}
