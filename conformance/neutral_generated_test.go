package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestOracleGeneratedTrees compares the oracle with the machine on made-up trees, which say what the dialects of this
// build cannot: all ways to write a query, verdicts, token answers, policies of callbacks, variants, several redirects,
// scripts of expressions.
func TestOracleGeneratedTrees(t *testing.T) {
	const flows = 2000
	refused, failed, engines := 0, 0, BuiltIn()
	for i := range flows {
		g := &trees{newGenerator(i).within(neutralRoots)}
		c := g.flow(fmt.Sprintf("neutral/%d", i))
		c.Flow.Source, c.Flow.Syntax = value.Undefined, g.connection(true)
		machine, diff := bothWays(t, engines[i%len(engines)].Flow, c)
		if diff != "" {
			t.Errorf("%s: the oracle (+) differs from the machine (-):\n%s", c.ID, diff)
		}
		switch {
		case machine == nil: // told already
		case machine.Refused:
			refused++
			t.Errorf("%s is refused: %q", c.ID, machine.Diagnostics)
		case machine.Steps[0].Error != nil:
			failed++
		}
	}
	t.Logf("%d flows: %d refused, %d fail in their first step", flows, refused, failed)
	if failed > flows*3/4 {
		t.Errorf("%d of %d flows failed in their first step: they compare too little", failed, flows)
	}
}

var neutralRoots = []string{"data.a", "data.l", "data.none", "data.k", "data.t", "data.oauth_token", "temp.x", "temp.o.y", "temp.t", "temp", "common.s", "environment.e",
	"redirect.default", "scope", "state", "callback.oauth_verifier", "callback", "now"}

// trees makes trees up.
type trees struct{ *generator }

// leaf is a value that may compute.
func (g *trees) leaf(fixed ...string) ast.Value { return g.tree(2, fixed...) }

func (g *trees) tree(depth int, fixed ...string) ast.Value {
	if depth == 0 || g.IntN(20) > 0 {
		return at(fixedOr(g, fixed))
	}
	inner := func() ast.Value { return g.tree(depth-1, fixed...) }
	switch g.IntN(9) {
	case 0:
		name, _, _ := strings.Cut(g.root(), ".")
		return &ast.Root{Name: name}
	case 1:
		return &ast.Invoke{Library: "core", Function: g.one("isMissing", "isNil"), Args: []ast.Value{inner()}}
	case 2:
		return &ast.Join{Parts: []ast.Value{inner(), inner()}}
	case 3:
		return &ast.Choose{Cases: []ast.ChooseCase{{Test: inner(), Then: inner()}}, Else: inner()}
	case 4:
		return &ast.Let{Name: "v", Value: inner(), Body: &ast.Join{Parts: []ast.Value{&ast.Local{Name: "v"}, &ast.Local{Name: "v"}}}}
	case 5:
		return &ast.Each{Source: inner(), Item: "item", Index: "index", Body: &ast.Choose{Cases: []ast.ChooseCase{{Test: &ast.Local{Name: "index"},
			Then: &ast.Local{Name: "item"}}}}, Missing: ast.Missing(g.IntN(2)), Prune: g.often(5)}
	case 6:
		if g.often(3) {
			return &ast.Invoke{Library: "core", Function: "raise", Args: []ast.Value{at("X100"), at("DataError"), at("raised with {{data.a}}")}}
		}
	case 7:
		return &ast.Literal{Kind: ast.LiteralKind(g.IntN(4)), Bool: true, Number: 3}
	}
	return inner()
}

// fixedOr is one of the texts, or a text with holes.
func fixedOr(g *trees, fixed []string) string {
	if len(fixed) > 0 && g.IntN(30) > 0 {
		return g.one(fixed...)
	}
	return strings.ReplaceAll(strings.Trim(g.text(), `"`), `\"`, `"`)
}

// at is a template over the neutral roots.
func at(text string) ast.Value {
	t, _ := template.Parse(text, nil, template.Options{})
	t.At.Pointer = "/of/" + strings.Map(func(r rune) rune {
		if r == '/' || r == '~' {
			return '-'
		}
		return r
	}, text)
	return t
}

func (g *trees) object(often int, keys ...string) ast.Value {
	o := &ast.Object{Prune: g.often(2)}
	o.At.Pointer = "/of/object"
	for _, k := range keys {
		if g.often(often) {
			o.Entries = append(o.Entries, ast.Entry{Key: k, Value: g.leaf("fixed", "é%2F&=+")})
		}
	}
	if g.often(1) {
		o.Entries = append(o.Entries, ast.Entry{Key: "l", Value: &ast.Array{Items: []ast.Value{g.leaf(), g.leaf("1")}, Missing: ast.Missing(g.IntN(2)), Prune: g.often(5)}})
	}
	if g.often(1) {
		return g.leaf()
	}
	return o
}

// maybe is a value n times in ten, else absent.
func maybe[T any](g *trees, n int, make func() T) (none T) {
	if g.often(n) {
		return make()
	}
	return none
}

func (g *trees) maybe(n int, fixed ...string) ast.Value {
	return maybe(g, n, func() ast.Value { return g.leaf(fixed...) })
}

func (g *trees) oauth(often int) *ast.OAuth {
	o := &ast.OAuth{ConsumerKey: g.maybe(often, "ck"), ConsumerSecret: g.maybe(often, "c&s", "supersecret"), Token: g.maybe(4, "tk", "{{data.oauth_token}}", "{{temp.t}}"),
		TokenSecret: g.maybe(3, "ts", ""), Verifier: g.maybe(2, "v", "{{callback.oauth_verifier}}"), SignatureMethod: g.maybe(1, "HMAC-SHA256", "HMAC-SHA1", "PLAINTEXT"),
		Transport: g.maybe(2, "header", "query", "query", "query", "body"), BodyHash: g.maybe(1, "true", "abc"), Callback: g.maybe(2, "https://own.example.test/cb", "", "oob"),
		Realm: g.maybe(1, `R "q"`), NeedsKey: g.often(1), Version: g.maybe(2, "1.0", "1.0A", "", "{{null}}")}
	if g.often(2) {
		o.Extra = &ast.Object{Entries: []ast.Entry{{Key: "oauth_session_handle", Value: g.leaf("h 1")}, {Key: "a_first", Value: g.leaf("", "2")}}}
	}
	switch g.IntN(20) {
	case 0:
		o = &ast.OAuth{Whole: at(g.one("{{undefined}}", "{{null}}", "{{false}}", "{{temp}}", "{{data}}"))}
	case 1:
		o = &ast.OAuth{Whole: &ast.Object{Entries: []ast.Entry{{Key: "consumer_key", Value: g.leaf("wk")}, {Key: "token", Value: g.leaf("wt")}, {Key: "verifier", Value: g.leaf("wv")}, {Key: "zzz", Value: g.leaf()}}}}
	case 2:
		if often < 5 {
			o = &ast.OAuth{Off: true}
		}
	}
	return o
}

// verdicts are the ways in which dialects judge.
var verdicts = []*ast.Verdict{nil,
	{Accept: []ast.StatusRange{{First: 200, Last: 299}}, OnStatus: []ast.StatusFailure{{First: 401, Last: 401, Failure: ast.Failure{Type: "InvalidAccessTokenError", Code: "access_token_expired"}},
		{First: 400, Last: 599, Failure: ast.Failure{Type: "RuntimeError"}}}, OnInvalid: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed", Message: "The test has failed."}},
	{Accept: []ast.StatusRange{{First: 100, Last: 399}, {First: 404, Last: 404}}, OnStatus: []ast.StatusFailure{{First: 1, Last: 999, Failure: ast.Failure{Type: "X", Code: "x/1", Message: "No way."}}},
		OnInvalid: ast.Failure{Type: "RuntimeError", Message: "invalid"}, Types: []string{"X", "RuntimeError"}},
}

func (g *trees) verdict() *ast.Verdict { return verdicts[g.IntN(len(verdicts))] }

func (g *trees) condition(n int) *ast.Condition {
	return maybe(g, n, func() *ast.Condition { return &ast.Condition{Expr: g.leaf("x", "x", "x", "")} })
}

func (g *trees) request(kind string) *ast.Request {
	absolute := g.often(6)
	q := &ast.Request{Temp: maybe(g, 3, func() ast.Value { return g.object(5, "x", "o", "t") }), Condition: g.condition(1),
		BaseURL: g.maybe(3, "https://api.example.test/v1/", "https://api.example.test"), Join: ast.URLJoin(g.IntN(2)),
		URL: g.maybe(9, "https://api.example.test/a?x=1&y=2", "https://api.example.test/d"), EncodeURL: ast.Flag(g.IntN(3)),
		Method: g.maybe(6, "POST", "post", "PUT", "GET"), Headers: maybe(g, 3, func() ast.Value { return g.object(5, "x-a", "X-b", "content-type") }),
		Query: maybe(g, 5, func() ast.Value { return g.object(5, "x", "z") }), QueryMode: ast.QueryMode(g.IntN(4)),
		Body: maybe(g, 5, func() ast.Value { return g.object(5, "b", "oauth_callback", "c") }), BodyType: g.maybe(4, "json", "urlencoded", "urlencoded", "text"),
		Encoding: ast.Encoding{ByValue: g.often(2), JSONType: g.one("", "application/json; charset=utf-8"), TextType: g.one("", "text/plain; charset=utf-8")},
		OAuth:    maybe(g, 4, func() *ast.OAuth { return g.oauth(2) }), FollowRedirects: ast.Flag(g.IntN(3)), ShareCookies: ast.Flag(g.IntN(3)), Verdict: g.verdict()}
	if !absolute {
		q.Join = ast.JoinRelative
		q.BaseURL, q.URL = g.leaf("https://api.example.test/v1/", "https://api.example.test"), g.leaf("/b?y=0", "c", "d?x=1&x=2&w")
	}
	if g.often(3) {
		q.Headers = &ast.Object{Entries: []ast.Entry{{Key: "Content-Type", Value: at("application/x-www-form-urlencoded")}}}
	}
	switch kind {
	case "base":
		q.FillQuery, q.URL = g.often(5), g.maybe(1, "/base")
	case "stage":
		q.Callback, q.UnderBase = ast.CallbackPolicy(g.IntN(4)), g.often(3)
		q.Repeat = maybe(g, 1, func() *ast.Repeat {
			return &ast.Repeat{Condition: at("{{" + g.one("temp.x", "body.n", "status = 200") + "}}"), Limit: 2}
		})
	}
	inner := &trees{g.within(g.roots, "body", "body.n", "body.oauth_token", "body.l[2]", "headers.`x-a`", "status", "body.o")}
	q.Response = maybe(g, 9, func() *ast.Response { return inner.response(kind) })
	return q
}

func (g *trees) response(kind string) *ast.Response {
	r := &ast.Response{Temp: maybe(g, 5, func() ast.Value { return g.object(5, "x", "o", "t") }), Error: maybe(g, 3, g.failure),
		Valid: maybe(g, 2, func() *ast.Valid {
			return &ast.Valid{Condition: g.maybe(9, "x", "", "{{body.n}}"), Message: g.maybe(4, "not valid"), Type: g.maybe(3, "X", "Y"), Code: g.one("", "c/1")}
		})}
	r.Type = maybe(g, 7, func() *ast.ResponseType {
		t := &ast.ResponseType{Value: ast.Parser{Kind: g.parser()}}
		if g.often(1) {
			t.Ranges = []ast.StatusParser{{First: 200, Last: 299, Parser: ast.Parser{Kind: ast.ParseToken}}, {First: 200, Last: 200, Parser: ast.Parser{Value: g.leaf("json", "text")}},
				{First: 400, Last: 999, Parser: ast.Parser{Kind: ast.ParseTokenLenient}}}
		}
		return t
	})
	if kind == "stage" {
		r.Data, r.UID = maybe(g, 5, func() ast.Value { return g.object(5, "k", "t", "o") }), g.maybe(3, "u{{body.n}}")
		r.DataFields = maybe(g, 4, func() []string { return []string{g.one("*", "oauth_token", "absent"), g.one("n", "*")}[:1+g.IntN(2)] })
		r.Metadata = maybe(g, 3, func() *ast.Metadata {
			return &ast.Metadata{Type: g.maybe(7, "email", "url", "odd"), Value: g.leaf("label")}
		})
		r.Expires = g.maybe(1, "2030-01-02T03:04:05Z", "{{now}}", "{{1700000000}}")
		return r
	}
	item := &trees{g.within(g.roots, "item", "item.n")}
	r.Output = item.maybe(3, "{{item.n}}")
	r.Iterate = maybe(g, 2, func() *ast.Iterate {
		return &ast.Iterate{Container: at("{{body.l}}"), Condition: item.maybe(5, "{{item.n}}")}
	})
	r.Limit = g.maybe(2, "{{1}}")
	return r
}

// parser is one that reads most answers, or any.
func (g *trees) parser() ast.ParseKind {
	if g.often(2) {
		return ast.ParseKind(g.IntN(8))
	}
	return []ast.ParseKind{ast.ParseAutomatic, ast.ParseToken, ast.ParseURLEncoded, ast.ParseTokenLenient}[g.IntN(4)]
}

func (g *trees) failure() *ast.Error {
	e := &ast.Error{Message: g.maybe(5, "general {{body.n}}", "supersecret is c&s", ""), Type: g.maybe(3, "X", "OwnError")}
	for _, status := range []int{200, 404} {
		if g.often(4) {
			e.Status = append(e.Status, ast.StatusError{Status: status, Message: g.maybe(6, "of the status"), Type: g.maybe(4, "Y")})
		}
	}
	return e
}

func (g *trees) redirect() *ast.Redirect {
	d := &ast.Redirect{Temp: maybe(g, 3, func() ast.Value { return g.object(5, "x", "o") }), Condition: g.condition(1),
		URL:   g.leaf("https://api.example.test/approve?x=1#end", "https://api.example.test/approve?oauth_token=own", "https://api.example.test/approve"),
		Query: maybe(g, 5, func() ast.Value { return g.object(5, "x", "app") }), QueryMode: ast.QueryMode(g.IntN(4)), TokenFirst: g.often(5),
		OAuth: maybe(g, 9, func() *ast.OAuth { return &ast.OAuth{Token: at("{{temp.t}}")} }), CallbackToken: ast.CallbackToken(g.IntN(2)), Verdict: verdicts[1+g.IntN(2)]}
	d.Response = maybe(g, 5, func() *ast.Response {
		return &ast.Response{Temp: maybe(g, 5, func() ast.Value { return g.object(5, "x", "v") }), Error: maybe(g, 3, g.failure),
			Valid: maybe(g, 3, func() *ast.Valid {
				return &ast.Valid{Condition: g.leaf("", "x", "{{callback.oauth_verifier}}"), Message: g.maybe(4, "not valid"), Code: g.one("", "c/1")}
			})}
	})
	return d
}

func (g *trees) connection(variants bool) *ast.Connection {
	c := &ast.Connection{OAuth: maybe(g, 9, func() *ast.OAuth { return g.oauth(9) }), Base: maybe(g, 6, func() *ast.Request { return g.request("base") }),
		DefaultScope: []string{"read", "write"}, Words: map[string]string{ast.EventCallbackUnconfirmed: "W1", ast.EventFieldMissing: "W2"}}
	c.Common = maybe(g, 5, func() ast.Value { return &ast.Object{Entries: []ast.Entry{{Key: "z", Value: at("of the spec")}}} })
	if variants && g.often(2) {
		c.OAuth, c.Base = nil, nil
		for _, name := range []string{"one", "two"} {
			enabled := map[string]string{"one": "{{data.a}}", "two": "{{!data.a}}"}[name]
			if g.often(1) {
				enabled = "{{common.none}}"
			}
			c.Variants = append(c.Variants, &ast.Variant{Name: name, Enabled: at(enabled), Connection: g.connection(false)})
		}
		return c
	}
	for _, name := range []string{"first", "second", "third"} {
		s := &ast.Stage{Name: name, Proof: g.often(4)}
		for range g.IntN(2) {
			s.Requests = append(s.Requests, g.request("stage"))
		}
		if name == "first" && g.often(7) {
			token := &ast.Request{URL: at("https://api.example.test/token"), Method: at("POST"), Callback: ast.CallbackPolicy(g.IntN(4)), Verdict: g.verdict(),
				Response: &ast.Response{Type: &ast.ResponseType{Value: ast.Parser{Kind: g.parser()}}, Temp: &ast.Object{Entries: []ast.Entry{{Key: "t", Value: at("{{body.oauth_token}}")}}}}}
			s.Requests, s.Redirect = append(s.Requests, token), g.redirect()
		}
		c.Stages = append(c.Stages, s)
	}
	c.Calls = []*ast.Call{{Name: "one", Requests: []*ast.Request{g.request("call")}}}
	return c
}
