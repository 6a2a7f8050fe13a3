package builtin

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func TestIndexIsSorted(t *testing.T) {
	names := []string{}
	for _, f := range index {
		names = append(names, f.Name)
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("the index is not in order or has a name twice")
	}
	for _, f := range IML.All(true) {
		if got, ok := IML.Lookup(f.Name); !ok || got != f {
			t.Errorf("%s is not found", f.Name)
		}
	}
	if core := len(IML.All(false)); core != 87 {
		t.Errorf("%d functions without the pack, want 87", core)
	}
}

// TestRows checks that every row is complete and agrees with itself.
func TestRows(t *testing.T) {
	for _, f := range index {
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
			if p.Variadic != (f.Max == AnyNumber && i == len(f.Params)-1) {
				t.Errorf("%s: parameter %d is wrongly variadic", f.Name, i+1)
			}
		}
		if f.Max != AnyNumber && (required != f.Min || len(f.Params) != f.Max) {
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
		if got := IML.Suggest(tt.name, tt.pack, tt.extra); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestHost(t *testing.T) {
	cause := errors.New("secret detail")
	f, err := Host("mine", 1, 2, func(c *Context, a Args) (value.Value, error) {
		if a.V[0].IsUndefined() {
			return value.Undefined, cause
		}
		return a.V[0], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Invoke(f, testContext(), MakeArgs([]value.Value{value.Null()}, 1))
	if err != nil || got.Kind() != value.KindNull {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = Invoke(f, testContext(), MakeArgs([]value.Value{value.Undefined}, 1))
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != "IML409" || !errors.Is(err, cause) || strings.Contains(err.Error(), "detail") {
		t.Errorf("got %v", err)
	}
	if f.Accepts(0) || !f.Accepts(2) || f.Accepts(3) {
		t.Error("the range of arguments is not held")
	}
	for _, tt := range []struct {
		name             string
		minimum, maximum int
	}{{"upper", 0, 1}, {"a b", 0, 1}, {"", 0, 1}, {"1a", 0, 1}, {"ok", 2, 1}, {"ok", -1, 1}, {"ok", 0, 1001}} {
		if _, err := Host(tt.name, tt.minimum, tt.maximum, f.Call); !errors.Is(err, ErrDeclaration) {
			t.Errorf("%v: got %v", tt, err)
		}
	}
	if _, err := Host("left", 0, AnyNumber, f.Call); err != nil {
		t.Errorf("the name of a pack function is refused: %v", err)
	}
}

func TestRandom(t *testing.T) {
	uuid, err := UUID(strings.NewReader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	if err != nil || uuid != "ffffffff-ffff-4fff-bfff-ffffffffffff" {
		t.Errorf("got %s, %v", uuid, err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(uuid) {
		t.Error("malformed identifier")
	}
	f, err := Random(strings.NewReader("\xff\xff\xff\xff\xff\xff\xff\xff"))
	if err != nil || f >= 1 || f < 0.999 {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := UUID(strings.NewReader("short")); err == nil {
		t.Error("short entropy is accepted")
	}
	if _, err := Random(nil); err == nil {
		t.Error("no entropy is accepted")
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
		f, _ := IML.Lookup(tt.f)
		if tt.f == "dateMax" {
			tt.want = "IML203" // the last parameter repeats
		}
		got := ""
		if err := CheckLiteral(f, tt.arg, tt.v); err != nil {
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

func TestZones(t *testing.T) {
	for name, want := range map[string]bool{"Europe/Prague": true, "utc": true, "Gmt": true, "": true, "europe/prague": false, "Local": false,
		"../etc/passwd": false, "posix/Europe/Prague": false, "Mars/Olympus": false, "EST5EDT": true, "Etc/GMT+5": true} {
		if got := KnownZone(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}

// TestResultTypes checks the known result types against what the examples give.
func TestResultTypes(t *testing.T) {
	root, err := value.ParseJSON(strings.ReplaceAll(testData, `"p":`, `"parameters":`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range IML.All(true) {
		v, err := eval(testContext(), root, strings.TrimSuffix(strings.TrimPrefix(f.Example, "{{"), "}}"))
		if errors.Is(err, errBeyond) || v.IsNil() || f.Result == ResultUnknown {
			continue
		}
		if err != nil || v.Kind() != f.Result {
			t.Errorf("%s: got %s (%v), want %s", f.Example, v.Kind(), err, f.Result)
		}
	}
}

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
