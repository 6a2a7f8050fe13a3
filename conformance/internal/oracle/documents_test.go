package oracle

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/parser/ast"
)

// TestMakeWorkedExample runs spec make.md §23 byte for byte.
func TestMakeWorkedExample(t *testing.T) {
	w := &world{t: t, now: time.Unix(1700000000, 0), advance: []time.Duration{0, time.Second}, answers: []reply{
		{200, "text/html", "oauth_token=rq%2F7f3a&oauth_token_secret=rs%2Bq%3D9&oauth_callback_confirmed=true"},
		{200, "text/plain", "oauth_token=at.5c&oauth_token_secret=as%26x"},
		{200, "application/json", `{"id":9007199254740993,"active":true,"contact":{"email":"desk@example.test"}}`},
		{200, "application/json", `{}`},
	}}
	form := &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseURLEncoded}}
	spec := New(&ast.Connection{
		OAuth: &ast.OAuth{ConsumerKey: text("{{data.consumerKey}}"), ConsumerSecret: text("{{data.consumerSecret}}")},
		Base: &ast.Request{BaseURL: text("https://api.example.test/v1"),
			OAuth: &ast.OAuth{Token: text("{{data.accessToken}}"), TokenSecret: text("{{data.accessSecret}}")}},
		Stages: []*ast.Stage{
			{Name: "requestToken", Requests: []*ast.Request{{URL: text("https://api.example.test/oauth/initiate"), Method: text("POST"),
				Callback: ast.CallbackInjectUnlessCarried,
				Response: &ast.Response{Type: form, Temp: tree(t, `{"requestToken": "{{body.oauth_token}}", "requestSecret": "{{body.oauth_token_secret}}"}`)}}}},
			{Name: "authorize", Redirect: &ast.Redirect{URL: text("https://api.example.test/oauth/approve?ui=old"), Query: tree(t, `{"ui": "compact", "app": "Desk & Tool"}`),
				OAuth: &ast.OAuth{Token: text("{{temp.requestToken}}")}, Response: &ast.Response{Temp: tree(t, `{"verifier": "{{callback.oauth_verifier}}"}`)}}},
			{Name: "accessToken", Requests: []*ast.Request{{URL: text("https://api.example.test/oauth/exchange"), Method: text("POST"), BodyType: text("urlencoded"),
				Body:     tree(t, `{"device": "rack 7/b", "note": "{{data.deviceNote}}"}`),
				OAuth:    &ast.OAuth{Token: text("{{temp.requestToken}}"), TokenSecret: text("{{temp.requestSecret}}"), Verifier: text("{{temp.verifier}}")},
				Response: &ast.Response{Type: form, Data: tree(t, `{"accessToken": "{{body.oauth_token}}", "accessSecret": "{{body.oauth_token_secret}}"}`)}}}},
			{Name: "info", Proof: true, Requests: []*ast.Request{{URL: text("https://api.example.test/v1/me"),
				Query: tree(t, `{"fields": ["id", "display name"], "since": "2024-01-01T00:00+01:00"}`),
				OAuth: &ast.OAuth{Token: text("{{data.accessToken}}"), TokenSecret: text("{{data.accessSecret}}")},
				Response: &ast.Response{Valid: &ast.Valid{Condition: text("{{body.active}}")}, UID: text("{{body.id}}"),
					Metadata: &ast.Metadata{Type: text("email"), Value: text("{{body.contact.email}}")}}}}},
		},
		Calls: []*ast.Call{{Name: "note", Requests: []*ast.Request{{URL: text("/notes"), Method: text("POST"), Body: tree(t, `{"text": "Hi <b>", "size": 9007199254740993}`)}}}},
	}, w.host("a", 31))
	ctx := context.Background()
	step, err := spec.Authorize(ctx, Grant{Parameters: object(t, `{"consumerKey": "ck-demo", "consumerSecret": "cs demo&1"}`),
		Redirects: map[string]string{"default": "https://connect.example.test/oauth1/callback"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://api.example.test/oauth/approve?ui=compact&app=Desk%20%26%20Tool&oauth_token=rq%2F7f3a"; step.RedirectURL != want {
		t.Errorf("redirect %s, want %s", step.RedirectURL, want)
	}
	w.now = time.Unix(1700000065, 0)
	conn, err := spec.Callback(ctx, step.Suspended, "oauth_token=rq%2F7f3a&oauth_verifier=88-41")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonOf(conn.Data), `{"consumerKey":"ck-demo","consumerSecret":"cs demo&1","accessToken":"at.5c","accessSecret":"as&x"}`; got != want {
		t.Errorf("data %s, want %s", got, want)
	}
	if got := []string{conn.UID, conn.LabelType, conn.Label}; !cmp.Equal(got, []string{"9007199254740993", "email", "desk@example.test"}) {
		t.Errorf("uid and label %v", got)
	}
	w.now = time.Unix(1700000300, 0)
	if _, err := spec.Call(ctx, *conn, "note", nil); err != nil {
		t.Fatal(err)
	}
	const a = "OAuth "
	w.demand(
		sent{line: "POST https://api.example.test/oauth/initiate", authorization: a + `oauth_callback="https%3A%2F%2Fconnect.example.test%2Foauth1%2Fcallback",oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000001",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000000",oauth_version="1.0",oauth_signature="kwS%2BYE1FEQpaHK6q%2BvCcm518Z%2BE%3D"`},
		sent{line: "POST https://api.example.test/oauth/exchange", contentType: "application/x-www-form-urlencoded", body: "device=rack%207%2Fb", authorization: a + `oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000002",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000065",oauth_token="rq%2F7f3a",oauth_verifier="88-41",oauth_version="1.0",oauth_signature="tBxcoos1VdMl%2BD2sGPUweb9TjRo%3D"`},
		sent{line: "GET https://api.example.test/v1/me?fields=id&fields=display%20name&since=2024-01-01T00%3A00%2B01%3A00", authorization: a + `oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000003",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000066",oauth_token="at.5c",oauth_version="1.0",oauth_signature="jPfiNQkUAFdlcJpX6ez2vvD9Hqk%3D"`},
		sent{line: "POST https://api.example.test/v1/notes", contentType: "application/json", body: `{"text":"Hi <b>","size":9007199254740993}`, authorization: a + `oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000004",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000300",oauth_token="at.5c",oauth_version="1.0",oauth_signature="1M7Xo3fahLGW7CnrzwSXRNVT%2FIA%3D"`},
	)
}

// TestMembraneExample runs spec dialects.md §2.8 from a tree as that dialect's front end may build it.
func TestMembraneExample(t *testing.T) {
	w := &world{t: t, now: time.Unix(1767225600, 0), answers: []reply{
		{200, "text/html", "oauth_token=rt-1&oauth_token_secret=rts-1&oauth_callback_confirmed=true"},
		{200, "application/x-www-form-urlencoded", "oauth_token=at-1&oauth_token_secret=ats%2F1&user_id=42&screen_name=northwind+admin"},
		{200, "application/json", `{"id":42,"name":"northwind admin"}`},
		{200, "application/json", `[]`},
	}}
	token := &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseToken}}
	stored := &ast.OAuth{Token: text("{{data.oauth_token}}"), TokenSecret: text("{{data.oauth_token_secret}}")}
	api := "https://api.example.test/v2/{{data.site}}"
	spec := New(&ast.Connection{
		OAuth: &ast.OAuth{ConsumerKey: text("{{common.consumerKey}}"), ConsumerSecret: text("cs/weblog&1"), NeedsKey: true},
		Base: &ast.Request{BaseURL: text(api), Join: ast.JoinRelative, OAuth: stored, Headers: tree(t, `{"X-Client": "weblog"}`),
			Query: tree(t, `{"format": "json"}`), FillQuery: true},
		Stages: []*ast.Stage{
			{Name: "requestToken", Requests: []*ast.Request{{URL: text("https://api.example.test/oauth/request_token"), Method: text("POST"), Callback: ast.CallbackInject,
				Response: &ast.Response{Type: token, Temp: tree(t, `{"t": "{{body.oauth_token}}", "s": "{{body.oauth_token_secret}}"}`)}}}},
			{Name: "authorize", Redirect: &ast.Redirect{URL: text("https://{{data.site}}.example.test/oauth/authorize?theme=plain"), Query: tree(t, `{"access": "write", "locale": "{{data.locale}}"}`),
				QueryMode: ast.QueryAppend, TokenFirst: true, OAuth: &ast.OAuth{Token: text("{{temp.t}}")}}},
			{Name: "accessToken", Requests: []*ast.Request{{URL: text("https://api.example.test/oauth/access_token"), Method: text("POST"),
				OAuth:    &ast.OAuth{Token: text("{{temp.t}}"), TokenSecret: text("{{temp.s}}"), Verifier: text("{{callback.oauth_verifier}}")},
				Response: &ast.Response{Type: token, DataFields: []string{"*"}}}}},
			{Name: "test", Proof: true, Requests: []*ast.Request{{BaseURL: text(api), Join: ast.JoinRelative, URL: text("/users/{{encodeURL(data.screen_name)}}"), EncodeURL: ast.FlagOff,
				Query: tree(t, `{"fields": ["id", "name"], "format": "json"}`), QueryMode: ast.QueryAppend, OAuth: stored, Headers: tree(t, `{"X-Client": "weblog"}`),
				Response: &ast.Response{Valid: &ast.Valid{Condition: text("{{body.id}}"), Code: "oauth1/test-failed"}}}}},
		},
		Calls: []*ast.Call{{Name: "posts", Requests: []*ast.Request{{URL: text("posts?tag=a%20b&page=2")}}}},
	}, w.host("nonce-w", 1))
	spec.host.Common = object(t, `{"consumerKey": "ck-weblog"}`)
	ctx := context.Background()
	step, err := spec.Authorize(ctx, Grant{Parameters: object(t, `{"site": "northwind"}`), Redirects: map[string]string{"default": "https://app.example.test/oauth/callback?run=7"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://northwind.example.test/oauth/authorize?theme=plain&oauth_token=rt-1&access=write"; step.RedirectURL != want {
		t.Errorf("redirect %s, want %s", step.RedirectURL, want)
	}
	conn, err := spec.Callback(ctx, step.Suspended, "oauth_token=rt-1&oauth_verifier=v%2B1%2F2%3D")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonOf(conn.Data), `{"site":"northwind","oauth_token":"at-1","oauth_token_secret":"ats/1","user_id":"42","screen_name":"northwind admin"}`; got != want {
		t.Errorf("data %s, want %s", got, want)
	}
	if _, err := spec.Call(ctx, *conn, "posts", nil); err != nil {
		t.Fatal(err)
	}
	w.demand(
		sent{line: "POST https://api.example.test/oauth/request_token", authorization: `OAuth oauth_callback="https%3A%2F%2Fapp.example.test%2Foauth%2Fcallback%3Frun%3D7",oauth_consumer_key="ck-weblog",oauth_nonce="nonce-w1",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1767225600",oauth_version="1.0",oauth_signature="ZP8FP2kpfnqzmSrjpqK1kkGUhG4%3D"`},
		sent{line: "POST https://api.example.test/oauth/access_token", authorization: `OAuth oauth_consumer_key="ck-weblog",oauth_nonce="nonce-w2",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1767225600",oauth_token="rt-1",oauth_verifier="v%2B1%2F2%3D",oauth_version="1.0",oauth_signature="9OgiPrRhF%2Fsm8fYJJRU9qS7K43U%3D"`},
		sent{line: "GET https://api.example.test/v2/northwind/users/northwind%20admin?fields=id&fields=name&format=json", authorization: `OAuth oauth_consumer_key="ck-weblog",oauth_nonce="nonce-w3",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1767225600",oauth_token="at-1",oauth_version="1.0",oauth_signature="JxIrsKobsiwF8wq0oUF1yxfGjqM%3D"`},
		sent{line: "GET https://api.example.test/v2/northwind/posts?tag=a%20b&page=2&format=json", authorization: `OAuth oauth_consumer_key="ck-weblog",oauth_nonce="nonce-w4",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1767225600",oauth_token="at-1",oauth_version="1.0",oauth_signature="2HSdiKQJoRtk4m6x1LMVEl90nNY%3D"`},
	)
	w.answers = append(w.answers, reply{200, "application/json", `{"id":0}`})
	if _, err := spec.Test(ctx, *conn); err == nil || err.(*Failure).Code != "oauth1/test-failed" {
		t.Errorf("a falsy test gave %v", err)
	}
}
