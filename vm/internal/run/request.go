package run

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// request makes one request: temp, the condition, the parts against one snapshot, the exchange, and what its answer
// leaves. It is not done when its condition skips it.
func (r *run) request(req *plan.Request) (done bool, err error) {
	r.tick()
	r.at.unlogged = !req.Log
	r.bindAnswer(answer{})
	if err := r.mergeTemp(req.Temp...); err != nil {
		return false, err
	}
	if run, err := r.condition(req.Condition); err != nil || !run {
		if err == nil {
			r.trace(Event{Kind: EventSkipped})
		}
		return false, err
	}
	if err := r.count(); err != nil {
		return false, err
	}
	if req.URL == 0 {
		return true, r.settle(req, answer{}) // nothing is sent, and no answer is read
	}
	x := r.exchange(req)
	defer x.close()
	if err := x.build(); err != nil {
		return false, x.configured(err)
	}
	return true, x.make(&x.res, x.receive)
}

// count counts one more request, unless that is one too many.
func (r *run) count() error {
	if r.sent++; r.sent > r.host.Limits.Requests {
		return limitReached("requests", int64(r.host.Limits.Requests))
	}
	return nil
}

// build evaluates the parts of the request against one snapshot and encodes them.
func (x *exchange) build() error {
	r, req := x.run, x.req
	var p parts
	err := r.evaluate(req, &p)
	if err != nil {
		return err
	}
	x.settings(p.method, p.ca)
	if err := parseURL(&x.out.URL, p.url, !req.RawURL); err != nil {
		return r.placed(err, req.BaseURL, req.URL)
	}
	if err := x.query(&p); err != nil {
		return err
	}
	if req.Rewrite != 0 {
		if err := x.rewrite(&p); err != nil {
			return err
		}
	}
	if p.headers != nil {
		if x.out.Header, err = content.BuildHeader(value.Collection(p.headers)); err != nil {
			return err
		}
	}
	if err := x.encodeBody(&p); err != nil {
		return err
	}
	return r.blame(x.sign(&p), req.OAuth)
}

// settings says of the request what the plan says of it beside what it holds.
func (x *exchange) settings(method, ca string) {
	r, req, out := x.run, x.req, &x.out
	out.Method, out.Gzip, out.KeepRedirect, out.KeepAllRedirect = method, req.Gzip, req.KeepRedirects, req.KeepOtherRedirects
	out.InsecureTLS, out.CA, out.TimeoutMillis, out.Secret = req.InsecureTLS, ca, int(req.TimeoutMilliseconds), &r.veil
	if req.ShareCookies {
		out.Cookies = &r.jar
	}
}

// query writes the parameters into the URL.
func (x *exchange) query(p *parts) error {
	if p.query != nil || x.req.QueryMode == plan.QueryMerge {
		params := value.Undefined
		if p.query != nil {
			params = value.Collection(p.query)
		}
		if err := content.ApplyQuery(&x.out.URL, params, content.QueryMode(x.req.QueryMode), x.run.frame.Meter()); err != nil {
			return err
		}
	}
	return x.fillQuery(p.fill)
}

// fillQuery adds the parameters that the URL does not have, behind those that it has.
func (x *exchange) fillQuery(fill *value.Object) error {
	if fill == nil {
		return nil
	}
	var more uri.URL
	if err := content.ApplyQuery(&more, value.Collection(fill), content.QueryAppend, x.run.frame.Meter()); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, p := range uri.SplitPairs(x.out.URL.Query) {
		there[p.Name] = true
	}
	missing := uri.WithoutPairs(more.Query, func(name, _ string) bool { return there[name] })
	x.out.URL.Query = uri.JoinQuery(x.out.URL.Query, missing)
	return nil
}

// encodeBody writes the body; that of GET and HEAD is ignored.
func (x *exchange) encodeBody(p *parts) (err error) {
	r, req := x.run, x.req
	if p.bodyless() {
		return nil
	}
	if p.json != nil {
		x.out.Body = content.JSONBody(p.json, req.JSONType, false)
		return nil
	}
	o := content.BodyOptions{Kind: p.kind, JSONType: req.JSONType, TextType: req.TextType, Entropy: r.host.Entropy, Meter: r.frame.Meter(),
		Form: x.out.Header.Get("Content-Type") == media.Form}
	x.body = p.body
	if x.out.Body, err = content.EncodeBody(p.body, o); err != nil || p.kind == content.BodyForm {
		return err // the meter has seen a form
	}
	if err = r.frame.Reserve(int64(len(x.out.Body.Content))); err == nil && (r.tracing() || x.logs()) {
		x.out.Body.Text, err = characters.Valid(value.TextOf(x.out.Body.Content).Str(), r.frame.Meter().Look)
	}
	return err
}

// parts are the evaluated directives of a request.
type parts struct {
	method, url, ca string
	headers         *value.Object
	query, fill     *value.Object // nil: none
	kind            content.BodyKind
	body            value.Value
	json            []byte // the body, already written
	oauth           credentials
}

func (p *parts) bodyless() bool { return p.method == "GET" || p.method == "HEAD" }

// evalEvery computes what free requests have too: ca, headers, and the query with what fills it up.
func (r *run) evalEvery(req *plan.Request, p *parts) (err error) {
	if p.ca, err = r.lastText(req.CA, ""); err != nil {
		return err
	}
	if p.headers, p.fill, err = r.objects(req.Headers, overlayHeaders); err != nil {
		return err
	}
	p.headers = filled(p.headers, p.fill)
	p.query, p.fill, err = r.objects(req.Query, overlay)
	return err
}

// evaluate computes url, method, headers, query, body, ca and oauth.
func (r *run) evaluate(req *plan.Request, p *parts) (err error) {
	if p.method, err = r.lastText(req.Method, "GET"); err != nil {
		return err
	}
	p.method = strings.ToUpper(p.method)
	word, err := r.lastText(req.BodyType, "")
	if err != nil {
		return err
	}
	if err := r.evalEvery(req, p); err != nil {
		return err
	}
	if p.url, err = r.url(req); err != nil {
		return err
	}
	if !p.bodyless() {
		if err := r.evalBody(req, word, p); err != nil {
			return err
		}
	}
	return r.credentials(req.OAuth, &p.oauth)
}

// lastText returns the text of the last directive that comes to one.
func (r *run) lastText(refs []plan.Ref, def string) (string, error) {
	for _, ref := range refs {
		v, err := r.eval(ref)
		if err != nil {
			return "", err
		}
		if text := value.ToText(v); text != "" { // not that of an empty array either
			def = text
		}
	}
	return def, nil
}

// objects puts the layers of a directive whose value is an object over each other as over does; nil means absent. What
// only fills is kept apart.
func (r *run) objects(layers []plan.Layer, over func(base, top *value.Object) *value.Object) (whole, fill *value.Object, err error) {
	for _, l := range layers {
		o, err := r.evalObject(l.Value)
		switch {
		case err != nil:
			return nil, nil, err
		case o == nil:
		case l.Mode == plan.LayerFills:
			fill = overlay(fill, o)
		case l.Mode == plan.LayerReplaces:
			whole = o
		default:
			whole = over(whole, o)
		}
	}
	return whole, fill, nil
}

// overlayHeaders is overlay for headers, whose names have no case (RFC 9110 §5.1).
func overlayHeaders(base, top *value.Object) *value.Object {
	if base == nil || top == nil {
		return overlay(base, top)
	}
	out := value.NewObject(base.Len() + top.Len())
	covered := covers(top)
	for i := range base.Len() {
		if name, v := base.At(i); !covered(name) {
			out.Set(name, v)
		}
	}
	return overlay(out, top)
}

// covers returns what tells the keys of o, whatever their case: few are compared, many looked up.
func covers(o *value.Object) func(name string) bool {
	const few = 16
	if o.Len() <= few {
		return func(name string) bool {
			return slices.ContainsFunc(o.Keys(), func(over string) bool { return strings.EqualFold(over, name) })
		}
	}
	keys := make(map[string]bool, o.Len())
	for _, name := range o.Keys() {
		keys[uri.Lower(name)] = true
	}
	return func(name string) bool { return keys[uri.Lower(name)] }
}

// filled adds the entries that only fill, behind those that are there.
func filled(o, fill *value.Object) *value.Object {
	if o == nil || fill == nil {
		return overlay(o, fill)
	}
	out := o.Clone()
	for i := range fill.Len() {
		k, v := fill.At(i)
		if _, there := o.Get(k); !there {
			out.Set(k, v)
		}
	}
	return out
}

// url evaluates the URL and puts the base URL in front.
func (r *run) url(req *plan.Request) (string, error) {
	v, err := r.eval(req.URL)
	if err != nil || req.BaseURL == 0 {
		return value.ToText(v), err
	}
	url := strings.TrimSpace(value.ToText(v))
	joins := strings.HasPrefix(url, "/")
	if req.Join == plan.JoinRelative {
		joins = !isAbsolute(url)
	}
	if !joins {
		return url, nil
	}
	base, err := r.baseURL(req)
	if err != nil || base == "" {
		return url, err
	}
	if req.Join == plan.JoinRelative {
		return strings.TrimRight(base, "/") + "/" + strings.TrimPrefix(url, "/"), nil
	}
	return joined(base, url), nil
}

// baseURL evaluates the base URL of a request, "" for none.
func (r *run) baseURL(req *plan.Request) (string, error) {
	v, err := r.eval(req.BaseURL)
	return value.TrimSpace(value.ToText(v)), err
}

// joined puts a URL behind a base URL, exactly one slash between the two.
func joined(base, url string) string {
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(url, "/")
}

// isAbsolute reports whether a URL begins with a scheme (RFC 3986 §3.1).
func isAbsolute(url string) bool {
	scheme, _, ok := strings.Cut(url, "://")
	return ok && scheme != "" && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == ""
}

// evalBody evaluates the body, straight to JSON where the plan can write it and nobody wants to see the value.
func (r *run) evalBody(req *plan.Request, word string, p *parts) (err error) {
	if p.kind, err = r.bodyKind(req, word); err != nil {
		return err
	}
	if json := p.kind == content.BodyAuto || p.kind == content.BodyJSON; json && req.BodyJSON != 0 && !req.Log && !r.tracing() {
		p.json, err = r.frame.EvalJSON(req.BodyJSON)
		return err
	}
	for _, l := range req.Body {
		if len(l.Methods) > 0 && !slices.Contains(l.Methods, p.method) {
			continue
		}
		v, err := r.eval(l.Value)
		if err != nil {
			return err
		}
		below, above := p.body.Object(), v.Object()
		switch {
		case v.IsUndefined():
		case l.Mode == plan.LayerFills && below != nil && above != nil:
			p.body = value.Collection(filled(below, above))
		case l.Mode == plan.LayerFills && !p.body.IsUndefined():
		case l.Mode == plan.LayerMerge && below != nil && above != nil:
			p.body = value.Collection(overlay(below, above))
		default:
			p.body = v
		}
	}
	return nil
}

// bodyKind chooses how a body is written.
func (r *run) bodyKind(req *plan.Request, word string) (content.BodyKind, error) {
	if req.ByValue {
		return content.BodyByValue, nil
	}
	switch word {
	case "":
		return content.BodyAuto, nil
	case "json":
		return content.BodyJSON, nil
	case "urlencoded":
		return content.BodyForm, nil
	case "multipart/form-data":
		return content.BodyMultipart, nil
	case "text", "string", "raw":
		return content.BodyText, nil
	case "binary":
		return content.BodyBinary, nil
	}
	return 0, misconfigured(message.BodyType, message.Args{"pointer": r.pointer(req.BodyType[len(req.BodyType)-1]), "word": strconv.Quote(word)})
}

// mergeTemp evaluates temp blocks against the state before them and merges them deeply; of several, the keys of the
// later win.
func (r *run) mergeTemp(refs ...plan.Ref) error {
	var block *value.Object
	for _, ref := range refs {
		part, err := r.evalObject(ref)
		if err != nil {
			return err
		}
		block = overlay(block, part)
	}
	if block == nil {
		return nil
	}
	temp, err := mergeDeep(r.frame.Meter(), r.temp, block)
	if err != nil {
		return err
	}
	r.temp = temp
	r.bindTemp()
	if r.tracing() {
		r.left(EventTemp, "", value.Collection(block))
	}
	return nil
}

// mergeDeep returns dst with the entries of block, and changes neither: objects merge into objects, everything else
// replaces. What it copies it takes from the meter first, as both may share their parts many times.
func mergeDeep(m *builtin.Meter, dst, block *value.Object) (*value.Object, error) {
	if dst == block || dst.Len() == 0 && !block.Caseless() {
		return block, m.Object(block.Len())
	}
	entries := dst.Len() + block.Len()
	if err := m.Tick(1 + entries); err != nil {
		return nil, err
	}
	if err := m.Object(entries); err != nil {
		return nil, err
	}
	out := dst.Clone()
	for i := range block.Len() {
		k, v := block.At(i)
		if inner := v.Object(); inner != nil {
			if old := out.Value(k).Object(); old != nil {
				merged, err := mergeDeep(m, old, inner)
				if err != nil {
					return nil, err
				}
				v = value.Collection(merged).Under(v)
			}
		}
		out.Set(k, v)
	}
	return out, nil
}
