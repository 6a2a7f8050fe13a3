package value_test

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/value"
)

func readLines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// The golden file holds what a JavaScript engine prints for some thousands of doubles (spec iml.md §2.1).
func TestAppendNumberIsECMAScript(t *testing.T) {
	lines := readLines(t, "numbers.txt")
	for _, line := range lines[1:] {
		hex, want, _ := strings.Cut(line, " ")
		bits, err := strconv.ParseUint(hex, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(value.AppendNumber(nil, math.Float64frombits(bits))); got != want {
			t.Errorf("%s prints as %s, want %s", hex, got, want)
		}
	}
	if len(lines) < 3000 {
		t.Errorf("the golden file has %d lines only", len(lines))
	}
	if got := string(value.AppendNumber([]byte("x"), math.NaN())); got != "xNaN" {
		t.Errorf("NaN prints as %q after x", got)
	}
}

// What is printed reads back as the same double.
func TestNumberTextRoundTrip(t *testing.T) {
	for _, line := range readLines(t, "numbers.txt")[1:] {
		hex, text, _ := strings.Cut(line, " ")
		bits, _ := strconv.ParseUint(hex, 16, 64)
		if f := math.Float64frombits(bits); f != value.StringToNumber(text) {
			t.Errorf("%s reads as %v, want %v", text, value.StringToNumber(text), f)
		}
	}
}

func TestStringToNumberIsECMAScript(t *testing.T) {
	for _, line := range readLines(t, "stringtonumber.jsonl") {
		var c struct{ Text, Number string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		got := string(value.AppendNumber(nil, value.StringToNumber(c.Text)))
		if got != c.Number {
			t.Errorf("%.60q is %s, want %s", c.Text, got, c.Number)
		}
	}
}

// A hostile text must not cost more than its length (spec iml.md §13).
func TestStringToNumberIsLinear(t *testing.T) {
	for _, prefix := range []string{"0x", "0o", "0b", ""} {
		start := cputime.Now()
		value.StringToNumber(prefix + strings.Repeat("1", 4<<20))
		value.StringToNumber(prefix + strings.Repeat("0", 4<<20) + "1")
		if took := cputime.Since(start); took > 5*race.Slowdown*time.Second {
			t.Errorf("%q and 4 MiB of digits took %v", prefix, took)
		}
	}
}

func TestParseInteger(t *testing.T) {
	long := strings.Repeat("9", value.MaxIntegerDigits)
	for _, c := range []struct {
		in, want string
		exact    bool
		ok       bool
	}{
		{"0", "0", false, true}, {"-0", "0", false, true}, {"007", "7", false, true},
		{"9007199254740991", "9007199254740991", false, true}, {"9007199254740992", "9007199254740992", true, true},
		{"-9007199254740992", "-9007199254740992", true, true}, {"9007199254740993", "9007199254740993", true, true},
		{"999999999999999999", "999999999999999999", true, true}, {"12345678901234567890", "12345678901234567890", true, true},
		{long, long, true, true}, {"-" + long, "-" + long, true, true}, {long + "9", "Infinity", false, true}, {"-" + long + "9", "-Infinity", false, true},
		{strings.Repeat("0", value.MaxIntegerDigits) + "12", "12", false, true},
		{"000000000000000000000000000012", "12", false, true},
		{"", "", false, false}, {"-", "", false, false}, {"+1", "", false, false}, {"1.0", "", false, false}, {" 1", "", false, false},
		{"1e3", "", false, false}, {"--1", "", false, false}, {"٣", "", false, false},
	} {
		v, ok := value.ParseInteger(c.in)
		if ok != c.ok || ok && (value.ToText(v) != c.want || (v.Kind() == value.KindInteger) != c.exact) {
			t.Errorf("ParseInteger(%.30q) = %.40v (%v), %v; want %.30q, exact %v, %v", c.in, v, v.Kind(), ok, c.want, c.exact, c.ok)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		in   string
		want float64
		ok   bool
	}{
		{"1", 1, true}, {"+1.5", 1.5, true}, {"-.5", -.5, true}, {"5.", 5, true}, {"1e3", 1000, true}, {"1E-2", .01, true}, {"1e999", math.Inf(1), true},
		{"", 0, false}, {".", 0, false}, {"+", 0, false}, {"e3", 0, false}, {"1e", 0, false}, {"1e+", 0, false}, {"1x", 0, false}, {" 1", 0, false},
		{"0x1", 0, false}, {"1_0", 0, false}, {"Infinity", 0, false}, {"1.2.3", 0, false},
	} {
		if got, ok := value.ParseDecimal(c.in); ok != c.ok || ok && got != c.want {
			t.Errorf("ParseDecimal(%q) = %v, %v; want %v, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestToNumber(t *testing.T) {
	list := value.Array([]value.Value{value.Text("12")})
	two := value.Array([]value.Value{value.Number(1), value.Number(2)})
	for _, c := range []struct {
		name string
		in   value.Value
		want float64
	}{
		{"undefined", value.Undefined, math.NaN()}, {"null", value.Null(), 0}, {"true", value.Bool(true), 1}, {"false", value.Bool(false), 0},
		{"date", value.Date(1500), 1500}, {"date before the epoch", value.Date(-1), -1}, {"text", value.Text(" 0x1F "), 31}, {"no number", value.Text("x"), math.NaN()},
		{"list of one", list, 12}, {"list of two", two, math.NaN()}, {"empty list", value.Array(nil), 0}, {"collection", value.Collection(nil), math.NaN()},
		{"buffer", value.Buffer([]byte("1")), math.NaN()}, {"exact", value.Int(math.MaxInt64), 9223372036854775807},
	} {
		got := value.ToNumber(c.in)
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestInt(t *testing.T) {
	for _, n := range []int64{0, 1, -1, value.MaxSafeInteger, -value.MaxSafeInteger} {
		if v := value.Int(n); v.Kind() != value.KindNumber || v.Float() != float64(n) {
			t.Errorf("Int(%d) is %v", n, v.Kind())
		}
	}
	for _, n := range []int64{value.MaxSafeInteger + 1, -value.MaxSafeInteger - 1, math.MaxInt64, math.MinInt64} {
		if v := value.Int(n); v.Kind() != value.KindInteger || v.BigInt().Int64() != n || value.ToText(v) != strconv.FormatInt(n, 10) {
			t.Errorf("Int(%d) is %v %v", n, v.Kind(), v)
		}
	}
	back := value.Negate(value.Integer(big.NewInt(math.MinInt64)))
	if value.ToText(back) != "9223372036854775808" {
		t.Errorf("- of the least int64 is %v", back)
	}
	huge := value.Integer(new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil))
	if !math.IsInf(huge.Float(), 1) {
		t.Errorf("10^400 as a double is %v", huge.Float())
	}
}

func FuzzNumberText(f *testing.F) {
	for _, s := range []string{"0", "-0", "1e21", "0x1f", "9007199254740993", " 1 ", "Infinity", "1e-7", ".5", "5.", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := value.StringToNumber(s)
		text := string(value.AppendNumber(nil, n))
		back := value.StringToNumber(text)
		if math.IsNaN(n) != (text == "NaN") || back != n && !math.IsNaN(n) {
			t.Errorf("%q is %v, prints as %s, reads back as %v", s, n, text, back)
		}
		d, ok := value.ParseDecimal(s)
		if ok && d != n {
			t.Errorf("%q is %v as a decimal and %v as a number", s, d, n)
		}
		if v, isInt := value.ParseInteger(s); isInt && (!ok || v.Float() != d) {
			t.Errorf("%q is %v as an integer and %v, %v as a decimal", s, v, d, ok)
		}
	})
}
