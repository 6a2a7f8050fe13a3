package characters

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever stands at the border of two pieces, the text is mended as a whole would be.
func TestMend(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "é", "€", "😀", "\xff", "\x80", "\xe2\x82", "\xf0\x9f\x98", "\xc3", "\uFFFD", "\xed\xa0\x80", strings.Repeat("\x80", 9)}
	for range 3000 {
		before := Piece - 12 + r.IntN(14)
		var b strings.Builder
		b.WriteString(strings.Repeat("x", before))
		for range 1 + r.IntN(12) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		b.WriteString(strings.Repeat("\xff", r.IntN(2)*r.IntN(2*Piece)))
		s := b.String()
		got, err := Mend(s, nil)
		if want := strings.ToValidUTF8(s, "\uFFFD"); got != want || err != nil {
			t.Fatalf("%q became %q, want %q", s[before:], got[before:], want[before:])
		}
		if valid, _ := Valid(s, nil); valid != utf8.ValidString(s) {
			t.Fatalf("%q is valid: %v", s[before:], valid)
		}
	}
	for _, s := range []string{"", "a", "\xff", "\x80\x80a\x80"} {
		if got, _ := Mend(s, nil); got != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestPrefix(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"abc", 4, "abc"}, {"abcde", 4, "abcd"}, {"abcé!", 4, "abc"}, {"ab€!", 4, "ab"}, {"a😀!", 4, "a"}, {"abé!", 4, "abé"},
		{"a\x80\x80\x80\x80", 4, "a\x80\x80\x80"}, {"\x80\x80\x80\x80\x80", 4, "\x80\x80\x80\x80"}, {"", 4, ""},
	} {
		if got := Prefix(c.in, c.n); got != c.want {
			t.Errorf("Prefix(%q, %d) is %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// Who looks is told of each byte, and ends the work.
func TestLooks(t *testing.T) {
	const size = 4*Piece + 7
	s := strings.Repeat("\xff", size)
	over := errors.New("over")
	looks, seen := 0, 0
	look := func(bytes int) error {
		if looks, seen = looks+1, seen+bytes; looks == 3 {
			return over
		}
		return nil
	}
	if _, err := Mend(s, look); err != over || seen != 3*Piece {
		t.Errorf("Mend ended with %v behind %d bytes", err, seen)
	}
	looks, seen = 0, 0
	if _, err := Valid(strings.Repeat("é", size), look); err != over || seen != 3*Piece {
		t.Errorf("Valid ended with %v behind %d bytes", err, seen)
	}
	looks, seen = 3, 0
	if err := Pieces(s, look, func(string) error { return nil }); err != nil || seen != size {
		t.Errorf("Pieces ended with %v behind %d bytes, want %d", err, seen, size)
	}
	if err := Pieces(s, nil, func(string) error { return over }); err != over {
		t.Errorf("Pieces ended with %v", err)
	}
}
