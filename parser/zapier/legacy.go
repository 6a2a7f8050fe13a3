package zapier

import (
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

const (
	settingsKeys = "zapier name authentication scripting"
	loginKeys    = "type request_token_url authorization_url access_token_url consumer_key consumer_secret fields extra_requested_fields test"
)

// endpoints are the three addresses of the older form, the object that holds them, and their names there.
type endpoints struct {
	in                              entry
	requestToken, authorize, access string
}

// settings reads the settings of the Web Builder written down (form L2).
func (r *reader) settings(root entry) {
	r.legacy = true
	r.closed(root, "the settings", settingsKeys)
	if form, ok := root.get("zapier"); !ok {
		r.missing(root, "zapier")
	} else if !form.is(document.KindText) || form.node.Text != legacy {
		r.wrong(form, "the text legacy")
	}
	if name, ok := r.written(root, "name"); ok && name.node.Text != "" {
		r.conn.Name = name.node.Text
	}
	if e, ok := root.get("scripting"); ok {
		r.scripting(e)
	}
	auth, ok := r.authentication(root)
	if !ok {
		return
	}
	r.closed(auth, "authentication", loginKeys)
	if fields, ok := auth.get("fields"); ok {
		r.conn.Parameters = r.fields(fields)
	}
	key, secret := r.credential(auth, "consumer_key"), r.credential(auth, "consumer_secret")
	r.handshake(endpoints{auth, "request_token_url", "authorization_url", "access_token_url"}, key, secret, r.requested(auth))
	if test, ok := auth.get("test"); ok && r.object(test) {
		r.closed(test, "the test", "url method")
		r.proof(test)
	}
}

// credential lowers the consumer key or secret of settings.
func (r *reader) credential(auth entry, name string) ast.Value {
	e, ok := auth.get(name)
	switch {
	case !ok:
		r.missing(auth, name)
		return missing(auth.origin())
	case !e.is(document.KindText):
		r.wrong(e, "a text")
		return missing(auth.origin())
	case name == "consumer_secret" && e.node.Text != "" && !hasCurly(e.node.Text):
		r.warnf("ZAP209", e.at, "read it from the environment: {{process.env.CLIENT_SECRET}}", "a secret is written in the file")
	}
	l := lowering{reader: r, step: inRequestToken, bare: true}
	return l.mixed(e, func(name string) ast.Value {
		if mayExist(name) {
			return invoke(e.origin(), "text", inRequestToken.bank(e.origin(), name))
		}
		return invoke(e.origin(), "text", lookup(e.origin(), ast.RootData, name, false))
	})
}

// requested reads the names of the fields of the answer that are kept beside the token.
func (r *reader) requested(auth entry) []string {
	e, ok := auth.get("extra_requested_fields")
	if !ok {
		return nil
	}
	if !e.is(document.KindArray) {
		r.wrong(e, "a list of names")
		return nil
	}
	var out []string
	for _, item := range e.node.Items {
		if item.Kind != document.KindText {
			r.wrong(entry{e.name, item.Span, item}, "a name")
			continue
		}
		out = append(out, item.Text)
	}
	return out
}

// converted reads a converted app (form L1).
func (r *reader) converted(root entry) {
	r.legacy = true
	r.appRoot(root)
	legacy, _ := root.get("legacy")
	if !r.object(legacy) {
		return
	}
	if e, ok := legacy.get("scriptingSource"); ok {
		r.scripting(e)
	}
	auth, ok := r.authentication(root)
	if !ok {
		return
	}
	if isComplete(auth.node.Get("oauth1Config")) {
		r.warnf("ZAP104", legacy.at, "choose --dialect=zapier:cli for the other part", "the file has a legacy and a CLI part that are both complete: the legacy part is compiled")
	}
	r.closed(auth, "authentication", authenticationKeys)
	var extra []string
	if fields, ok := auth.get("fields"); ok {
		r.conn.Parameters, extra = r.fields(fields), computed(fields)
	}
	login, ok := legacy.get("authentication")
	switch {
	case !ok:
		r.missing(legacy, "authentication")
		return
	case !r.object(login):
		return
	}
	config, ok := login.get("oauth1Config")
	if !ok {
		r.missing(login, "oauth1Config")
		return
	}
	if !r.object(config) {
		return
	}
	at := config.origin()
	key, secret := lookup(at, ast.RootCommon, "CLIENT_ID", false), lookup(at, ast.RootCommon, "CLIENT_SECRET", false)
	r.handshake(endpoints{config, "requestTokenUrl", "authorizeUrl", "accessTokenUrl"}, key, secret, extra)
	if test, ok := auth.get("test"); ok {
		switch {
		case isFunction(test.node):
			r.function(test, "test", false)
		case r.object(test):
			r.proof(test)
		}
	}
	r.calls(root, nil)
}

// isComplete reports whether the config of a CLI app has all its steps.
func isComplete(config *document.Node) bool {
	return config.Get("getRequestToken") != nil && config.Get("authorizeUrl") != nil && config.Get("getAccessToken") != nil
}

// isCompleteLegacy reports whether the older part of a definition has all its addresses.
func isCompleteLegacy(root *document.Node) bool {
	config := root.Get("legacy").Get("authentication").Get("oauth1Config")
	return config.Get("requestTokenUrl") != nil && config.Get("authorizeUrl") != nil && config.Get("accessTokenUrl") != nil
}

// handshake lowers the steps of the older form (spec dialects.md §3.5).
func (r *reader) handshake(u endpoints, key, secret ast.Value, extra []string) {
	for _, name := range []string{u.requestToken, u.authorize, u.access} {
		if _, ok := u.in.get(name); !ok {
			r.missing(u.in, name)
			continue
		}
		r.written(u.in, name)
		r.checkURL(u.in, name, name != u.authorize)
	}
	if e, ok := u.in.get(u.requestToken); ok && e.is(document.KindText) && hasCurly(e.node.Text) {
		r.warnf("ZAP311", e.at, "write the address without curlies", "curlies in the URL of the request for a token stay as text")
	}
	if r.list.HasErrors() {
		return
	}
	at := u.in.origin()
	r.conn.OAuth = &ast.OAuth{At: at, ConsumerKey: key, ConsumerSecret: secret, NeedsKey: true}
	r.conn.Base = &ast.Request{At: at, OAuth: r.stored(&ast.OAuth{At: at})}
	literalURL, _ := u.in.get(u.requestToken)
	r.stage("requestToken", &ast.Request{At: at, URL: textOf(literalURL.origin(), literalURL.node.Text), EncodeURL: ast.FlagOff, Method: textOf(at, "POST"),
		Callback: ast.CallbackInject, Verdict: plainVerdict, Response: tokenResponse(at, requestAnswer, ast.ParseTokenLenient)}, false)

	token := answered(at, requestAnswer, "oauth_token")
	authorize, _ := u.in.get(u.authorize)
	r.conn.Stages = append(r.conn.Stages, &ast.Stage{At: at, Name: "authorize", Redirect: &ast.Redirect{
		At: at, URL: lowering{reader: r, step: inAuthorize, bare: true}.url(authorize), EncodeURL: ast.FlagOff, OAuth: &ast.OAuth{At: at, Token: token},
		CallbackToken: ast.CallbackTokenOptional, Verdict: plainVerdict}})

	access, _ := u.in.get(u.access)
	response := tokenResponse(at, accessAnswer, ast.ParseTokenLenient)
	response.DataFields = extra
	response.Data = &ast.Object{At: at, Entries: []ast.Entry{
		{Key: "oauth_token", Value: lookup(at, ast.RootBody, "oauth_token", false)},
		{Key: "oauth_token_secret", Value: lookup(at, ast.RootBody, "oauth_token_secret", false)},
	}}
	r.stage("accessToken", &ast.Request{At: at, URL: lowering{reader: r, step: inAccessToken, bare: true}.url(access), EncodeURL: ast.FlagOff,
		Method: textOf(at, "POST"), Headers: &ast.Object{At: at, Entries: []ast.Entry{{Key: "Accept", Value: textOf(at, "application/json")}}},
		OAuth: &ast.OAuth{At: at, Token: token, TokenSecret: answered(at, requestAnswer, "oauth_token_secret"),
			Verifier: lookup(at, ast.RootCallback, "oauth_verifier", false)},
		Verdict: plainVerdict, Response: response}, false)
}

// proof lowers the test of the older form.
func (r *reader) proof(e entry) {
	if req := r.signed(e, inTest, nil); req != nil {
		r.stage("test", req, true)
	}
}
