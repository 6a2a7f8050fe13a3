package make

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// longestMessage bounds error messages (spec make.md §4.2).
const longestMessage = 1024

var (
	validKeys       = keySet("condition", "message", "type")
	errorKeys       = keySet("message", "type")
	statusErrorKeys = errorKeys
)

// valid reads the three forms of valid (spec make.md §11.2).
func (r *reader) valid(e entry) *ast.Valid {
	out := &ast.Valid{At: e.origin()}
	if !e.is(document.KindObject) {
		if out.Condition = r.judgement(e, "true, false, a template or an object of condition, message and type"); out.Condition == nil {
			return nil
		}
		return out
	}
	for _, f := range r.fields(e, validKeys) {
		switch f.name {
		case "condition":
			out.Condition = r.judgement(f, "true, false or a template")
		case "message":
			out.Message = r.message(f)
		case "type":
			out.Type = r.errorType(f)
		}
	}
	return out
}

// failure reads the error directive: a text, or message, type and status keys (spec make.md §11.1).
func (r *reader) failure(e entry) *ast.Error {
	out := &ast.Error{At: e.origin()}
	if e.is(document.KindText) {
		out.Message = r.message(e)
		return out
	}
	if !e.is(document.KindObject) {
		r.wrongType(e, "a text or an object of message, type and status codes")
		return nil
	}
	for _, m := range e.node.Members {
		f := e.member(m)
		switch {
		case f.is(document.KindInvalid):
		case m.Key == "message":
			out.Message = r.message(f)
		case m.Key == "type":
			out.Type = r.errorType(f)
		case isWord(m.Key):
			r.unknownKey(f, errorKeys, e.node)
		default:
			r.statusError(out, f)
		}
	}
	return out
}

// isWord tells a misspelt name from a bad status: the latter has a digit or a wildcard in it.
func isWord(key string) bool { return key != "" && !strings.ContainsAny(key, "0123456789*") }

func (r *reader) statusError(out *ast.Error, e entry) {
	status, ok := statusNumber(e.name)
	if !ok || len(e.name) != 3 {
		r.report(diag.Error, "MAKE205", e, "write the code in three digits, and \"message\" for all others", "%s is no status code, expected three digits such as 404; ranges do not work in \"error\"", quoteName(e.name))
		return
	}
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object of message and type")
		return
	}
	s := ast.StatusError{At: e.origin(), Status: status}
	for _, f := range r.fields(e, statusErrorKeys) {
		switch f.name {
		case "message":
			s.Message = r.message(f)
		case "type":
			s.Type = r.errorType(f)
		}
	}
	out.Status = append(out.Status, s)
}

func (r *reader) message(e entry) ast.Value {
	if t := r.text(e, longestMessage); t != nil {
		return t
	}
	return nil
}

// errorType reads a type of §11.4; any other literal name is kept but handled as RuntimeError (MAKE305).
func (r *reader) errorType(e entry) ast.Value {
	t := r.text(e, 0)
	if t == nil {
		return nil
	}
	if word, fixed := t.Literal(); fixed && !errorTypes[word] {
		help := "expected one of " + wordList(errorTypes)
		meant := meantWord(word, errorTypes)
		if meant != "" {
			help = "did you mean \"" + meant + "\"?"
		}
		r.report(diag.Warning, "MAKE305", e, help, "the error type %q is unknown and is handled as RuntimeError", clip(word))
		r.instead(e, meant)
	}
	return t
}
