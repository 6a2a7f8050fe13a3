package zapier

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// reader reads one connection.
type reader struct {
	list *diag.List
	conn *ast.Connection
	// script is the file that settings name as their script; nil when there is none.
	script *source.File
	// curlies is the choice for curlies in auth: "", always or never.
	curlies string
	// parity are the deviations of the vendor's signing that are asked for.
	parity []string
	// firstKey is the place of the first key of the file.
	firstKey source.Span
	// version is the number of the core that the definition is written for.
	version coreVersion
	// legacy says that the connection is of the older form.
	legacy bool
	// template is requestTemplate, nil when there is none; templateSize counts its values, and merges those that it has
	// added to requests so far.
	template             *document.Node
	templateSize, merges int
	// bareTexts are the places of the texts of which was told that a name stands outside of curlies.
	bareTexts map[source.Span]bool
	// hooks says that beforeRequest functions stand in the definition.
	hooks bool
	// scripts says that functions can be run; required are the files of those that name one.
	scripts  bool
	required map[string]*source.File
	// around are the functions of beforeRequest, of which there are befores, and of afterResponse.
	around  []*ast.Module
	befores int
	// scriptModule is the script of the older form, scriptLeft are those of its hooks that no call has, and scriptAt is
	// where it stands.
	scriptModule *ast.Module
	scriptLeft   []string
	scriptAt     entry
}

// entry is a value of the document with the place that diagnostics about it point at: its key, in a list the item.
type entry struct {
	name string
	at   source.Span
	node *document.Node
}

func entryOf(m *document.Member) entry { return entry{m.Key, m.KeySpan, m.Value} }

// get returns an entry of an object; ok is false when it has none of that name.
func (e entry) get(name string) (entry, bool) {
	m := e.node.Member(name)
	if m == nil {
		return entry{}, false
	}
	return entryOf(m), true
}

// text returns the text of an entry of an object, "" when there is none or it is no text.
func (e entry) text(name string) string {
	if n := e.node.Get(name); n != nil && n.Kind == document.KindText {
		return n.Text
	}
	return ""
}

func (e entry) is(k document.Kind) bool { return e.node != nil && e.node.Kind == k }

func (e entry) origin() ast.Origin {
	at := ast.Origin{Key: e.at}
	if e.node != nil {
		at.Span = e.node.Span
	}
	return at
}

func (r *reader) report(severity diag.Severity, code string, at source.Span, help, format string, args ...any) {
	r.list.Add(diag.Diagnostic{Code: code, Severity: severity, Span: at, Message: fmt.Sprintf(format, args...), Help: help})
}

func (r *reader) errorf(code string, at source.Span, help, format string, args ...any) {
	r.report(diag.Error, code, at, help, format, args...)
}

func (r *reader) warnf(code string, at source.Span, help, format string, args ...any) {
	r.report(diag.Warning, code, at, help, format, args...)
}

// document reads the file; nil when it has errors.
func (r *reader) document(f *source.File) *document.Node {
	return document.ReadStrict(notation(f), f, document.Options{Code: "ZAP101"}, r.list)
}

// wrong reports a value of another type than expected.
func (r *reader) wrong(e entry, expected string) {
	r.errorf("ZAP206", e.at, "", "%q is %s, expected %s", e.name, article(e.node.Kind), expected)
}

func article(k document.Kind) string {
	switch k {
	case document.KindNull, document.KindInvalid:
		return k.String()
	case document.KindObject:
		return "an object"
	}
	return "a " + k.String()
}

// object reports whether e is an object, and tells when it is not.
func (r *reader) object(e entry) bool {
	if e.is(document.KindObject) {
		return true
	}
	r.wrong(e, "an object")
	return false
}

// closed reports the keys of an object that are none of the names.
func (r *reader) closed(e entry, what, names string) {
	for i := range e.node.Members {
		m := &e.node.Members[i]
		if !isWord(m.Key, names) {
			r.errorf("ZAP204", m.KeySpan, suggestion(m.Key, names), "%s has no key %q", what, clip(m.Key))
			if meant := nearest.Misspelt(m.Key, strings.Fields(names), func(name string) bool { return e.node.Member(name) != nil }); meant != "" {
				r.list.Last().Fixes = []diag.Fix{document.Rename(*m, meant)}
			}
		}
	}
}

// unknownKey warns of a key that the platform lets pass; one that is a known key misspelt is an error.
func (r *reader) unknownKey(e entry, m *document.Member, names, message string) {
	d := diag.Diagnostic{Code: "ZAP205", Severity: diag.Warning, Usable: true, Span: m.KeySpan, Message: message, Help: suggestion(m.Key, names)}
	if meant := nearest.Misspelt(m.Key, strings.Fields(names), func(name string) bool { return e.node.Member(name) != nil }); meant != "" {
		d.Severity, d.Fixes = diag.Error, []diag.Fix{document.Rename(*m, meant)}
	}
	r.list.Add(d)
}

// isWord reports whether a word is one of a list with blanks between.
func isWord(word, list string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

func suggestion(name, names string) string {
	if s := nearest.Name(name, 2, strings.FieldsSeq(names)); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return "its keys are " + strings.Join(strings.Fields(names), ", ")
}

// longestName bounds what messages repeat of a file.
const longestName = 60

func clip(s string) string {
	if runes := []rune(s); len(runes) > longestName {
		return string(runes[:longestName]) + "…"
	}
	return s
}

// flat reports the values of an object that are objects or lists.
func (r *reader) flat(e entry) bool {
	if !r.object(e) {
		return false
	}
	ok := true
	for i := range e.node.Members {
		if m := entryOf(&e.node.Members[i]); m.is(document.KindObject) || m.is(document.KindArray) {
			r.wrong(m, "a text, a number, a boolean or null")
			ok = false
		}
	}
	return ok
}

// boolean reads an optional entry of an object that is true or false; set says that it is there.
func (r *reader) boolean(e entry, name string) (value, set bool) {
	m, ok := e.get(name)
	switch {
	case !ok:
		return false, false
	case !m.is(document.KindBool):
		r.wrong(m, "true or false")
		return false, false
	}
	return m.node.Bool, true
}

// written reads an optional entry of an object that is a text.
func (r *reader) written(e entry, name string) (m entry, ok bool) {
	if m, ok = e.get(name); ok && !m.is(document.KindText) {
		r.wrong(m, "a text")
		return m, false
	}
	return m, ok
}

// missing reports a key that an object must have, at the key of the object.
func (r *reader) missing(e entry, name string) {
	r.errorf("ZAP203", e.at, "", "%q has no %q, which a connection needs", e.name, name)
}
