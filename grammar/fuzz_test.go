package grammar

import (
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
)

// FuzzParse holds that any text gives a tree or an error with places inside it, that a tree survives printing, and that
// the EBNF accepts what the parser accepts.
func FuzzParse(f *testing.F) {
	for _, tt := range readings {
		f.Add(tt.text)
	}
	for _, tt := range faultTests {
		f.Add(tt.text)
	}
	f.Add(`if(a.0; "\t" b.c-d, e.length) 'x' (and) + 1.x[f(;)]`)
	sentences, err := buildSentences()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, lints, err := Parse(text, 0, len(text), Limits{Depth: 40})
		for _, l := range lints {
			if l.At.Start < 0 || l.At.Start > l.At.End || l.At.End > len(text) {
				t.Errorf("%s at %v is outside %q", l.Code, l.At, text)
			}
		}
		if err != nil {
			if err.At.Start < 0 || err.At.Start > err.At.End || err.At.End > len(text) {
				t.Errorf("%s at %v is outside %q", err.Code, err.At, text)
			}
			return
		}
		checkSpans(t, x, Span{0, len(text)})
		checkRoundTrip(t, x)
		if len(text) > 200 {
			return
		}
		if _, err := sentences.ParseString("", text); err != nil {
			t.Errorf("the EBNF refuses %q: %v", text, err)
		}
	})
}

// checkSpans holds that every node lies within the one around it, and its parts in it.
func checkSpans(t *testing.T, x Expr, around Span) {
	t.Helper()
	if x == nil {
		return
	}
	at := x.Span()
	if at.Start < around.Start || at.Start >= at.End || at.End > around.End {
		t.Errorf("%T at %v is not within %v", x, at, around)
	}
	switch n := x.(type) {
	case *Unary:
		checkSpans(t, n.X, around)
	case *Binary:
		checkSpans(t, n.X, around)
		checkSpans(t, n.Y, around)
	case *Join:
		for _, o := range n.Operands {
			checkSpans(t, o, around)
		}
	case *Call:
		for _, a := range n.Args {
			checkSpans(t, a, around)
		}
	case *Path:
		checkSpans(t, n.Base, around)
		for _, s := range n.Steps {
			checkSpans(t, s.Index, s.At)
		}
	}
}

// TestHostile holds that inputs made to hurt end quickly (spec iml.md §13).
func TestHostile(t *testing.T) {
	const size = 64 << 10
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	tests := []struct{ name, text, code string }{
		{"parentheses", fill("("), "IML502"},
		{"calls", fill("f("), "IML502"},
		{"indexes", fill("a["), "IML502"},
		{"nots", fill("!"), "IML502"},
		{"minuses", fill("-"), "IML502"},
		{"mixed", fill("f(a[-(!"), "IML502"},
		{"a long sum", fill("1+") + "1", ""},
		{"a long path", "a" + fill(".b"), ""},
		{"a long hyphenated name", "a.b" + fill("-c"), ""},
		{"a long chain", fill("'a' "), ""},
		{"many slots", "f(" + fill(";") + ")", ""},
		{"many lints", "f(" + fill("a.0;") + ")", ""},
		{"many search texts", fill("replace(a;'/\\n/';a)+") + "1", ""},
		{"a long number", fill("1"), ""},
		{"quotes", fill(`"`), ""},
		{"precedences", fill("a|b&c=d<e+f*-g|"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			started := cputime.Now()
			x, _, err := Parse(tt.text, 0, len(tt.text), Limits{})
			if took := cputime.Since(started); took > 2*race.Slowdown*time.Second {
				t.Errorf("took %v", took)
			}
			code := ""
			if err != nil {
				code = err.Code
			}
			if tt.code != "" && code != tt.code {
				t.Errorf("error %q, want %q", code, tt.code)
			}
			if tt.code == "" && err == nil {
				checkRoundTrip(t, x)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, tt := range []struct{ name, text string }{
		{"path", `parameters.account.list[1].id`},
		{"call of 30 bytes", `upper(trim(parameters.name; 3))`},
		{"operators", `a.b + 1 * (c.d - 2) >= 7 && !e`},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Parse(tt.text, 0, len(tt.text), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLexer(b *testing.B) {
	const text = `upper(trim(parameters.name; 3))`
	b.ReportAllocs()
	for b.Loop() {
		s := scanner{text: text, end: len(text)}
		for s.next().kind != kindEOF {
		}
	}
}
