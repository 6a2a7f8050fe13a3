package conformance

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/value"
)

// basic is a connection of one stage that proves credentials.
func basic(requests ...*ast.Request) *ast.Connection {
	return &ast.Connection{Stages: []*ast.Stage{{Name: "only", Proof: true, Requests: requests}}}
}

// calls is a connection of Base and one request over it.
func calls(base, own *ast.Request) *ast.Connection {
	return &ast.Connection{Base: base, Calls: []*ast.Call{{Name: "one", Requests: []*ast.Request{own}}}}
}

// legs is a connection of three stages, whose token requests go to /t, with a redirect that is signed with the token.
func legs(policy ast.CallbackPolicy, d *ast.Redirect) *ast.Connection {
	token := &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseToken}}
	if d.OAuth == nil {
		d.OAuth = &ast.OAuth{Token: at("{{temp.t}}")}
	}
	if d.URL == nil {
		d.URL = at("https://a.test/approve?theme=plain")
	}
	return &ast.Connection{OAuth: &ast.OAuth{ConsumerKey: at("ck")}, Stages: []*ast.Stage{
		{Name: "first", Requests: []*ast.Request{{URL: at("https://a.test/t"), Method: at("POST"), Callback: policy,
			Response: &ast.Response{Type: token, Temp: entries("t", "{{body.oauth_token}}", "s", "{{body.oauth_token_secret}}")}}}, Redirect: d},
		{Name: "second", Requests: []*ast.Request{{URL: at("https://a.test/t"), Method: at("POST"),
			OAuth:    &ast.OAuth{Token: at("{{temp.t}}"), TokenSecret: at("{{temp.s}}"), Verifier: at("{{callback.oauth_verifier}}")},
			Response: &ast.Response{Type: token, DataFields: []string{"*"}}}}},
	}}
}

// entries is a written object of pairs of key and template.
func entries(pairs ...string) *ast.Object {
	o := &ast.Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Entries = append(o.Entries, ast.Entry{Key: pairs[i], Value: at(pairs[i+1])})
	}
	return o
}

func queried(mode ast.QueryMode, query ast.Value) *ast.Request {
	return &ast.Request{URL: at("https://a.test/?x=1+2&y=%2f&x=3"), Query: query, QueryMode: mode}
}

func sends(url string) string {
	return "[{run: authorize, http: [{expect: {url: '" + url + "'}, respond: {}}]}]"
}

const startsFlow = `{run: authorize, http: [{expect: {method: POST, url: "https://a.test/t"}, respond: {body: "oauth_token=t+1&oauth_token_secret=s&oauth_callback_confirmed=true"}}]`

// TestTrees holds what the neutral tree says and no single dialect needs all of, on machine and oracle.
func TestTrees(t *testing.T) {
	token := &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseToken}}
	strict := &ast.Verdict{Accept: []ast.StatusRange{{First: 200, Last: 299}}, OnStatus: []ast.StatusFailure{
		{First: 401, Last: 401, Failure: ast.Failure{Type: "InvalidAccessTokenError", Code: "c/401"}}, {First: 400, Last: 599, Failure: ast.Failure{Type: "RuntimeError", Message: "It broke."}}},
		OnInvalid: ast.Failure{Type: "InvalidAccessTokenError", Code: "c/invalid", Message: "Not accepted."}}
	judged := func(r *ast.Response) *ast.Connection {
		return basic(&ast.Request{URL: at("https://a.test/"), Verdict: strict, Response: r})
	}
	answers := func(respond, want string) string {
		return "[{run: authorize, http: [{expect: {}, respond: " + respond + "}], " + want + "}]"
	}
	tests := map[string]struct {
		tree *ast.Connection
		flow string
	}{
		"query replaces":                      {basic(queried(ast.QueryReplace, entries("x", "b c"))), sends("https://a.test/?x=b%20c")},
		"query appends":                       {basic(queried(ast.QueryAppend, entries("x", "b c"))), sends("https://a.test/?x=1+2&y=%2f&x=3&x=b%20c")},
		"query overrides":                     {basic(queried(ast.QueryOverride, entries("x", "b c"))), sends("https://a.test/?y=%2f&x=b%20c")},
		"query overrides with null":           {basic(queried(ast.QueryOverride, entries("x", "{{null}}"))), sends("https://a.test/?y=%2f")},
		"query merges":                        {basic(queried(ast.QueryMerge, entries("a", "{{null}}", "x", "b c"))), sends("https://a.test/?a=&x=1%202&x=3&y=%2F")},
		"query merges with nothing":           {basic(queried(ast.QueryMerge, nil)), sends("https://a.test/?x=1%202&x=3&y=%2F")},
		"query of Base fills":                 {calls(&ast.Request{Query: entries("x", "base", "z", "base"), FillQuery: true}, queried(ast.QueryAppend, entries("a", "own"))), `[{run: authorize}, {run: "call:one", http: [{expect: {url: "https://a.test/?x=1+2&y=%2f&x=3&a=own&z=base"}, respond: {}}]}]`},
		"query of Base merges":                {calls(&ast.Request{Query: entries("x", "base", "z", "base"), QueryMode: ast.QueryAppend}, &ast.Request{URL: at("https://a.test/"), Query: entries("x", "own")}), `[{run: authorize}, {run: "call:one", http: [{expect: {url: "https://a.test/?x=own&z=base"}, respond: {}}]}]`},
		"relative URL of a call":              {calls(&ast.Request{BaseURL: at("https://a.test/v1//"), Join: ast.JoinRelative}, &ast.Request{URL: at("items/1")}), `[{run: authorize}, {run: "call:one", http: [{expect: {url: "https://a.test/v1/items/1"}, respond: {}}]}]`},
		"body by value, text":                 {basic(&ast.Request{URL: at("https://a.test/"), Method: at("POST"), Body: at("x=1"), BodyType: at("json"), Encoding: ast.Encoding{ByValue: true, TextType: "text/plain; charset=utf-8"}}), "[{run: authorize, http: [{expect: {body: 'x=1', headers: {Content-Type: 'text/plain; charset=utf-8'}}, respond: {}}]}]"},
		"body by value, empty text":           {basic(&ast.Request{URL: at("https://a.test/"), Method: at("POST"), Body: at(""), Encoding: ast.Encoding{ByValue: true, TextType: "text/plain"}}), "[{run: authorize, http: [{expect: {body: '', absent_headers: [Content-Type]}, respond: {}}]}]"},
		"body by value, form":                 {basic(&ast.Request{URL: at("https://a.test/"), Method: at("POST"), Headers: entries("content-type", "application/x-www-form-urlencoded"), Body: entries("a", "{{null}}", "b", "{{temp}}", "c", "d e"), Encoding: ast.Encoding{ByValue: true}}), "[{run: authorize, http: [{expect: {body: 'a=&b=&c=d%20e'}, respond: {}}]}]"},
		"body by type, form":                  {basic(&ast.Request{URL: at("https://a.test/"), Method: at("POST"), Headers: entries("content-type", "application/x-www-form-urlencoded"), Body: entries("a", "{{null}}", "c", "d e"), BodyType: at("urlencoded")}), "[{run: authorize, http: [{expect: {body: 'c=d%20e'}, respond: {}}]}]"},
		"body by value, JSON":                 {basic(&ast.Request{URL: at("https://a.test/"), Method: at("PUT"), Body: entries("a", "{{null}}"), Encoding: ast.Encoding{ByValue: true, JSONType: "application/json; charset=utf-8"}}), "[{run: authorize, http: [{expect: {body: '{\"a\":null}', headers: {Content-Type: 'application/json; charset=utf-8'}}, respond: {}}]}]"},
		"pruned body":                         {basic(&ast.Request{URL: at("https://a.test/"), Method: at("PUT"), Body: &ast.Object{Prune: true, Entries: []ast.Entry{{Key: "l", Value: &ast.Array{Items: []ast.Value{at("{{undefined}}")}, Missing: ast.MissingDrop, Prune: true}}}}}), "[{run: authorize, http: [{expect: {body: ''}, respond: {}}]}]"},
		"method that is empty":                {basic(&ast.Request{URL: at("https://a.test/"), Method: at("{{emptyarray}}"), Body: at("b"), BodyType: at("multipart/form-data")}), "[{run: authorize, http: [{expect: {method: GET, body: ''}, respond: {}}]}]"},
		"label that is empty":                 {basic(&ast.Request{URL: at("https://a.test/"), Response: &ast.Response{Metadata: &ast.Metadata{Type: at("odd"), Value: at("{{emptyarray}}")}}}), answers("{}", "want: {stored: true, trace: [], metadata: null}")},
		"status without words":                {judged(nil), answers("{status: 401}", "want_error: {type: InvalidAccessTokenError, code: c/401, message: '[401] Unauthorized', status: 401, section: only}")},
		"status with words":                   {judged(nil), answers("{status: 404}", "want_error: {type: RuntimeError, code: '', message: It broke., status: 404}")},
		"status that nobody words":            {judged(nil), answers("{status: 302}", "want_error: {type: RuntimeError, message: '[302] Found', status: 302}")},
		"words of the author":                 {judged(&ast.Response{Error: &ast.Error{Message: at("no: {{body.m}}"), Type: at("DataError")}}), answers("{status: 401, json: {m: x}}", "want_error: {type: DataError, code: c/401, message: 'no: x'}")},
		"answer that is not valid":            {judged(&ast.Response{Valid: &ast.Valid{Condition: at("{{body.ok}}")}}), answers("{json: {ok: 0}}", "want_error: {type: InvalidAccessTokenError, code: c/invalid, message: Not accepted., status: 200}")},
		"code of the author":                  {judged(&ast.Response{Valid: &ast.Valid{Condition: at("{{body.ok}}"), Code: "oauth1/test-failed"}}), answers("{json: {ok: 0}}", "want_error: {code: oauth1/test-failed}")},
		"every status without a verdict":      {basic(&ast.Request{URL: at("https://a.test/"), Response: &ast.Response{Data: entries("s", "{{status}}")}}), answers("{status: 503}", "want: {data: {s: 503}}")},
		"unknown type of a verdict":           {basic(&ast.Request{URL: at("https://a.test/"), Verdict: &ast.Verdict{Types: []string{"A"}}, Response: &ast.Response{Error: &ast.Error{Type: at("B")}}}), answers("{}", "want: {trace: [unknown-error-type]}, want_error: {type: B}")},
		"token answer":                        {basic(&ast.Request{URL: at("https://a.test/"), Response: &ast.Response{Type: token, DataFields: []string{"oauth_token", "gone"}}}), answers("{headers: {Content-Type: text/html}, body: 'oauth_token=t&oauth_token_secret=s&oauth_expires_in=60&n=1'}", "want: {data: {oauth_token: t}, trace: [oauth1/field-missing], expires: 2024-01-02T03:05:05.000Z}")},
		"token answer with all fields":        {basic(&ast.Request{URL: at("https://a.test/"), Response: &ast.Response{Type: token, DataFields: []string{"n", "*"}}}), answers("{body: 'oauth_token=t&oauth_token_secret=&n=1'}", "want: {data: {oauth_token: t, oauth_token_secret: '', n: '1'}, trace: []}")},
		"token answer that fails":             {judged(&ast.Response{Type: token}), answers("{status: 401, body: 'oauth_problem=token_expired&oauth_problem_advice=x'}", "want_error: {type: InvalidAccessTokenError, code: c/401, message: '[401] Unauthorized: token_expired'}")},
		"token answer that is a problem":      {judged(&ast.Response{Type: token}), answers("{status: 200, body: 'oauth_problem=user_refused'}", "want_error: {type: RuntimeError, code: oauth1/refused, message: '[200] OK: user_refused'}")},
		"token answer without a secret":       {judged(&ast.Response{Type: token}), answers("{status: 200, body: 'oauth_token=t'}", "want_error: {type: DataError, code: oauth1/bad-token-answer}")},
		"token answer of no verdict":          {basic(&ast.Request{URL: at("https://a.test/"), Response: &ast.Response{Type: token}}), answers("{status: 404, json: {message: gone}}", "want_error: {type: RuntimeError, message: '[404] Not Found: gone'}")},
		"free request under Base":             {&ast.Connection{OAuth: &ast.OAuth{ConsumerKey: at("ck")}, Base: &ast.Request{BaseURL: at("https://a.test/v1/"), Headers: entries("X-B", "base", "x-c", "base"), Query: entries("x", "base", "z", "b c"), QueryMode: ast.QueryMerge}}, `[{run: authorize}, {run: client, request: {method: GET, url: "/items?x=%2f&y", headers: {X-b: own}}, http: [{expect: {url: "https://a.test/v1/items?x=%2f&y&z=b%20c", headers: {X-B: own, X-C: base}}, respond: {headers: {Content-Type: application/json}, body: "{"}}], want: {status: 200, output: "{", trace: []}}]`},
		"free request without a base URL":     {calls(nil, &ast.Request{}), `[{run: authorize}, {run: client, request: {method: GET, url: "items?a=1"}, want_error: {type: InvalidConfigurationError, message: 'the connection has no base URL to put "items?a=1" behind: give an absolute URL'}}]`},
		"free request signed in its body":     {&ast.Connection{OAuth: &ast.OAuth{ConsumerKey: at("ck"), Transport: at("body")}}, `[{run: authorize}, {run: client, request: {method: PUT, url: "https://a.test/"}, http: [{expect: {absent_headers: [Authorization]}, respond: {}}]}, {run: client, request: {method: DELETE, url: "https://a.test/"}, http: [{expect: {oauth: {oauth_consumer_key: ck, oauth_nonce: nonce-2, oauth_signature_method: HMAC-SHA1, oauth_timestamp: "1704164645", oauth_version: "1.0"}}, respond: {}}]}]`},
		"stage over Base":                     {&ast.Connection{Base: &ast.Request{BaseURL: at("https://a.test/v1"), Headers: entries("X-B", "1")}, Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{{URL: at("/me"), UnderBase: true}, {URL: at("https://b.test/")}}}}}, "[{run: authorize, http: [{expect: {url: 'https://a.test/v1/me', headers: {X-B: '1'}}, respond: {}}, {expect: {url: 'https://b.test/', absent_headers: [X-B]}, respond: {}}]}]"},
		"further parameters":                  {&ast.Connection{OAuth: &ast.OAuth{ConsumerKey: at("ck"), Extra: entries("oauth_a", "1", "oauth_b", "2")}, Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{{URL: at("https://a.test/"), OAuth: &ast.OAuth{Extra: entries("oauth_b", "{{null}}", "c", "x y"), Version: at("{{null}}")}}}}}}, `[{run: authorize, http: [{expect: {oauth: {oauth_a: "1", c: x y, oauth_consumer_key: ck, oauth_nonce: nonce-1, oauth_signature_method: HMAC-SHA1, oauth_timestamp: "1704164645"}}, respond: {}}]}]`},
		"further parameters without a key":    {&ast.Connection{Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{{URL: at("https://a.test/"), OAuth: &ast.OAuth{Extra: entries("c", "x")}}}}}}, `[{run: authorize, want_error: {type: InvalidConfigurationError, message: "oauth: consumer_key is required"}}]`},
		"nothing to sign with":                {&ast.Connection{OAuth: &ast.OAuth{Token: at("{{undefined}}")}, Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{{URL: at("https://a.test/")}}}}}, "[{run: authorize, http: [{expect: {oauth: null}, respond: {}}]}]"},
		"key that is needed":                  {&ast.Connection{OAuth: &ast.OAuth{NeedsKey: true}, Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{{URL: at("https://a.test/")}}}}}, `[{run: authorize, want_error: {message: "oauth: consumer_key is required"}}]`},
		"callback of the run":                 {legs(ast.CallbackInject, &ast.Redirect{}), `[` + startsFlow + `, want: {redirect: "https://a.test/approve?theme=plain&oauth_token=t%201"}}]`},
		"no callback":                         {legs(ast.CallbackNone, &ast.Redirect{}), `[{run: authorize, http: [{expect: {oauth: {oauth_consumer_key: ck, oauth_nonce: nonce-1, oauth_signature_method: HMAC-SHA1, oauth_timestamp: "1704164645", oauth_version: "1.0"}}, respond: {body: "oauth_token=t&oauth_token_secret=s"}}], want: {trace: []}}]`},
		"callback that is not confirmed":      {legs(ast.CallbackInject, &ast.Redirect{}), `[{run: authorize, http: [{expect: {}, respond: {body: "oauth_token=t&oauth_token_secret=s"}}], want: {trace: [callback-unconfirmed]}}]`},
		"token first":                         {legs(ast.CallbackInject, &ast.Redirect{Query: entries("access", "write"), QueryMode: ast.QueryAppend, TokenFirst: true}), `[` + startsFlow + `, want: {redirect: "https://a.test/approve?theme=plain&oauth_token=t%201&access=write"}}]`},
		"token first in a new query":          {legs(ast.CallbackInject, &ast.Redirect{URL: at("https://a.test/?oauth_token=own#f"), Query: entries("access", "write"), TokenFirst: true}), `[` + startsFlow + `, want: {redirect: "https://a.test/?oauth_token=t%201&access=write#f"}}]`},
		"token of the URL":                    {legs(ast.CallbackInject, &ast.Redirect{URL: at("https://a.test/?oauth_token=own"), Query: entries("access", "write"), QueryMode: ast.QueryAppend, TokenFirst: true}), `[` + startsFlow + `, want: {redirect: "https://a.test/?oauth_token=own&access=write"}}]`},
		"callback with its token":             {legs(ast.CallbackInject, &ast.Redirect{}), `[` + startsFlow + `}, {run: callback, query: "oauth_token=t+1&oauth_verifier=v", http: [{expect: {oauth: {oauth_consumer_key: ck, oauth_nonce: nonce-2, oauth_signature_method: HMAC-SHA1, oauth_timestamp: "1704164645", oauth_token: t 1, oauth_verifier: v, oauth_version: "1.0"}}, respond: {body: "oauth_token=at&oauth_token_secret=as"}}], want: {stored: true, data: {oauth_token: at, oauth_token_secret: as}}}]`},
		"callback without a token":            {legs(ast.CallbackInject, &ast.Redirect{}), `[` + startsFlow + `}, {run: callback, query: "oauth_verifier=v", want_error: oauth1/no-callback-token}]`},
		"callback that needs no token":        {legs(ast.CallbackInject, &ast.Redirect{CallbackToken: ast.CallbackTokenOptional}), `[` + startsFlow + `}, {run: callback, query: "oauth_verifier=v", http: [{expect: {}, respond: {body: "oauth_token=at&oauth_token_secret=as"}}]}]`},
		"callback with the token of another":  {legs(ast.CallbackInject, &ast.Redirect{CallbackToken: ast.CallbackTokenOptional}), `[` + startsFlow + `}, {run: callback, query: "oauth_token=x", want_error: oauth1/token-mismatch}]`},
		"callback that is refused":            {legs(ast.CallbackInject, &ast.Redirect{Verdict: strict, Response: &ast.Response{Valid: &ast.Valid{Condition: at("{{callback.ok}}")}}}), `[` + startsFlow + `}, {run: callback, query: "oauth_token=t+1&oauth_verifier=v", want_error: {type: InvalidAccessTokenError, code: c/invalid, message: Not accepted., section: first}}]`},
		"variant that is enabled":             {variants("{{data.a}}", "{{!data.a}}"), "[{run: authorize, input: {parameters: {a: 1}}, http: [{expect: {url: 'https://a.test/one'}, respond: {}}]}, {run: test, http: [{expect: {url: 'https://a.test/one'}, respond: {}}]}, {run: reauthorize, input: {parameters: {a: false}}, http: [{expect: {url: 'https://a.test/two'}, respond: {}}]}]"},
		"two variants":                        {variants("{{true}}", "{{true}}"), "[{run: authorize, want_error: {type: InvalidConfigurationError, code: connection/variant}}]"},
		"no variant":                          {variants("{{false}}", "{{common.none}}"), "[{run: authorize, want_error: {type: InvalidConfigurationError, code: connection/variant}}]"},
		"error that a spec raises":            {basic(&ast.Request{URL: &ast.Invoke{Library: "core", Function: "raise", Args: []ast.Value{at("c/1"), at("DataError"), at("Give a site.")}}}), "[{run: authorize, want_error: {type: DataError, code: c/1, message: Give a site.}}]"},
		"redirect without oauth has no token": {&ast.Connection{OAuth: &ast.OAuth{ConsumerKey: at("ck"), Token: at("root")}, Stages: []*ast.Stage{{Name: "first", Redirect: &ast.Redirect{URL: at("https://a.test/approve")}}}}, "[{run: authorize, want_error: oauth1/no-request-token}]"},
	}
	engines := append(BuiltIn(), Engine{Name: "oracle", Flow: oracleFlow{}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cases, err := Load([]string{write(t, "case.yaml", "id: tree\nsource: tree\ninput: {redirectUri: 'https://host.test/cb'}\nflow: "+tt.flow)})
			if err != nil {
				t.Fatal(err)
			}
			if c := cases[0]; c.Problem == "" {
				c.Flow.Source, c.Flow.Syntax = value.Undefined, tt.tree
			}
			report, err := RunCases(context.Background(), cases, Options{Engines: engines})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := report.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			if !report.OK() {
				t.Errorf("\n%s", strings.TrimSpace(b.String()))
			}
		})
	}
}

// variants is a connection of two variants that are told apart by where they send.
func variants(one, two string) *ast.Connection {
	c := &ast.Connection{}
	for _, v := range [][2]string{{"one", one}, {"two", two}} {
		c.Variants = append(c.Variants, &ast.Variant{Name: v[0], Enabled: at(v[1]), Connection: basic(&ast.Request{URL: at("https://a.test/" + v[0])})})
	}
	return c
}
