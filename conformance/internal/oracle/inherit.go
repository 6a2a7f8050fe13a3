package oracle

import (
	"cmp"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
)

// reaction is what is done with the answer to one request.
type reaction struct {
	ast.Response
	// temps are the temp blocks, that of Base first.
	temps []ast.Value
}

// reactionOf is the response directive of a request, with what that of Base says and the request does not: written
// objects merge key by key, anything else replaces (spec make.md §16).
func reactionOf(levels []*ast.Request) *reaction {
	out := &reaction{}
	for _, q := range levels {
		if q.Response == nil {
			continue
		}
		base, own := out.Response, *q.Response
		out.Response = own
		out.Type, out.Valid, out.Error = overType(base.Type, own.Type), overValid(base.Valid, own.Valid), overError(base.Error, own.Error)
		out.Output, out.Iterate, out.Limit = either(own.Output, base.Output), cmp.Or(own.Iterate, base.Iterate), either(own.Limit, base.Limit)
		out.temps = append(out.temps, own.Temp)
	}
	return out
}

func overType(base, own *ast.ResponseType) *ast.ResponseType {
	if base == nil || own == nil {
		return cmp.Or(own, base)
	}
	if base.Value != nil || own.Value != nil {
		return own
	}
	out := *own
	out.Ranges = slices.Clone(own.Ranges)
	for _, r := range base.Ranges {
		if !slices.ContainsFunc(own.Ranges, func(x ast.StatusRange) bool { return x.First == r.First && x.Last == r.Last }) {
			out.Ranges = append(out.Ranges, r)
		}
	}
	return &out
}

func overValid(base, own *ast.Valid) *ast.Valid {
	if base == nil || own == nil {
		return cmp.Or(own, base)
	}
	if short(base.At, base.Condition) || short(own.At, own.Condition) {
		return own
	}
	return &ast.Valid{At: own.At, Condition: either(own.Condition, base.Condition), Message: either(own.Message, base.Message),
		Type: either(own.Type, base.Type)}
}

func overError(base, own *ast.Error) *ast.Error {
	if base == nil || own == nil {
		return cmp.Or(own, base)
	}
	if short(base.At, base.Message) || short(own.At, own.Message) {
		return own
	}
	out := &ast.Error{At: own.At, Message: either(own.Message, base.Message), Type: either(own.Type, base.Type), Status: slices.Clone(own.Status)}
	for _, s := range base.Status {
		i := slices.IndexFunc(out.Status, func(x ast.StatusError) bool { return x.Status == s.Status })
		if i < 0 {
			out.Status = append(out.Status, s)
			continue
		}
		x := &out.Status[i]
		x.Message, x.Type = either(x.Message, s.Message), either(x.Type, s.Type)
	}
	return out
}

// short reports whether a directive was written as its main value alone instead of as an object.
func short(at ast.Origin, main ast.Value) bool {
	return main != nil && main.Origin().Pointer == at.Pointer
}

func either(a, b ast.Value) ast.Value {
	if a != nil {
		return a
	}
	return b
}
