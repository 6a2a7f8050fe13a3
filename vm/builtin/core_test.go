package builtin

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func invoke(t *testing.T, l *Library, name string, args ...value.Value) (value.Value, error) {
	t.Helper()
	f, ok := l.Lookup(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	return Invoke(f, new(Context), MakeArgs(args, 1<<len(args)-1))
}

func TestRaise(t *testing.T) {
	text := value.Text
	for _, tt := range []struct {
		message value.Value
		want    string
	}{{text("a list inside text"), "a list inside text"}, {text("hunter2").AsSecret(), value.Mask}} {
		_, err := invoke(t, core, "raise", text("ZAP502"), text("DataError"), tt.message)
		var got *Error
		if !errors.As(err, &got) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff(&Error{Code: "ZAP502", Type: "DataError", Message: tt.want}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestInstant(t *testing.T) {
	text, number := value.Text, value.Number
	const day = 1_735_689_600_000 // 2025-01-01T00:00:00Z
	for _, tt := range []struct {
		in   value.Value
		want value.Value
		code string
	}{
		{in: value.Undefined, want: value.Undefined}, {in: value.Null(), want: value.Undefined}, {in: text(""), want: value.Undefined},
		{in: value.Date(5), want: value.Date(5)},
		{in: number(day / 1000), want: value.Date(day)}, {in: number(1.5), want: value.Date(1500)}, {in: number(math.Inf(1)), code: "IML402"},
		{in: text("2025-01-01"), want: value.Date(day)}, {in: text("2025-01-01T00:00:00Z"), want: value.Date(day)},
		{in: text("1735689600"), want: value.Date(day)}, {in: text("9007199254740993"), code: "IML402"},
		{in: text("soon"), code: "IML402"}, {in: value.Bool(true), code: "IML402"},
	} {
		got, err := invoke(t, core, "instant", tt.in)
		var e *Error
		if tt.code != "" && (!errors.As(err, &e) || e.Code != tt.code) {
			t.Errorf("%v: error %v, want %s", tt.in, err, tt.code)
		}
		if tt.code == "" && (err != nil || !value.StrictEqual(got, tt.want)) {
			t.Errorf("%v: got %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
}

func TestIsMissing(t *testing.T) {
	for _, tt := range []struct {
		v            value.Value
		missing, nil bool
	}{{value.Undefined, true, true}, {value.Null(), false, true}, {value.Text(""), false, false}, {value.Array(nil), false, false}} {
		missing, err1 := invoke(t, core, "isMissing", tt.v)
		isNil, err2 := invoke(t, core, "isNil", tt.v)
		if err1 != nil || err2 != nil || missing.IsTrue() != tt.missing || isNil.IsTrue() != tt.nil {
			t.Errorf("%s: missing %t, nil %t", tt.v.Kind(), missing.IsTrue(), isNil.IsTrue())
		}
	}
}

// TestLibrariesKeepApart checks that a qualified name is looked up in its library only, and that host functions have
// their own.
func TestLibrariesKeepApart(t *testing.T) {
	mine, err := Host("mine", 0, 0, func(*Context, Args) (value.Value, error) { return value.Undefined, nil })
	if err != nil {
		t.Fatal(err)
	}
	host := map[string]*Function{"mine": mine, "upper": mine}
	for name, want := range map[string]string{"core.isNil": "isNil", "core.raise": "raise", "host.mine": "mine", "host.upper": "mine",
		"core.upper": "", "host.raise": "", "iml.mine": "", "upper": "", "nowhere.upper": "", ".upper": "", "": "", "iml": "", "iml.": ""} {
		f, ok := Resolve(name, host)
		if ok != (want != "") || ok && f.Name != want {
			t.Errorf("%q: got %v, want %q", name, f, want)
		}
	}
}
