package show

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Escape returns a text as it may stand on a terminal: whatever could steer the terminal or reorder the text becomes an
// escape such as \u001b, and a byte that is no UTF-8 one such as \x9b. Line breaks and tabs stay, also a carriage
// return before a line feed.
func Escape(s string) string { return escape(s, false) }

// EscapeLine is Escape for a text that has to stay on one line: it escapes line breaks and tabs too.
func EscapeLine(s string) string { return escape(s, true) }

func escape(s string, line bool) string {
	var b strings.Builder
	from := 0 // start of what is not yet written
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if harmless(r, n) || !line && (r == '\n' || r == '\t' || r == '\r' && strings.HasPrefix(s[i+n:], "\n")) {
			i += n
			continue
		}
		b.WriteString(s[from:i])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case line && r == '\n':
			b.WriteString(`\n`)
		case line && r == '\t':
			b.WriteString(`\t`)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += n
		from = i
	}
	if from == 0 {
		return s
	}
	b.WriteString(s[from:])
	return b.String()
}

// harmless reports whether a rune of n bytes only shows itself: it is neither a control character (C0, DEL, C1) nor a
// direction mark, embedding, override or isolate (UAX #9), nor a line or paragraph separator.
func harmless(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n == 1:
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return false
	case r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return false
	}
	return true
}
