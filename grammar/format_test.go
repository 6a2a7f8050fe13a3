package grammar

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameTree compares expressions without their places.
var sameTree = cmp.Options{
	cmpopts.IgnoreTypes(Span{}),
	cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }),
	cmpopts.EquateNaNs(),
}

func TestFormat(t *testing.T) {
	tests := []struct{ text, want string }{
		{` 1+2*3 `, `1 + 2 * 3`},
		{`(1+2)*3`, `(1 + 2) * 3`},
		{`1+(2*3)`, `1 + 2 * 3`},
		{`1-(2-3)`, `1 - (2 - 3)`},
		{`(1-2)-3`, `1 - 2 - 3`},
		{`!(a=b)`, `!(a = b)`},
		{`(-a)*- -b`, `-a * --b`},
		{`a and b or c mod d`, `a && b || c % d`},
		{`a===b!==c`, `a = b != c`},
		{`"a""b" + 'it''s "x"'`, `"a""b" + "it's ""x"""`},
		{`a 'x' b`, `a "x" b`},
		{`"x" (and)`, `"x" (and)`},
		{`"x" (mod.b)`, `"x" (mod.b)`},
		{`"x" (or(1))`, `"x" (or(1))`},
		{`and "x"`, `and "x"`},
		{`"x" (1 + 2)`, `"x" (1 + 2)`},
		{`("a" b) "c"`, `("a" b) "c"`},
		{`(a.b).c`, `(a.b).c`},
		{`(a).b`, `a.b`},
		{`(1).x`, `(1).x`},
		{`(now).x`, `(now).x`},
		{`f().x`, `f().x`},
		{`(f()).x`, `f().x`},
		{"a.`b`.b-c.2x[ 1+1 ][]", "a.`b`.b-c.2x[1 + 1][]"},
		{"`x``y`.`1`", "`x``y`.`1`"},
		{"1.a + `1`.a + 2.`3`", "1.a + `1`.a + 2.`3`"},
		{"`now` + now + now.x", "`now` + now + now.x"},
		{`f( a,b ;; )`, `f(a; b; ; )`},
		{`1e3 + 1.50 + 1e21 + 1e-7 + 0.000001 + 1e999`, `1000 + 1.5 + 1e+21 + 1e-07 + 0.000001 + 1e999`},
		{`9007199254740991 + 9007199254740992 + 9007199254740992.0`, `9007199254740991 + 9007199254740992 + 9.007199254740992e+15`},
		{`123456789012345678901234567890`, `123456789012345678901234567890`},
		{``, ``},
	}
	for _, tt := range tests {
		x, _, err := Parse(tt.text, 0, len(tt.text), Limits{})
		if err != nil {
			t.Errorf("Parse(%q): %s", tt.text, err)
			continue
		}
		if got := Format(x); got != tt.want {
			t.Errorf("Format(%q) = %s, want %s", tt.text, got, tt.want)
		}
		checkRoundTrip(t, x)
	}
}

// TestFormatBuiltTrees prints trees that no text has.
func TestFormatBuiltTrees(t *testing.T) {
	tests := []struct {
		x    Expr
		want string
	}{
		{nil, ""},
		{&Root{Name: "now"}, "`now`"},
		{&Root{Name: "two words"}, "`two words`"},
		{&Number{Value: -1}, "-1"},
		{&Binary{Op: OpMultiply, X: &Number{Value: -1}, Y: &Number{Value: math.NaN()}}, "(-1) * (0 / 0)"},
		{&Number{Value: math.Inf(-1)}, "-1e999"},
		{&Path{Base: &Root{Name: "1"}, Steps: []Step{{Kind: StepFirst}}}, "`1`[]"},
		{&Path{Base: &Root{Name: "a"}, Steps: []Step{{Name: "two words"}, {Name: ""}}}, "a.`two words`[\"\"]"},
		{&Path{Base: &Call{Name: "f"}, Steps: []Step{{Name: "b-c"}}}, "f().`b-c`"},
	}
	for _, tt := range tests {
		if got := Format(tt.x); got != tt.want {
			t.Errorf("Format = %s, want %s", got, tt.want)
		}
	}
}

// checkRoundTrip holds that a canonical text parses to the tree it was printed from, and prints alike.
func checkRoundTrip(t *testing.T, x Expr) {
	t.Helper()
	text := Format(x)
	y, _, err := Parse(text, 0, len(text), Limits{})
	if err != nil {
		t.Fatalf("Parse(Format(x) = %q): %s", text, err)
	}
	if diff := cmp.Diff(x, y, sameTree); diff != "" {
		t.Fatalf("%q: (-x +Parse(Format(x))):\n%s", text, diff)
	}
	if again := Format(y); again != text {
		t.Fatalf("Format gives %q, then %q", text, again)
	}
}

func TestExactIntegers(t *testing.T) {
	long := strings.Repeat("9", 1000)
	tests := []struct {
		text  string
		value float64
		exact string
	}{
		{"9007199254740991", 9007199254740991, ""},
		{"9007199254740992", 9007199254740992, "9007199254740992"},
		{"9007199254740993", 9007199254740992, "9007199254740993"},
		{"0000000000000000000001", 1, ""},
		{"9007199254740993.0", 9007199254740992, ""},
		{"1e21", 1e21, ""},
		{long, math.Inf(1), long},
		{"0" + long, math.Inf(1), long},
		{long + "9", math.Inf(1), ""},
		{"12345678901234567890", 12345678901234567890, "12345678901234567890"},
	}
	for _, tt := range tests {
		x, _, err := Parse(tt.text, 0, len(tt.text), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		n := x.(*Number)
		exact := ""
		if n.Exact != nil {
			exact = n.Exact.String()
		}
		if n.Value != tt.value || exact != tt.exact {
			t.Errorf("%.30s: value %v and exact %.30q, want %v and %.30q", tt.text, n.Value, exact, tt.value, tt.exact)
		}
	}
	if x, _, _ := Parse("12345678901234567890", 0, 20, Limits{ExactDigits: 19}); x.(*Number).Exact != nil {
		t.Error("the limit of exact digits does not hold")
	}
}
