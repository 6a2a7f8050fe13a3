package characters

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// White space is found from both ends as character by character.
func TestTrimSpace(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		c := string(r)
		want := strings.TrimFunc(c+"x"+c, IsSpace)
		if got := TrimSpace(c + "x" + c); got != want {
			t.Errorf("%U around a letter leaves %q, want %q", r, got, want)
		}
		if want := strings.TrimFunc(c, IsSpace); TrimSpace(c) != want {
			t.Errorf("%U alone leaves %q, want %q", r, TrimSpace(c), want)
		}
	}
	for _, s := range []string{"", " \t\u3000", "\xe3\x80", "\x80\x80", "\u3000\xe3\x80", "\xa0", "\xc2", " \xc2\xa0a\xa0", "\u00a0\u2028 a b \ufeff\n"} {
		if got, want := TrimSpace(s), strings.TrimFunc(s, IsSpace); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}
