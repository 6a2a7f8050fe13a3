package make

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// response reads what is done with an answer (spec make.md §5.2, §10).
func (r *reader) response(e entry, s section) *ast.Response {
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object of response directives")
		return nil
	}
	out := &ast.Response{At: e.origin()}
	p := placesOf(s)
	for _, f := range r.fields(e, responseKeys) {
		if s.ignoresResponse(f.name) {
			r.noEffect(f, s.where())
			continue
		}
		if s == inAuthorize && f.name == "type" {
			continue // the platform's own scaffold writes it (spec make.md §13.3)
		}
		if r.scope = p.response; f.name == "type" {
			r.scope = p.typed
		}
		r.responseDirective(out, f, s)
	}
	return out
}

func (r *reader) responseDirective(out *ast.Response, e entry, s section) {
	switch e.name {
	case "type":
		out.Type = r.responseType(e)
	case "temp":
		out.Temp = r.collection(e)
	case "valid":
		out.Valid = r.valid(e)
	case "error":
		out.Error = r.failure(e)
	case "data":
		out.Data = r.collection(e)
	case "uid":
		out.UID = r.textOrNumber(e, 0)
	case "metadata":
		out.Metadata = r.metadata(e)
	case "expires":
		out.Expires = instant(r.textOrNumber(e, 512))
		if s == inAccessToken || s == inInfo || s == inRenew {
			r.extension(e, `"expires" in OAuth 1.0`)
		}
	case "output":
		out.Output = r.value(e)
	case "iterate":
		out.Iterate = r.iterate(e)
	case "limit":
		out.Limit = r.textOrNumber(e, 0)
	}
}

// instant reads a value as a date, a text that is one, or Unix seconds (spec make.md §10).
func instant(v ast.Value) ast.Value {
	if v == nil {
		return nil
	}
	return &ast.Invoke{At: v.Origin(), Library: "core", Function: "instant", Args: []ast.Value{v}}
}

// textOrNumber reads a text of at most longest characters (0: any), or a number.
func (r *reader) textOrNumber(e entry, longest int) ast.Value {
	switch e.node.Kind {
	case document.KindNumber:
		return literal(e)
	case document.KindText:
		return r.text(e, longest)
	}
	r.wrongType(e, "a text or a number")
	return nil
}

// metadata reads {type, value}, or a template of such an object.
func (r *reader) metadata(e entry) *ast.Metadata {
	if e.is(document.KindText) {
		return r.computedMetadata(e)
	}
	if e.is(document.KindNull) {
		return nil
	}
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object of type and value")
		return nil
	}
	out := &ast.Metadata{At: e.origin()}
	for _, f := range r.open(e, metadataKeys) {
		switch f.name {
		case "type":
			out.Type = r.labelType(f)
		case "value":
			if t := r.text(f, 512); t != nil {
				out.Value = t
			}
		}
	}
	return out
}

// labelType reads text or email; the first generation's url is a text today (spec make.md §4.2).
func (r *reader) labelType(e entry) ast.Value {
	if e.is(document.KindText) && e.node.Text == "url" {
		r.report(diag.Warning, "MAKE302", e, "write \"text\"", "the label type \"url\" is of the first generation and is stored as \"text\"")
		return &ast.Template{At: e.origin(), Text: "text", Parts: []ast.Part{{Text: "text"}}}
	}
	if t := r.oneOf(e, metadataTypes); t != nil {
		return t
	}
	return nil
}

// computedMetadata reads a template whose result is the object of type and value: it is both.
func (r *reader) computedMetadata(e entry) *ast.Metadata {
	t, ok := r.collection(e).(*ast.Template)
	if !ok {
		return nil
	}
	return &ast.Metadata{At: e.origin(), Type: t, Value: t}
}

var metadataKeys = keySet("type", "value")

// iterate reads the item selection of a module request: a template of a list, or {container, condition}.
func (r *reader) iterate(e entry) *ast.Iterate {
	out := &ast.Iterate{At: e.origin()}
	switch e.node.Kind {
	case document.KindText:
		out.Container = r.template(e)
		return out
	case document.KindObject:
		for _, f := range r.fields(e, iterateKeys) {
			switch f.name {
			case "container":
				if t := r.text(f, 0); t != nil {
					out.Container = t
				}
			case "condition":
				out.Condition = r.judgement(f, "true, false or a template")
			}
		}
		return out
	}
	r.wrongType(e, "a template or an object of container and condition")
	return nil
}

var iterateKeys = keySet("container", "condition")

// responseType reads one parser for every status, or a status map (spec make.md §9.1).
func (r *reader) responseType(e entry) *ast.ResponseType {
	out := &ast.ResponseType{At: e.origin()}
	switch e.node.Kind {
	case document.KindText:
		out.Value = parserOf(r.oneOf(e, responseTypes))
		return out
	case document.KindObject:
		r.statusMap(out, e)
		return out
	}
	r.wrongType(e, "a text or a map of status ranges")
	return nil
}

func (r *reader) statusMap(out *ast.ResponseType, e entry) {
	star := false
	taken := map[int]*[1000]bool{} // by width: the statuses that ranges of it hold
	for _, m := range e.node.Members {
		f := e.member(m)
		star = star || m.Key == "*"
		first, last, ok := statusRange(m.Key)
		if !ok {
			r.report(diag.Error, "MAKE205", f, "write ranges such as \"200-299\", and \"*\" for all others", "%s is no status range, expected \"*\", \"N\" or \"N-M\" with N not above M", quoteName(m.Key))
		}
		if f.is(document.KindInvalid) {
			continue
		}
		if ok && shortStatus(m.Key) {
			r.warnf("MAKE302", f, "the platform wants three digits in the range %q", clip(m.Key))
		}
		t := r.oneOf(f, responseTypes)
		if !ok || t == nil {
			continue
		}
		if taken[last-first] == nil {
			taken[last-first] = new([1000]bool)
		}
		if mark(taken[last-first][first : last+1]) {
			r.warnf("MAKE206", f, "the range %q overlaps an earlier one of the same width, which wins", clip(m.Key))
		}
		out.Ranges = append(out.Ranges, ast.StatusParser{At: f.origin(), First: first, Last: last, Parser: parserOf(t)})
	}
	if !star {
		r.warnf("MAKE206", e, "the status map has no \"*\"; statuses outside its ranges are read as \"automatic\"")
	}
}

// parserOf returns the parser that a literal word names, or the one that a template computes.
func parserOf(t *ast.Template) ast.Parser {
	if word, fixed := t.Literal(); fixed {
		return ast.Parser{Kind: parsers[word]}
	}
	return ast.Parser{Value: t}
}

// shortStatus reports a range with a status of less than three digits, which no answer has and the public schema
// refuses.
func shortStatus(key string) bool {
	first, last, ok := strings.Cut(key, "-")
	return key != "*" && (len(first) < 3 || ok && len(last) < 3)
}

// mark sets every entry and reports whether one was set before.
func mark(taken []bool) bool {
	before := slices.Contains(taken, true)
	for i := range taken {
		taken[i] = true
	}
	return before
}

// statusRange reads "*", "N" or "N-M" of one to three digits each.
func statusRange(key string) (first, last int, ok bool) {
	if key == "*" {
		return 1, 999, true
	}
	digits := 0
	for digits < len(key) && key[digits] >= '0' && key[digits] <= '9' {
		digits++
	}
	first, ok = statusNumber(key[:digits])
	if !ok || digits == len(key) {
		return first, first, ok
	}
	if key[digits] != '-' {
		return 0, 0, false
	}
	last, ok = statusNumber(key[digits+1:])
	return first, last, ok && first <= last
}

func statusNumber(s string) (int, bool) {
	if len(s) < 1 || len(s) > 3 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
