package outline

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

func has(list []Pair, name string) bool {
	return slices.ContainsFunc(list, func(p Pair) bool { return p.Name == name })
}

// merge puts parameters beside those of the URL.
func merge(own, params []Pair, written bool, mode ast.QueryMode) []Pair {
	if !written {
		return own
	}
	var out []Pair
	if mode != ast.QueryMerge { // null is no parameter, but where it is written as an empty one
		params = slices.DeleteFunc(slices.Clone(params), func(p Pair) bool { return IsNull(p.Value) || IsMissing(p.Value) })
	}
	switch mode {
	case ast.QueryReplace:
		return params
	case ast.QueryAppend:
		return append(own[:len(own):len(own)], params...)
	case ast.QueryOverride:
		for _, p := range own {
			if !has(params, p.Name) {
				out = append(out, p)
			}
		}
		return append(out, params...)
	}
	for _, p := range params { // the URL wins, in the place of the parameter
		replaced := false
		for _, o := range own {
			if o.Name == p.Name {
				out, replaced = append(out, o), true
			}
		}
		if IsNull(p.Value) || IsMissing(p.Value) {
			p.Value = &Text{p.At, ""}
		}
		if !replaced {
			out = append(out, p)
		}
	}
	for _, o := range own {
		if !has(params, o.Name) {
			out = append(out, o)
		}
	}
	return out
}

// pairs reads an object of parameters or headers.
func (r *Reader) pairs(v ast.Value, code string) []Pair {
	if v == nil {
		return nil
	}
	switch x := r.Expr(v).(type) {
	case *Object:
		return x.Entries
	case *ast.Literal:
		return nil
	default:
		r.out.Losses.Lose(code, v.Origin(), "its names are known to a run only", "an object of parameters or headers that is computed as a whole is left out")
		return nil
	}
}

// request reads a request over the base of calls.
func (r *Reader) request(req, base *ast.Request, name string) *Request {
	if base == nil {
		base = &ast.Request{}
	}
	out := &Request{At: req.At, Name: name, RawURL: req.EncodeURL == ast.FlagOff || req.EncodeURL == ast.FlagUnset && base.EncodeURL == ast.FlagOff}
	r.temporary(base.Temp)
	r.temporary(req.Temp)
	r.address(out, req, base)
	out.Method = r.method(req, base)
	out.Headers = overlay(r.pairs(base.Headers, CodeHeader), r.pairs(req.Headers, CodeHeader), true)
	r.body(out, req, base)
	out.Sign = r.sign(req, base)
	r.settings(req)
	if base.At != req.At {
		r.settings(base)
	}
	r.response(out, req, base)
	return out
}

func (r *Reader) address(out *Request, req, base *ast.Request) {
	url, from, join := req.URL, req.BaseURL, req.Join
	if url == nil {
		url = base.URL
	}
	if from == nil {
		from, join = base.BaseURL, base.Join
	}
	out.Base = r.Expr(from)
	full, rest := r.Expr(url), Expr(nil)
	if full != nil && out.Base != nil {
		full, rest = joinBase(out.Base, full, join == ast.JoinRelative)
	}
	var own []Pair
	out.URL, own = splitURL(full)
	if rest != nil {
		out.Relative, _ = splitURL(rest)
	}
	mode, written := req.QueryMode, req.Query
	if written == nil {
		mode = base.QueryMode
	}
	params := r.pairs(req.Query, CodeQuery)
	below := r.pairs(base.Query, CodeQuery)
	if !base.FillQuery {
		params = overlay(below, params, false)
	}
	out.Query = merge(own, params, written != nil || base.Query != nil && !base.FillQuery, mode)
	if base.FillQuery {
		for _, p := range below {
			if !has(out.Query, p.Name) {
				out.Query = append(out.Query, p)
			}
		}
	}
}

// overlay puts pairs over others in the place of those.
func overlay(below, own []Pair, caseless bool) []Pair {
	named := func(p Pair) string {
		if caseless {
			return strings.ToLower(p.Name)
		}
		return p.Name
	}
	out, places := slices.Clone(below), make(map[string]int, len(below)+len(own))
	for i := len(out) - 1; i >= 0; i-- { // the first of a name
		places[named(out[i])] = i
	}
	for _, p := range own {
		i, ok := places[named(p)]
		if ok {
			out[i] = p
			continue
		}
		places[named(p)] = len(out)
		out = append(out, p)
	}
	return out
}

func (r *Reader) method(req, base *ast.Request) string {
	v := req.Method
	if v == nil {
		v = base.Method
	}
	if v == nil {
		return "GET"
	}
	if text, ok := IsText(r.Expr(v)); ok && text != "" {
		return strings.ToUpper(text)
	}
	r.out.Losses.Lose(CodeMethod, v.Origin(), "methods are written out", "the method is computed; GET is written instead")
	return "GET"
}

// body reads a body and how it is written.
func (r *Reader) body(out *Request, req, base *ast.Request) {
	body := req.Body
	if body == nil && (base.BodyMethods == nil || slices.Contains(base.BodyMethods, out.Method)) {
		body = base.Body
	}
	if body == nil || out.Method == "GET" || out.Method == "HEAD" {
		return
	}
	out.Body = r.Expr(body)
	if IsNull(out.Body) || IsMissing(out.Body) {
		out.Body = nil
		return
	}
	_, isText := out.Body.(*Text)
	_, isJoin := out.Body.(*Join)
	encoding, kind := req.Encoding, req.BodyType
	if encoding == (ast.Encoding{}) {
		encoding = base.Encoding
	}
	if kind == nil {
		kind = base.BodyType
	}
	if encoding.ByValue {
		switch {
		case isText || isJoin:
			out.BodyType = "text"
			out.contentType(encoding.TextType)
		case out.header("Content-Type") == "application/x-www-form-urlencoded":
			out.BodyType = "form"
			out.Headers = slices.DeleteFunc(out.Headers, func(p Pair) bool { return strings.EqualFold(p.Name, "Content-Type") })
		default:
			out.BodyType = "json"
			out.contentType(encoding.JSONType)
		}
		return
	}
	word, _ := IsText(r.Expr(kind))
	switch word {
	case "json":
		out.BodyType = "json"
	case "":
		out.BodyType = "json"
		if isText || isJoin {
			out.BodyType = "text"
		}
	case "urlencoded":
		out.BodyType = "form"
	case "text", "string", "raw":
		out.BodyType = "text"
	default:
		out.BodyType = word
	}
}

// contentType writes the type that bodies have by default in the dialect, unless the request says one. That of JSON
// without parameters is everyone's.
func (q *Request) contentType(kind string) {
	if kind != "" && kind != "application/json" && q.header("Content-Type") == "" {
		q.Headers = append(q.Headers, Pair{Name: "Content-Type", Value: &Text{q.At, kind}, At: q.At})
	}
}

func (q *Request) header(name string) string {
	for _, p := range q.Headers {
		if strings.EqualFold(p.Name, name) {
			text, _ := IsText(p.Value)
			return text
		}
	}
	return ""
}
