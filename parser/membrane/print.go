package membrane

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/document"
)

// Print implements outline.Printer: it writes a connection as one YAML file.
func (Dialect) Print(c *outline.Connection, _ string, losses *outline.Losses) []outline.File {
	p := &printer{c: c, losses: losses}
	if !c.NeedsHandshake(losses) {
		return nil
	}
	root := document.NewObject()
	root.Set("key", document.NewText(outline.FileName(c.Name))).Set("name", document.NewText(c.Name)).Set("type", document.NewText("oauth1"))
	methods := document.NewObject()
	write := func(key, kind string, mapping func() *document.Node) {
		losses.At(methods, key, func() {
			methods.Set(key, document.NewObject().Set("type", document.NewText(kind)).Set("mapping", mapping()))
		})
	}
	write("getOAuthConfig", mapping, p.config)
	write("makeApiClient", mapping, p.client)
	write("test", restMapping, p.test)
	if owner := p.owner(); owner != nil {
		root.Set("parametersSchema", owner)
	}
	if len(c.Parameters) > 0 {
		root.Set("inputSchema", p.schema(c.Parameters))
	}
	root.Members = append(root.Members, methods.Members...)
	p.rest()
	losses.Simplify(c)
	return []outline.File{{Name: outline.FileName(c.Name) + ".yml", Text: document.WriteYAML(root, losses.Head(c)...)}}
}

// printer writes one outline.
type printer struct {
	c      *outline.Connection
	losses *outline.Losses
	place  place
	// answer is the root of the answer at hand.
	answer string
	common []string
}

type place uint8

const (
	inConfig place = iota
	inClient
	inAnswer
)

// config writes getOAuthConfig.
func (p *printer) config() *document.Node {
	c := p.c
	p.place = inConfig
	out := document.NewObject()
	s := c.RequestToken.Sign
	if s == nil {
		s = &outline.Sign{At: c.RequestToken.At}
	}
	out.Set("consumerKey", p.required(s.ConsumerKey, outline.CodeSigning, "the consumer key"))
	out.Set("consumerSecret", p.required(s.ConsumerSecret, outline.CodeSigning, "the consumer secret"))
	token := func(key string, r *outline.Request) {
		p.losses.At(out, key, func() {
			out.Set(key, p.address(r))
			p.tokenCall(r)
		})
	}
	token("requestTokenUri", c.RequestToken)
	p.losses.At(out, "authorizeUri", func() { p.redirect(out) })
	token("tokenUri", c.AccessToken)
	return reordered(out, "consumerKey", "consumerSecret", "requestTokenUri", "authorizeUri", "tokenUri", "extra")
}

func reordered(n *document.Node, keys ...string) *document.Node {
	out := document.NewObject()
	for _, key := range keys {
		if m := n.Member(key); m != nil {
			out.Members = append(out.Members, *m)
		}
	}
	return out
}

// required writes a value that must be there.
func (p *printer) required(x outline.Expr, code, what string) *document.Node {
	if n := p.value(x, code, what); n != nil {
		return n
	}
	if x == nil {
		return document.NewText("")
	}
	p.losses.Move(outline.Move{Kind: "common", From: "", To: what})
	return document.NewObject().Set("$var", document.NewText("connectorParameters."+map[bool]string{true: "consumerKey", false: "consumerSecret"}[strings.HasSuffix(what, "key")]))
}

// tokenCall tells what a token call cannot have here.
func (p *printer) tokenCall(r *outline.Request) {
	l := p.losses
	if r.Method != "POST" {
		l.Lose(outline.CodeMethod, r.At, "token calls are always POST here", "the call %s is sent with POST instead of %s", r.Name, r.Method)
	}
	for _, h := range r.Headers {
		l.Lose(outline.CodeHeader, h.At, "token calls have no headers of their own here", "the header %s of the call %s is left out", h.Name, r.Name)
	}
	if r.Body != nil {
		l.Lose(outline.CodeBody, r.At, "token calls have no body here", "the body of the call %s is left out", r.Name)
	}
	p.signing(r)
	if r == p.c.RequestToken {
		p.c.LoseCallback(l)
	}
}

// signing tells how a signature differs from the only one of this dialect.
func (p *printer) signing(r *outline.Request) {
	if r.Sign == nil {
		p.losses.Lose(outline.CodeSigning, r.At, "every request is signed here", "the request %s is signed although the spec does not sign it", r.Name)
		return
	}
	r.LoseSigning(p.losses)
	if r != p.c.RequestToken {
		r.LoseToken(p.losses)
	}
}

// redirect writes authorizeUri and extra.
func (p *printer) redirect(out *document.Node) {
	d := p.c.Authorize
	if d.Optional {
		p.losses.Note(outline.CodeJudgement, d.At, "the token must come back", "a callback without oauth_token is not accepted")
	}
	extra := document.NewObject()
	var before []outline.Pair
	token := false
	for _, q := range d.Query {
		switch {
		case q.Name == "oauth_token":
			if !outline.IsRead(q.Value, outline.RootRequestAnswer, "oauth_token") {
				p.losses.Lose(outline.CodeQuery, q.At, "the request token always stands there here", "the parameter oauth_token of the authorisation URL is the request token")
			}
			token = true
		case q.Name == "" || !token && outline.IsConstant(q.Value) || extra.Member(q.Name) != nil:
			before = append(before, q)
		default:
			v := q.Value
			if c, ok := v.(*outline.Call); ok && c.Name == outline.FuncKnown {
				p.losses.Lose(outline.CodeQuery, q.At, "what is missing is not sent here", "the parameter %s of the authorisation URL is left out when it has no value", q.Name)
				v = c.Args[0]
			}
			if n := p.value(v, outline.CodeQuery, "the parameter "+q.Name+" of the authorisation URL"); n != nil {
				extra.Set(q.Name, n)
			}
		}
	}
	if !token {
		p.losses.Lose(outline.CodeQuery, d.At, "it is always added here", "oauth_token is added to the authorisation URL")
	}
	out.Set("authorizeUri", p.url(p.withQuery(d.At, d.URL, before), "the authorisation URL"))
	if len(extra.Members) > 0 {
		out.Set("extra", extra)
	}
}

// client writes makeApiClient: the base of free requests, or where the test goes.
func (p *printer) client() *document.Node {
	p.place = inClient
	out := document.NewObject()
	r := p.c.Base
	var base outline.Expr
	if r != nil {
		base = r.Base
	}
	if len(p.c.Proof) > 0 && p.c.Proof[0].URL != nil {
		full := p.c.Proof[0].URL
		if base == nil || !startsWith(full, base) {
			derived, _ := outline.SplitAddress(full)
			if base != nil && !p.absolute(full) {
				p.losses.Lose(outline.CodeURL, base.Origin(), "a client has one base address", "the base address of free requests is that of the test")
			}
			if base == nil || !p.absolute(full) {
				base = derived
			}
		}
	}
	if base != nil {
		out.Set("baseUri", p.url(base, "the base address"))
	} else {
		out.Set("baseUri", document.NewText("https://unknown.invalid"))
		p.losses.Note(outline.CodeDecided, p.c.At, "write the address of the API", "the client has no base address")
	}
	if r == nil {
		p.losses.Lose(outline.CodeRequest, p.c.At, "a client signs every request", "free requests of a host are signed although the spec does not say how")
		return out
	}
	p.signing(r)
	p.query(out, "query", r.Query)
	p.headers(out, r.Headers)
	if r.Answer.Valid != nil || len(r.Answer.Errors) > 0 {
		p.losses.Lose(outline.CodeJudgement, r.Answer.At, "write responseHandlers", "what is said of failures of free requests is left out")
	}
	return out
}

func (p *printer) query(out *document.Node, key string, query []outline.Pair) {
	o := document.NewObject()
	for _, q := range query {
		v := q.Value
		if c, ok := v.(*outline.Call); ok && c.Name == outline.FuncKnown {
			v = &outline.Call{At: c.At, Name: outline.FuncFirst, Args: []outline.Expr{c.Args[0], &outline.Text{At: c.At}}}
		}
		n := p.value(v, outline.CodeQuery, "the parameter "+q.Name)
		if n == nil {
			continue
		}
		if before := o.Get(q.Name); before != nil {
			if before.Kind != document.KindArray {
				before = document.NewArray(before)
			}
			n = document.NewArray(append(before.Items, n)...)
		}
		o.Set(q.Name, n)
	}
	if len(o.Members) > 0 {
		out.Set(key, o)
	}
}

func (p *printer) headers(out *document.Node, headers []outline.Pair) {
	o := document.NewObject()
	for _, h := range headers {
		o.Set(h.Name, p.value(h.Value, outline.CodeHeader, "the header "+h.Name))
	}
	if len(o.Members) > 0 {
		out.Set("headers", o)
	}
}

// test writes the request that proves the credentials.
func (p *printer) test() *document.Node {
	out := document.NewObject()
	if len(p.c.Proof) == 0 || p.c.Proof[0].URL == nil {
		p.losses.Lose(outline.CodeRequest, p.c.At, "a test is required here", "the connection has no request that proves the credentials; the base address is asked for")
		return out.Set("path", document.NewText("/")).Set("method", document.NewText("get"))
	}
	r := p.c.Proof[0]
	for _, more := range p.c.Proof[1:] {
		if more.URL != nil {
			p.losses.Lose(outline.CodeRequest, more.At, "there is one test here", "the request %s is left out", more.Name)
		}
		p.answerLosses(more)
	}
	p.place, p.answer = inClient, ""
	request := document.NewObject()
	out.Set("path", p.path(r, request)).Set("method", document.NewText(strings.ToLower(r.Method)))
	p.query(request, "query", r.Query)
	p.headers(request, r.Headers)
	p.noDefaults(r)
	if r.Body != nil {
		if r.BodyType != "json" {
			p.losses.Lose(outline.CodeBody, r.At, "bodies are JSON here", "the body of the test is JSON instead of %s", r.BodyType)
		}
		request.Set("data", p.value(r.Body, outline.CodeBody, "the body of the test"))
	}
	if len(request.Members) > 0 {
		out.Set("requestMapping", request)
	}
	p.signing(r)
	p.place, p.answer = inAnswer, outline.ProofAnswer(0)
	if r.Answer.Valid != nil {
		if n := p.truth(r.Answer.Valid); n != nil {
			out.Set("responseMapping", n)
		}
	}
	p.answerLosses(r)
	return out
}

// noDefaults tells of headers and parameters of the client that the test of the spec does not have.
func (p *printer) noDefaults(r *outline.Request) {
	if p.c.Base == nil {
		return
	}
	missing := func(kind, code string, base, own []outline.Pair) {
		for _, b := range base {
			found := false
			for _, o := range own {
				found = found || strings.EqualFold(o.Name, b.Name)
			}
			if !found {
				p.losses.Lose(code, b.At, "the test is a request of the client here", "the test has the %s %s of free requests", kind, b.Name)
			}
		}
	}
	missing("parameter", outline.CodeQuery, p.c.Base.Query, r.Query)
	missing("header", outline.CodeHeader, p.c.Base.Headers, r.Headers)
}

// truth writes a value of which only the truth counts.
func (p *printer) truth(x outline.Expr) *document.Node {
	return p.value(x, outline.CodeJudgement, "what the answer of the test must be")
}

// answerLosses tells what of the use of an answer has no place here.
func (p *printer) answerLosses(r *outline.Request) {
	a, l := r.Answer, p.losses
	p.c.LoseTexts(l, r)
	if a.UID != nil {
		l.Lose(outline.CodeLabel, a.UID.Origin(), "there is no id of the user there", "the id of the user is left out")
	}
	if a.Label != nil {
		l.Lose(outline.CodeLabel, a.Label.Origin(), "there is no label there", "the label is left out")
	}
	if a.Expires != nil {
		l.Lose(outline.CodeLabel, a.Expires.Origin(), "there is no expiry there", "the expiry is left out")
	}
	if r != p.c.AccessToken {
		p.c.LoseData(l, r)
	}
}

// rest tells what the whole of the connection loses.
func (p *printer) rest() {
	c, l := p.c, p.losses
	for _, r := range c.Calls {
		l.Lose(outline.CodeRequest, r.At, "connections have no named requests there; actions of the integration do", "the call %s is left out", r.Name)
	}
	c.LoseStored(l)
	c.LoseCommon(l)
	for _, r := range []*outline.Request{c.RequestToken, c.AccessToken} {
		p.answerLosses(r)
		c.LoseValid(l, r)
	}
}

// owner is the schema of what the owner of the app gives.
func (p *printer) owner() *document.Node {
	if len(p.common) == 0 {
		return nil
	}
	properties := document.NewObject()
	for _, name := range p.common {
		property := document.NewObject().Set("type", document.NewText("string"))
		if strings.Contains(strings.ToLower(name), "secret") {
			property.Set("format", document.NewText("password"))
		}
		properties.Set(name, property)
	}
	return document.NewObject().Set("type", document.NewText("object")).Set("properties", properties)
}

// locatorOf is the locator of a variable.
func locatorOf(root string, path []outline.Step) string {
	steps := make([]locator.Step, len(path))
	for i, s := range path {
		steps[i] = locator.Step{Name: s.Name, Index: float64(s.Index), Indexed: s.Indexed}
	}
	text := string(locator.Append(nil, steps))
	text = strings.TrimPrefix(strings.TrimPrefix(text, "$"), ".")
	switch {
	case text == "":
		return root
	case strings.HasPrefix(text, "["):
		return root + text
	}
	return root + "." + text
}
