package fix

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// call is what stands between an opening bracket and the one that closes it, as a document writes it.
type call struct {
	// arguments are from and to where each argument stands, blanks included; separators are where ; and , stand.
	arguments  [][2]int
	separators []int
	close      int
}

// argumentsAt reads the call or list whose bracket stands at open; false when it is not closed inside its hole.
func argumentsAt(text string, open int) (call, bool) {
	c, opened, from := call{}, "", open+1
	for i := open; i < len(text); i++ {
		if end := skipText(text, i); end < 0 {
			return c, false
		} else if end > i {
			i = end - 1
			continue
		}
		switch text[i] {
		case '(':
			opened += ")"
		case '[':
			opened += "]"
		case ')', ']':
			if opened[len(opened)-1] != text[i] {
				return c, false
			}
			if opened = opened[:len(opened)-1]; opened == "" {
				c.arguments, c.close = append(c.arguments, [2]int{from, i}), i
				return c, true
			}
		case ';', ',':
			if len(opened) == 1 {
				c.arguments, c.separators = append(c.arguments, [2]int{from, i}), append(c.separators, i)
				from = i + 1
			}
		case '{', '}', '\n':
			return c, false
		}
	}
	return c, false
}

// skipText returns the end of the text of an expression that begins at i, i when none does, and -1 when it is not closed.
// Inside of a text of JSON a double quote stands behind a backslash; a bare one ends the text of JSON.
func skipText(text string, i int) int {
	quote := ""
	switch {
	case strings.HasPrefix(text[i:], `\"`):
		quote = `\"`
	case text[i] == '\'':
		quote = `'`
	case text[i] == '"':
		return -1
	default:
		return i
	}
	n := strings.Index(text[i+len(quote):], quote)
	if n < 0 || strings.ContainsAny(text[i:i+len(quote)+n], "\n") {
		return -1
	}
	return i + len(quote) + n + len(quote)
}

// calledAt reads the call of the function whose name begins at the diagnostic.
func calledAt(d *diag.Diagnostic, t *tree) (call, bool) {
	text := t.file.Text
	open := d.Span.Start
	for open < len(text) && (text[open] == '_' || isLetter(text[open]) || isDigit(text[open])) {
		open++
	}
	if open == len(text) || text[open] != '(' {
		return call{}, false
	}
	return argumentsAt(text, open)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// fewerArguments leaves out arguments that a function does not take.
func fewerArguments(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := tooMany.FindStringSubmatch(d.Message)
	c, ok := calledAt(d, t)
	if m == nil || !ok || d.Severity != diag.Warning {
		return diag.Fix{}, false
	}
	most := int(m[1][0] - '0')
	if m[2] != "" {
		most = int(m[2][0] - '0')
	}
	if len(c.arguments) <= most || most == 0 || strings.TrimSpace(t.file.Text[c.arguments[most-1][0]:c.arguments[most-1][1]]) == "" {
		return diag.Fix{}, false
	}
	return one("leave out the arguments without effect", source.Span{File: t.file, Start: c.arguments[most-1][1], End: c.close}, "")
}

// semicolons separates all arguments of a call alike.
func semicolons(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	c, ok := calledAt(d, t)
	fix := diag.Fix{Title: "write ; between all arguments"}
	for _, at := range c.separators {
		if t.file.Text[at] == ',' {
			fix.Edits = append(fix.Edits, diag.Edit{Span: source.Span{File: t.file, Start: at, End: at + 1}, Text: ";"})
		}
	}
	return fix, ok && len(fix.Edits) > 0
}

// array builds a list out of what stands in brackets.
func array(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	text := t.file.Text
	if d.Span.Start > 0 && text[d.Span.Start-1] == '[' || !strings.HasPrefix(text[d.Span.Start:], "[") {
		return diag.Fix{}, false
	}
	c, ok := argumentsAt(text, d.Span.Start)
	if !ok {
		return diag.Fix{}, false
	}
	made := "emptyarray"
	for i, a := range c.arguments {
		item := strings.TrimSpace(text[a[0]:a[1]])
		if item == "" && len(c.arguments) > 1 || strings.ContainsAny(item, "[") {
			return diag.Fix{}, false
		}
		if i == 0 && item != "" {
			made = "add(emptyarray"
		}
		if item != "" {
			made += "; " + item
		}
	}
	if made != "emptyarray" {
		made += ")"
	}
	return one("write "+unquoted(made), source.Span{File: t.file, Start: d.Span.Start, End: c.close + 1}, made)
}

// unquoted shows a part of a document as its author thinks of it.
func unquoted(raw string) string { return strings.ReplaceAll(raw, `\"`, `"`) }

// collection writes an empty collection as the function that makes one.
func collection(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	n := strings.IndexByte(t.file.Text[d.Span.Start:], '}')
	if n < 0 || strings.TrimSpace(t.file.Text[d.Span.Start+1:d.Span.Start+n]) != "" || t.file.Text[d.Span.Start] != '{' {
		return diag.Fix{}, false
	}
	if rest, _, _ := strings.Cut(t.file.Text[d.Span.Start+n+1:], "{{"); !strings.Contains(rest, "}}") {
		return diag.Fix{}, false
	}
	return one("write parseJSON('{}')", source.Span{File: t.file, Start: d.Span.Start, End: d.Span.Start + n + 1}, "parseJSON('{}')")
}

// argument makes a list of a value where a function takes lists.
func argument(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	raw := d.Span.Text()
	if !strings.Contains(d.Message, "array expected, got") || raw == "" || strings.Trim(raw, `\"'`) == "" {
		return diag.Fix{}, false
	}
	return one("make a list of it: add(emptyarray; …)", d.Span, "add(emptyarray; "+raw+")")
}
