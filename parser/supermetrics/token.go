package supermetrics

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// tokens lowers the three token requests.
func (r *reader) tokens(conn *ast.Connection, auth object) {
	o := r.child(auth, "oauth1", true)
	if o.node == nil {
		return
	}
	r.unknown(o, strings.Fields("consumerKey consumerSecret requestTokenEndpoint authorizationEndpoint accessTokenEndpoint"), nil)
	for _, key := range []string{"consumerKey", "consumerSecret"} {
		m := o.node.Member(key)
		switch {
		case m == nil:
			r.atKey("SUP203", diag.Error, o.at.Key, "the key "+key+" is missing", "")
		case m.Value.Kind != document.KindText:
			r.wrong(*m, "a text")
		default:
			r.plain["oauth1."+key] = m.Value.Text
			r.templateText(m)
		}
	}
	at := o.at
	conn.OAuth = &ast.OAuth{At: at, ConsumerKey: r.secret(o.entry("consumerKey"), "oauth1.consumerKey"), ConsumerSecret: r.secret(o.entry("consumerSecret"), "oauth1.consumerSecret"), NeedsKey: true}
	temp := func(key string) ast.Value { return invoke(at, "lookup", root(at, ast.RootTemp), textOf(at, key)) }
	answer := func(key string) ast.Value { return invoke(at, "lookup", root(at, ast.RootBody), textOf(at, key)) }
	token := &ast.ResponseType{At: at, Value: ast.Parser{Kind: ast.ParseToken}}

	if first := r.endpoint(o, "requestTokenEndpoint"); first.node != nil {
		for _, key := range []string{"type", "url", "method"} {
			if first.node.Member(key) == nil {
				r.atKey("SUP203", diag.Error, first.at.Key, "the key "+key+" is missing", "")
			}
		}
		if m := first.node.Member("type"); m != nil && m.Value.Text != "sync" && slices.Contains(requestTypes, m.Value.Text) {
			r.atKey("SUP204", diag.Error, m.KeySpan, "the type of the request-token request is not sync", `write "type": "sync"`)
		}
		req := r.request(first, inToken, "POST")
		req.Callback, req.Verdict = ast.CallbackInject, tokenVerdict
		req.Response = &ast.Response{At: at, Type: token, Temp: &ast.Object{At: at, Entries: []ast.Entry{
			{Key: "oauth_token", Value: answer("oauth_token")}, {Key: "oauth_token_secret", Value: answer("oauth_token_secret")}}}}
		conn.Stages = append(conn.Stages, &ast.Stage{At: first.at, Name: "requestToken", Requests: []*ast.Request{req}})
	}
	if second := r.endpoint(o, "authorizationEndpoint"); second.node != nil {
		req := r.request(second, inToken, "")
		conn.Stages = append(conn.Stages, &ast.Stage{At: second.at, Name: "authorize", Redirect: &ast.Redirect{At: second.at, URL: req.URL, EncodeURL: ast.FlagOff,
			Query: r.parameters(second, inToken), QueryMode: ast.QueryAppend, TokenFirst: true, OAuth: &ast.OAuth{At: at, Token: temp("oauth_token")}, Verdict: tokenVerdict}})
	}
	if third := r.endpoint(o, "accessTokenEndpoint"); third.node != nil {
		if m := third.node.Member("type"); m != nil && m.Value.Text == "async" {
			r.atKey("SUP204", diag.Error, m.KeySpan, "the type of the access-token request is not sync", `write "type": "sync"`)
		}
		req := r.request(third, inToken, "POST")
		req.OAuth = &ast.OAuth{At: at, Token: temp("oauth_token"), TokenSecret: temp("oauth_token_secret"),
			Verifier: invoke(at, "lookup", root(at, ast.RootCallback), textOf(at, "oauth_verifier"))}
		req.Verdict = tokenVerdict
		req.Response = &ast.Response{At: at, Type: token, DataFields: []string{"*"}}
		conn.Stages = append(conn.Stages, &ast.Stage{At: third.at, Name: "accessToken", Requests: []*ast.Request{req}})
	}
}

func (r *reader) endpoint(o object, key string) object {
	e := r.child(o, key, true)
	if e.node == nil {
		return e
	}
	return r.child(e, "request", true)
}
