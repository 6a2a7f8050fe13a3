package value_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/imlc-lang/imlc/vm/value"
)

// The table of spec iml.md §2.2.
func TestToText(t *testing.T) {
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.Undefined, ""}, {value.Null(), ""}, {text("a"), "a"}, {num(-0.5), "-0.5"}, {num(math.Copysign(0, -1)), "0"}, {exact("-12345678901234567890"), "-12345678901234567890"},
		{value.Bool(true), "true"}, {value.Bool(false), "false"}, {value.Date(1481212557536), "2016-12-08T15:55:57.536Z"},
		{list(num(1), value.Null(), text("b"), list(num(2), num(3))), "1,,b,2,3"}, {list(), ""},
		{object("a", num(1), "b", list(value.Null())), `{"a":1,"b":[null]}`}, {object(), "{}"},
		{list(object("a", text("x"))), `{"a":"x"}`},
		{value.Buffer([]byte("h\u00e9")), "h\u00e9"}, {value.Buffer([]byte{0xff, 0xfe}), "//4="}, {value.Buffer(nil), ""},
	} {
		if got := value.ToText(c.v); got != c.want {
			t.Errorf("%v prints as %q, want %q", c.v.Kind(), got, c.want)
		}
	}
}

func TestAppendISO(t *testing.T) {
	for _, c := range []struct {
		ms   int64
		want string
	}{
		{0, "1970-01-01T00:00:00.000Z"}, {-1, "1969-12-31T23:59:59.999Z"}, {253402300799999, "9999-12-31T23:59:59.999Z"},
		{253402300800000, "+010000-01-01T00:00:00.000Z"}, {-62167219200000, "0000-01-01T00:00:00.000Z"}, {-62167219200001, "-000001-12-31T23:59:59.999Z"},
		{8640000000000000, "+275760-09-13T00:00:00.000Z"}, {-8640000000000000, "-271821-04-20T00:00:00.000Z"},
	} {
		if got := string(value.AppendISO(nil, c.ms)); got != c.want {
			t.Errorf("%d is %s, want %s", c.ms, got, c.want)
		}
	}
}

var samples = []string{"", "a", "abc", "h\u00e9llo", "\u20ac", "\U0001F600", "a\U0001F600b", "\U0001F600\U0001F601", "\U0001F600\u0301x\U0010FFFF", "\uFFFD\uFFFF\uE000"}

// The oracle is Go's own UTF-16 coding: half a pair decodes to U+FFFD.
func TestUTF16Functions(t *testing.T) {
	for _, s := range samples {
		units := utf16.Encode([]rune(s))
		if got := value.Len16(s); got != len(units) {
			t.Errorf("Len16(%q) = %d, want %d", s, got, len(units))
		}
		for i := 0; i <= len(units); i++ {
			for j := i; j <= len(units); j++ {
				want := string(utf16.Decode(units[i:j]))
				if got := value.Slice16(s, i, j); got != want {
					t.Errorf("Slice16(%q, %d, %d) = %q, want %q", s, i, j, got, want)
				}
			}
		}
		for off := range s {
			if got, want := value.Len16(s[:off]), len(utf16.Encode([]rune(s[:off]))); got != want {
				t.Errorf("Len16(%q[:%d]) = %d, want %d", s, off, got, want)
			}
		}
		for _, o := range samples {
			want := slices.Compare(units, utf16.Encode([]rune(o)))
			if got := value.Compare16(s, o); sign(got) != want {
				t.Errorf("Compare16(%q, %q) = %d, want %d", s, o, got, want)
			}
		}
	}
}

func TestCompare16Random(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab\u00e9\u00e8\u20ac\uD7FF\uE000\uFFFD\U00010000\U0001F600\U0001F601\U0010FFFF")
	word := func() string {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	for range 20000 {
		a, b := word(), word()
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := value.Compare16(a, b); sign(got) != want {
			t.Fatalf("Compare16(%q, %q) = %d, want %d", a, b, got, want)
		}
	}
}

func FuzzUTF16(f *testing.F) {
	f.Add("a\U0001F600b", "\xff\xfe", 1, 2)
	f.Fuzz(func(t *testing.T, a, b string, from, to int) {
		n := value.Len16(a)
		from, to = max(0, min(from, n)), max(0, min(to, n))
		if from > to {
			from, to = to, from
		}
		if got := value.Slice16(a, from, to); value.Len16(got) != to-from {
			t.Errorf("Slice16(%q, %d, %d) = %q has %d units", a, from, to, got, value.Len16(got))
		}
		if sign(value.Compare16(a, b)) != -sign(value.Compare16(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
	})
}

func TestTrimSpace(t *testing.T) {
	const blanks = "\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
	for _, r := range blanks {
		if !value.IsSpace(r) {
			t.Errorf("%U is white space", r)
		}
	}
	for _, r := range "a\u0085\u180e\u200b\u0000" {
		if value.IsSpace(r) {
			t.Errorf("%U is no white space", r)
		}
	}
	if got := value.TrimSpace(blanks + "a b\u0085" + blanks); got != "a b\u0085" {
		t.Errorf("trimmed to %q", got)
	}
	if got := value.TrimSpace(blanks); got != "" {
		t.Errorf("trimmed to %q", got)
	}
	if got := value.TrimSpace("\xffa\xff"); got != "\xffa\xff" {
		t.Errorf("trimmed to %q", got)
	}
}

func TestKindString(t *testing.T) {
	want := []string{"undefined", "null", "boolean", "number", "number", "text", "date", "buffer", "array", "collection"}
	for i, w := range want {
		if got := value.Kind(i).String(); got != w {
			t.Errorf("kind %d is %q, want %q", i, got, w)
		}
	}
	if got := value.Kind(99).String(); got != "invalid" {
		t.Errorf("kind 99 is %q", got)
	}
}

func TestTextWithin(t *testing.T) {
	big := text(strings.Repeat("x", 1000))
	shared := list(big)
	for range 40 { // the text has 2^40 kilobytes, the value a few
		shared = list(shared, shared)
	}
	hollow := value.Array(nil)
	for range 60 {
		hollow = object("a", hollow, "b", hollow)
	}
	for _, c := range []struct {
		name  string
		v     value.Value
		limit int
		want  bool
	}{
		{"text", big, 1000, true}, {"long text", big, 999, false}, {"buffer", value.Buffer(make([]byte, 10)), 9, false}, {"number", num(1e300), 6, true}, {"long number", num(1e300), 5, false},
		{"list", list(big), 1000, true}, {"long list", list(big, big), 2000, false}, {"list with room", list(big, big), 2001, true},
		{"collection", object("a", big), 1008, true}, {"long collection", object("a", big), 1007, false},
		{"integers", list(exact(strings.Repeat("9", 900)), exact(strings.Repeat("9", 900))), 1801, true}, {"long integers", list(exact(strings.Repeat("9", 900)), exact(strings.Repeat("9", 900))), 1800, false},
		{"numbers", list(num(1), num(0.1)), 5, true}, {"long numbers", list(num(1), num(0.1)), 4, false}, {"bytes", value.Buffer([]byte{0xff, 0xff}), 4, true}, {"long bytes", value.Buffer([]byte{0xff, 0xff}), 3, false},
		{"collection in a list", list(object("a", num(1)), value.Undefined), 8, true}, {"long collection in a list", list(object("a", num(1)), value.Undefined), 7, false},
		{"shared", shared, 8 << 20, false}, {"shared and hollow", hollow, 8 << 20, false}, {"undefined", value.Undefined, 0, true},
		{"nulls", list(value.Null(), value.Null()), 1, true},
	} {
		if got, _ := value.TextWithin(c.v, c.limit, nil); got != c.want {
			t.Errorf("%s within %d: %v", c.name, c.limit, got)
		}
	}
}

// A long text is gone through in pieces, and is cut like a short one.
func TestUTF16OfLongTexts(t *testing.T) {
	const long = 100_000
	for _, unit := range []string{"a", "é", "a\U0001F600", "\xff", "\u20ac\U0001F600b"} {
		s := strings.Repeat(unit, long/len(unit))
		units := utf16.Encode([]rune(s))
		if n, err := value.Len16Within(s, nil); n != len(units) || err != nil {
			t.Errorf("%q: %d units, %v; want %d", unit, n, err, len(units))
		}
		for _, cut := range [][2]int{{0, 0}, {0, len(units)}, {1, len(units) - 1}, {len(units) / 3, len(units)/3 + 1}, {32_760, 32_777}, {32_768, len(units) - 2}, {len(units) / 2, len(units) / 2}} {
			want := string(utf16.Decode(units[cut[0]:cut[1]]))
			if unit == "\xff" { // which stays what it is
				want = s[cut[0]:cut[1]]
			}
			if got := value.Slice16(s, cut[0], cut[1]); got != want {
				t.Errorf("%q from %d to %d: %.20q…, want %.20q…", unit, cut[0], cut[1], got, want)
			}
		}
		ended := errors.New("over")
		if _, err := value.Slice16Within(s, 60_000, 60_001, over{ended}); len(units) > 60_001 && err != ended {
			t.Errorf("%q: %v, want the error of the budget", unit, err)
		}
	}
}

// over is a budget of an operation that has ended.
type over struct{ err error }

func (o over) Memory(int64) error { return nil }
func (o over) Tick(int) error     { return nil }
func (o over) Look(int) error     { return o.err }

// What takes long to write looks whether the operation has ended.
func TestLongValuesLook(t *testing.T) {
	ended := errors.New("over")
	for name, v := range map[string]value.Value{
		"binary": value.Buffer([]byte(strings.Repeat("\xff", 100_000))), "characters": value.Buffer([]byte(strings.Repeat("é", 100_000))), "text in a list": value.Array([]value.Value{value.Text(strings.Repeat("é", 100_000))}),
		"integers": value.Array([]value.Value{value.Integer(new(big.Int).Exp(big.NewInt(7), big.NewInt(1000), nil))}),
	} {
		if v.Kind() == value.KindBuffer || name == "integers" {
			if _, err := value.WriteText(nil, v, over{ended}); err != ended {
				t.Errorf("%s as a text: %v", name, err)
			}
		}
		if _, err := value.WriteJSON(nil, v, over{ended}); err != ended {
			t.Errorf("%s as JSON: %v", name, err)
		}
		if _, err := value.WriteText(nil, v, nil); err != nil {
			t.Errorf("%s without a budget: %v", name, err)
		}
	}
	bad := `["` + strings.Repeat("\xff", 100_000) + `"]`
	if _, err := value.ParseJSON(bad, &value.JSONOptions{Budget: over{ended}}); err != ended {
		t.Errorf("bytes that are no characters: %v", err)
	}
}

// counted is a budget that counts the bytes that it is told of.
type counted struct {
	over
	bytes *int
}

func (c counted) Look(bytes int) error { *c.bytes += bytes; return nil }

// A key of megabytes is looked through in pieces when it is read, and with the whole text in the end.
func TestLongKeysLook(t *testing.T) {
	key, told := strings.Repeat("é", 100_000), 0
	v, err := value.ParseJSON(`{"`+key+`":1}`, &value.JSONOptions{Budget: counted{bytes: &told}})
	if err != nil || v.Object().Value(key).Float() != 1 || told < 2*len(key) {
		t.Errorf("%v, it told of %d bytes", err, told)
	}
}
