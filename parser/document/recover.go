package document

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// insertion is the fix that writes something at an empty span.
func insertion(title string, at source.Span, text string) []diag.Fix {
	return []diag.Fix{{Title: title, Edits: []diag.Edit{{Span: at, Text: text}}}}
}

// Rename is the fix that writes the key of an entry anew, quoted as it is.
func Rename(m Member, name string) diag.Fix {
	text := name
	if old := m.KeySpan.Text(); len(old) > 1 && (old[0] == '"' || old[0] == '\'') {
		text = old[:1] + name + old[:1]
	}
	return diag.Fix{Title: fmt.Sprintf("rename the key to %q", name), Edits: []diag.Edit{{Span: m.KeySpan, Text: text}}}
}

// missingComma reports an entry that the next one follows on another line. The picture shows its end, where the comma
// belongs.
func (r *jsonReader) missingComma(end int) {
	r.fail(r.pos, r.pos+1, fmt.Sprintf("a comma is missing at the end of line %d", r.span(end, end).Position().Line))
	if n := len(r.problems); n > 0 {
		d := &r.problems[n-1]
		d.Focus, d.Help = r.span(end-1, end), "write it before the next entry begins"
		d.Fixes = insertion("write the comma", r.span(end, end), ",")
	}
}

// innerQuote reports a text that ended before end inside an open {{ as one mistake: a quote of the expression that is
// not escaped. It then stands behind the whole text.
func (r *jsonReader) innerQuote(end int) bool {
	if end == 0 || end > len(r.text) || r.text[end-1] != '"' {
		return false
	}
	start := strings.LastIndexByte(r.text[:end-1], '\n') + 1
	if open := strings.LastIndex(r.text[start:end], "{{"); open < 0 || strings.Contains(r.text[start+open:end], "}}") {
		return false
	}
	rest := r.text[end:]
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	closer := strings.Index(rest, "}}")
	if closer < 0 {
		return false
	}
	last := strings.IndexByte(rest[closer:], '"')
	if last < 0 {
		return false
	}
	to := end + closer + last // of the quote that ends the text
	r.fail(end-1, end, "a quote inside a text must be escaped, and this one ends the text in the middle of {{…}}")
	d := &r.problems[len(r.problems)-1]
	d.Help = `write \" for it, or use '…' inside the braces`
	fix := diag.Fix{Title: "escape the quotes"}
	for i := end - 1; i < to; i++ {
		if r.text[i] == '"' && r.text[i-1] != '\\' {
			fix.Edits = append(fix.Edits, diag.Edit{Span: r.span(i, i+1), Text: `\"`})
		}
	}
	d.Fixes = []diag.Fix{fix}
	r.pos = to + 1
	return true
}

// separatorBehind goes on behind a text that was read whole after all.
func (r *jsonReader) separatorBehind(closer byte) int {
	end := r.pos
	r.space()
	if r.pos >= len(r.text) {
		return -1
	}
	return r.separator(closer, end)
}

// brokenText moves behind a text that a line break stands in: its end is on the next line when that begins with neither
// a text nor a bracket, and has a quote.
func (r *jsonReader) brokenText() {
	r.unclosed = true
	rest := strings.TrimLeft(r.text[r.pos:], "\r\n")
	line, _, _ := strings.Cut(rest, "\n")
	first := strings.TrimLeft(line, " \t")
	if first == "" || strings.IndexByte("\"}],/", first[0]) >= 0 {
		return
	}
	if n := strings.IndexByte(line, '"'); n >= 0 && strings.Count(line, "\"")%2 == 1 {
		r.pos, r.unclosed = len(r.text)-len(rest)+n+1, false
	}
}
