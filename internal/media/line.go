package media

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes foreign text fit for one line of a message, a log or a terminal: controls, those of C1 included, and
// characters that turn the direction of writing become spaces, runs of white space one space, bytes that are no UTF-8
// U+FFFD; beyond limit bytes it is cut and ends in "…".
func Line(s string, limit int) string {
	// A hostile text may be long: what is looked at is bounded by what can be shown, give or take spaces.
	cut := len(s) > 16*limit
	if cut {
		s = s[:16*limit]
	}
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			space = b.Len() > 0
			continue
		}
		n := utf8.RuneLen(r)
		if space {
			n++
		}
		if b.Len()+n > limit {
			cut = true
			break
		}
		if space {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		space = false
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}
