package oracle

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// run runs the requests of a section in order (spec make.md §15, §22).
func (o *operation) run(section string, list []*ast.Request) error {
	o.section = section
	for _, req := range list {
		if err := o.repeat(req); err != nil {
			return o.failed(err)
		}
	}
	return nil
}

// repeat runs one request as often as its repeat directive says. An error or a skip ends the repetition. The delay is
// not waited for: the clock of a case moves only by the case.
func (o *operation) repeat(req *ast.Request) error {
	for runs := 1; ; runs++ {
		made, err := o.once(req)
		if err != nil || !made || req.Repeat == nil || req.Repeat.Condition == nil {
			return err
		}
		only := value.NewObject(1)
		only.Set("temp", value.Collection(o.temp))
		again, err := o.evalIn(req.Repeat.Condition, only)
		if err != nil || !value.IsTruthy(again) || req.Repeat.Limit > 0 && runs >= req.Repeat.Limit {
			return err
		}
	}
}

// once runs one request in the order of spec make.md §6; false means that it was skipped.
func (o *operation) once(req *ast.Request) (bool, error) {
	o.tick()
	levels := o.levels(req)
	temps := pick(levels, func(q *ast.Request) ast.Value { return q.Temp })
	if err := o.mergeTemp(nil, temps...); err != nil { // 1
		return false, err
	}
	var condition ast.Value
	for _, q := range levels {
		if q.Condition != nil && q.Condition.Expr != nil {
			condition = q.Condition.Expr
		}
	}
	if wanted, err := o.truthy(condition, nil); err != nil || !wanted { // 2
		return false, err
	}
	o.requests++
	if most := o.host.requests(); o.requests > most {
		return false, limitReached("LIMIT", "requests", most)
	}
	response := reactionOf(levels)
	if len(pick(levels, func(q *ast.Request) ast.Value { return q.URL })) == 0 {
		return true, o.settle(response, nil) // no request: 1, 2, 8, 9 and 10 (spec make.md §15)
	}
	p, err := o.evaluate(levels) // 3
	if err != nil {
		return false, err
	}
	out, err := o.encode(p, levels) // 4
	if err != nil {
		return false, err
	}
	signer, carried, err := o.signer(p, out) // 5
	if err != nil {
		return false, err
	}
	return true, o.exchange(response, out, signer, carried)
}

// requests is the number of requests of an operation (spec make.md §19).
func (h *host) requests() int {
	if h.settings.Requests > 0 {
		return h.settings.Requests
	}
	return 250
}

// levels are the requests whose directives make one: Base under that of a call (spec make.md §16).
func (o *operation) levels(req *ast.Request) []*ast.Request {
	if o.module && o.host.tree.Base != nil {
		return []*ast.Request{o.host.tree.Base, req}
	}
	return []*ast.Request{req}
}

// pick returns the values of a directive that are written.
func pick(levels []*ast.Request, get func(*ast.Request) ast.Value) []ast.Value {
	var out []ast.Value
	for _, q := range levels {
		if v := get(q); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// parts are the evaluated directives of step 3.
type parts struct {
	url, method, bodyType, ca string
	headers, query            *value.Object // nil: absent
	body                      value.Value
	oauth                     *credentials
}

func (p *parts) bodyless() bool { return p.method == "GET" || p.method == "HEAD" }

// evaluate is step 3: everything against one and the same snapshot.
func (o *operation) evaluate(levels []*ast.Request) (p *parts, err error) {
	p = &parts{method: "GET"}
	for _, q := range levels {
		for _, d := range [...]struct {
			v   ast.Value
			dst *string
		}{{q.Method, &p.method}, {q.BodyType, &p.bodyType}, {q.CA, &p.ca}} {
			x, err := o.eval(d.v, nil)
			if err != nil {
				return nil, err
			}
			if !value.IsEmpty(x) {
				*d.dst = value.ToText(x)
			}
		}
		if p.headers, err = o.overlay(p.headers, q.Headers); err != nil {
			return nil, err
		}
		if p.query, err = o.overlay(p.query, q.Query); err != nil {
			return nil, err
		}
	}
	p.method = strings.ToUpper(p.method)
	if p.url, err = o.url(levels); err != nil {
		return nil, err
	}
	if p.body, err = o.body(levels, p); err != nil {
		return nil, err
	}
	p.oauth, err = o.credentials(levels[len(levels)-1])
	return p, err
}

// overlay merges a written object key by key over that of the level below; one template replaces it (spec make.md §16).
func (o *operation) overlay(below *value.Object, v ast.Value) (*value.Object, error) {
	own, err := o.object(v, nil)
	if err != nil || own == nil {
		return below, err
	}
	if _, written := v.(*ast.Object); !written {
		return own, nil
	}
	return overlay(below, own), nil
}

// url is that of the request, else that of Base. One that starts with "/" follows the base URL by plain concatenation.
func (o *operation) url(levels []*ast.Request) (string, error) {
	written := pick(levels, func(q *ast.Request) ast.Value { return q.URL })
	x, err := o.eval(written[len(written)-1], nil)
	if err != nil {
		return "", err
	}
	text := value.ToText(x)
	if base := levels[0].BaseURL; base != nil && strings.HasPrefix(text, "/") {
		b, err := o.eval(base, nil)
		return value.ToText(b) + text, err
	}
	return text, nil
}

// body is ignored for GET and HEAD (spec make.md §7.4).
func (o *operation) body(levels []*ast.Request, p *parts) (out value.Value, err error) {
	if p.bodyless() {
		return value.Undefined, nil
	}
	for _, v := range pick(levels, func(q *ast.Request) ast.Value { return q.Body }) {
		x, err := o.eval(v, nil)
		if err != nil {
			return x, err
		}
		if _, written := v.(*ast.Object); written && out.Object() != nil {
			x = value.Collection(overlay(out.Object(), x.Object()))
		}
		out = x
	}
	return out, nil
}

// address reads the text of a url directive (spec make.md §7.1).
func address(text string, encodePath bool) (*uri.URL, error) {
	text = value.TrimSpace(text)
	if text == "" {
		return nil, fail(configurationError, "", "URL is missing")
	}
	u, err := uri.Parse(text, encodePath)
	if err != nil {
		return nil, fail(configurationError, "", "Invalid URI \"%s\"", content.MaskURL(text))
	}
	return u, nil
}

// bodyKinds are the body types of spec make.md §7.4.
var bodyKinds = map[string]content.BodyKind{
	"": content.BodyAuto, "json": content.BodyJSON, "urlencoded": content.BodyForm, "multipart/form-data": content.BodyMultipart,
	"text": content.BodyText, "string": content.BodyText, "raw": content.BodyText, "binary": content.BodyBinary,
}

// encode is step 4: the exact URL, headers and bytes (spec make.md §7).
func (o *operation) encode(p *parts, levels []*ast.Request) (*wire.Request, error) {
	out := &wire.Request{Method: p.method, CA: p.ca,
		Gzip:            flag(levels, false, func(q *ast.Request) bool { return q.Gzip }, "gzip"),
		KeepRedirect:    !flag(levels, true, func(q *ast.Request) bool { return q.FollowRedirects }, "followRedirects", "followRedirect"),
		KeepAllRedirect: !flag(levels, true, func(q *ast.Request) bool { return q.FollowAllRedirects }, "followAllRedirects", "followAllRedirect"),
		InsecureTLS:     !flag(levels, true, func(q *ast.Request) bool { return q.RejectUnauthorized }, "rejectUnauthorized"),
	}
	if flag(levels, false, func(q *ast.Request) bool { return q.ShareCookies }, "shareCookies") {
		out.Cookies = &o.jar
	}
	for _, q := range levels {
		if q.Set["timeout"] {
			out.TimeoutMillis = q.TimeoutMilliseconds
		}
	}
	u, err := address(p.url, flag(levels, true, func(q *ast.Request) bool { return q.EncodeURL }, "encodeUrl"))
	if err != nil {
		return nil, err
	}
	if out.URL = *u; p.query != nil {
		if err := content.ApplyQuery(&out.URL, value.Collection(p.query), content.QueryReplace, nil); err != nil {
			return nil, err
		}
	}
	if p.headers != nil {
		if out.Header, err = content.BuildHeader(value.Collection(p.headers)); err != nil {
			return nil, err
		}
	}
	if !p.bodyless() {
		kind, known := bodyKinds[p.bodyType]
		if !known {
			return nil, fail(configurationError, "", "type: %q is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary", p.bodyType)
		}
		out.Body, err = content.EncodeBody(p.body, content.BodyOptions{Kind: kind, Entropy: o.host.entropy})
	}
	return out, err
}

// flag is a literal directive: that of the last level that writes it.
func flag(levels []*ast.Request, def bool, get func(*ast.Request) bool, names ...string) bool {
	for _, q := range levels {
		for _, name := range names {
			if q.Set[name] {
				def = get(q)
			}
		}
	}
	return def
}
