package diag

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
)

// Ignore drops the diagnostics of those codes, and those that a comment asks to ignore: "imlc:ignore CODE …" behind //,
// # or /* on the line of the diagnostic or alone on the line above it. What keeps the input from being used stays,
// whoever wants it gone.
func (l *List) Ignore(codes []string) {
	comments := map[*source.File]map[int][]string{}
	l.Items = slices.DeleteFunc(l.Items, func(d Diagnostic) bool {
		if d.Severity == Error && !d.Usable {
			return false
		}
		if slices.Contains(codes, d.Code) {
			return true
		}
		if d.Span.IsZero() {
			return false
		}
		lines, ok := comments[d.Span.File]
		if !ok {
			lines = ignoredLines(d.Span.File)
			comments[d.Span.File] = lines
		}
		return len(lines) > 0 && slices.Contains(lines[d.Span.Position().Line], d.Code)
	})
}

// ignoredLines maps the lines that comments are about to the codes that they name.
func ignoredLines(f *source.File) map[int][]string {
	const word = "imlc:ignore"
	if !strings.Contains(f.Text, word) {
		return nil
	}
	out, n := map[int][]string{}, 0
	for line := range strings.Lines(f.Text) {
		n++
		before, after, found := strings.Cut(line, word)
		before = strings.TrimRight(before, " \t")
		at := n
		switch {
		case !found:
			continue
		case strings.HasSuffix(before, "//"), strings.HasSuffix(before, "/*"):
			before = before[:len(before)-2]
		case strings.HasSuffix(before, "#"):
			before = before[:len(before)-1]
		default:
			continue
		}
		if strings.TrimSpace(before) == "" {
			at++ // a line of its own speaks of the next one
		}
		for code := range strings.FieldsSeq(strings.ReplaceAll(after, ",", " ")) {
			if code == "*/" || code == "--" {
				break // a reason may follow
			}
			out[at] = append(out[at], strings.TrimSuffix(code, "*/"))
		}
	}
	return out
}
