package media

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"  a \t\r\n b  ", 10, "a b"},
		{"\x1b]0;title\x07\x1b[31mred\u009b0m", 40, "]0;title [31mred 0m"},
		{"left\u202eright\u2066", 40, "left right"},
		{"a\x00b\x7fc", 40, "a b c"},
		{"a\xffb", 40, "a\uFFFDb"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcdef…"},
		{"ééé", 5, "éé…"},
		{"ab cdef", 3, "ab…"},
		{strings.Repeat(" ", 1000) + "x", 10, "…"},
		{"", 10, ""},
	} {
		if got := Line(c.in, c.limit); got != c.want {
			t.Errorf("Line(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b b\u2028c", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 || limit > 1000 {
			return
		}
		got := Line(s, limit)
		if !utf8.ValidString(got) || len(got) > limit+len("…") || strings.ContainsAny(got, "\n\r\x1b\u009b\u2028") {
			t.Errorf("%q became %q", s, got)
		}
	})
}
