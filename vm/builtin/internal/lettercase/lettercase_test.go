package lettercase

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// caseChecker compares the case mapping of this package with that of x/text/cases.
type caseChecker struct {
	t            *testing.T
	upper, lower cases.Caser
	failures     int
}

func newCaseChecker(t *testing.T) *caseChecker {
	return &caseChecker{t: t, upper: cases.Upper(language.Und), lower: cases.Lower(language.Und, cases.HandleFinalSigma(true))}
}

func (c *caseChecker) check(s string) {
	// The library loses its place when its output outgrows the room that it took first.
	room := func() []byte { return make([]byte, 3*len(s)+16) }
	dst := room()
	n, _, err := c.upper.Transform(dst, []byte(s), true)
	if got := Upper(nil, s); err != nil || string(got) != string(dst[:n]) {
		c.fail("upper", s, got, dst[:n])
	}
	dst = room()
	n, _, err = c.lower.Transform(dst, []byte(s), true)
	if got := Lower(nil, s); err != nil || string(got) != string(dst[:n]) {
		c.fail("lower", s, got, dst[:n])
	}
}

func (c *caseChecker) fail(what, s string, got, want []byte) {
	c.t.Helper()
	c.t.Errorf("%s of %+q: got %+q, want %+q", what, s, got, want)
	if c.failures++; c.failures > 20 {
		c.t.FailNow()
	}
}

// TestCaseOfEveryCharacter compares every character alone, before and after a sigma.
func TestCaseOfEveryCharacter(t *testing.T) {
	c := newCaseChecker(t)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		ch := string(r)
		c.check(ch)
		if unicode.Is(unicode.Co, r) || unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r) {
			continue // no case and no place in a word of letters with case; they would be most of the time of this test
		}
		c.check(ch + "Σ" + ch + "ΣaΣ" + ch)
		c.check("aΣ" + ch + "a" + ch + "Σ")
	}
}

// TestCaseOfTexts compares random texts of letters that have special mappings, marks, and characters that case ignores.
func TestCaseOfTexts(t *testing.T) {
	alphabet := []rune("abzAZ09 -'.:·’Σσςß\u0130ıIiǅŉΐᾳᾼᾈﬃﬗ\u0301\u0345\u00AD\u200DʰªⅧⓐ中가Ⴀა\U00010400\U0001F600\uFFFD")
	random := rand.New(rand.NewPCG(3, 5))
	c := newCaseChecker(t)
	for range 50_000 {
		s := make([]rune, random.IntN(24))
		for i := range s {
			if s[i] = alphabet[random.IntN(len(alphabet))]; random.IntN(8) == 0 {
				s[i] = rune(random.IntN(0x3000))
			}
		}
		c.check(string(s))
	}
	for _, s := range []string{"", "\xff", "Σ\xc3", "aΣ\xce\xa3\x80", "\xf0\x9fß", "ΑΣ\xffΑ"} {
		c.check(s)
	}
}

// TestFinalSigmaIsNotBounded: however many marks follow, a letter after them continues the word. The library gives up
// after 30.
func TestFinalSigmaIsNotBounded(t *testing.T) {
	marks := string(slices.Repeat([]rune{0x301}, 100))
	got := Lower(nil, "ΑΣ"+marks+"Α")
	if want := "ασ" + marks + "α"; string(got) != want {
		t.Errorf("got %+q", got)
	}
	got = Lower(nil, "Α"+marks+"Σ"+marks)
	if want := "α" + marks + "ς" + marks; string(got) != want {
		t.Errorf("got %+q", got)
	}
}

func TestSpecialCasesAreFound(t *testing.T) {
	if !slices.IsSortedFunc(specialUpper[:], func(a, b specialCase) int { return int(a.lower - b.lower) }) {
		t.Error("the special cases are not in order")
	}
	for _, c := range specialUpper {
		if !isSpecialRange(c.lower) {
			t.Errorf("U+%04X is never looked up", c.lower)
		}
	}
}
