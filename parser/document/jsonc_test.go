package document

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/source"
)

// show writes a tree compactly, so that tables stay readable.
func show(n *Node) string {
	if n == nil {
		return "<nil>"
	}
	switch n.Kind {
	case KindNull:
		return "null"
	case KindBool:
		return fmt.Sprint(n.Bool)
	case KindNumber:
		if n.Exact != nil {
			return "exact:" + n.Exact.String()
		}
		return fmt.Sprint(n.Number)
	case KindText:
		return fmt.Sprintf("%q", n.Text)
	case KindArray:
		var parts []string
		for _, v := range n.Items {
			parts = append(parts, show(v))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case KindObject:
		var parts []string
		for _, m := range n.Members {
			parts = append(parts, m.Key+":"+show(m.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return "invalid"
}

func places(problems []diag.Diagnostic) []string {
	var out []string
	for _, d := range problems {
		p := d.Span.Position()
		out = append(out, fmt.Sprintf("%d:%d %s", p.Line, p.Column, d.Message))
	}
	return out
}

func TestParseJSONC(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty object", `{}`, `{}`},
		{"order", `{"b":1,"a":[true,false,null]}`, `{b:1 a:[true false null]}`},
		{"comments", "// a\n{ /* b */ \"k\" : /* c */ 1 // d\n}", `{k:1}`},
		{"trailing commas", `{"a":[1,2,],}`, `{a:[1 2]}`},
		{"byte order mark", "\uFEFF[1]", `[1]`},
		{"numbers", `[-0, 1.5, 1e3, -2E-2, 9007199254740991]`, `[-0 1.5 1000 -0.02 9.007199254740991e+15]`},
		{"exact", `[9007199254740993, -9007199254740992]`, `[exact:9007199254740993 exact:-9007199254740992]`},
		{"too large", `1e999`, `+Inf`},
		{"escapes", `"\"\\\/\b\f\n\r\tA\u00e9"`, `"\"\\/\b\f\n\r\tAé"`},
		{"surrogates", `"\ud83d\ude00\ud83dx\ude00"`, "\"😀\uFFFDx\uFFFD\""},
		{"last wins at the first place", `{"a":1,"b":2,"a":3}`, `{a:3 b:2}`},
		{"slashes in a text", `"http://x /* y */"`, `"http://x /* y */"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, problems := ParseJSONC(source.NewFile("f", tt.text), Options{})
			if len(problems) > 0 {
				t.Fatalf("problems: %v", places(problems))
			}
			if diff := cmp.Diff(tt.want, show(doc.Root)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestJSONCErrors(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
		tree       string
	}{
		{"empty", "", []string{"1:1 the file is empty, expected a JSON value"}, "<nil>"},
		{"only comment", "// x", []string{"1:5 the file is empty, expected a JSON value"}, "<nil>"},
		{"open object", "{\n \"a\": 1", []string{"2:8 the object is not closed before the end of the file"}, "{a:1}"},
		{"open comment", "{ /* x", []string{"1:3 the comment is not closed, expected */"}, "{}"},
		{"missing comma", `{"a":1 "b":2}`, []string{`1:8 expected ',' or '}', found a text`}, "{a:1 b:2}"},
		{"missing colon", `{"a" 1, "b":2}`, []string{`1:6 expected ':' behind the key "a", found "1"`}, "{b:2}"},
		{"single quotes", `{'a':1, "b":2}`, []string{`1:2 expected a key, found '\''; keys stand in double quotes`}, "{b:2}"},
		{"bare key", `{a:1}`, []string{`1:2 expected a key, found "a"; keys stand in double quotes`}, "{}"},
		{"missing value", `{"a":,"b":}`, []string{`1:6 expected a value, found ','`, `1:11 expected a value, found '}'`}, "{a:invalid b:invalid}"},
		{"wrong closer", `{"a":[1}`, []string{`1:8 expected ']' to close the list, found '}'`, "1:9 the object is not closed before the end of the file"}, "{a:[1]}"},
		{"bad numbers", `[01, +1, .5, 1., 0x1]`, []string{`1:2 expected a number, found "01"`, `1:6 expected a value, found "+1"; texts stand in double quotes`,
			`1:10 expected a value, found ".5"; texts stand in double quotes`, `1:14 expected a number, found "1."`, `1:18 expected a number, found "0x1"`}, "[invalid invalid invalid invalid invalid]"},
		{"bad escape", `["\x", "\u12"]`, []string{`1:3 unknown escape \x; write \\ for a backslash`, `1:9 expected four hexadecimal digits behind \u`}, `["x" "12"]`},
		{"control", "[\"a\tb\"]", []string{`1:4 control character U+0009 inside a text, expected the escape \u0009`}, `["a\tb"]`},
		{"open text", "{\"a\": \"x\n, \"b\": 2}", []string{`1:7 the text is not closed on its line, expected '"'`}, `{a:"x" b:2}`},
		{"after the end", `{} x`, []string{`1:4 expected the end of the file, found "x"`}, "{}"},
		{"two commas", `[1,,2]`, []string{`1:4 expected a value, found ','`}, "[1 invalid 2]"},
		{"not UTF-8", "{\"a\":\n \"\xff\"}", []string{"2:3 byte 0xFF is not UTF-8 text; save the file as UTF-8"}, "<nil>"},
		{"two separate problems", "{\n \"a\": tru,\n \"b\": [1 2]\n}", []string{`2:7 expected a value, found "tru"; texts stand in double quotes`, `3:10 expected ',' or ']', found "2"`}, "{a:invalid b:[1]}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, problems := ParseJSONC(source.NewFile("f", tt.text), Options{Code: "MAKE101"})
			if diff := cmp.Diff(tt.want, places(problems)); diff != "" {
				t.Errorf("problems: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.tree, show(doc.Root)); diff != "" {
				t.Errorf("tree: -want +got\n%s", diff)
			}
			for _, d := range problems {
				if d.Code != "MAKE101" || d.Severity != diag.Error {
					t.Errorf("code and severity: %v", d)
				}
			}
		})
	}
}

func TestJSONCHostile(t *testing.T) {
	deep := strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth)
	if _, problems := ParseJSONC(source.NewFile("f", deep), Options{}); len(problems) > 0 {
		t.Errorf("%d levels: %v", maxDepth, problems[0])
	}
	tests := []struct{ name, text, want string }{
		{"objects", strings.Repeat("{", 1_000_000), "1:2 expected a key, found '{'"},
		{"lists", strings.Repeat("[", 1_000_000), "1:251 nested deeper than 250 levels"},
		{"commas", strings.Repeat(",", 1_000_000), "1:1 expected a value, found ','"},
		{"list of commas", "[" + strings.Repeat(",", 1_000_000), "1:2 expected a value, found ','"},
		{"quotes", strings.Repeat(`"`, 1_000_000), `1:3 expected the end of the file, found a text`},
		{"one level too deep", "[" + deep + "]", "1:1247 nested deeper than 250 levels"},
		{"too large", strings.Repeat(" ", MaxBytes+1), "1:1 the file has 1048577 bytes, at most 1048576 are read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := cputime.Now()
			_, problems := ParseJSONC(source.NewFile("f", tt.text), Options{})
			if len(problems) == 0 || len(problems) > maxErrors {
				t.Fatalf("%d problems", len(problems))
			}
			if got := places(problems[:1])[0]; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if d := cputime.Since(start); d > 2*race.Slowdown*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestJSONCPositions(t *testing.T) {
	text := "{\n  \"k\\u0065y\": \"a\\u00e9\\ud83d\\ude00z\", \"é\": 1\n}"
	doc, problems := ParseJSONC(source.NewFile("f", text), Options{})
	if len(problems) > 0 {
		t.Fatal(places(problems))
	}
	m := doc.Root.Member("key")
	if m == nil {
		t.Fatal("no entry key")
	}
	column := func(at int) int { return m.Value.Map.Span(at, at).Position().Column }
	// a, é (2 bytes), 😀 (4 bytes), z, end
	got := []int{m.KeySpan.Position().Column, m.KeyMap.Span(1, 2).Position().Column, m.KeyMap.Span(2, 3).Position().Column,
		column(0), column(1), column(3), column(7), column(8)}
	want := []int{3, 5, 11, 16, 17, 23, 35, 36}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := m.Value.Span.Text(); got != `"a\u00e9\ud83d\ude00z"` {
		t.Errorf("span covers %s", got)
	}
	if got := doc.Root.Member("é").KeySpan.String(); got != "f:2:39" {
		t.Errorf("second key at %s", got)
	}
}

func TestJSONCDuplicatesAndRelaxed(t *testing.T) {
	doc, _ := ParseJSONC(source.NewFile("f", "{\"a/b\":{\"x\":1,\n\"x\":2},}// end"), Options{})
	if len(doc.Duplicates) != 1 {
		t.Fatalf("duplicates: %v", doc.Duplicates)
	}
	d := doc.Duplicates[0]
	if d.Key != "x" || d.Pointer != "/a~1b/x" || d.First.String() != "f:1:9" || d.Later.String() != "f:2:1" {
		t.Errorf("duplicate %q %s at %s, first %s", d.Key, d.Pointer, d.Later, d.First)
	}
	var relaxed []string
	for _, r := range doc.Relaxed {
		relaxed = append(relaxed, r.Span.String()+" "+r.What)
	}
	if diff := cmp.Diff([]string{"f:2:7 trailing comma", "f:2:9 comment"}, relaxed); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNumberLimits(t *testing.T) {
	long := strings.Repeat("9", maxExactDigits)
	doc, _ := ParseJSONC(source.NewFile("f", "["+long+","+long+"9]"), Options{})
	want, _ := new(big.Int).SetString(long, 10)
	if got := doc.Root.Items[0].Exact; got == nil || got.Cmp(want) != 0 {
		t.Error("an integer of 1000 digits is not exact")
	}
	if doc.Root.Items[1].Exact != nil {
		t.Error("an integer of 1001 digits is exact")
	}
}

func FuzzJSONC(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,2,{"b":"\u00e9\ud83d\ude00"}],}`, "// c\n[1e5,-0.5]/* */", `{"a":1 "a":2}`, `[[[`, `{"a`, "\"\\", `"\u`, `{'a':[}`, "\uFEFF null", "{\"a\"\n:\"\\\n\"}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, problems := ParseJSONC(source.NewFile("f", text), Options{})
		if doc.Root == nil && len(problems) == 0 {
			t.Error("nothing read and nothing said")
		}
		checkTree(t, doc.Root, text)
		for _, d := range problems {
			if d.Span.File == nil || d.Span.Start < 0 || d.Span.Start > len(text) || d.Span.End > len(text) {
				t.Errorf("diagnostic outside the file: %v", d)
			}
		}
	})
}

// checkTree verifies that every place of a tree lies in its text.
func checkTree(t *testing.T, n *Node, text string) {
	if n == nil {
		return
	}
	inside := func(s source.Span) bool { return 0 <= s.Start && s.Start <= s.End && s.End <= len(text) }
	if !inside(n.Span) {
		t.Errorf("span %d..%d outside %d bytes", n.Span.Start, n.Span.End, len(text))
	}
	if n.Kind == KindText {
		for i := 0; i <= len(n.Text); i++ {
			if s := n.Map.Span(i, min(i+1, len(n.Text))); !inside(s) {
				t.Fatalf("text offset %d maps to %d..%d of %d bytes", i, s.Start, s.End, len(text))
			}
		}
	}
	for _, v := range n.Items {
		checkTree(t, v, text)
	}
	for _, m := range n.Members {
		if !inside(m.KeySpan) {
			t.Errorf("key span %d..%d outside", m.KeySpan.Start, m.KeySpan.End)
		}
		checkTree(t, m.Value, text)
	}
}
