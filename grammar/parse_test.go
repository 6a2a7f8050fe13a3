package grammar

import (
	"strconv"
	"strings"
	"testing"
)

// faultTests give the first syntax error of an expression and its offset inside it (spec iml.md §11). The position
// tables of whole templates are in package parser.
var faultTests = []struct {
	name, text, code string
	at               int
}{
	{"character without meaning", `a # b`, "IML102", 2},
	{"typographic quote", `“a”`, "IML102", 0},
	{"typographic quote behind an operand", `a ’`, "IML102", 2},
	{"backslash", `a + \"b\"`, "IML102", 4},
	{"closing brace", `a } b`, "IML102", 2},
	{"at sign behind a dot", `a.@`, "IML102", 2},
	{"quote that never closes", `a + "b`, "IML102", 4},
	{"not UTF-8", "a \xff", "IML102", 2},
	{"mark begins no name", "\u0301a", "IML102", 0},
	{"digit of another script begins no number", "\u0663", "IML102", 0},
	{"nothing behind an operator", `1 + `, "IML103", 4},
	{"nothing before an operator", `* 2`, "IML103", 0},
	{"nothing between operators", `1 + * 2`, "IML103", 4},
	{"no unary plus", `1 + + 2`, "IML103", 4},
	{"only an operator", `&`, "IML103", 0},
	{"empty parentheses", `()`, "IML103", 1},
	{"operator before a parenthesis", `(1 + )`, "IML103", 5},
	{"operator before a separator", `max(1 + ; 2)`, "IML103", 8},
	{"operator before a stray parenthesis", `1 + )`, "IML103", 4},
	{"only a not", `!`, "IML103", 1},
	{"parenthesis and nothing", `(`, "IML103", 1},
	{"word operator at the end", `a and`, "IML103", 5},
	{"two comparisons", `a <=> b`, "IML103", 4},
	{"two names", `a b`, "IML104", 2},
	{"two numbers", `1 2`, "IML104", 2},
	{"names behind a text", `'x' a b`, "IML104", 6},
	{"no method call", `a.b(1)`, "IML104", 3},
	{"no call behind a quoted name", "`f`(1)", "IML104", 3},
	{"parenthesised text joins nothing", `1 ("x")`, "IML104", 2},
	{"not between operands", `a !b`, "IML104", 2},
	{"not behind a text", `"a" !b`, "IML104", 4},
	{"blank before an index", `a [1]`, "IML104", 2},
	{"index of a number", `1[1]`, "IML104", 1},
	{"collection behind an operand", `a {`, "IML104", 2},
	{"call of a hyphenated word", `a.b-c (1)`, "IML104", 6},
	{"parenthesis not closed", `(1 + 2`, "IML105", 0},
	{"call not closed", `max(1; 2`, "IML105", 3},
	{"call not closed, no argument", `max(`, "IML105", 3},
	{"call not closed behind a separator", `max(1;`, "IML105", 3},
	{"inner parenthesis not closed", `max((1; 2`, "IML112", 6},
	{"parenthesis not closed in an index", `a[(1]`, "IML105", 2},
	{"stray parenthesis", `1 + 2)`, "IML106", 5},
	{"only a parenthesis", `)`, "IML106", 0},
	{"stray bracket", `a]`, "IML106", 1},
	{"only a bracket", `]`, "IML106", 0},
	{"bracket for a parenthesis", `(1]`, "IML106", 2},
	{"bracket as an argument", `max(])`, "IML106", 4},
	{"parenthesis for a bracket", `a[1)`, "IML106", 3},
	{"index not closed", `a.b[1`, "IML107", 3},
	{"index not closed, empty", `a[`, "IML107", 1},
	{"index not closed in a call", `max(a[1)`, "IML107", 5},
	{"array literal", `[1, 2]`, "IML108", 0},
	{"array literal as an argument", `first([1])`, "IML108", 6},
	{"array literal behind an operator", `a + [1]`, "IML108", 4},
	{"collection literal", `if(true; {}; 1)`, "IML109", 9},
	{"name that begins with a digit", `2nd`, "IML110", 0},
	{"number with a tail", `2.3.x`, "IML110", 0},
	{"number with a dot", `2.`, "IML110", 0},
	{"number with a backtick", "1`x`", "IML110", 0},
	{"number in hexadecimal", `a + 0x10`, "IML110", 4},
	{"exponent without digits", `1e`, "IML110", 0},
	{"number that begins with a dot", `.5`, "IML110", 0},
	{"number with a dot behind a blank", `a + .5`, "IML110", 4},
	{"malformed number behind an operand", `a 2x`, "IML110", 2},
	{"number before a name of another script", `2é`, "IML110", 0},
	{"number before a word operator", `1and 2`, "IML110", 0},
	{"exponent with a tail", `1e5.x`, "IML110", 0},
	{"dot at the end", `a.`, "IML111", 2},
	{"dot at the beginning", `.a`, "IML111", 0},
	{"two dots", `a..b`, "IML111", 2},
	{"blank behind a dot", `a. b`, "IML111", 2},
	{"blank before a dot", `a .b`, "IML111", 2},
	{"text with a tail", `"a".b`, "IML111", 3},
	{"operator behind a dot", `a.+b`, "IML111", 2},
	{"separator outside", `a; b`, "IML112", 1},
	{"comma outside", `a, b`, "IML112", 1},
	{"separator first", `;`, "IML112", 0},
	{"separator in parentheses", `(1; 2)`, "IML112", 2},
	{"separator in an index", `a[1; 2]`, "IML112", 3},
	{"increment", `1 ++ 2`, "IML113", 2},
	{"power", `1 ** 2`, "IML113", 2},
	{"unequal of other languages", `1 <> 2`, "IML113", 2},
	{"shift", `1 >> 2`, "IML113", 2},
	{"arrow", `a => b`, "IML113", 2},
	{"conditional", `a ? b : c`, "IML113", 2},
	{"colon", `a : c`, "IML113", 2},
	{"conditional without operand", `a + ?`, "IML113", 4},
	{"opener", `a + {{b`, "IML114", 4},
	{"angle opener", `a <<b`, "IML114", 2},
	{"opener behind a dot", `a.{{b`, "IML114", 2},
	{"empty quoted name", "a.``", "IML115", 2},
	{"empty quoted root", "``", "IML115", 0},
	{"empty quoted name of a module", "1.``", "IML115", 2},
	{"spread", `...`, "IML116", 0},
	{"spread before a name", `...a`, "IML116", 0},
	{"spread behind a name", `a...b`, "IML116", 1},
	{"first error only", `a b # c`, "IML104", 2},
}

func TestFaults(t *testing.T) {
	for _, tt := range faultTests {
		t.Run(tt.name, func(t *testing.T) {
			x, lints, err := Parse(tt.text, 0, len(tt.text), Limits{})
			if err == nil {
				t.Fatalf("Parse(%q) = %s, want %s", tt.text, Format(x), tt.code)
			}
			if err.Code != tt.code || err.At.Start != tt.at {
				t.Errorf("Parse(%q): %s at %d, want %s at %d (%s)", tt.text, err.Code, err.At.Start, tt.code, tt.at, err)
			}
			if err.At.End < err.At.Start || err.At.End > len(tt.text) {
				t.Errorf("Parse(%q): span %v is outside the text", tt.text, err.At)
			}
			if x != nil || lints != nil {
				t.Errorf("Parse(%q) returned %v and %v beside the error", tt.text, x, lints)
			}
			if err.Message == "" || err.Help == "" || strings.HasSuffix(err.Message, ".") {
				t.Errorf("message %q or help %q is not in style", err.Message, err.Help)
			}
		})
	}
}

// readings are expressions with their fully parenthesised meaning.
var readings = []struct{ text, want string }{
	{`1 + 2 * 3`, `(1 + (2 * 3))`},
	{`1 * 2 + 3`, `((1 * 2) + 3)`},
	{`10 - 2 - 3`, `((10 - 2) - 3)`},
	{`1--1`, `(1 - (-1))`},
	{`- 12`, `(-12)`},
	{`!a = b`, `((!a) = b)`},
	{`!!a`, `(!(!a))`},
	{`a or b and c = d < e + f * g`, `(a || (b && (c = (d < (e + (f * g))))))`},
	{`a | b & c === d !== e`, `(a || (b && ((c = d) != e)))`},
	{`7 mod 3 % 2 / 1`, `(((7 % 3) % 2) / 1)`},
	{`a>-1`, `(a > (-1))`},
	{`and and or`, `(and && or)`},
	{`and(1; 2)`, `and(1; 2)`},
	{`a and(b)`, `(a && b)`},
	{`total-x`, `(total - x)`},
	{`parameters.n-1`, `(parameters.n - 1)`},
	{`a.b-c`, `a.{b-c}`},
	{`a.b-c-d.e`, `a.{b-c-d}.e`},
	{`a.b-and`, `a.{b-and}`},
	{`a.b -c`, `(a.b - c)`},
	{`a.b- c`, `(a.b - c)`},
	{`a.b--c`, `(a.b - (-c))`},
	{`a.b-c(1)`, `(a.b - c(1))`},
	{`a.b-c-d(1)`, `(a.{b-c} - d(1))`},
	{`f().b-c`, `(f().b - c)`},
	{`(a).b-c`, `(a.b - c)`},
	{"a.`b`-c", "(a.{b} - c)"},
	{`a.2b-c`, `(a.2b - c)`},
	{`1.b-c`, `1.{b-c}`},
	{`a[1].b-c`, `a[1].{b-c}`},
	{`a.0.5`, `a.0.5`},
	{`1.email`, `1.email`},
	{`1.e5`, `1.e5`},
	{"2.`3`", "2.{3}"},
	{`2.3`, `2.3`},
	{`now`, `<now>`},
	{`now.x`, `now.x`},
	{`now[1]`, `now[1]`},
	{"`now`", "now"},
	{`true(1)`, `true(1)`},
	{`f (1)`, `f(1)`},
	{`f(a; ; b,)`, `f(a; ; b; )`},
	{`f(;)`, `f(; )`},
	{`f()`, `f()`},
	{`a 'x' b`, `{a "x" b}`},
	{`"a"'b'`, `{"a" "b"}`},
	{`!a 'x'`, `(!{a "x"})`},
	{`1"a"`, `{1 "a"}`},
	{`"x" + 'a' and 'y'`, `(("x" + "a") && "y")`},
	{`"it""s" 'it''s'`, `{"it\"s" "it's"}`},
	{`(a)[3].k`, `a[3].k`},
	{`a[].b[-1]`, `a[].b[(-1)]`},
	{`a[ b[1] ]`, `a[b[1]]`},
	{"a\u00a0+\ufeffb\u2028", `(a + b)`},
	{`naïve.été`, `naïve.été`},
	{"", ""},
	{" \t\n", ""},
}

func TestReadings(t *testing.T) {
	for _, tt := range readings {
		x, _, err := Parse(tt.text, 0, len(tt.text), Limits{})
		if err != nil {
			t.Errorf("Parse(%q): %s", tt.text, err)
			continue
		}
		if got := reading(x); got != tt.want {
			t.Errorf("Parse(%q) reads %s, want %s", tt.text, got, tt.want)
		}
	}
}

// reading spells an expression out: parentheses around every operation, braces around joined operands and unusual
// names, angles around keywords.
func reading(x Expr) string {
	switch n := x.(type) {
	case nil:
		return ""
	case *Keyword:
		return "<" + n.Name + ">"
	case *Unary:
		return "(" + n.Op.String() + reading(n.X) + ")"
	case *Binary:
		return "(" + reading(n.X) + " " + n.Op.String() + " " + reading(n.Y) + ")"
	case *Text:
		return strconv.Quote(n.Value)
	case *Number:
		return strconv.FormatFloat(n.Value, 'g', -1, 64)
	case *Root:
		return n.Name
	case *Join:
		return "{" + readAll(n.Operands, " ") + "}"
	case *Call:
		return n.Name + "(" + readAll(n.Args, "; ") + ")"
	case *Path:
		s := reading(n.Base)
		for _, step := range n.Steps {
			switch {
			case step.Kind != StepName:
				s += "[" + reading(step.Index) + "]"
			case step.Quoted || strings.Contains(step.Name, "-"):
				s += ".{" + step.Name + "}"
			default:
				s += "." + step.Name
			}
		}
		return s
	}
	return "?"
}

func readAll(list []Expr, between string) string {
	s := make([]string, len(list))
	for i, x := range list {
		s[i] = reading(x)
	}
	return strings.Join(s, between)
}
