package document

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/source"
)

func TestParseYAML(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", `null`},
		{"only a comment", "# x\n", `null`},
		{"core types", "[1, 0x1F, 0o17, -2.5e3, true, FALSE, null, ~, .inf, yes, 1_000, 0b1]", `[1 31 15 -2500 true false null null +Inf "yes" "1_000" "0b1"]`},
		{"dates stay text", "when: 2024-01-02\nat: 2024-01-02T03:04:05Z", `{when:"2024-01-02" at:"2024-01-02T03:04:05Z"}`},
		{"leading zero", "a: 007", `{a:7}`},
		{"quoted numbers are text", `{a: "1", b: '2', c: !!str 3, d: ! 4}`, `{a:"1" b:"2" c:"3" d:"4"}`},
		{"tagged", `{a: !!int "7", b: !!float 1}`, `{a:7 b:1}`},
		{"empty values", "a:\nb: ''\nc: !!str\n", `{a:null b:"" c:""}`},
		{"keys are texts", "404: a\ntrue: b\n~: c", `{404:"a" true:"b" ~:"c"}`},
		{"exact", "id: 9007199254740993", `{id:exact:9007199254740993}`},
		{"duplicate", "a: 1\nb: 2\na: 3", `{a:3 b:2}`},
		{"merge", "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3", `{base:{x:1 y:2} use:{y:3 x:1}}`},
		{"merge list", "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nuse: {<<: [*a, *b]}", `{a:{x:1} b:{x:2 z:3} use:{x:1 z:3}}`},
		{"quoted merge key is text", `{"<<": 1}`, `{<<:1}`},
		{"alias", "a: &x [1]\nb: *x", `{a:[1] b:[1]}`},
		{"byte order mark", "\uFEFFa: 1", `{a:1}`},
		{"block texts", "a: |\n  x\n   y\nb: >-\n  x\n  y\n\n  z", `{a:"x\n y\n" b:"x y\nz"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, problems := ParseYAML(source.NewFile("f", tt.text), Options{})
			if len(problems) > 0 {
				t.Fatalf("problems: %v", places(problems))
			}
			if diff := cmp.Diff(tt.want, show(doc.Root)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestYAMLErrors(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n" +
		"d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d]\n"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"syntax", "a: 1\n  b: 2\n", []string{"2:3 mapping values are not allowed in this context"}},
		{"tab", "a:\n\tb: 1", []string{"2:2 found character that cannot start any token"}},
		{"alias bomb", bomb, []string{"4:36 aliases expand to more than 10000 nodes"}},
		{"self alias", "a: &x\n  b: *x\n  c: *x", []string{"2:6 the alias *x contains itself", "3:6 the alias *x contains itself"}},
		{"unknown alias", "a: *x", []string{"1:1 unknown anchor 'x' referenced"}},
		{"list as key", "? [a]\n: 1\nb: 2", []string{"1:3 expected a plain key, found a list or an object as key"}},
		{"bad merge", "a: {<<: 1}", []string{"1:9 expected an object or a list of objects behind the merge key, found number"}},
		{"unknown tag", "a: !x y", []string{"1:7 unknown tag !x on a scalar; remove it"}},
		{"wrong tag", "a: !!int y", []string{`1:10 "y" is no int`}},
		{"two documents", "a: 1\n---\nb: 2", []string{"1:1 a second document starts; expected one per file"}},
		{"not UTF-8", "a: \xff", []string{"1:4 byte 0xFF is not UTF-8 text; save the file as UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := ParseYAML(source.NewFile("f", tt.text), Options{Code: "MEM101"})
			if diff := cmp.Diff(tt.want, places(problems)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestYAMLTextPositions finds the mark @ of each text where it stands in the file.
func TestYAMLTextPositions(t *testing.T) {
	tests := []struct {
		name, text string
		want       string
	}{
		{"plain", "k: ab@", "f:1:6"},
		{"plain over lines", "k: ab\n  cd @ef", "f:2:6"},
		{"plain with blank line", "k: ab\n\n  cd\n  e@", "f:4:4"},
		{"single", "k: 'it''s @'", "f:1:11"},
		{"double", `k: "\u00e9\t\x41\U0001F600@"`, "f:1:27"},
		{"double over lines", "k: \"a  \n   b \\\n   c@\"", "f:3:5"},
		{"escaped mark", `k: "ab\x40c"`, "f:1:7"},
		{"literal", "k: |\n  ab\n\n    c@\n", "f:4:6"},
		{"literal with indicator", "k: |2-\n    ab\n   c@\n", "f:3:5"},
		{"literal with leading blank lines", "k: |\n\n\n  a@\n", "f:4:4"},
		{"folded", "k: >\n  ab\n  cd\n\n  e@f\n", "f:5:4"},
		{"folded with more indented", "k: >\n  ab\n    cd\n\n  e@f\n", "f:5:4"},
		{"folded with two blank lines", "k: >\n  ab\n\n\n  e@f\n", "f:5:4"},
		{"anchored and tagged", "k: &x !!str # c\n  a@", "f:2:4"},
		{"behind a byte order mark and umlauts", "\uFEFFk: [ä, ö@]", "f:1:10"},
		{"CRLF", "a: 1\r\nk: |\r\n  x\r\n  @\r\n", "f:4:3"},
		{"in a flow", "{a: 1, k: [x, {y: z@}]}", "f:1:20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, problems := ParseYAML(source.NewFile("f", tt.text), Options{})
			if len(problems) > 0 {
				t.Fatal(places(problems))
			}
			n := findMark(doc.Root)
			if n == nil {
				t.Fatalf("no text with a mark in %s", show(doc.Root))
			}
			at := strings.IndexByte(n.Text, '@')
			if got := n.Map.Span(at, at+1).String(); got != tt.want {
				t.Errorf("%q: mark at %s, want %s", n.Text, got, tt.want)
			}
		})
	}
}

func findMark(n *Node) *Node {
	if n.Kind == KindText && strings.Contains(n.Text, "@") {
		return n
	}
	for _, v := range n.Items {
		if found := findMark(v); found != nil {
			return found
		}
	}
	for _, m := range n.Members {
		if found := findMark(m.Value); found != nil {
			return found
		}
	}
	return nil
}

func TestYAMLDuplicates(t *testing.T) {
	doc, _ := ParseYAML(source.NewFile("f", "a:\n  x: 1\n  'x': 2\n"), Options{})
	if len(doc.Duplicates) != 1 {
		t.Fatalf("duplicates: %v", doc.Duplicates)
	}
	if d := doc.Duplicates[0]; d.Pointer != "/a/x" || d.First.String() != "f:2:3" || d.Later.String() != "f:3:3" {
		t.Errorf("%s at %s, first %s", d.Pointer, d.Later, d.First)
	}
	if got := doc.Root.Member("a").Value.Member("x").KeySpan.Text(); got != "'x'" {
		t.Errorf("key span covers %q", got)
	}
}

func TestYAMLHostile(t *testing.T) {
	tests := []struct{ name, text string }{
		{"lists", strings.Repeat("[", 1_000_000)},
		{"objects", strings.Repeat("{", 1_000_000)},
		{"nested blocks", strings.Repeat("- ", 500_000)},
		{"one long line", "[" + strings.Repeat("a,", 400_000) + "b]"},
		{"folded blank lines", "a: >\n" + strings.Repeat(" \n", 400_000) + " x"},
		{"keys without values", strings.Repeat("? ", 500_000)},
		{"aliases of a long text", "a: &x '" + strings.Repeat("y", 500_000) + "'\nb: [" + strings.Repeat("*x,", 9_000) + "]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := cputime.Now()
			ParseYAML(source.NewFile("f", tt.text), Options{})
			if d := cputime.Since(start); d > 8*race.Slowdown*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func FuzzYAML(f *testing.F) {
	for _, s := range []string{"a: 1", "a: &x [1, *x]", "k: >\n  a\n   b\n\n  c\n", "k: |+2\n   a\n\n", "\"a\\\n  b\\u00e9\"", "'a\n\n  b'", "{<<: {a: b}, ? [x] : y}", "- !!str &a\n- !x y", "a:\tb\n---\n", "\uFEFF{a: \"\\x41\"}", "%YAML 1.2\n---\na"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, problems := ParseYAML(source.NewFile("f", text), Options{})
		if doc.Root == nil && len(problems) == 0 {
			t.Error("nothing read and nothing said")
		}
		checkTree(t, doc.Root, text)
	})
}

// TestUnclosedFlow points at the bracket that nothing closes, and at none in quotes, comments and plain text.
func TestUnclosedFlow(t *testing.T) {
	for text, want := range map[string]string{
		"a: {b: 1\nc: 2\n":                             "1:4",
		"a: 1\nb: {c: {d: 1}\ne: {f: 1}\n":             "2:4",
		"a: [1, 2\nb: 1\n":                             "1:4",
		"a: '{'\nb: x{y\nc: \"[\" # {\nd: {e: 1\nf: 1": "4:4",
		"- {a: 1\n- {b: 2}\n":                          "1:3",
	} {
		f := source.NewFile("x.yaml", text)
		_, problems := ParseYAML(f, Options{Code: "X"})
		if len(problems) != 1 || fmt.Sprint(problems[0].Span.Position().Line, ":", problems[0].Span.Position().Column) != want {
			t.Errorf("%q: %v, expected one problem at %s", text, problems, want)
			continue
		}
		if len(problems[0].Fixes) == 0 {
			t.Errorf("%q: no fix", text)
			continue
		}
		fixed := diag.Apply(text, problems[0].Fixes[0].Edits)
		if _, problems := ParseYAML(source.NewFile("x.yaml", fixed), Options{Code: "X"}); len(problems) != 0 {
			t.Errorf("%q becomes %q: %v", text, fixed, problems)
		}
	}
}
