package show

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestTracePrinter tells a run in which every text that comes from elsewhere tries to steer the terminal.
func TestTracePrinter(t *testing.T) {
	var out strings.Builder
	n := NewTracePrinter(NewStream(&out, Look{Terminal: true}), NewMask(nil))
	n.Titles, n.Whole = map[string]string{"requestToken": "ask"}, true
	bad := "\x1b[2J\nerror: fake"
	signed := &oauth1.Trace{SignatureMethod: "HMAC-SHA1", Key: "••••&", BaseString: "POST&x&oauth_token%3Dtoken-of-the-user",
		Sorted: []oauth1.Param{
			{Pair: uri.Pair{Name: "oauth_consumer_key", Value: "ck"}, EncodedName: "oauth_consumer_key", EncodedValue: "ck", Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "oauth_token", Value: "token-of-the-user"}, EncodedName: "oauth_token", EncodedValue: "token-of-the-user", Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "page", Value: "2"}, EncodedName: "page", EncodedValue: "2", Origin: oauth1.OriginQuery}}}
	for _, e := range []vm.Event{
		{Kind: vm.EventSection, Section: "requestToken"},
		{Kind: vm.EventSigned, Section: "requestToken", Signature: signed},
		{Kind: vm.EventRequest, Section: "requestToken", Message: "POST https://u:pw@a.example/" + bad, Value: parse(t, `{"headers":{"authorization":"OAuth real","x\u001b":"a\nb"},"body":{"password":"pw"}}`)},
		{Kind: vm.EventResponse, Section: "requestToken", Status: 401},
		{Kind: vm.EventRequest, Section: "requestToken", Message: "GET https://a.example/", Value: parse(t, `{"method":"GET","url":"x"}`)},
		{Kind: vm.EventRequest, Section: "requestToken", Message: "GET https://a.example/", Value: parse(t, `{"headers":{},"qs":{"a":"••••","b":"c"}}`)},
		{Kind: vm.EventRequest, Section: "requestToken", Message: "GET https://a.example/?b=c", Value: parse(t, `{"headers":{},"qs":{"b":"c"}}`)},
		{Kind: vm.EventResponse, Section: "requestToken", Code: "parsed", Value: parse(t, `{"words":"\u001b]0;x\u0007","session_key":"learned-here"}`)},
		{Kind: vm.EventStored, Section: "requestToken", Value: parse(t, `{"a":"learned-here","b":"token-of-the-user"}`)},
		{Kind: vm.EventIdentity, Section: "requestToken", Message: "uid", Value: value.Text(bad)},
		{Kind: vm.EventWarning, Section: "requestToken", Code: "X1", Message: bad},
		{Kind: vm.EventSkipped, Section: "info"},
		{Kind: vm.EventError, Section: "info", Message: "token-of-the-user " + bad},
	} {
		n.Watch(context.Background(), e)
	}
	want := `
  requestToken  ask
    → POST https://••••@a.example/\u001b[2J\nerror: fake
      authorization  OAuth oauth_consumer_key="ck", oauth_token="••••", oauth_signature="••••"
      x\u001b        a\nb
      body           {"password":"••••"}
      signed         HMAC-SHA1 with the key ••••&
      parameters     oauth_consumer_key, oauth_token, page
      base string    POST&x&oauth_token%3D••••
    ← [401] Unauthorized
    → GET https://a.example/
      contents       not shown: the request has no log.sanitize (see --trace=all)
    → GET https://a.example/
      query          {"a":"••••","b":"c"}
    → GET https://a.example/?b=c
      answer         {"words":"\u001b]0;x\u0007","session_key":"••••"}
      stored         {"a":"••••","b":"••••"}
      uid            \u001b[2J\nerror: fake
    warning: X1 \u001b[2J\nerror: fake

  info
    skipped: its condition is false
    failed: •••• \u001b[2J\nerror: fake
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTracePrinterCutsLongValues(t *testing.T) {
	var out strings.Builder
	NewTracePrinter(NewStream(&out, Look{}), NewMask(nil)).Event(context.Background(), vm.Event{Kind: vm.EventTemp, Value: value.Text(strings.Repeat("é", 5000))})
	if n := strings.Count(out.String(), "é"); n != longest || !strings.HasSuffix(out.String(), "é…\n") {
		t.Errorf("%d characters shown", n)
	}
}
