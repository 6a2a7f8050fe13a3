package value_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/vm/value"
)

func parse(t *testing.T, s string) value.Value {
	t.Helper()
	v, err := value.ParseJSON(s, nil)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// What RFC 8259 accepts, and the compact JSON that it is written as (spec iml.md §2.5).
func TestParseJSONAccepts(t *testing.T) {
	for in, want := range map[string]string{
		" \t\r\n1 \n": "1", "-0": "0", "0": "0", "1.50": "1.5", "1e2": "100", "1E+2": "100", "1e-7": "1e-7", "-1.5e-3": "-0.0015", "1e400": "null",
		"9007199254740991": "9007199254740991", "9007199254740993": "9007199254740993", "-9007199254740993": "-9007199254740993",
		"12345678901234567890": "12345678901234567890", "123456789012345": "123456789012345", "-123456789012345": "-123456789012345",
		"999999999999999999": "999999999999999999", "true": "true", "false": "false", "null": "null", `""`: `""`,
		`"\"\\\/\b\f\n\r\t\u0041\u00e9"`: `"\"\\/\b\f\n\r\tA` + "\u00e9" + `"`, `"\ud83d\ude00"`: "\"\U0001F600\"", `"\ud83d"`: "\"\uFFFD\"",
		`"\ude00\ud83d"`: "\"\uFFFD\uFFFD\"", `"\ud83d\u0041"`: "\"\uFFFDA\"", `"\ud83dx"`: "\"\uFFFDx\"", `"\u0000\u001f"`: `"\u0000\u001f"`,
		"\"\u2028\u007f<>&\"": "\"\u2028\u007f<>&\"", "[]": "[]", "[ ]": "[]", "{}": "{}", "{ }": "{}", "[1,[2,[]],{}]": "[1,[2,[]],{}]",
		`{ "b" : 1 , "a" : [ null ] }`: `{"b":1,"a":[null]}`, `{"a":1,"b":2,"a":3}`: `{"a":3,"b":2}`, `{"":1}`: `{"":1}`, "\"\xff\"": "\"\uFFFD\"",
	} {
		v, err := value.ParseJSON(in, nil)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := string(value.AppendJSON(nil, v)); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for _, c := range []struct {
		in string
		at int
	}{
		{"", 0}, {"  ", 2}, {"tru", 0}, {"nul", 0}, {"True", 0}, {"NaN", 0}, {"Infinity", 0}, {"undefined", 0}, {"'a'", 0}, {"\ufeff1", 0}, {"\u00a01", 0}, {"\v1", 0},
		{"01", 0}, {"-01", 1}, {"-", 1}, {"+1", 0}, {".5", 0}, {"1.", 2}, {"1e", 2}, {"1e+", 3}, {"1.e1", 2}, {"0x10", 1}, {"1_0", 1}, {"1 2", 2}, {"--1", 1},
		{`"`, 1}, {`"a`, 2}, {"\"a\nb\"", 2}, {"\"a\x00b\"", 2}, {"\"\\n\t\"", 3}, {`"\x41"`, 1}, {`"\u00g0"`, 1}, {`"\u00"`, 1}, {`"\u+041"`, 1}, {`"\'"`, 1}, {`"\`, 1}, {`"\u004`, 1},
		{"[", 1}, {"[1", 2}, {"[1,", 3}, {"[1,]", 3}, {"[,1]", 1}, {"[1 2]", 3}, {"[1;2]", 2}, {"]", 0}, {"[1}", 2},
		{"{", 1}, {"{a:1}", 1}, {"{'a':1}", 1}, {`{"a"}`, 4}, {`{"a":}`, 5}, {`{"a":1,}`, 7}, {`{"a" 1}`, 5}, {`{"a":1 "b":2}`, 7}, {`{1:2}`, 1}, {`{"a":1]`, 6}, {`{"a`, 3}, {"{,}", 1},
		{"1 // x", 2}, {"/* */1", 0}, {"[]]", 2}, {"{}{}", 2},
	} {
		_, err := value.ParseJSON(c.in, nil)
		var e *value.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%q is accepted", c.in)
			continue
		}
		if e.Offset != c.at || e.Expected == "" || e.Found == "" || e.TooDeep || e.TooMany {
			t.Errorf("%q: %+v, want offset %d", c.in, e, c.at)
		}
		if json.Valid([]byte(c.in)) {
			t.Errorf("%q is JSON after all", c.in)
		}
	}
}

func TestSyntaxErrorText(t *testing.T) {
	_, err := value.ParseJSON(`{"password":hunter2}`, nil)
	if got, want := err.Error(), `invalid JSON at byte 12: expected a value, found 'h'`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	_, err = value.ParseJSON(`[1`, nil)
	if got, want := err.Error(), `invalid JSON at byte 2: expected ',' or ']', found end of text`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestParseJSONLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, c := range []struct {
		name           string
		in             string
		o              *value.JSONOptions
		deep, many, ok bool
	}{
		{"default depth", nested(value.DefaultJSONDepth), nil, false, false, true},
		{"too deep", nested(value.DefaultJSONDepth + 1), nil, true, false, false},
		{"objects too deep", objects(value.DefaultJSONDepth + 1), nil, true, false, false},
		{"own depth", nested(3), &value.JSONOptions{MaxDepth: 3}, false, false, true},
		{"beyond own depth", nested(4), &value.JSONOptions{MaxDepth: 3}, true, false, false},
		{"items", "[1,2,3]", &value.JSONOptions{MaxItems: 3}, false, false, true},
		{"too many items", "[1,2,3,4]", &value.JSONOptions{MaxItems: 3}, false, true, false},
		{"keys", `{"a":1,"b":2}`, &value.JSONOptions{MaxItems: 2}, false, false, true},
		{"repeated keys count once", `{"a":1,"a":2,"a":3}`, &value.JSONOptions{MaxItems: 2}, false, false, true},
		{"too many keys", `{"a":1,"b":2,"c":3}`, &value.JSONOptions{MaxItems: 2}, false, true, false},
		{"too many keys with shapes", `{"a":1,"b":2,"c":3}`, &value.JSONOptions{MaxItems: 2, Shapes: value.NewShapes()}, false, true, false},
		{"the bound is for each list", `[[1,2],[3,4],[5,6]]`, &value.JSONOptions{MaxItems: 3}, false, false, true},
		{"very deep", nested(100000), &value.JSONOptions{MaxDepth: 200000}, false, false, true},
	} {
		_, err := value.ParseJSON(c.in, c.o)
		var e *value.SyntaxError
		if c.ok != (err == nil) || err != nil && (!errors.As(err, &e) || e.TooDeep != c.deep || e.TooMany != c.many) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestParseJSONCountsDuplicates(t *testing.T) {
	for _, shapes := range []*value.Shapes{nil, value.NewShapes()} {
		n := 0
		v, err := value.ParseJSON(`{"a":1,"b":{"x":1,"x":2},"a":2,"a":3}`, &value.JSONOptions{Duplicates: &n, Shapes: shapes})
		if err != nil || n != 3 || string(value.AppendJSON(nil, v)) != `{"a":3,"b":{"x":2}}` {
			t.Errorf("%d repeated keys, %v, %v", n, v, err)
		}
	}
}

// A document is the same with shapes and without, beyond every cap too.
func TestShapesDoNotShow(t *testing.T) {
	var wide, many strings.Builder
	wide.WriteString(`{"k0":0`)
	for i := 1; i < 300; i++ {
		wide.WriteString(`,"k` + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + `":` + strings.Repeat("1", i%5+1))
	}
	wide.WriteString(`}`)
	many.WriteString("[0")
	for i := range 6000 {
		many.WriteString(`,{"` + strings.Repeat("a", i%40) + string(rune('a'+i%26)) + `":1,"` + string(rune('A'+i%26)) + `":[{"z":` + string(rune('0'+i%10)) + `}]}`)
	}
	many.WriteString("]")
	shapes := value.NewShapes()
	docs := []string{`{"a":1,"b":{"a":2}}`, `[{"a":1,"b":2},{"b":2,"a":1},{"a":1},{"a":1,"b":2,"a":3},{}]`, wide.String(), wide.String(), many.String()}
	for i, doc := range docs {
		plain := parse(t, doc)
		shaped, err := value.ParseJSON(doc, &value.JSONOptions{Shapes: shapes})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(value.AppendJSON(nil, plain)), string(value.AppendJSON(nil, shaped))); diff != "" {
			t.Errorf("document %d: %s", i, diff)
		}
		if !value.StrictEqual(plain, shaped) {
			t.Errorf("document %d differs with shapes", i)
		}
	}
}

func TestAppendJSON(t *testing.T) {
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.Undefined, "null"}, {value.Null(), "null"}, {num(math.NaN()), "null"}, {num(math.Inf(-1)), "null"}, {num(1e21), "1e+21"}, {exact("12345678901234567890"), "12345678901234567890"},
		{value.Date(0), `"1970-01-01T00:00:00.000Z"`}, {value.Buffer([]byte("Make")), `"TWFrZQ=="`}, {value.Buffer(nil), `""`},
		{text("\x00\x1f\b\f\n\r\t\"\\/<>&\u2028\x7f"), `"\u0000\u001f\b\f\n\r\t\"\\/<>&` + "\u2028\x7f" + `"`},
		{text("a\xffb\xc3"), "\"a\uFFFDb\uFFFD\""}, {object("\n", num(1), "a", value.Null()), `{"\n":1,"a":null}`}, {list(value.Bool(true), list()), "[true,[]]"},
	} {
		if got := string(value.AppendJSON(nil, c.v)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if got := string(value.AppendJSON([]byte("x="), num(1))); got != "x=1" {
		t.Errorf("appending gives %s", got)
	}
}

// FuzzParseJSON holds the reader to encoding/json, but for what they disagree on by design: numbers beyond the range,
// and invalid UTF-8, which both replace but not alike.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{"1", "[1,2]", `{"a":[null,true],"b":"\u00e9"}`, `"\ud83d\ude00"`, `"\ud83d"`, `{"a":1,"a":2}`, "1e999", "-0", "9007199254740993", "[", `{"a"`, "\"\xff\"", "  {} "} {
		f.Add(s)
	}
	shapes := value.NewShapes()
	f.Fuzz(func(t *testing.T, s string) {
		v, err := value.ParseJSON(s, nil)
		var e *value.SyntaxError
		if errors.As(err, &e) && e.TooDeep {
			return
		}
		if valid := json.Valid([]byte(s)); valid != (err == nil) {
			t.Fatalf("%q: encoding/json says %v, got %v", s, valid, err)
		}
		if err != nil {
			return
		}
		shaped, err := value.ParseJSON(s, &value.JSONOptions{Shapes: shapes})
		if err != nil || string(value.AppendJSON(nil, shaped)) != string(value.AppendJSON(nil, v)) {
			t.Fatalf("%q differs with shapes: %v, %v", s, shaped, err)
		}
		out := value.AppendJSON(nil, v)
		again, err := value.ParseJSON(string(out), nil)
		if err != nil || !bytes.Equal(value.AppendJSON(nil, again), out) {
			t.Fatalf("%q does not survive writing: %s, %v", s, out, err)
		}
		if utf8.ValidString(s) {
			sameAsGo(t, s, out)
		}
	})
}

// sameAsGo compares through Go's own decoder of the source and of what was written.
func sameAsGo(t *testing.T, source string, out []byte) {
	t.Helper()
	var want, got any
	if err := json.Unmarshal([]byte(source), &want); err != nil {
		return // a number that Go's double cannot hold
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s cannot be read: %v", out, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", source, diff)
	}
}
