package show

import "strings"

// The columns of help texts.
const (
	// TextWidth is where lines of prose are broken.
	TextWidth  = 100
	termColumn = 28
)

// Describe writes a term and, beside or below it, its explanation.
func (s *Stream) Describe(term, text string) {
	lines := Wrap(text, TextWidth-termColumn-2)
	if len(term) > termColumn-2 {
		s.Printf("  %s\n", term)
		term = ""
	}
	for i, line := range lines {
		if i > 0 {
			term = ""
		}
		s.Printf("  %-*s%s\n", termColumn, term, line)
	}
}

// Wrap breaks text into lines of at most width characters, where words allow it. Line breaks of the text stay.
func Wrap(text string, width int) []string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
				out, line = append(out, line), ""
			}
			line = strings.TrimSpace(line + " " + word)
		}
		out = append(out, line)
	}
	return out
}
