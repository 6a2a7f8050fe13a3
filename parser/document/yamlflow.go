package document

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
)

// unclosed reports a flow mapping or list that is never closed at the place where it opens, which is what its author looks
// for; the library names a line after which it gave up. It returns false when no bracket is to blame.
func (r *yamlReader) unclosed(message string) bool {
	if !strings.Contains(message, "did not find expected ',' or ") {
		return false
	}
	at := openFlow(r.file.Text)
	if at < 0 {
		return false
	}
	opener := r.file.Text[at : at+1]
	closer := map[string]string{"{": "}", "[": "]"}[opener]
	r.fail(at, "the %s that opens here is not closed, expected , or %s", opener, closer)
	d := &r.problems[len(r.problems)-1]
	d.Help = "write the missing " + closer
	end := at + strings.IndexByte(r.file.Text[at:]+"\n", '\n')
	line := strings.TrimRight(r.file.Text[at:end], " \t\r")
	if !strings.ContainsAny(line, "#") && line != opener && !strings.HasSuffix(line, ",") {
		d.Fixes = []diag.Fix{{Title: d.Help + " at the end of the line", Edits: []diag.Edit{{Span: r.span(at+len(line), at+len(line)), Text: closer}}}}
	}
	return true
}

// openFlow returns where the first { or [ stands that no bracket closes, -1 when there is none. It knows quotes and comments,
// and that inside of plain text a bracket is text.
func openFlow(text string) int {
	var open []int
	before := byte('\n') // the last character that is no blank
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' || c == '\'':
			if n := quotedEnd(text, i); strings.IndexByte("\n:-,[{", before) >= 0 && n > 0 {
				i = n
			}
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n", text[i-1]) >= 0):
			i += strings.IndexByte(text[i:]+"\n", '\n') - 1
			continue
		case (c == '{' || c == '[') && strings.IndexByte("\n:-,[{", before) >= 0:
			open = append(open, i)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
		if c != ' ' && c != '\t' && c != '\r' {
			before = c
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[0]
}

// quotedEnd returns where the quoted text that begins at start ends, 0 when it does not.
func quotedEnd(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[start] == '"':
			i++
		case text[i] == text[start] && text[start] == '\'' && strings.HasPrefix(text[i+1:], "'"):
			i++
		case text[i] == text[start]:
			return i
		}
	}
	return 0
}
