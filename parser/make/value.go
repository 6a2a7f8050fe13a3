package make

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

// value converts a tree whose texts are templates.
func (r *reader) value(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindText:
		return r.template(e)
	case document.KindObject:
		return r.object(e)
	case document.KindArray:
		a := &ast.Array{At: e.origin()}
		for i := range e.node.Items {
			if item := r.value(e.item(i)); item != nil {
				a.Items = append(a.Items, item)
			}
		}
		return a
	case document.KindInvalid:
		return nil
	}
	return literal(e)
}

// object converts an object whose values are templates and whose keys may be spreads.
func (r *reader) object(e entry) *ast.Object {
	o := &ast.Object{At: e.origin()}
	for _, m := range e.node.Members {
		f := e.member(m)
		if v := r.value(f); v != nil {
			o.Entries = append(o.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Spread: r.spread(m, f), Value: v})
		}
	}
	return o
}

// spread reports whether the key is a spread, and what there is to say about a key with delimiters (IML312).
func (r *reader) spread(m document.Member, e entry) bool {
	spread, problems := template.IsSpreadKey(m.Key, m.KeyMap, r.notation)
	r.addAll(problems, e.pointer)
	return spread
}

func (r *reader) addAll(problems []diag.Diagnostic, pointer string) {
	for _, d := range problems {
		if d.Pointer == "" {
			d.Pointer = pointer
		}
		r.list.Add(d)
	}
}

// template parses the text of e.
func (r *reader) template(e entry) *ast.Template {
	t, problems := template.Parse(e.node.Text, e.node.Map, r.notation)
	t.At, t.Scope = e.origin(), r.scope
	for i := range problems {
		r.unclosed(t, &problems[i])
	}
	r.addAll(problems, e.pointer)
	r.keep(t)
	r.slips(t)
	return t
}

// keep remembers a text with holes.
func (r *reader) keep(t *ast.Template) {
	if _, fixed := t.Literal(); !fixed && t.Scope != nil {
		r.leaves = append(r.leaves, leaf{t, r.section})
	}
}

// literal converts a null, boolean or number.
func literal(e entry) *ast.Literal {
	l := &ast.Literal{At: e.origin(), Kind: ast.LiteralNull}
	switch e.node.Kind {
	case document.KindBool:
		l.Kind, l.Bool = ast.LiteralBool, e.node.Bool
	case document.KindNumber:
		l.Kind, l.Number, l.Exact = ast.LiteralNumber, e.node.Number, e.node.Exact
	}
	return l
}

// data converts a tree of plain data: its texts are never templates and its keys never spreads.
func data(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindText:
		t := &ast.Template{At: e.origin(), Text: e.node.Text, Map: e.node.Map}
		if t.Text != "" {
			t.Parts = []ast.Part{{Text: t.Text}}
		}
		return t
	case document.KindObject:
		o := &ast.Object{At: e.origin()}
		for _, m := range e.node.Members {
			if v := data(e.member(m)); v != nil {
				o.Entries = append(o.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: v})
			}
		}
		return o
	case document.KindArray:
		a := &ast.Array{At: e.origin()}
		for i := range e.node.Items {
			if v := data(e.item(i)); v != nil {
				a.Items = append(a.Items, v)
			}
		}
		return a
	case document.KindInvalid:
		return nil
	}
	return literal(e)
}

// hasHole reports whether the text of e holds a template, without reporting its problems.
func (r *reader) hasHole(e entry) bool {
	if !e.is(document.KindText) {
		return false
	}
	t, _ := template.Parse(e.node.Text, e.node.Map, r.notation)
	_, fixed := t.Literal()
	return !fixed
}

// text reads a directive that must be text, at most longest characters of source text long (0: any); nil when it is
// not.
func (r *reader) text(e entry, longest int) *ast.Template {
	if !e.is(document.KindText) {
		r.wrongType(e, "a text")
		return nil
	}
	r.length(e, 0, longest)
	return r.template(e)
}

// length reports MAKE207. Characters are those of the source text, templates included (spec make.md §4.2).
func (r *reader) length(e entry, shortest, longest int) {
	n := utf8.RuneCountInString(e.node.Text)
	switch {
	case longest > 0 && n > longest:
		r.warnf("MAKE207", e, "%s has %d characters, the platform allows at most %d", quoteName(e.name), n, longest)
	case n < shortest:
		r.warnf("MAKE207", e, "%s is empty, the platform wants 1 to %d characters", quoteName(e.name), longest)
	}
}

// collection reads a directive that must be an object or one template that makes one (spec make.md §1.3). A written
// null counts as absent, as an evaluated one does.
func (r *reader) collection(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindNull:
		return nil
	case document.KindObject:
		return r.object(e)
	case document.KindText:
		if t := r.template(e); t.Whole() {
			return t
		}
		r.errorf("MAKE202", e, "%s is a text with more than one template or none, expected an object or exactly one template", quoteName(e.name))
		return nil
	}
	r.wrongType(e, "an object or one template")
	return nil
}

// oneOf checks the literal text of e against the allowed words (MAKE203) and returns its template.
func (r *reader) oneOf(e entry, allowed map[string]bool) *ast.Template {
	t := r.text(e, 0)
	if t == nil {
		return nil
	}
	if word, fixed := t.Literal(); fixed && !allowed[word] {
		help := "expected one of " + wordList(allowed)
		meant := meantWord(word, allowed)
		if meant != "" {
			help = "did you mean \"" + meant + "\"? " + help
		}
		r.report(diag.Error, "MAKE203", e, help, "%s is %q, which is not allowed here", quoteName(e.name), clip(word))
		r.instead(e, meant)
	}
	return t
}

// instead gives the last diagnostic, which is about the text of e, the fix that writes the one that was meant.
func (r *reader) instead(e entry, meant string) {
	d := r.list.Last()
	d.Focus = e.node.Span
	if text := e.node.Span.Text(); meant != "" && strings.HasPrefix(text, "\"") {
		d.Fixes = []diag.Fix{{Title: "write " + strconv.Quote(meant), Edits: []diag.Edit{{Span: e.node.Span, Text: strconv.Quote(meant)}}}}
	}
}

// boolean reads a literal true or false; a template is MAKE204.
func (r *reader) boolean(e entry) (value, ok bool) {
	if e.is(document.KindBool) {
		return e.node.Bool, true
	}
	r.literalOnly(e, "true or false")
	return false, false
}

// number reads a literal number that is at least 0; a template is MAKE204.
func (r *reader) number(e entry) (value float64, ok bool) {
	if e.is(document.KindNumber) && e.node.Number >= 0 {
		return e.node.Number, true
	}
	if e.is(document.KindNumber) {
		r.errorf("MAKE202", e, "%s is %s, expected a number that is not negative", quoteName(e.name), clip(e.node.Text))
		return 0, false
	}
	r.literalOnly(e, "a number")
	return 0, false
}

// literalOnly reports a value that must be a literal and is not of the expected type.
func (r *reader) literalOnly(e entry, expected string) {
	if r.hasHole(e) {
		r.errorf("MAKE204", e, "%s is a template, expected %s: no templates may stand here", quoteName(e.name), expected)
		return
	}
	r.wrongType(e, expected)
}
