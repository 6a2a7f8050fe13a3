package regex

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
)

// series returns the format with each of n characters that differ, joined with the separator.
func series(n int, format, separator string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "_", string(rune('Ā'+i)))
	}
	return strings.Join(parts, separator)
}

// TestCompileTakesLittleTime checks patterns for which the library alone takes seconds, hours or years, and their kin.
func TestCompileTakesLittleTime(t *testing.T) {
	ladder := make([]string, 84)
	for i := range ladder {
		ladder[i] = strings.Repeat("a", i+1) + "b"
	}
	nested := func(n int, open, closer string) string {
		return strings.Repeat(open, n) + "a" + strings.Repeat(closer, n)
	}
	for name, pattern := range map[string]string{
		"alternatives with a common beginning":          strings.Join(ladder, "|"),
		"the same, in a look-ahead":                     "(?=" + strings.Join(ladder, "|") + ")",
		"the same, in a look-behind":                    "(?<!" + strings.Join(ladder, "|") + ")",
		"the same, repeated":                            "(" + strings.Join(ladder, "|") + ")*",
		"alternatives that may be empty":                "x*" + strings.Repeat("(?:b*|c*)", 400),
		"the same, from behind":                         "(?<=" + strings.Repeat("(b*|c*)", 400) + "x*)",
		"three of them":                                 "x*" + strings.Repeat("(b?|c?|)", 400),
		"alternatives within alternatives":              nested(240, "(a*b|", ")"),
		"the same, without captures":                    nested(240, "(?:a|b", ")"),
		"look-aheads within look-aheads":                nested(240, "(?=a|b*|", ")"),
		"look-behinds within look-behinds":              nested(240, "(?<!a|b*|", ")"),
		"both in turn":                                  nested(120, "(?<!a|b*|(?=c|", "))"),
		"a thousand alternatives":                       series(1000, "_a", "|"),
		"a thousand alternatives, from behind":          "(?<=" + series(1000, "_a", "|") + ")",
		"a thousand loops of different characters":      series(1000, "_*", ""),
		"lazy loops":                                    series(800, "_*?", ""),
		"counted loops":                                 series(600, "_{0,}", ""),
		"optional groups":                               strings.Repeat("(?:a*|b*)?", 400),
		"groups within optional groups":                 nested(240, "(?:a*", ")?"),
		"groups within repeated groups, without result": nested(240, "(?:a", "){9}"),
		"sets":                         strings.Repeat(`[^a\W]*`, 500),
		"words":                        strings.Repeat(`\w*\b`, 700),
		"parentheses that stay open":   strings.Repeat("(a|b*", 200),
		"parentheses that never began": strings.Repeat("a|b*)", 200),
	} {
		for _, flags := range []string{"", "i", "u", "gimsu"} {
			start := cputime.Now()
			_, _ = Compile(pattern, flags)
			if took := cputime.Since(start); took > 3*time.Second {
				t.Errorf("%s, flags %q: %v", name, flags, took)
			}
		}
	}
}

func TestCompileRefusesLargePrograms(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		want    error
	}{
		{strings.Repeat("(", 250) + strings.Repeat(")", 250), nil},
		{strings.Repeat("(", 251) + strings.Repeat(")", 251), errNesting},
		{strings.Repeat("(", 40) + strings.Repeat(")*", 40), nil},
		{strings.Repeat("(", 50) + strings.Repeat(")*", 50), errResets},
		{strings.Repeat("(?:", 50) + strings.Repeat(")*", 50), nil},
		{"((((a))))" + strings.Repeat("(a)*", 990), nil},
		{"(" + strings.Repeat("(a)", 500) + "){2}(" + strings.Repeat("(a)", 500) + ")+", errResets},
		{`(\(*[(*)*]*)*`, nil},
	} {
		if _, err := Compile(tt.pattern, ""); err != tt.want {
			t.Errorf("%.40s: got %v, want %v", tt.pattern, err, tt.want)
		}
	}
}

func TestGuardPattern(t *testing.T) {
	eight := "a|b|c|d|e|f|g|h|i"
	long := series(70, "_", "|")
	cut := strings.Index(long, string(rune('Ā'+64)))
	loops := strings.Repeat("a*", 64)
	for pattern, want := range map[string]string{
		eight:                              eight,
		eight + "|j":                       "(?:" + eight + "|j)(?![])",
		"(" + eight + ")(?:j|k)":           "((?:" + eight + ")(?![]))(?:(?:j|k)(?![]))",
		"(?=" + eight + "|j)":              "(?=(?:" + eight + "|j)(?![]))",
		"(?<=" + eight + "(j|k))":          "(?<=(?![])(?:" + eight + "((?![])(?:j|k))))",
		"(?<=" + eight + "(?!j|k))":        "(?<=(?![])(?:" + eight + "(?!(?:j|k)(?![]))))",
		`[|]\|` + eight:                    `[|]\|` + eight,
		long:                               "(?:" + long[:cut-1] + ")(?![])|(?:" + long[cut:] + ")(?![])",
		loops:                              loops,
		loops + "b?":                       loops + "(?![])b?",
		strings.Repeat("a*", 63) + "b*?c*": strings.Repeat("a*", 63) + "b*?(?![])c*",
		loops + "*":                        loops + "*",
	} {
		if got, err := guardPattern(pattern); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", pattern, got, err, want)
		}
	}
}

// TestGuardsChangeNothing compares made-up patterns with and without guards.
func TestGuardsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	guarded := 0
	for range 3000 {
		p := patterns{r, 4 + r.IntN(6)}.pattern()
		s := survey{groups: []group{{}}}
		if err := s.read(p); err != nil || s.bars > 14 {
			continue // too slow without guards
		}
		s.close(len(p))
		if len(s.insertions) > 0 {
			guarded++
		}
		flags := []string{"g", "gi", "gu", "gms"}[r.IntN(4)]
		var results [2]string
		for i, source := range []string{p, s.apply(p)} {
			if flags == "gi" {
				source, _ = easeCase(source, false)
			}
			re, err := compileChecked(source, flags)
			if err != nil {
				results[i] = "refused"
				continue
			}
			one := &Regexp{re: re, global: true}
			for _, text := range []string{"aabcab\nba", "ab", "cccaaabbb", "abAB baa\nc"} {
				out, err := one.Replace(nil, text, "<$&,$1,$2>", time.Second, unbounded)
				if errors.Is(err, ErrBudget) {
					break
				}
				results[i] += fmt.Sprintf("%s %v;", out, err)
			}
		}
		if results[0] != results[1] {
			t.Fatalf("/%s/%s: %s, with guards (%s): %s", p, flags, results[0], s.apply(p), results[1])
		}
	}
	if guarded < 700 {
		t.Errorf("only %d patterns had guards", guarded)
	}
}

// patterns makes up regular expressions.
type patterns struct {
	r    *rand.Rand
	size int
}

func (g patterns) pattern() string {
	var b strings.Builder
	g.alternatives(&b, 0)
	return b.String()
}

func (g patterns) alternatives(b *strings.Builder, depth int) {
	for n := g.r.IntN(3); ; n-- {
		for range g.r.IntN(g.size) {
			g.term(b, depth)
		}
		if n <= 0 {
			return
		}
		b.WriteByte('|')
	}
}

func (g patterns) term(b *strings.Builder, depth int) {
	atoms := []string{"a", "b", "c", "ab", ".", `\w`, `\b`, "^", "$", "[ab]", "[^a]", `\1`, "B"}
	if depth < 4 && g.r.IntN(4) == 0 {
		b.WriteString([]string{"(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!"}[g.r.IntN(7)])
		g.alternatives(b, depth+1)
		b.WriteByte(')')
	} else {
		b.WriteString(atoms[g.r.IntN(len(atoms))])
	}
	if g.r.IntN(3) == 0 {
		b.WriteString([]string{"*", "+", "?", "*?", "{2}", "{0,2}"}[g.r.IntN(6)])
	}
}
