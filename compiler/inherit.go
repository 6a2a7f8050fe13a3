package compiler

import (
	"cmp"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
)

// inherit puts a request of a call over Base: written objects merge key by key, the request winning; anything else that
// the request writes replaces what Base has. What only a run can merge becomes a list, Base first.
func inherit(base, own *ast.Request, from, to *plan.Request) plan.Request {
	out := *to
	out.Temp = slices.Concat(from.Temp, to.Temp)
	out.Condition = cmp.Or(to.Condition, from.Condition)
	if out.BaseURL == 0 {
		out.BaseURL, out.Join = from.BaseURL, from.Join
	}
	out.URL = cmp.Or(to.URL, from.URL)
	out.Method, out.BodyType, out.CA = slices.Concat(from.Method, to.Method), slices.Concat(from.BodyType, to.BodyType), slices.Concat(from.CA, to.CA)
	out.Headers, out.Query, out.Body = slices.Concat(from.Headers, to.Headers), slices.Concat(from.Query, to.Query), slices.Concat(from.Body, to.Body)
	if own.Query == nil {
		out.QueryMode = from.QueryMode
	}
	switch {
	case own.Body == nil && base.BodyMethods == nil:
		out.BodyJSON = from.BodyJSON
	case base.Body != nil:
		out.BodyJSON = 0
	}
	if own.Encoding == (ast.Encoding{}) {
		out.ByValue, out.JSONType, out.TextType = from.ByValue, from.JSONType, from.TextType
	}
	if base.OAuth != nil { // goes behind the connection's own, which both have if there is one
		at := len(from.OAuth) - 1
		out.OAuth = slices.Concat(to.OAuth[:at], from.OAuth[at:], to.OAuth[at:])
	}
	inheritFlags(own, from, &out)
	if !own.Log {
		out.Log, out.Sanitize = from.Log, from.Sanitize
	}
	out.Verdict = cmp.Or(to.Verdict, from.Verdict)
	out.Rewrite = cmp.Or(to.Rewrite, from.Rewrite)
	inheritResponse(base, own, from, &out)
	return out
}

func inheritFlags(own *ast.Request, from, out *plan.Request) {
	take := func(own ast.Flag, from bool, to *bool) {
		if own == ast.FlagUnset {
			*to = from
		}
	}
	take(own.EncodeURL, from.RawURL, &out.RawURL)
	take(own.Gzip, from.Gzip, &out.Gzip)
	take(own.ShareCookies, from.ShareCookies, &out.ShareCookies)
	take(own.RejectUnauthorized, from.InsecureTLS, &out.InsecureTLS)
	take(own.FollowRedirects, from.KeepRedirects, &out.KeepRedirects)
	take(own.FollowAllRedirects, from.KeepOtherRedirects, &out.KeepOtherRedirects)
	out.TimeoutMilliseconds = cmp.Or(out.TimeoutMilliseconds, from.TimeoutMilliseconds)
}

func inheritResponse(base, own *ast.Request, from, out *plan.Request) {
	if base.Response == nil || from.Response == nil {
		return
	}
	written := own.Response
	if written == nil {
		written = &ast.Response{}
	}
	response := plan.Response{}
	if out.Response != nil {
		response = *out.Response
	}
	to := &response
	to.Temp = slices.Concat(from.Response.Temp, to.Temp)
	inheritType(base.Response.Type, written.Type, from.Response, to)
	inheritValid(base.Response.Valid, written.Valid, from.Response, to)
	inheritError(base.Response.Error, written.Error, from.Response, to)
	to.Rewrite = cmp.Or(to.Rewrite, from.Response.Rewrite)
	to.Output, to.Limit = cmp.Or(to.Output, from.Response.Output), cmp.Or(to.Limit, from.Response.Limit)
	if to.Iterate == nil {
		to.Iterate = from.Response.Iterate
	}
	out.Response = to
}

func inheritType(base, own *ast.ResponseType, from, to *plan.Response) {
	switch {
	case base == nil:
	case own == nil:
		to.Parser, to.Ranges = from.Parser, from.Ranges
	case len(own.Ranges) > 0 && len(base.Ranges) > 0: // two status maps
		ranges := slices.Clone(to.Ranges)
		for _, s := range from.Ranges {
			if !slices.ContainsFunc(to.Ranges, func(t plan.StatusParser) bool { return t.First == s.First && t.Last == s.Last }) {
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
		v.Condition, v.Message, v.Type = cmp.Or(v.Condition, from.Valid.Condition), cmp.Or(v.Message, from.Valid.Message), cmp.Or(v.Type, from.Valid.Type)
		v.Code = cmp.Or(v.Code, from.Valid.Code)
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
		e.Message, e.Type = cmp.Or(e.Message, from.Error.Message), cmp.Or(e.Type, from.Error.Type)
		e.Status = slices.Clone(e.Status)
		for _, s := range from.Error.Status {
			i := slices.IndexFunc(e.Status, func(t plan.StatusError) bool { return t.Status == s.Status })
			if i < 0 {
				e.Status = append(e.Status, s)
				continue
			}
			e.Status[i].Message, e.Status[i].Type = cmp.Or(e.Status[i].Message, s.Message), cmp.Or(e.Status[i].Type, s.Type)
		}
		to.Error = &e
	}
}

// isShort reports whether a directive was written as its main value alone instead of as an object.
func isShort(at ast.Origin, main ast.Value) bool {
	return main != nil && main.Origin().Pointer == at.Pointer
}
