package vm

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// runSection runs the requests of a section in order (spec make.md §15).
func (r *run) runSection(name string, list []plan.Request) error {
	r.section, r.index = name, 0
	if len(list) > 0 {
		r.trace(Event{Kind: EventSection})
	}
	for i := range list {
		r.index = i
		if err := r.repeatRequest(&list[i]); err != nil {
			return r.failure(err)
		}
	}
	return nil
}

// repeatRequest runs one request as often as its repeat directive says; an error or a skip ends the repetition.
func (r *run) repeatRequest(req *plan.Request) error {
	for runs := int32(1); ; runs++ {
		skipped, err := r.runRequest(req)
		if err != nil || skipped || req.Repeat == nil {
			return err
		}
		again, err := r.repeatCondition(req.Repeat)
		if err != nil || !again || req.Repeat.Limit > 0 && runs >= req.Repeat.Limit {
			return err
		}
		if err := r.wait(time.Duration(req.Repeat.DelayMilliseconds) * time.Millisecond); err != nil {
			return err
		}
	}
}

// repeatCondition sees only temp (spec make.md §15).
func (r *run) repeatCondition(rep *plan.Repeat) (bool, error) {
	if rep.Condition == 0 {
		return false, nil
	}
	defer r.frame.Hide()()
	r.bindTemp()
	v, err := r.eval(rep.Condition)
	return value.IsTruthy(v), err
}

func (r *run) wait(d time.Duration) error {
	if d <= 0 {
		return r.ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	ctx := r.bounded()
	select {
	case <-ctx.Done():
		return builtin.Cancelled(ctx)
	case <-t.C:
		return nil
	}
}

// runRequest runs the steps of spec make.md §6 in their order.
func (r *run) runRequest(req *plan.Request) (skipped bool, err error) {
	r.tick()
	r.bindAnswer(answer{})
	inherited := plan.Ref(0)
	if base := r.base(); base != nil {
		inherited = base.Temp
	}
	if err := r.mergeTemp(inherited, req.Temp); err != nil { // 1
		return false, err
	}
	if run, err := r.condition(req.Condition); err != nil || !run { // 2
		if err == nil {
			r.trace(Event{Kind: EventSkipped})
		}
		return true, err
	}
	if r.requests++; r.requests > r.engine.host.Limits.Requests {
		return false, &LimitError{Name: "requests", Limit: int64(r.engine.host.Limits.Requests), Code: builtin.CodeLimit}
	}
	if base := r.base(); req.URL == 0 && (base == nil || base.URL == 0) {
		return false, r.settle(req, answer{}) // no request: steps 1, 2, 8, 9 and 10 (spec make.md §15)
	}
	out, sign, err := r.build(req) // 3, 4, 5
	if err != nil {
		return false, err
	}
	return false, r.exchange(req, out, sign)
}

// condition judges a condition by truthiness; an absent one means "execute".
func (r *run) condition(ref plan.Ref) (bool, error) {
	if ref == 0 {
		return true, nil
	}
	v, err := r.eval(ref)
	return value.IsTruthy(v), err
}

// exchange sends, parses, judges and applies (steps 6 to 11).
func (r *run) exchange(req *plan.Request, out *wire.Request, sign *signing) (err error) {
	var signer wire.Signer
	if sign != nil {
		signer = sign
	}
	if r.tracing() {
		out.Observer = observer{r}
	}
	rec := newRecord(r, req, out)
	if rec != nil {
		defer func() { rec.write(err) }() // 11: also when a step raised
	}
	res := &r.answered
	out.Secret = r.holdsSecret
	if err = r.engine.client.Send(r.contextOf(out.TimeoutMillis), out, signer, res); err != nil {
		e := r.failure(err)
		e.Status = res.Status
		return e
	}
	rec.answered(res)
	if err = r.receive(req, res, sign, rec); err != nil {
		e := r.failure(err)
		e.RetryAfter, _ = res.RetryAfter(r.engine.host.Clock())
		if e.Status = res.Status; e.Provider == "" && res.Status >= 400 {
			e.Provider = r.providerWords(res)
		}
		if problem := problemOf(res); problem.Advice() != "" {
			e.Problem, e.Help = string(problem), cmp.Or(e.Help, problem.Advice())
		}
		err = e
	}
	return err
}

// receive runs steps 7 to 10 on an answer.
func (r *run) receive(req *plan.Request, res *wire.Response, sign *signing, rec *record) error {
	if err := r.frame.Reserve(int64(len(res.Body))); err != nil {
		return err
	}
	a, err := r.parse(req.Response, res) // 7
	if err != nil {
		return err
	}
	if secret := a.body.Object().Value("oauth_token_secret"); !value.IsEmpty(secret) {
		r.addSecret(value.ToText(secret)) // before the spec says under which name it keeps it
	}
	rec.parsed(res, a)
	if r.tracing() {
		r.trace(Event{Kind: EventResponse, Status: a.status, Code: "parsed", Value: r.masked(a.body)})
	}
	if r.section == sectionRequestToken && !r.module {
		r.remember(a, sign)
	}
	return r.settle(req, a)
}

// remember keeps what the answer of a request-token call says about token and callback.
func (r *run) remember(a answer, sign *signing) {
	o := a.body.Object()
	r.lastToken = value.ToText(o.Value("oauth_token"))
	if sign != nil && sign.params.Callback != "" {
		r.callback = sign.params.Callback
	} else if r.carried {
		r.callback = r.carriedText
	}
	if sign != nil && sign.params.Callback != "" || r.carried {
		ok := value.ToText(o.Value("oauth_callback_confirmed")) == "true"
		r.confirmed = &ok
	}
}

// parse chooses the parser and reads the body (spec make.md §9).
func (r *run) parse(resp *plan.Response, res *wire.Response) (a answer, err error) {
	a = answer{have: true, status: res.Status}
	if r.knows(rootHeaders) {
		if a.headers, err = content.HeaderValue(res.Header, r.frame.Meter()); err != nil {
			return a, err
		}
	}
	kind := ""
	if resp != nil {
		r.bindAnswer(answer{have: true, status: a.status, headers: a.headers})
		v, err := r.eval(responseType(resp, res.Status))
		if err != nil {
			return a, err
		}
		kind = value.ToText(v)
	}
	parser, ok := parsers[kind]
	if !ok {
		return a, &Error{Type: InvalidConfigurationError,
			Message: fmt.Sprintf("response.type: %q is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml", kind)}
	}
	p, err := content.Parse(parser, res.ContentType(), res.Status, res.Body, &content.ParseOptions{Shapes: r.engine.image.Shapes(),
		MaxDepth: r.engine.host.Limits.Nesting, MaxItems: r.engine.host.Limits.Items, Meter: r.frame.Meter(), XML: content.XMLKeys{Attributes: "_attributes", Text: "_value"}})
	if err != nil {
		return a, err
	}
	if p.BecameText {
		r.warn(codeBecameText, "the body could not be read as "+content.KindOf(res.ContentType()).String()+" and was taken as text")
	}
	if p.Duplicates > 0 {
		r.warn(codeDuplicateField, "a key of the answer was written twice; the last one counts")
	}
	a.body = p.Value
	return a, r.frame.Charge(len(res.Body) / 1024)
}

// parsers are the words of response.type (spec make.md §9).
var parsers = map[string]content.ParseKind{
	"": content.ParseAutomatic, "automatic": content.ParseAutomatic, "json": content.ParseJSON, "urlencoded": content.ParseForm, "text": content.ParseText,
	"string": content.ParseText, "raw": content.ParseText, "binary": content.ParseBinary, "xml": content.ParseXML,
}

// bodyKinds are the words of type (spec make.md §7.4).
var bodyKinds = map[string]content.BodyKind{
	"": content.BodyAuto, "json": content.BodyJSON, "urlencoded": content.BodyForm, "multipart/form-data": content.BodyMultipart,
	"text": content.BodyText, "string": content.BodyText, "raw": content.BodyText, "binary": content.BodyBinary,
}

// responseType returns the directive that holds for a status: the smallest range of a status map, the earlier of two
// that are equally wide, else the text form.
func responseType(resp *plan.Response, status int) plan.Ref {
	best, width := resp.Type, int32(1<<30)
	for _, s := range resp.Ranges {
		if int32(status) >= s.First && int32(status) <= s.Last && s.Last-s.First < width {
			best, width = s.Type, s.Last-s.First
		}
	}
	return best
}

// build evaluates the parts of a request against one snapshot and encodes them (steps 3 and 4).
func (r *run) build(req *plan.Request) (*wire.Request, *signing, error) {
	parts, err := r.evalParts(req)
	if err != nil {
		return nil, nil, err
	}
	out := &r.out
	*out = wire.Request{
		Method: parts.method, Gzip: parts.flag(func(q *plan.Request) plan.Flag { return q.Gzip }, false),
		KeepRedirect:    !parts.flag(func(q *plan.Request) plan.Flag { return q.FollowRedirects }, true),
		KeepAllRedirect: !parts.flag(func(q *plan.Request) plan.Flag { return q.FollowAllRedirects }, true),
		InsecureTLS:     !parts.flag(func(q *plan.Request) plan.Flag { return q.RejectUnauthorized }, true),
		CA:              parts.ca, TimeoutMillis: parts.timeout(),
	}
	if parts.flag(func(q *plan.Request) plan.Flag { return q.ShareCookies }, false) {
		out.Cookies = &r.jar
	}
	if err := parseURL(&out.URL, parts.url, parts.flag(func(q *plan.Request) plan.Flag { return q.EncodeURL }, true)); err != nil {
		return nil, nil, err
	}
	if parts.query != nil {
		if err := content.ApplyQuery(&out.URL, value.Collection(parts.query), content.QueryMode(req.QueryMode), r.frame.Meter()); err != nil {
			return nil, nil, err
		}
	}
	if parts.headers != nil {
		if out.Header, err = content.BuildHeader(value.Collection(parts.headers)); err != nil {
			return nil, nil, err
		}
	}
	if out.Body, err = r.encodeBody(req, parts); err != nil {
		return nil, nil, err
	}
	o, err := r.effectiveOAuth(out, parts)
	if err != nil || o == nil {
		return out, nil, err
	}
	sign, err := r.newSigning(o, out)
	return out, sign, err
}

// parseURL reads the text of a url directive (spec make.md §7.1).
func parseURL(u *uri.URL, text string, encodePath bool) error {
	text = value.TrimSpace(text)
	if text == "" {
		return &Error{Type: InvalidConfigurationError, Message: "URL is missing"}
	}
	if u.Parse(text, encodePath) != nil {
		return &Error{Type: InvalidConfigurationError, Message: "Invalid URI \"" + content.MaskURL(text) + "\""}
	}
	return nil
}

// encodeBody encodes the body; that of GET and HEAD is ignored (spec make.md §7.4).
func (r *run) encodeBody(req *plan.Request, p *parts) (wire.Body, error) {
	if p.bodyless() {
		return wire.Body{}, nil
	}
	if p.json != nil {
		return content.JSONBody(p.json, "", false), nil
	}
	kind, ok := bodyKinds[p.bodyType]
	if !ok {
		return wire.Body{}, &Error{Type: InvalidConfigurationError,
			Message: fmt.Sprintf("type: %q is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary", p.bodyType)}
	}
	body, err := content.EncodeBody(p.body, content.BodyOptions{Kind: kind, Entropy: r.engine.host.Entropy, Meter: r.frame.Meter()})
	if err != nil || kind == content.BodyForm {
		return body, err
	}
	return body, r.frame.Reserve(int64(len(body.Content)))
}

// parts are the evaluated directives of a request, Base merged in for a call (spec make.md §16).
type parts struct {
	levels   []*plan.Request // Base first
	both     [2]*plan.Request
	url      string
	method   string
	bodyType string
	ca       string
	headers  *value.Object
	query    *value.Object // nil: no qs directive
	body     value.Value
	json     []byte // the body, already written
	oauth    *credentials
}

func (p *parts) flag(get func(*plan.Request) plan.Flag, def bool) bool {
	for _, level := range p.levels {
		def = get(level).Or(def)
	}
	return def
}

func (p *parts) timeout() (ms int) {
	for _, level := range p.levels {
		if level.TimeoutMilliseconds > 0 {
			ms = int(level.TimeoutMilliseconds)
		}
	}
	return ms
}

func (p *parts) bodyless() bool { return p.method == "GET" || p.method == "HEAD" }

// evalParts evaluates url, method, type, headers, qs, body, ca and oauth. The result belongs to the run and holds until
// the next call.
func (r *run) evalParts(req *plan.Request) (*parts, error) {
	p := &r.parts
	*p = parts{method: "GET"}
	base := r.engine.plan.Connection.Base
	if r.module && base != nil {
		p.levels = append(p.both[:0], base, req)
	} else {
		p.levels = append(p.both[:0], req)
	}
	for _, level := range p.levels {
		if err := r.evalLevel(p, level); err != nil {
			return nil, err
		}
	}
	if err := r.evalURL(p, req, base); err != nil {
		return nil, err
	}
	if err := r.evalBody(p); err != nil {
		return nil, err
	}
	var err error
	p.oauth, err = r.mergeOAuth(req)
	return p, err
}

// evalLevel evaluates the directives that a later level overrides one by one or key by key.
func (r *run) evalLevel(p *parts, q *plan.Request) error {
	for _, d := range [...]struct {
		ref plan.Ref
		dst *string
	}{{q.Method, &p.method}, {q.BodyType, &p.bodyType}, {q.CA, &p.ca}} {
		if d.ref == 0 {
			continue
		}
		v, err := r.eval(d.ref)
		if err != nil {
			return err
		}
		if !value.IsEmpty(v) {
			*d.dst = value.ToText(v)
		}
	}
	p.method = strings.ToUpper(p.method)
	headers, err := r.evalObject(q.Headers)
	if err != nil {
		return err
	}
	if q.WholeHeaders && headers != nil {
		p.headers = nil
	}
	p.headers = overlay(p.headers, headers)
	query, err := r.evalObject(q.Query)
	if err != nil {
		return err
	}
	if q.WholeQuery && query != nil {
		p.query = nil
	}
	p.query = overlay(p.query, query)
	return nil
}

// overlay merges the entries of top over base, key by key; nil means absent.
func overlay(base, top *value.Object) *value.Object {
	if base == nil || top == nil {
		if top == nil {
			return base
		}
		return top
	}
	out := base.Clone()
	for i := range top.Len() {
		k, v := top.At(i)
		out.Set(k, v)
	}
	return out
}

// evalURL evaluates the URL; that of a call which starts with "/" follows the base URL by plain concatenation.
func (r *run) evalURL(p *parts, req, base *plan.Request) error {
	ref := req.URL
	if ref == 0 && base != nil && r.module {
		ref = base.URL
	}
	v, err := r.eval(ref)
	if err != nil {
		return err
	}
	p.url = value.ToText(v)
	if r.module && base != nil && base.BaseURL != 0 && strings.HasPrefix(p.url, "/") {
		b, err := r.eval(base.BaseURL)
		if err != nil {
			return err
		}
		p.url = value.ToText(b) + p.url
	}
	return nil
}

// evalBody evaluates the body, straight to JSON where the plan can write it.
func (r *run) evalBody(p *parts) error {
	if p.bodyless() {
		return nil
	}
	var own []*plan.Request
	for _, level := range p.levels {
		if level.Body != 0 {
			own = append(own, level)
		}
	}
	if len(own) == 1 && own[0].BodyJSON != 0 && (p.bodyType == "" || bodyKinds[p.bodyType] == content.BodyJSON) {
		var err error
		p.json, err = r.frame.EvalJSON(own[0].BodyJSON)
		return err
	}
	for _, level := range own {
		v, err := r.eval(level.Body)
		if err != nil {
			return err
		}
		if a, b := p.body.Object(), v.Object(); a != nil && b != nil && !level.WholeBody {
			v = value.Collection(overlay(a, b))
		}
		p.body = v
	}
	return nil
}
