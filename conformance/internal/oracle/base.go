package oracle

import (
	"cmp"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
)

// response is what is done with an answer: the directives of Base, with those of the request over them. Written objects
// merge key by key, anything else replaces (spec make.md §16). The temp blocks are not in it.
func (l layers) response() *ast.Response {
	out := &ast.Response{}
	for _, q := range l {
		top := *responseOf(q)
		top.Type, top.Valid, top.Error = typeOver(out.Type, top.Type), validOver(out.Valid, top.Valid), errorOver(out.Error, top.Error)
		top.Output, top.Iterate, top.Limit = orBelow(top.Output, out.Output), cmp.Or(top.Iterate, out.Iterate), orBelow(top.Limit, out.Limit)
		out = &top
	}
	return out
}

// responseOf is the response directive of a request, which may have none.
func responseOf(q *ast.Request) *ast.Response {
	if q.Response == nil {
		return &ast.Response{}
	}
	return q.Response
}

func orBelow(top, below ast.Value) ast.Value {
	if top == nil {
		return below
	}
	return top
}

// typeOver merges two status maps; any other type replaces.
func typeOver(below, top *ast.ResponseType) *ast.ResponseType {
	if below == nil || top == nil || len(below.Ranges) == 0 || len(top.Ranges) == 0 {
		return cmp.Or(top, below)
	}
	out := *top
	for _, s := range below.Ranges {
		if !slices.ContainsFunc(top.Ranges, func(t ast.StatusParser) bool { return t.First == s.First && t.Last == s.Last }) {
			out.Ranges = append(slices.Clip(out.Ranges), s)
		}
	}
	return &out
}

func validOver(below, top *ast.Valid) *ast.Valid {
	if below == nil || top == nil || alone(below.At, below.Condition) || alone(top.At, top.Condition) {
		return cmp.Or(top, below)
	}
	return &ast.Valid{At: top.At, Condition: orBelow(top.Condition, below.Condition), Message: orBelow(top.Message, below.Message),
		Type: orBelow(top.Type, below.Type), Code: cmp.Or(top.Code, below.Code)}
}

func errorOver(below, top *ast.Error) *ast.Error {
	if below == nil || top == nil || alone(below.At, below.Message) || alone(top.At, top.Message) {
		return cmp.Or(top, below)
	}
	out := &ast.Error{At: top.At, Message: orBelow(top.Message, below.Message), Type: orBelow(top.Type, below.Type)}
	for _, s := range top.Status {
		for _, b := range below.Status {
			if b.Status == s.Status {
				s.Message, s.Type = orBelow(s.Message, b.Message), orBelow(s.Type, b.Type)
			}
		}
		out.Status = append(out.Status, s)
	}
	for _, b := range below.Status {
		if !slices.ContainsFunc(top.Status, func(s ast.StatusError) bool { return s.Status == b.Status }) {
			out.Status = append(out.Status, b)
		}
	}
	return out
}

// alone reports whether a directive was written as its main value instead of as an object.
func alone(at ast.Origin, main ast.Value) bool {
	return main != nil && main.Origin().Pointer == at.Pointer
}
