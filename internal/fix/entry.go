package fix

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

func one(title string, at source.Span, text string) (diag.Fix, bool) {
	return diag.Fix{Title: title, Edits: []diag.Edit{{Span: at, Text: text}}}, true
}

// removeEntry removes the entry that the diagnostic stands at, with the comma or the line that belongs to it.
func removeEntry(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok || e.value == nil {
		return diag.Fix{}, false
	}
	at, ok := t.extent(d.Span.Start, e)
	if !ok {
		return diag.Fix{}, false
	}
	return one("remove it", at, "")
}

// removeList removes the list that the diagnostic stands at the key of; of what else has the code only the author knows a way.
func removeList(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if e, ok := t.entries[d.Span.Start]; !ok || e.value == nil || e.value.Kind != document.KindArray {
		return diag.Fix{}, false
	}
	return removeEntry(d, t)
}

// extent is the text of an entry that begins at start and of what goes with it.
func (t *tree) extent(start int, e entry) (source.Span, bool) {
	text := t.file.Text
	at := source.Span{File: t.file, Start: start, End: max(e.value.Span.End, start)}
	if e.member != nil {
		at.End = max(at.End, e.member.KeySpan.End)
	}
	inline := strings.HasPrefix(text[e.holder.Span.Start:], "{") || strings.HasPrefix(text[e.holder.Span.Start:], "[")
	switch {
	case t.yaml && !inline: // whole lines
		if len(e.holder.Members)+len(e.holder.Items) < 2 {
			return at, false // an empty mapping would be null
		}
		at.Start = strings.LastIndexByte(text[:start], '\n') + 1
		if strings.TrimSpace(text[at.Start:start]) != "" {
			return at, false
		}
		if e.next != nil {
			at.End = strings.LastIndexByte(text[:e.next.Start], '\n') + 1
		} else if n := strings.IndexByte(text[at.End:], '\n'); n >= 0 {
			at.End += n + 1
		}
	case e.next != nil:
		at.End = e.next.Start
	case e.before != nil:
		at.Start = e.beforeEnd
	}
	return at, at.Start <= at.End
}

// removeFirst removes the earlier of two entries of one name.
func removeFirst(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if len(d.Related) == 0 || d.Related[0].Span.File != t.file || t.yaml {
		return diag.Fix{}, false
	}
	// Of a key written twice the tree holds the later one only: the earlier one goes up to the next key by its text.
	start := d.Related[0].Span.Start
	end, ok := valueEnd(t.file.Text, d.Related[0].Span.End)
	if !ok {
		return diag.Fix{}, false
	}
	return one("remove the first one", source.Span{File: t.file, Start: start, End: end}, "")
}

// valueEnd returns where the entry ends whose colon and value stand behind at, its comma and the blanks behind it included.
func valueEnd(text string, at int) (int, bool) {
	depth := 0
	for i := at; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return 0, false
			}
		case ',':
			if depth == 0 {
				for i++; i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0; i++ {
				}
				return i, true
			}
		}
	}
	return 0, false
}

// inValue writes an entry at the begin of the object that the entry at the diagnostic holds.
func inValue(title, text string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.value == nil || t.yaml {
			return diag.Fix{}, false
		}
		return insert(title, text, e.value)
	}
}

// insert writes an entry at the begin of a JSON object.
func insert(title, text string, n *document.Node) (diag.Fix, bool) {
	if n.Kind != document.KindObject || !strings.HasPrefix(n.Span.Text(), "{") {
		return diag.Fix{}, false
	}
	if len(n.Members) > 0 {
		text += ", "
	}
	return one(title, source.Span{File: n.Span.File, Start: n.Span.Start + 1, End: n.Span.Start + 1}, text)
}

// written is the edit that writes an entry into an object, first of all and in the notation of the object. value is JSON.
func (t *tree) written(n *document.Node, key, value string) (diag.Edit, bool) {
	if n == nil || n.Kind != document.KindObject {
		return diag.Edit{}, false
	}
	at := source.Span{File: t.file, Start: n.Span.Start, End: n.Span.Start}
	name := strconv.Quote(key)
	if t.yaml {
		name = key
	}
	if strings.HasPrefix(t.file.Text[at.Start:], "{") {
		at.Start, at.End = at.Start+1, at.Start+1
		text := name + ": " + value
		if len(n.Members) > 0 {
			text += ", "
		}
		return diag.Edit{Span: at, Text: text}, true
	}
	if !t.yaml || len(n.Members) == 0 {
		return diag.Edit{}, false
	}
	at.Start = n.Members[0].KeySpan.Start
	at.End = at.Start
	indent := at.Start - strings.LastIndexByte(t.file.Text[:at.Start], '\n') - 1
	return diag.Edit{Span: at, Text: name + ": " + value + "\n" + strings.Repeat(" ", indent)}, true
}

// add is the fix that writes an entry into an object.
func (t *tree) add(title string, n *document.Node, key, value string) (diag.Fix, bool) {
	e, ok := t.written(n, key, value)
	return diag.Fix{Title: title, Edits: []diag.Edit{e}}, ok
}

// ensured is the edit that writes a value at a path below an object, with the objects on the way that are missing; false
// when there is something at the path, or something else than an object on the way.
func (t *tree) ensured(n *document.Node, value string, path ...string) (diag.Edit, bool) {
	for i, key := range path {
		if n == nil || n.Kind != document.KindObject {
			return diag.Edit{}, false
		}
		if n.Member(key) == nil {
			for _, inner := range reversed(path[i+1:]) {
				value = "{" + strconv.Quote(inner) + ": " + value + "}"
			}
			return t.written(n, key, value)
		}
		n = n.Get(key)
	}
	return diag.Edit{}, false
}

// writeAll writes entries into the object at a path of JSON, with the objects on the way that are missing.
func (t *tree) writeAll(n *document.Node, entries []string, path ...string) ([]diag.Edit, bool) {
	all := strings.Join(entries, ", ")
	if edit, ok := t.ensured(n, "{"+all+"}", path...); ok {
		return []diag.Edit{edit}, true
	}
	for _, key := range path {
		n = n.Get(key)
	}
	if n == nil || n.Kind != document.KindObject || !strings.HasPrefix(n.Span.Text(), "{") {
		return nil, false
	}
	if len(n.Members) > 0 {
		all += ", "
	}
	return []diag.Edit{{Span: source.Span{File: t.file, Start: n.Span.Start + 1, End: n.Span.Start + 1}, Text: all}}, true
}

func reversed(path []string) []string {
	out := slices.Clone(path)
	slices.Reverse(out)
	return out
}

// at returns the entry that a diagnostic stands at, at its key or at its value.
func (t *tree) at(d *diag.Diagnostic) (entry, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok {
		e, ok = t.entries[t.values[d.Span.Start]]
	}
	return e, ok && e.value != nil
}

// inner is the place of a text without its quotes.
func inner(n *document.Node) source.Span {
	at := n.Span
	if raw := at.Text(); len(raw) > 1 && (raw[0] == '"' || raw[0] == '\'') {
		at.Start, at.End = at.Start+1, at.End-1
	}
	return at
}
