package value

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The scans of eight bytes at once stop where a look at each byte stops.
func TestScansStopWhereBytesDo(t *testing.T) {
	for c := range 256 {
		for at := range 75 {
			for _, fill := range []byte{'a', ' ', '!', '[', ']', 0x7f, 0x80, 0xff} {
				b := []byte(strings.Repeat(string([]byte{fill}), 75))
				b[at] = byte(c)
				s := string(b)
				text, plain := len(s), len(s)
				for i := len(s) - 1; i >= 0; i-- {
					if s[i] < 0x20 || s[i] == '"' || s[i] == '\\' {
						text, plain = i, i
					} else if s[i] >= 0x80 {
						plain = i
					}
				}
				got, seen := spanText(s, 0)
				if got != text {
					t.Fatalf("spanText(%q) = %d, expected %d", s, got, text)
				}
				if seen&highs == 0 && strings.ContainsFunc(s[:text], func(r rune) bool { return r >= utf8.RuneSelf }) {
					t.Fatalf("spanText(%q) has not seen what is not ASCII", s)
				}
				if got := spanPlain(s, 0); got != plain {
					t.Fatalf("spanPlain(%q) = %d, expected %d", s, got, plain)
				}
			}
		}
	}
}
