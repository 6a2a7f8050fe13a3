package make

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
)

// handshake reports what an OAuth 1.0 connection cannot do without (RFC 5849 §2): secrets to sign with, a token with its
// secret, a redirect with a token, the verifier, and data that keeps what was granted.
func (r *reader) handshake(c *sections, base *ast.Request, calls []*ast.Call) {
	if c.kind != kindOAuth1 {
		return
	}
	redirects := c.authorize != nil && c.authorize.URL != nil
	r.whole = asks(c.requestToken) && redirects && asks(c.accessToken)
	r.unasked(c, redirects)
	for _, s := range c.inOrder() {
		for _, req := range s.requests {
			if s.name != inAuthorize {
				r.signing(req, levels{req.OAuth, c.oauth}, false)
			}
		}
	}
	var shared *ast.OAuth
	if base != nil {
		shared = base.OAuth
		r.signing(base, levels{shared, c.oauth}, true)
	}
	for _, call := range calls {
		for _, req := range call.Requests {
			r.signing(req, levels{req.OAuth, shared, c.oauth}, true)
		}
	}
	r.redirectToken(c)
	r.exchange(c)
	r.storage(c)
}

// unasked reports the one section of a handshake that sends nothing while the two others do.
func (r *reader) unasked(c *sections, redirects bool) {
	var silent *ast.Request
	switch first, last := asks(c.requestToken), asks(c.accessToken); {
	case redirects && last && !first && len(c.requestToken) > 0:
		silent = c.requestToken[0]
	case first && last && !redirects && c.authorize != nil:
		silent = c.authorize
	case first && redirects && !last && len(c.accessToken) > 0:
		silent = c.accessToken[0]
	default:
		return
	}
	r.list.Items = slices.DeleteFunc(r.list.Items, func(d diag.Diagnostic) bool { return d.Code == "MAKE208" && d.Span == silent.At.Key })
	r.cannot("MAKE208", silent.At, "write \"url\" with the address of the service", "the section has no \"url\", so nothing is sent and no handshake is made")
}

// asks reports whether a section sends anything.
func asks(requests []*ast.Request) bool {
	return slices.ContainsFunc(requests, func(req *ast.Request) bool { return req.URL != nil })
}

// levels are the directives that make up the credentials of a request, the nearest first (spec make.md §12.2).
type levels []*ast.OAuth

// off reports whether the request is not signed, by its own directive.
func (l levels) off() bool { return l[0] != nil && l[0].Off }

// open reports whether a directive is computed as a whole, so that nothing is known of its keys.
func (l levels) open() bool {
	return slices.ContainsFunc(l, func(o *ast.OAuth) bool { return o != nil && o.Whole != nil })
}

// value returns the nearest value of a key, nil where none writes it or null takes it away.
func (l levels) value(key string) ast.Value {
	for _, o := range l {
		if o == nil || o.Off {
			continue
		}
		if v := *oauthField(o, key); v != nil {
			if literal, ok := v.(*ast.Literal); ok && literal.Kind == ast.LiteralNull {
				return nil
			}
			return v
		}
	}
	return nil
}

// word returns the literal text of a key, or what holds without it; ok is false when only the run knows.
func (l levels) word(key, otherwise string) (word string, ok bool) {
	v := l.value(key)
	if v == nil {
		return otherwise, true
	}
	t, isText := v.(*ast.Template)
	if !isText {
		return "", false
	}
	return t.Literal()
}

// at is the place of the nearest directive, else that of the request.
func (l levels) at(req *ast.Request) ast.Origin {
	for _, o := range l {
		if o != nil && !o.Off {
			return o.At
		}
	}
	return req.At
}

// keyed is the place of the directive that has the consumer key, or takes the secret away: what belongs there is missing
// there, however many requests lack it.
func (l levels) keyed(req *ast.Request) ast.Origin {
	for _, o := range l {
		if o == nil || o.Off {
			continue
		}
		for _, key := range []string{"consumer_key", "consumer_secret", "private_key"} {
			if *oauthField(o, key) != nil {
				return o.At
			}
		}
	}
	return l.at(req)
}

// signing checks the credentials of one request. Those of modules have their URL from elsewhere.
func (r *reader) signing(req *ast.Request, l levels, module bool) {
	if l.off() || l.open() || req.URL == nil && !module {
		return
	}
	if l.value("consumer_key") == nil {
		if req.Callback != ast.CallbackNotAsked || l.value("token") != nil {
			r.cannot("MAKE317", l.at(req), "write \"consumer_key\" and \"consumer_secret\", best in \"oauth\" at the root",
				"the request is not signed: there is no consumer key")
		}
		return
	}
	r.doubled(req, l)
	method, known := l.word("signature_method", "HMAC-SHA1")
	secret, key := l.value("consumer_secret"), l.value("private_key")
	switch {
	case !known || secret != nil || !allMethods[method]:
	case isRSA(method) && key == nil:
		r.cannot("MAKE317", l.keyed(req), "write \"private_key\" with the key in PEM form",
			"%s signs with a private key, and there is none", method)
	case !isRSA(method):
		r.cannot("MAKE317", l.keyed(req), "write \"consumer_secret\"; \"\" if the service gives none",
			"%s signs with the consumer secret, and there is none", method)
	}
	if token := l.value("token"); token != nil && known && !isRSA(method) && l.value("token_secret") == nil {
		r.cannot("MAKE318", token.Origin(), "write \"token_secret\" with the secret that came with the token; \"\" if there is none",
			"a token signs together with its secret, and \"token_secret\" is missing")
	}
	transport, known := l.word("transport_method", "header")
	if known && transport == "body" && sendsNoForm(req) {
		r.cannot("MAKE320", l.value("transport_method").Origin(), "write \"method\": \"POST\" and \"type\": \"urlencoded\", or another \"transport_method\"",
			"the protocol parameters travel in a form, and a %s request sends none", methodOf(req))
	}
}

// doubled reports what a signed request has twice: an Authorization header that the signature replaces, and protocol
// parameters of the query that are sent a second time (spec make.md §12.4).
func (r *reader) doubled(req *ast.Request, l levels) {
	transport, known := l.word("transport_method", "header")
	if !known {
		return
	}
	for _, x := range literalEntries(req.Headers) {
		if transport == "header" && strings.EqualFold(x.Key, "Authorization") {
			r.list.Add(diag.Diagnostic{Code: "MAKE301", Severity: diag.Warning, Span: x.KeyAt, Pointer: req.At.Pointer,
				Message: "the header \"Authorization\" is replaced by that of the signature", Help: "remove it"})
		}
	}
	for _, x := range literalEntries(req.Query) {
		if own := strings.TrimPrefix(x.Key, "oauth_"); alwaysSent[x.Key] || x.Key != own && oauthKeys[own] && l.value(own) != nil {
			r.list.Add(diag.Diagnostic{Code: "MAKE302", Severity: diag.Warning, Span: x.KeyAt, Pointer: req.At.Pointer,
				Message: quoteName(x.Key) + " is sent with the signature already, and services refuse a second one", Help: "remove it"})
		}
	}
}

// alwaysSent are the parameters that every signature brings (RFC 5849 §3.1).
var alwaysSent = keySet("oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_version")

func literalEntries(v ast.Value) []ast.Entry {
	if o, ok := v.(*ast.Object); ok {
		return o.Entries
	}
	return nil
}

// urlCarries reports whether the text of a URL has the parameter, or a hole that may hold it.
func urlCarries(name string, url ast.Value) bool {
	t, ok := url.(*ast.Template)
	return !ok || t.Whole() || strings.Contains(t.Text, name)
}

func isRSA(method string) bool { return len(method) > 4 && method[:4] == "RSA-" }

// methodOf returns the literal method of a request, "" when only the run knows it.
func methodOf(req *ast.Request) string {
	if req.Method == nil {
		return "GET"
	}
	if t, ok := req.Method.(*ast.Template); ok {
		if word, fixed := t.Literal(); fixed {
			return strings.ToUpper(word)
		}
	}
	return ""
}

// sendsNoForm reports a request that has a URL and a method which no form goes with.
func sendsNoForm(req *ast.Request) bool {
	m := methodOf(req)
	return req.URL != nil && (m == "GET" || m == "HEAD")
}

// redirectToken reports a redirect that sends the browser without a request token (spec make.md §13.3).
func (r *reader) redirectToken(c *sections) {
	if c.authorize == nil || c.authorize.URL == nil || len(c.requestToken) == 0 {
		return
	}
	l := levels{c.authorize.OAuth, c.oauth}
	if l.open() || l.value("token") != nil || carries("oauth_token", c.authorize.Query) || urlCarries("oauth_token", c.authorize.URL) ||
		usesTemp(c.authorize.Query, c.authorize.URL) {
		return
	}
	at := c.authorize.At
	if o := c.authorize.OAuth; o != nil && !o.Off {
		at = o.At
	}
	r.cannot("MAKE319", at, "write \"oauth\": {\"token\": \"{{temp.…}}\"} with the token of the answer of requestToken",
		"the browser is sent without a request token, so the service cannot know what is asked of the user")
}

// usesTemp reports whether something of an earlier answer goes out with the redirect: a token may stand there under a name of
// the service.
func usesTemp(values ...ast.Value) bool {
	for _, v := range values {
		switch v := v.(type) {
		case *ast.Template:
			if strings.Contains(v.Text, "temp.") {
				return true
			}
		case *ast.Object:
			for _, x := range v.Entries {
				if usesTemp(x.Value) {
					return true
				}
			}
		}
	}
	return false
}

// exchange reports an access token request that lacks what RFC 5849 §2.3 asks for.
func (r *reader) exchange(c *sections) {
	if len(c.requestToken) == 0 {
		return
	}
	for _, req := range c.accessToken {
		if req.URL == nil || req.OAuth != nil && req.OAuth.Off {
			continue
		}
		at := req.At
		if req.OAuth != nil {
			at = req.OAuth.At
		}
		l := levels{req.OAuth, c.oauth}
		if !mentions("token_secret", l...) && !mentions("private_key", l...) && l.value("token") == nil { // RSA needs no shared secret; with a token it is MAKE318
			r.cannot("MAKE314", at, "keep it with requestToken.response.temp and write \"token_secret\"",
				"the access token request is signed without the secret of the request token")
		}
		if c.authorize != nil && !mentions("token", l...) && !carries("oauth_token", req.Query, req.Body) {
			r.cannot("MAKE319", at, "write \"token\": \"{{temp.…}}\" with the token of the answer of requestToken", "the access token request does not name the request token that was authorised")
		}
		if c.authorize != nil && !revisionless(c) && !mentions("verifier", l...) && !carries("oauth_verifier", req.Query, req.Body) {
			r.cannot("MAKE315", at, "write \"verifier\": \"{{query.oauth_verifier}}\"", "the access token request does not carry the verifier of the callback")
		}
	}
}

// revisionless reports whether the request token is, or may be, asked for without a callback, as of a service before
// revision A, which has no verifier.
func revisionless(c *sections) bool {
	return slices.ContainsFunc(c.requestToken, func(q *ast.Request) bool {
		l := levels{q.OAuth, c.oauth}
		if l.open() {
			return true
		}
		switch v := l.value("callback").(type) {
		case nil:
			return mentions("callback", l...) // null
		case *ast.Template:
			word, fixed := v.Literal()
			return fixed && word == "" || !fixed && !onePath(v)
		}
		return true // false
	})
}

// onePath reports a template that is nothing but a path, such as {{oauth.redirectUri}}.
func onePath(t *ast.Template) bool {
	if len(t.Parts) != 1 {
		return false
	}
	_, ok := t.Parts[0].Expr.(*grammar.Path)
	return ok
}

// mentions reports whether one of the directives has the key, or may have it.
func mentions(key string, levels ...*ast.OAuth) bool {
	return slices.ContainsFunc(levels, func(o *ast.OAuth) bool { return o != nil && (*oauthField(o, key) != nil || carries(key, o.Whole)) })
}

// carries reports whether one of the values is an object with the key, or may compute one.
func carries(key string, values ...ast.Value) bool {
	for _, v := range values {
		switch v := v.(type) {
		case nil, *ast.Literal:
		case *ast.Object:
			for _, x := range v.Entries {
				if x.Key == key || x.Spread {
					return true
				}
			}
		default:
			return true
		}
	}
	return false
}

// storage reports an accessToken section after which nothing that came with the answer is in the connection's data.
func (r *reader) storage(c *sections) {
	if len(c.accessToken) == 0 || c.accessToken[0].URL == nil {
		return
	}
	for _, reqs := range [][]*ast.Request{c.accessToken, c.info} {
		for _, req := range reqs {
			if req.Response == nil {
				continue
			}
			for _, p := range pathsOf(req.Response.Data) {
				if base, ok := p.Base.(*grammar.Root); ok && (base.Name == "body" || base.Name == "temp" || base.Name == "headers") {
					return
				}
			}
			if len(bareRoots(req.Response.Data)) > 0 {
				return
			}
		}
	}
	r.cannot("MAKE316", c.accessToken[0].At, "write \"response\": {\"data\": {…}} with the token and its secret",
		"no \"response.data\" stores anything of the answer, so the token is lost when the connection is made")
}

// cannot reports what keeps a whole handshake from working. Where sections are missing, as in a fragment that is tried
// alone, it is a warning: the platform would run what is there.
func (r *reader) cannot(code string, at ast.Origin, help, format string, args ...any) {
	severity := diag.Warning
	if r.whole {
		severity = diag.Error
	}
	r.list.Add(diag.Diagnostic{Code: code, Severity: severity, Usable: true, Span: at.Key, Pointer: at.Pointer, Message: fmt.Sprintf(format, args...), Help: help})
}
