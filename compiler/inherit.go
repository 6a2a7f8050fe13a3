package compiler

import (
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
)

// inherit gives a request of a call what Base says and the request does not (spec make.md §16): written objects merge
// key by key, the request winning; anything else that the request writes replaces what Base has. Only what is fixed
// when compiling is merged here; objects whose keys are computed and the two temp blocks are merged by the engine.
func inherit(base, own *ast.Request, from, to *plan.Request) {
	if own.Condition == nil || own.Condition.Expr == nil {
		to.Condition = from.Condition
	}
	if !own.HasLog || own.Sanitize == nil {
		to.HasLog, to.Sanitize = from.HasLog, from.Sanitize
	}
	if base.Response == nil || from.Response == nil {
		return
	}
	if own.Response == nil {
		own = &ast.Request{Response: &ast.Response{}}
	}
	if to.Response == nil {
		to.Response = &plan.Response{}
	}
	inheritType(base.Response.Type, own.Response.Type, from.Response, to.Response)
	inheritValid(base.Response.Valid, own.Response.Valid, from.Response, to.Response)
	inheritError(base.Response.Error, own.Response.Error, from.Response, to.Response)
	to.Response.Output, to.Response.Limit = either(to.Response.Output, from.Response.Output), either(to.Response.Limit, from.Response.Limit)
	if to.Response.Iterate == nil {
		to.Response.Iterate = from.Response.Iterate
	}
}

func inheritType(base, own *ast.ResponseType, from, to *plan.Response) {
	switch {
	case base == nil:
	case own == nil:
		to.Type, to.Ranges = from.Type, from.Ranges
	case own.Value == nil && base.Value == nil: // two status maps
		ranges := slices.Clone(to.Ranges)
		for _, s := range from.Ranges {
			if !slices.ContainsFunc(to.Ranges, func(t plan.StatusRange) bool { return t.First == s.First && t.Last == s.Last }) {
				ranges = append(ranges, s)
			}
		}
		to.Ranges = ranges
	}
}

func inheritValid(base, own *ast.Valid, from, to *plan.Response) {
	switch {
	case base == nil || from.Valid == nil:
	case own == nil || to.Valid == nil:
		to.Valid = from.Valid
	case !isShort(base.At, base.Condition) && !isShort(own.At, own.Condition):
		v := *to.Valid
		v.Condition, v.Message, v.Type = either(v.Condition, from.Valid.Condition), either(v.Message, from.Valid.Message), either(v.Type, from.Valid.Type)
		to.Valid = &v
	}
}

func inheritError(base, own *ast.Error, from, to *plan.Response) {
	switch {
	case base == nil || from.Error == nil:
	case own == nil || to.Error == nil:
		to.Error = from.Error
	case !isShort(base.At, base.Message) && !isShort(own.At, own.Message):
		e := *to.Error
		e.Message, e.Type = either(e.Message, from.Error.Message), either(e.Type, from.Error.Type)
		e.Status = slices.Clone(e.Status)
		for _, s := range from.Error.Status {
			i := slices.IndexFunc(e.Status, func(t plan.StatusError) bool { return t.Status == s.Status })
			if i < 0 {
				e.Status = append(e.Status, s)
				continue
			}
			e.Status[i].Message, e.Status[i].Type = either(e.Status[i].Message, s.Message), either(e.Status[i].Type, s.Type)
		}
		to.Error = &e
	}
}

// isShort reports whether a directive was written as its main value alone instead of as an object.
func isShort(at ast.Origin, main ast.Value) bool {
	return main != nil && main.Origin().Pointer == at.Pointer
}

func either(a, b plan.Ref) plan.Ref {
	if a != 0 {
		return a
	}
	return b
}
