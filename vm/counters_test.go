package vm

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

const counterSpec = `{"oauth":{"consumer_key":"{{common.key}}","consumer_secret":"{{common.secret}}","token":"{{connection.token}}","token_secret":"{{connection.secret}}"},
	"requestToken":{"url":"https://h.test/request","method":"POST","response":{"type":"urlencoded","temp":{"token":"{{body.oauth_token}}","secret":"{{body.oauth_token_secret}}"}}},
	"authorize":{"url":"https://h.test/authorize","qs":{"oauth_token":"{{temp.token}}"},"response":{"temp":{"verifier":"{{query.oauth_verifier}}"}}},
	"accessToken":{"url":"https://h.test/access","method":"POST","oauth":{"token":"{{temp.token}}","token_secret":"{{temp.secret}}","verifier":"{{temp.verifier}}"},
		"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}","secret":"{{body.oauth_token_secret}}"}}},
	"info":{"url":"https://h.test/me","response":{"type":"urlencoded","uid":"{{body.oauth_token}}"}}}`

// TestFlowCounters keeps the work of one three-legged flow as numbers, so that more requests or a larger state show as
// a difference.
func TestFlowCounters(t *testing.T) {
	p, l := imlc.CompileSource(makespec.Source("counters", map[string]*source.File{
		makespec.Communication: source.NewFile("communication.jsonc", counterSpec),
	}, nil), imlc.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	transport := &answers{answer: func(int, *http.Request) (*http.Response, error) {
		return respond(200, "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true"), nil
	}}
	eng, err := New(p, Host{Transport: transport, Egress: wire.Egress{}})
	if err != nil {
		t.Fatal(err)
	}
	common, err := value.ParseJSON(`{"key":"k","secret":"s"}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	step, err := eng.Authorize(t.Context(), Grant{Common: common.Object(), RedirectURI: "https://app.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	started, state := transport.sent, len(step.State)
	if _, err := eng.Callback(t.Context(), step.State, "oauth_token=t&oauth_verifier=v"); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d requests to the redirect, %d after it, %d bytes of sealed state", started, transport.sent-started, state)
	if want := "1 requests to the redirect, 2 after it, 229 bytes of sealed state"; got != want {
		t.Errorf("the work has changed: got %s, expected %s", got, want)
	}
}
