package zapier

import (
	"fmt"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

const (
	appKeys = "version platformVersion beforeApp afterApp authentication requestTemplate beforeRequest afterResponse triggers bulkReads searches creates " +
		"resources hydrators searchOrCreates searchAndCreates flags throttle legacy firehoseWebhooks zapier"
	authenticationKeys = "type test fields connectionLabel oauth1Config oauth2Config sessionConfig basicConfig customConfig digestConfig"
	configKeys         = "getRequestToken authorizeUrl getAccessToken"
)

// definition reads the file: the older form when it has one that is complete, else that of the Platform CLI.
func (r *reader) definition(root *document.Node, variant string) {
	e := entry{name: "the definition", node: root}
	e.at, _ = root.FirstKey()
	if e.at.IsZero() {
		e.at = root.Span
	}
	r.firstKey = e.at
	r.conn.At = e.origin()
	r.conn.Words = eventCodes
	r.checkParity()
	if root.Kind != document.KindObject {
		r.errorf("ZAP103", e.at, "", "the definition is %s, expected an object", article(root.Kind))
		return
	}
	if variant == "" && (e.text("zapier") == legacy || root.Get("legacy").Get("authentication") != nil) {
		variant = legacy
	}
	switch {
	case variant != legacy:
		r.app(e)
	case e.text("zapier") == legacy || root.Get("legacy") == nil:
		r.settings(e)
	case isCompleteLegacy(root) || !isComplete(root.Get("authentication").Get("oauth1Config")):
		r.converted(e)
	default:
		r.app(e)
	}
}

// authentication returns the object that says how users authenticate, if it is of OAuth 1.0.
func (r *reader) authentication(root entry) (entry, bool) {
	auth, ok := root.get("authentication")
	if !ok {
		r.errorf("ZAP103", root.at, "", "there is no \"authentication\": nothing can be connected")
		return auth, false
	}
	if !r.object(auth) {
		return auth, false
	}
	typ, ok := auth.get("type")
	switch {
	case !ok:
		r.errorf("ZAP201", auth.at, "write \"type\": \"oauth1\"", "the authentication has no type")
	case typ.is(document.KindText) && isWord(typ.node.Text, "basic custom digest oauth2 session"):
		r.errorf("ZAP202", typ.at, "", "an authentication of type %q is not OAuth 1.0 and cannot be compiled", typ.node.Text)
		return auth, false
	case !typ.is(document.KindText) || typ.node.Text != "oauth1":
		r.errorf("ZAP201", typ.at, "write \"type\": \"oauth1\"", "the type of the authentication is not known")
	}
	return auth, true
}

// app reads the definition of a Platform CLI app (spec dialects.md §3.2).
func (r *reader) app(root entry) {
	r.appRoot(root)
	auth, ok := r.authentication(root)
	if !ok {
		return
	}
	r.closed(auth, "authentication", authenticationKeys)
	if fields, ok := auth.get("fields"); ok {
		r.conn.Parameters = r.fields(fields)
	}
	steps := r.steps(auth)
	var signer *ast.OAuth
	if requestToken, ok := steps["getRequestToken"]; ok && r.hooks && !isFunction(requestToken.node) {
		signer = r.automatic(requestToken)
	}
	r.connect(steps)
	r.test(auth, signer)
	r.conn.Base = r.base(signer)
	r.calls(root, signer)
}

// appRoot reads what stands beside the authentication.
func (r *reader) appRoot(root entry) {
	for i := range root.node.Members {
		if m := &root.node.Members[i]; !isWord(m.Key, appKeys) {
			r.unknownKey(root, m, appKeys, fmt.Sprintf("the key %q is not known here", clip(m.Key)))
		}
	}
	r.written(root, "version")
	r.platformVersion(root)
	if m, ok := root.get("requestTemplate"); ok && r.object(m) {
		r.template, r.templateSize = m.node, size(m.node)
		if auth, ok := m.get("auth"); ok && !r.mergesAuth() {
			r.warnf("ZAP308", auth.at, "write auth into each request", "core %d does not put the auth of requestTemplate under requests", r.version)
			checked := *m.node
			checked.Members = nil
			for _, member := range m.node.Members {
				if member.Key != "auth" {
					checked.Members = append(checked.Members, member)
				}
			}
			m.node = &checked
		}
		r.checkRequest(m)
	}
	if m, ok := root.get("beforeRequest"); ok && r.legacy {
		r.functions(m, func(f entry) { r.function(f, "beforeRequest", false) }) // calls are signed without it
	} else if ok && r.collect(m, "before") {
		r.functions(m, r.functionShape)
		r.hooks = true
	} else if ok {
		if r.hooks = r.functions(m, r.functionShape) > 0; r.hooks {
			r.warnf("ZAP403", m.at, "write auth into each request to say it without a function",
				"%s: hook \"beforeRequest\" is JavaScript and is skipped: requests without auth are signed with the consumer of getRequestToken and the stored token", r.file(m))
		}
	}
	if m, ok := root.get("afterResponse"); ok && !r.legacy && r.collect(m, "after") {
		r.functions(m, r.functionShape)
	} else if ok {
		r.functions(m, func(f entry) { r.function(f, "afterResponse", false) })
	}
}

// steps checks the three steps of oauth1Config and returns the requests among them, merged over the template.
func (r *reader) steps(auth entry) map[string]entry {
	out := map[string]entry{}
	config, ok := auth.get("oauth1Config")
	switch {
	case !ok:
		r.missing(auth, "oauth1Config")
		return out
	case !r.object(config):
		return out
	}
	r.closed(config, "oauth1Config", configKeys)
	for _, name := range []string{"getRequestToken", "authorizeUrl", "getAccessToken"} {
		e, ok := config.get(name)
		switch {
		case !ok:
			r.missing(config, name)
			continue
		case isFunction(e.node) && r.runnable(e):
			r.functionShape(e)
			out[name] = e
			continue
		case isFunction(e.node):
			r.function(e, name, true)
			continue
		case !e.is(document.KindObject):
			r.wrong(e, "a request or a function")
			continue
		}
		if name == "authorizeUrl" {
			r.checkRedirect(e)
		} else {
			r.checkRequest(e)
		}
		merged := r.merged(e)
		r.checkURL(merged, "url", name != "authorizeUrl")
		out[name] = merged
		if name == "authorizeUrl" {
			r.checkToken(merged)
		} else {
			r.checkSigning(merged)
			r.checkComplete(e, merged, inAccessToken)
		}
	}
	return out
}

// checkToken warns when the request token does not go to the service.
func (r *reader) checkToken(e entry) {
	const token = "bundle.inputData.oauth_token"
	used := uses(e.text("url"), token)
	if params := e.node.Get("params"); params != nil {
		for _, m := range params.Members {
			used = used || uses(m.Value.Text, token)
		}
	}
	if !used {
		r.warnf("ZAP304", e.at, "add \"params\": {\"oauth_token\": \"{{bundle.inputData.oauth_token}}\"}", "the authorisation URL never uses the request token, and nothing adds it")
	}
}

// checkSigning reports a token request that cannot be one, or that leaves its version open.
func (r *reader) checkSigning(e entry) {
	switch auth := e.node.Get("auth"); {
	case auth != nil && auth.Kind != document.KindObject: // told where it stands
	case !signs(e):
		r.errorf("ZAP310", e.at, "write \"auth\" with the consumer key and secret", "%q has no auth: a token request must be signed", e.name)
	case e.node.Get("auth").Get("oauth_version") == nil && !r.deviates(version10A):
		r.list.Add(diag.Diagnostic{Code: "ZAP306", Severity: diag.Info, Span: e.at, Message: "oauth_version is not written: 1.0 is sent, the vendor sends 1.0A"})
	}
}

// usable returns a step that can be lowered: its parts have the right types.
func usable(e entry) bool {
	for _, key := range []string{"params", "headers", "auth"} {
		if n := e.node.Get(key); n != nil && n.Kind != document.KindObject {
			return false
		}
	}
	return true
}

// connect lowers the steps of the handshake.
func (r *reader) connect(steps map[string]entry) {
	if e, ok := steps["getRequestToken"]; ok && isFunction(e.node) {
		r.stage("requestToken", r.scriptedToken(e, "getRequestToken", inRequestToken, requestAnswer), false)
	} else if ok && usable(e) {
		l := lowering{reader: r, step: inRequestToken}
		req := l.request(e)
		req.OAuth, req.Callback = l.oauth(e), ast.CallbackNone
		l.deviate(req, e)
		req.Response = tokenResponse(req.At, requestAnswer, ast.ParseToken)
		r.stage("requestToken", req, false)
	}
	if e, ok := steps["authorizeUrl"]; ok && isFunction(e.node) {
		r.conn.Stages = append(r.conn.Stages, &ast.Stage{At: e.origin(), Name: "authorize", Redirect: &ast.Redirect{
			At: e.origin(), URL: r.stepCall(e, "authorizeUrl", inAuthorize), EncodeURL: ast.FlagOff, QueryMode: ast.QueryAppend, Verdict: plainVerdict}})
	} else if ok && usable(e) {
		l := lowering{reader: r, step: inAuthorize}
		req := l.request(entry{e.name, e.at, withHeaders(e.node, &document.Node{})})
		r.conn.Stages = append(r.conn.Stages, &ast.Stage{At: req.At, Name: "authorize", Redirect: &ast.Redirect{
			At: req.At, URL: req.URL, EncodeURL: req.EncodeURL, Query: req.Query, QueryMode: req.QueryMode, Verdict: plainVerdict}})
	}
	if e, ok := steps["getAccessToken"]; ok && isFunction(e.node) {
		req := r.scriptedToken(e, "getAccessToken", inAccessToken, accessAnswer)
		req.Response.Data = lookup(req.At, ast.RootTemp, accessAnswer, true)
		r.stage("accessToken", req, false)
	} else if ok && usable(e) {
		l := lowering{reader: r, step: inAccessToken}
		req := l.request(e)
		req.OAuth = l.oauth(e)
		l.deviate(req, e)
		req.Response = tokenResponse(req.At, accessAnswer, ast.ParseToken)
		req.Response.DataFields = []string{"*"}
		r.stage("accessToken", req, false)
	}
}

// scriptedToken is the step of a function that gives a token, which is kept in temp. Nothing else is sent.
func (r *reader) scriptedToken(e entry, hook string, s step, answer string) *ast.Request {
	at := e.origin()
	return &ast.Request{At: at, Verdict: plainVerdict, Response: &ast.Response{At: at,
		Temp: &ast.Object{At: at, Entries: []ast.Entry{{Key: answer, Value: r.stepCall(e, hook, s)}}}}}
}

// tokenResponse reads a token answer and keeps it in temp.
func tokenResponse(at ast.Origin, name string, kind ast.ParseKind) *ast.Response {
	return &ast.Response{At: at, Type: &ast.ResponseType{At: at, Value: ast.Parser{Kind: kind}},
		Temp: &ast.Object{At: at, Entries: []ast.Entry{{Key: name, Value: &ast.Root{At: at, Name: ast.RootBody}}}}}
}

func (r *reader) stage(name string, req *ast.Request, proof bool) {
	r.conn.Stages = append(r.conn.Stages, &ast.Stage{At: req.At, Name: name, Requests: []*ast.Request{req}, Proof: proof})
}

// test lowers the request that proves the credentials, and the label.
func (r *reader) test(auth entry, signer *ast.OAuth) {
	label := r.label(auth)
	e, ok := auth.get("test")
	switch {
	case !ok:
		r.missing(auth, "test")
	case isFunction(e.node) && r.runnable(e):
		r.functionShape(e)
		at := e.origin()
		r.stage("test", &ast.Request{At: at, Verdict: plainVerdict, Response: &ast.Response{At: at,
			Temp: &ast.Object{At: at, Entries: []ast.Entry{{Key: "test", Value: r.stepCall(e, "test", inTest)}}}}}, true)
		return
	case isFunction(e.node):
		r.function(e, "test", false)
	case !e.is(document.KindObject):
		r.wrong(e, "a request or a function")
	default:
		if req := r.signed(e, inTest, signer); req != nil {
			if req.Response == nil {
				req.Response = &ast.Response{At: req.At}
			}
			req.Response.Metadata = label
			r.stage("test", req, true)
			return
		}
	}
	if n := len(r.conn.Stages); n > 0 && r.conn.Stages[n-1].Name == "accessToken" {
		r.conn.Stages[n-1].Requests[0].Response.Metadata = r.labelWithoutTest(auth)
	}
}

// signed checks and lowers a request with the token of the connection; nil when it is none.
func (r *reader) signed(e entry, s step, signer *ast.OAuth) *ast.Request {
	r.checkRequest(e)
	merged := r.merged(e)
	r.checkURL(merged, "url", false)
	if !usable(merged) {
		return nil
	}
	r.checkComplete(e, merged, s)
	l := lowering{reader: r, step: s, bare: r.legacy && s == inTest}
	req := l.request(merged)
	if s == inTest && req.Verdict == plainVerdict {
		req.Verdict = testVerdict
	}
	switch req.OAuth, req.Apart = l.oauth(merged), true; {
	case req.OAuth != nil:
	case r.legacy:
		req.Apart, req.UnderBase = false, true
	case r.hooks:
		req.OAuth = signer
	default:
		r.warnf("ZAP307", e.at, "write auth with the consumer and the stored token", "nothing signs the request %q", e.name)
	}
	l.deviate(req, merged)
	r.wrap(req, s)
	return req
}

// base is what the free requests of a host get: the template, signed as requests without an auth of their own are.
func (r *reader) base(signer *ast.OAuth) *ast.Request {
	if r.template == nil && signer == nil {
		return nil
	}
	if r.template == nil {
		return &ast.Request{At: signer.At, OAuth: signer}
	}
	e := r.merged(entry{"requestTemplate", r.template.Span, &document.Node{Kind: document.KindObject, Span: r.template.Span}})
	if !usable(e) {
		return nil
	}
	l := lowering{reader: r, step: inCall}
	lowered := l.request(e)
	out := &ast.Request{At: lowered.At, Headers: lowered.Headers, Query: lowered.Query, QueryMode: lowered.QueryMode, EncodeURL: ast.FlagOff, OAuth: l.oauth(e)}
	if out.OAuth == nil {
		out.OAuth = signer
	}
	return out
}

// misspeltCall reports an item without a request whose key for it is there, but misspelt: its call would be missing.
func (r *reader) misspeltCall(item entry) {
	holder, name := item.node, "operation"
	if operation := item.node.Get("operation"); operation != nil {
		holder, name = operation, "perform"
	}
	for i := range holder.Members {
		if m := &holder.Members[i]; nearest.Misspelt(m.Key, []string{name}, func(string) bool { return false }) != "" {
			r.unknownKey(entry{node: holder}, m, name, "\""+clip(m.Key)+"\" is no key here, so that nothing is called")
		}
	}
}

// calls lowers the requests of triggers, searches and creates.
func (r *reader) calls(root entry, signer *ast.OAuth) {
	for _, kind := range []string{"triggers", "searches", "creates"} {
		group, ok := root.get(kind)
		if !ok || !r.object(group) {
			continue
		}
		for i := range group.node.Members {
			item := entryOf(&group.node.Members[i])
			if !r.object(item) {
				continue
			}
			if operation, ok := item.get("operation"); ok && !r.object(operation) {
				continue
			}
			perform := item.node.Get("operation").Member("perform")
			if perform == nil {
				r.misspeltCall(item)
				continue
			}
			e := entryOf(perform)
			switch {
			case isFunction(e.node) && !r.legacy && r.runnable(e):
				r.functionShape(e)
				name := kind + "." + item.name
				r.conn.Calls = append(r.conn.Calls, &ast.Call{At: e.origin(), Name: name, Requests: []*ast.Request{{At: e.origin(), Apart: true,
					Response: &ast.Response{At: e.origin(), Output: r.stepCall(e, name+".perform", inCall)}}}})
			case isFunction(e.node):
				r.function(e, kind+"."+item.name+".perform", false)
			case !e.is(document.KindObject):
				r.wrong(e, "a request or a function")
			default:
				if req := r.signed(e, inCall, signer); req != nil {
					r.scripted(req, kind, item.name)
					r.conn.Calls = append(r.conn.Calls, &ast.Call{At: req.At, Name: kind + "." + item.name, Requests: []*ast.Request{req}})
				}
			}
		}
	}
}
