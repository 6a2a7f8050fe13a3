package membrane

import (
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// The variables of each method (spec dialects.md §2.3).
var (
	ownerVariables = variables{rootVariable("connectorParameters", ast.RootCommon), rootVariable("connectionInput", ast.RootData),
		rootVariable("connectionParameters", ast.RootData)}
	configVariables = append(variables{rootMember("redirectUri", ast.RootRedirect, ast.DefaultRedirect), rootVariable("state", ast.RootState)},
		ownerVariables...)
	clientVariables = append(variables{rootVariable("credentials", ast.RootData)}, ownerVariables...)
	answerVariables = append(variables{{name: "response", members: variables{rootVariable("data", ast.RootBody),
		rootVariable("headers", ast.RootHeaders), rootVariable("statusCode", ast.RootStatus)}}}, clientVariables...)
)

func (r *reader) formulas() *formulas {
	return &formulas{diags: r.diags, options: FormulaOptions{Pattern: r.options.Pattern, JSONata: r.options.Library != nil && r.options.Library("jsonata")}}
}

// connection lowers an OAuth 1.0 authorisation (spec dialects.md §2.7).
func (r *reader) connection(conn *ast.Connection, l layer) {
	conn.Parameters, conn.CommonParameters = r.parameters(l), r.commonParameters(l)
	if len(conn.CommonParameters) > 0 {
		conn.Words = map[string]string{ast.EventCommon: "MEM501"}
	}
	found := map[string]*method{}
	for _, rule := range methodRules {
		if m := r.method(rule, l); m != nil && r.compiled(m) {
			found[rule.name] = m
		}
	}
	if m := found["getOAuthConfig"]; m != nil {
		r.config(conn, m)
	}
	client := found["makeApiClient"]
	if client != nil {
		r.client(conn, client, found["getOAuthConfig"])
	}
	switch m := found["test"]; {
	case m == nil:
	case m.how == javascript:
		r.scriptTest(conn, m)
	default:
		r.test(conn, m)
	}
	for _, name := range []string{"refreshCredentials", "disconnect"} {
		if m := found[name]; m != nil {
			r.scriptCall(conn, m)
		}
	}
}

// compiled reports whether a method is one that becomes part of the plan; the others are told.
func (r *reader) compiled(m *method) bool {
	name := m.key.Key
	where := name
	if m.file != nil {
		where = m.file.Name
	}
	const enable = "to run it enable the JavaScript host (--enable-js, in Go vm.Host.Scripts = jshost.New(limits))"
	switch m.how {
	case javascript:
		if r.options.Scripts {
			return true
		}
		if m.rule.required && name != "test" {
			r.atKey("MEM401", diag.Error, m.key.KeySpan, where+": method \""+name+"\" is JavaScript and needed to connect", enable+", or write it as a mapping")
		} else {
			r.atKey("MEM402", diag.Warning, m.key.KeySpan, where+": hook \""+name+"\" is JavaScript and is skipped", enable)
		}
		return false
	case graphMapping, operation:
		r.atKey("MEM406", diag.Warning, m.key.KeySpan, "a "+m.how+" is not compiled: the test is skipped", "write it as a rest-api-mapping")
		return false
	}
	return true
}

// configKeys are the texts that the result of getOAuthConfig must have.
var configKeys = []string{"consumerKey", "consumerSecret", "requestTokenUri", "authorizeUri", "tokenUri"}

// config lowers getOAuthConfig to the stages up to the access token.
func (r *reader) config(conn *ast.Connection, m *method) {
	if m.how == javascript {
		m.kept = keptConfig
	}
	values := map[string]ast.Value{}
	for _, key := range configKeys {
		at, v := r.part(m, key, configVariables)
		if v == nil {
			r.atKey("MEM208", diag.Error, m.at.Key, "the key "+key+" is missing", "a connection cannot be made without it")
			v = missing(at)
		}
		values[key] = invoke(at, "required", v, textOf(at, key))
	}
	at := m.at
	var config []ast.Entry
	if m.how == javascript {
		config = append(config, keep(at, keptConfig, r.hook(m, configVariables)))
	} else {
		r.checkConfig(m)
		r.unread(m, configVariables, append([]string{"extra", "scopes"}, configKeys...)...)
	}
	conn.OAuth = &ast.OAuth{At: at, ConsumerKey: values["consumerKey"], ConsumerSecret: values["consumerSecret"], NeedsKey: true}
	query, all := r.redirectQuery(m)
	for _, key := range slices.Backward(configKeys) {
		all = slices.Insert(all, 0, values[key])
	}
	token := func(key string) ast.Value {
		return invoke(at, "walk", &ast.Root{At: at, Name: ast.RootTemp}, textOf(at, key))
	}
	stored := func(key string) ast.Value {
		return invoke(at, "walk", &ast.Root{At: at, Name: ast.RootData}, textOf(at, key))
	}
	// The token answer is stored whole; a handle in it is there to renew the token (spec oauth1.md §2.2).
	conn.Renew = []*ast.Request{{
		At: at, Condition: &ast.Condition{At: at, Expr: stored("oauth_session_handle")}, URL: values["tokenUri"], EncodeURL: ast.FlagOff,
		Method: textOf(at, "POST"), Verdict: tokenVerdict,
		OAuth: &ast.OAuth{At: at, Token: stored("oauth_token"), TokenSecret: stored("oauth_token_secret"),
			Extra: &ast.Object{At: at, Entries: []ast.Entry{{Key: "oauth_session_handle", Value: stored("oauth_session_handle")}}}},
		Response: &ast.Response{At: at, Type: &ast.ResponseType{At: at, Value: ast.Parser{Kind: ast.ParseToken}}, DataFields: []string{"*"}},
	}}
	conn.Stages = []*ast.Stage{
		{At: at, Name: "requestToken", Requests: []*ast.Request{{
			At: at, Temp: temp(at, config...), Condition: &ast.Condition{At: at, Expr: invoke(at, "all", all...)}, URL: values["requestTokenUri"], EncodeURL: ast.FlagOff,
			Method: textOf(at, "POST"), Callback: ast.CallbackInject, Verdict: tokenVerdict,
			Response: &ast.Response{At: at, Type: &ast.ResponseType{At: at, Value: ast.Parser{Kind: ast.ParseToken}}, Temp: &ast.Object{At: at, Entries: []ast.Entry{
				{Key: "oauth_token", Value: invoke(at, "walk", &ast.Root{At: at, Name: ast.RootBody}, textOf(at, "oauth_token"))},
				{Key: "oauth_token_secret", Value: invoke(at, "walk", &ast.Root{At: at, Name: ast.RootBody}, textOf(at, "oauth_token_secret"))},
			}}},
		}}},
		{At: at, Name: "authorize", Redirect: &ast.Redirect{
			At: at, URL: values["authorizeUri"], EncodeURL: ast.FlagOff, Query: query, QueryMode: ast.QueryAppend, TokenFirst: true,
			OAuth: &ast.OAuth{At: at, Token: token("oauth_token")}, Verdict: tokenVerdict,
		}},
		{At: at, Name: "accessToken", Requests: []*ast.Request{{
			At: at, URL: values["tokenUri"], EncodeURL: ast.FlagOff, Method: textOf(at, "POST"), Verdict: tokenVerdict,
			OAuth: &ast.OAuth{At: at, Token: token("oauth_token"), TokenSecret: token("oauth_token_secret"),
				Verifier: invoke(at, "walk", &ast.Root{At: at, Name: ast.RootCallback}, textOf(at, "oauth_verifier"))},
			Response: &ast.Response{At: at, Type: &ast.ResponseType{At: at, Value: ast.Parser{Kind: ast.ParseToken}}, DataFields: []string{"*"}},
		}}},
	}
}

// tokenVerdict judges the token calls: any status below 400 is no failure (spec dialects.md §1.3).
var tokenVerdict = &ast.Verdict{
	Accept:    []ast.StatusRange{{First: 1, Last: 399}},
	OnStatus:  append(unavailable, ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "RuntimeError"}}),
	OnInvalid: ast.Failure{Type: "RuntimeError"},
}

// unavailable are the failures that say nothing about the credentials.
var unavailable = []ast.StatusFailure{
	{First: 429, Last: 429, Failure: ast.Failure{Type: "RateLimitError"}}, {First: 500, Last: 599, Failure: ast.Failure{Type: "ConnectionError"}},
}

// handledVerdict leaves the judgement to the handlers.
var handledVerdict = &ast.Verdict{Accept: []ast.StatusRange{{First: 1, Last: 999}}, OnInvalid: ast.Failure{Type: "RuntimeError"}}

// part is the value of one key of a method's mapping; nil when the mapping is written out and has no such key. A
// mapping that is one formula, or in which one part is copied into another, is computed whole.
func (r *reader) part(m *method, key string, vars variables) (ast.Origin, ast.Value) {
	if m.kept != "" {
		return m.at, kept(m.at, m.kept, key)
	}
	if isFormula(m.body) || m.body.Kind != document.KindObject || hasCopy(m.body) {
		if m.whole == nil {
			m.whole = r.formulas().lower(m.body, m.at, vars)
		}
		if m.body.Kind == document.KindObject && !isFormula(m.body) && m.body.Member(key) == nil {
			return m.at, nil
		}
		return m.at, invoke(m.at, "walk", m.whole, textOf(m.at, key))
	}
	e := m.body.Member(key)
	if e == nil {
		return m.at, nil
	}
	at := memberOrigin(m.at, *e)
	return at, r.formulas().lower(e.Value, at, vars)
}

// unread looks at the formulas of a mapping that stand in keys which nothing reads.
func (r *reader) unread(m *method, vars variables, read ...string) {
	if m.body == nil || m.whole != nil || m.body.Kind != document.KindObject {
		return // all of it was looked at
	}
	for _, e := range m.body.Members {
		if !slices.Contains(read, e.Key) {
			r.formulas().lower(e.Value, memberOrigin(m.at, e), vars)
		}
	}
}

// kind reports an entry that is written out and of another kind than expected; null is as good as none.
func (r *reader) kind(n *document.Node, key string, want document.Kind) {
	if e := n.Member(key); e != nil {
		r.kindOf(e, want)
	}
}

func (r *reader) kindOf(e *document.Member, want document.Kind) {
	if e.Value.Kind == want || e.Value.Kind == document.KindNull || isFormula(e.Value) {
		return
	}
	r.atKey("MEM207", diag.Error, e.KeySpan, e.Key+" is "+article(e.Value.Kind)+", expected "+article(want), "")
}

func article(k document.Kind) string {
	switch k {
	case document.KindNull:
		return "null"
	case document.KindObject:
		return "an object"
	}
	return "a " + k.String()
}

// isFormula reports whether a value is one of the formulas.
func isFormula(n *document.Node) bool {
	if n.Kind != document.KindObject {
		return false
	}
	list := entries(n)
	return len(list) > 0 && lowerings[list[0].Key] != nil
}

// checkConfig reports what can be known of a config that is written out.
func (r *reader) checkConfig(m *method) {
	if isFormula(m.body) {
		return
	}
	if m.body.Kind != document.KindObject {
		r.atKey("MEM207", diag.Error, m.at.Key, "the config is a "+m.body.Kind.String()+", expected an object", "")
		return
	}
	r.misspelt(m.body, append([]string{"extra", "scopes"}, configKeys...))
	for _, key := range configKeys {
		e := m.body.Member(key)
		switch {
		case e == nil:
		case isFormula(e.Value):
		case e.Value.Kind != document.KindText:
			r.atKey("MEM207", diag.Error, e.KeySpan, key+" is a "+e.Value.Kind.String()+", expected a text", "")
		case key == "consumerSecret" && e.Value.Text != "":
			r.atKey("MEM213", diag.Warning, e.KeySpan, "a secret is written in the file", "read it from connectorParameters")
		case strings.HasSuffix(key, "Uri"):
			r.checkURL(*e)
		}
	}
}

// misspelt reports the keys of a written object that are known ones misspelt. Others are the author's.
func (r *reader) misspelt(n *document.Node, known []string) {
	for _, m := range n.Members {
		if !slices.Contains(known, m.Key) && nearest.Misspelt(m.Key, known, func(name string) bool { return n.Member(name) != nil }) != "" {
			r.unknownKey(n, m, known)
		}
	}
}

func (r *reader) checkURL(e document.Member) {
	u, err := url.Parse(e.Value.Text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		r.atKey("MEM211", diag.Error, e.KeySpan, e.Key+" is no absolute http or https URL", "write the whole address, https://…")
	} else if u.Scheme == "http" && e.Key != "authorizeUri" {
		r.atKey("MEM212", diag.Warning, e.KeySpan, e.Key+" sends tokens over http, which everyone on the way can read", "use https")
	}
}

// redirectQuery is what follows the token in the authorisation URL: extra in the order of its keys, then scope. It also
// returns what must be computed before anything is sent: that what a formula gives is of the right kind.
func (r *reader) redirectQuery(m *method) (query ast.Value, checks []ast.Value) {
	extraAt, extra := r.part(m, "extra", configVariables)
	scopeAt, scopes := r.part(m, "scopes", configVariables)
	check := func(at ast.Origin, v ast.Value, key, kind string) {
		if v != nil && (m.kept != "" || isComputed(m.body, key)) {
			checks = append(checks, invoke(at, "optional", v, textOf(at, key), textOf(at, kind)))
		}
	}
	check(extraAt, extra, "extra", "collection")
	check(scopeAt, scopes, "scopes", "array")
	scope := func() ast.Value {
		return &ast.Object{At: scopeAt, Entries: []ast.Entry{{Key: "scope", Value: invoke(scopeAt, "joined", scopes)}}}
	}
	if m.kept != "" {
		return invoke(extraAt, "withDefaults", extra, scope()), checks
	}
	r.kind(m.body, "extra", document.KindObject)
	r.kind(m.body, "scopes", document.KindArray)
	if e := m.body.Member("scopes"); e != nil {
		r.atKey("MEM403", diag.Warning, e.KeySpan, "scopes is not documented for oauth1", "put scope into extra")
	}
	r.checkExtra(m.body.Get("extra"))
	switch {
	case scopes == nil:
		return extra, checks
	case extra == nil:
		return scope(), checks
	}
	return invoke(extraAt, "withDefaults", extra, scope()), checks
}

// isComputed reports whether an entry of a config is not written out, so that its kind shows when it is computed.
func isComputed(config *document.Node, key string) bool {
	written := config.Get(key)
	return written == nil || isFormula(written)
}

// checkExtra refuses objects as values of parameters.
func (r *reader) checkExtra(n *document.Node) {
	if n == nil || isFormula(n) {
		return
	}
	for _, e := range n.Members {
		object := e.Value.Kind == document.KindObject && !isFormula(e.Value)
		for _, item := range e.Value.Items {
			object = object || item.Kind == document.KindArray || item.Kind == document.KindObject && !isFormula(item)
		}
		if object {
			r.atKey("MEM404", diag.Error, e.KeySpan, "the parameter "+e.Key+" is an object", "use a text, a number, a boolean or a list of them")
		}
	}
}

// client lowers makeApiClient to Base.
func (r *reader) client(conn *ast.Connection, m *method, config *method) {
	var results []ast.Entry
	if config != nil && config.kept != "" {
		results = append(results, keep(config.at, keptConfig, r.hookCall(config, configVariables)))
	}
	if m.how == javascript {
		m.kept = keptClient
		r.base(conn, m, nil, append(results, keep(m.at, keptClient, r.hook(m, clientVariables))))
		return
	}
	if !isFormula(m.body) {
		if args := m.body.Member("args"); args != nil {
			m.body, m.at = args.Value, memberOrigin(m.at, *args)
		}
	}
	if auth := m.body.Member("auth"); auth != nil && !isFormula(m.body) {
		r.atKey("MEM405", diag.Error, auth.KeySpan, "basic credentials do not go with oauth1", "remove auth: requests are signed")
	}
	r.checkClient(m)
	if !isFormula(m.body) {
		r.misspelt(m.body, []string{"baseUri", "headers", "query", "auth", "responseHandlers", "args"})
	}
	handlers := r.handlers(m)
	client := *m.body // without the handlers, which see answers that the client knows nothing of
	client.Members = slices.DeleteFunc(slices.Clone(client.Members), func(e document.Member) bool { return e.Key == "responseHandlers" })
	m.body = &client
	r.base(conn, m, handlers, results)
	r.unread(m, clientVariables, "baseUri", "headers", "query")
}

// base makes Base of a client. results are those of scripts that it needs.
func (r *reader) base(conn *ast.Connection, m *method, handlers *ast.Response, results []ast.Entry) {
	base := &ast.Request{At: m.at, Temp: temp(m.at, results...), Join: ast.JoinRelative, EncodeURL: ast.FlagOff, QueryMode: ast.QueryAppend, FillQuery: true, Verdict: answerVerdict}
	_, base.BaseURL = r.part(m, "baseUri", clientVariables)
	_, base.Headers = r.part(m, "headers", clientVariables)
	_, base.Query = r.part(m, "query", clientVariables)
	at := m.at
	stored := func(key string) ast.Value {
		return invoke(at, "walk", &ast.Root{At: at, Name: ast.RootData}, textOf(at, key))
	}
	base.OAuth = &ast.OAuth{At: at, Token: stored("oauth_token"), TokenSecret: stored("oauth_token_secret")}
	if base.Response = handlers; base.Response != nil {
		base.Verdict = handledVerdict
	}
	conn.Base = base
}

// checkClient reports what can be known of a client that is written out.
func (r *reader) checkClient(m *method) {
	if isFormula(m.body) {
		r.hiddenHandlers(m.body)
		return
	}
	if m.body.Kind != document.KindObject {
		r.atKey("MEM207", diag.Error, m.at.Key, "the client is "+article(m.body.Kind)+", expected an object", "")
		return
	}
	r.kind(m.body, "baseUri", document.KindText)
	r.kind(m.body, "query", document.KindObject)
	r.kind(m.body, "headers", document.KindObject)
	r.kind(m.body, "responseHandlers", document.KindArray)
	if e := m.body.Member("responseHandlers"); e != nil && isFormula(e.Value) {
		r.computedHandlers(*e)
	}
}

// hiddenHandlers finds handlers in a client that is computed whole.
func (r *reader) hiddenHandlers(n *document.Node) {
	for _, e := range n.Members {
		if e.Key == "responseHandlers" {
			r.computedHandlers(e)
			continue
		}
		r.hiddenHandlers(e.Value)
	}
	for _, item := range n.Items {
		r.hiddenHandlers(item)
	}
}

func (r *reader) computedHandlers(e document.Member) {
	r.atKey("MEM207", diag.Error, e.KeySpan, "responseHandlers are computed by a formula, expected a list",
		"write the list at the root of the client: its formulas see each answer")
}

// answerVerdict judges answers without handlers (spec dialects.md §2.6).
var answerVerdict = &ast.Verdict{
	Accept: []ast.StatusRange{{First: 200, Last: 299}},
	OnStatus: append(append([]ast.StatusFailure{{First: 401, Last: 401, Failure: ast.Failure{Type: "InvalidAccessTokenError", Code: "access_token_expired"}}}, unavailable...),
		ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "RuntimeError"}}),
	OnInvalid: ast.Failure{Type: "RuntimeError"},
}
