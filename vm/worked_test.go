package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// Spec make.md §23.2, byte for byte.
func TestWorkedExample(t *testing.T) {
	ctx := context.Background()
	w := newWorld(initiated)
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	step, err := e.Authorize(ctx, workedGrant(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://api.example.test/oauth/approve?ui=compact&app=Desk%20%26%20Tool&oauth_token=rq%2F7f3a"; step.RedirectURL != want || step.Connection != nil {
		t.Errorf("redirect %s, want %s", step.RedirectURL, want)
	}
	w.advance(65 * time.Second)
	w.replies = []reply{{contentType: exchanged.contentType, body: exchanged.body, then: func() { w.advance(time.Second) }}, about}
	conn, err := e.Callback(ctx, step.State, workedCallback)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonOf(conn.Data), `{"consumerKey":"ck-demo","consumerSecret":"cs demo&1","accessToken":"at.5c","accessSecret":"as&x"}`; got != want {
		t.Errorf("data %s, want %s", got, want)
	}
	if conn.UID != "9007199254740993" || *conn.Metadata != (vm.Metadata{Type: "email", Value: "desk@example.test"}) || conn.PlanHash == "" || !conn.Expires.IsZero() {
		t.Errorf("uid %s, metadata %v", conn.UID, conn.Metadata)
	}
	w.advance(234 * time.Second)
	w.replies = []reply{{status: 201, contentType: "application/json", body: `{"ok":true}`}}
	out, err := e.Call(ctx, conn, "notes", object(t, `{"text":"Hi <b>","size":9007199254740993}`))
	if err != nil || out.String() != `{"ok":true}` {
		t.Errorf("call: %v, %v", out, err)
	}
	want := []struct {
		line, contentType   string
		length              int64
		authorization, body string
	}{
		{"POST https://api.example.test/oauth/initiate", "", 0,
			`OAuth oauth_callback="https%3A%2F%2Fconnect.example.test%2Foauth1%2Fcallback",oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000001",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000000",oauth_version="1.0",oauth_signature="kwS%2BYE1FEQpaHK6q%2BvCcm518Z%2BE%3D"`, ""},
		{"POST https://api.example.test/oauth/exchange", "application/x-www-form-urlencoded", 19,
			`OAuth oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000002",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000065",oauth_token="rq%2F7f3a",oauth_verifier="88-41",oauth_version="1.0",oauth_signature="tBxcoos1VdMl%2BD2sGPUweb9TjRo%3D"`, "device=rack%207%2Fb"},
		{"GET https://api.example.test/v1/me?fields=id&fields=display%20name&since=2024-01-01T00%3A00%2B01%3A00", "", 0,
			`OAuth oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000003",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000066",oauth_token="at.5c",oauth_version="1.0",oauth_signature="jPfiNQkUAFdlcJpX6ez2vvD9Hqk%3D"`, ""},
		{"POST https://api.example.test/v1/notes", "application/json", 41,
			`OAuth oauth_consumer_key="ck-demo",oauth_nonce="a0000000000000000000000000000004",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1700000300",oauth_token="at.5c",oauth_version="1.0",oauth_signature="1M7Xo3fahLGW7CnrzwSXRNVT%2FIA%3D"`, `{"text":"Hi <b>","size":9007199254740993}`},
	}
	if len(w.sent) != len(want) {
		t.Fatalf("%d requests, want %d", len(w.sent), len(want))
	}
	for i, x := range want {
		got := w.sent[i]
		if diff := cmp.Diff([]string{x.line, x.contentType, x.authorization, x.body}, []string{got.Method + " " + got.URL, got.Header.Get("Content-Type"), got.Header.Get("Authorization"), got.Body}); diff != "" {
			t.Errorf("request %d: %s", i+1, diff)
		}
		if got.Length != x.length {
			t.Errorf("request %d has the length %d, want %d", i+1, got.Length, x.length)
		}
	}
}

// Spec make.md §23.3: the same specification, other outcomes. Nothing is stored in any of them.
func TestWorkedExampleOutcomes(t *testing.T) {
	for _, c := range []struct {
		name, query          string
		first, second, third reply
		want                 vm.Error
	}{
		{"denied", "denied=rq%2F7f3a", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/refused", Message: "The account was not linked.", Section: "authorize"}},
		{"problem", "oauth_problem=user_refused", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/refused", Message: "The account was not linked.", Section: "authorize", Problem: "user_refused"}},
		{"problem of its own", "oauth_problem=cats", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/refused", Message: "The account was not linked.", Section: "authorize"}},
		{"error without verifier", "error=access_denied&oauth_token=rq%2F7f3a", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/refused", Message: "The account was not linked.", Section: "authorize"}},
		{"another token", "oauth_token=other&oauth_verifier=x", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/token-mismatch", Message: "the callback does not belong to this authorisation", Section: "authorize"}},
		{"another token denied", "denied=other", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/token-mismatch", Message: "the callback does not belong to this authorisation", Section: "authorize"}},
		{"two tokens", "oauth_token=rq%2F7f3a&oauth_token=other", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/token-mismatch", Message: "the callback does not belong to this authorisation", Section: "authorize"}},
		{"no token", "oauth_verifier=88-41", initiated, reply{}, reply{}, vm.Error{Type: "RuntimeError", Code: "oauth1/no-callback-token", Message: "the callback has no oauth_token", Section: "authorize"}},
		{"request 1 answered 401", "", reply{status: 401, contentType: "application/x-www-form-urlencoded", body: "oauth_problem=consumer_key_unknown"}, reply{}, reply{},
			vm.Error{Type: "RuntimeError", Code: "oauth1/consumer-key-unknown", Message: "No request token: consumer_key_unknown", Section: "requestToken", Status: 401, Problem: "consumer_key_unknown"}},
		{"request 2 answered 503", workedCallback, initiated, reply{status: 503}, reply{}, vm.Error{Type: "ConnectionError", Message: "[503] Service Unavailable", Section: "accessToken", Status: 503}},
		{"request 3 inactive", workedCallback, initiated, exchanged, reply{contentType: "application/json", body: `{"active":false}`},
			vm.Error{Type: "InvalidAccessTokenError", Message: "This account is suspended.", Section: "info", Status: 200}},
		{"request 3 unreadable", workedCallback, initiated, exchanged, reply{status: 429, contentType: "application/json", body: `{`, header: map[string]string{"Retry-After": "7"}},
			vm.Error{Type: "RateLimitError", Message: "[429] Too Many Requests", Section: "info", Status: 429, RetryAfter: 7 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(c.first, c.second, c.third)
			e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
			step, err := e.Authorize(context.Background(), workedGrant(t))
			foreign := c.want.Code == vm.CodeTokenMismatch || c.want.Code == vm.CodeNoCallbackToken
			used := !foreign && c.want.Status != 503 // neither what does not belong here nor a fault before the grant uses anything up
			if err == nil {
				var conn *vm.Connection
				if conn, err = e.Callback(context.Background(), step.State, c.query); conn != nil {
					t.Error("there is a connection")
				}
				if _, again := e.Callback(context.Background(), step.State, workedCallback); used != (code(again) == vm.CodeUnknownPending) {
					t.Errorf("a second callback gives %v", again)
				}
			}
			var got *vm.Error
			if !errors.As(err, &got) {
				t.Fatalf("no error but %v", err)
			}
			trimmed := vm.Error{Type: got.Type, Code: got.Code, Message: got.Message, Section: got.Section, Status: got.Status, RetryAfter: got.RetryAfter, Problem: got.Problem}
			if diff := cmp.Diff(c.want, trimmed); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(got.Provider+got.Help+got.Error(), "rq/7f3a") {
				t.Errorf("the error holds the request token: %+v", got)
			}
		})
	}
}

func code(err error) string {
	var e *vm.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestUnconfirmedCallback(t *testing.T) {
	unconfirmed := reply{contentType: "text/html", body: "oauth_token=rq%2F7f3a&oauth_token_secret=rs"}
	for strict, want := range map[bool]string{false: "", true: "oauth1/callback-not-confirmed"} {
		w := newWorld(unconfirmed)
		p := workedExample(t, imlc.Options{})
		p.Meta.Strict = strict
		step, err := mustEngine(t, p, w.host()).Authorize(context.Background(), workedGrant(t))
		if code(err) != want || (step == nil) != strict {
			t.Errorf("strict %v: %v", strict, err)
		}
		warned := false
		for _, event := range w.events {
			warned = warned || event.Code == "MAKE501"
		}
		if warned == strict {
			t.Errorf("strict %v: MAKE501 %v", strict, warned)
		}
	}
}
