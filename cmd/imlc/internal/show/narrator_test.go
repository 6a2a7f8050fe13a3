package show

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestMask(t *testing.T) {
	defs := []plan.Parameter{{Name: "pin", Secret: true}, {Name: "shop", Type: "select", Options: []plan.ParameterOption{{Nested: []plan.Parameter{{Name: "pem", Secret: true}}}}}}
	m := NewMask(defs)
	m.Learn("", "abc", "hunter2 /x")
	got := string(value.AppendJSON(nil, m.Value(parse(t, `{"consumerKey":"ck","accessToken":"at","nested":{"password":"pw","n":1},"list":[{"secret":"s"}],
		"empty_token":"","plain":"x","pin":1234,"shop":{"pem":"P"},"a":"abc","b":"abcd","c":["say hunter2%20%2Fx"],"note":"oauth_token=q"}`))))
	want := `{"consumerKey":"ck","accessToken":"••••","nested":{"password":"••••","n":1},"list":[{"secret":"••••"}],` +
		`"empty_token":"","plain":"x","pin":"••••","shop":{"pem":"••••"},"a":"••••","b":"abcd","c":["say ••••"],"note":"oauth_token=••••"}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := m.Value(value.Text("marked").AsSecret()); got.Str() != value.Mask {
		t.Errorf("a marked text is shown as %s", Text(got))
	}
}

func TestMaskLearnsFromValues(t *testing.T) {
	m := NewMask(nil)
	m.LearnFrom(parse(t, `{"oauth_token_secret":"t0psecret","list":[{"password":["one-of-many"]}],"name":"public name"}`))
	got := m.Text("t0psecret one-of-many public name")
	if diff := cmp.Diff(value.Mask+" "+value.Mask+" public name", got); diff != "" {
		t.Error(diff)
	}
	if got := m.URL("https://user:pw@host/t0psecret"); strings.Contains(got, "pw") || strings.Contains(got, "t0psecret") {
		t.Errorf("shown %s", got)
	}
}

// TestMaskLearnsFromRuns stores tokens under names that tell nothing.
func TestMaskLearnsFromRuns(t *testing.T) {
	m := NewMask(nil)
	for _, e := range []vm.Event{
		{Kind: vm.EventStored, Value: parse(t, `{"a":"token-of-the-user","list":[{"b":"••••","c":"public"}],"d":"public"}`)},
		{Kind: vm.EventSigned, Signature: &oauth1.Trace{Sorted: []oauth1.Param{
			{Pair: uri.Pair{Name: "oauth_token", Value: "token-of-the-user"}, Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "oauth_nonce", Value: "a-nonce"}, Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "tokens", Value: "a-page"}, Origin: oauth1.OriginQuery}}}},
		{Kind: vm.EventTemp, Value: parse(t, `{"e":"••••"}`)},
		{Kind: vm.EventCommit, Value: parse(t, `{"g":"••••"}`)},
	} {
		m.Watch(e)
	}
	got := string(value.AppendJSON(nil, m.Value(parse(t, `{"a":"token-of-the-user","list":[{"b":"its secret","c":"public"}],"d":"public","e":"a-page","f":"a-nonce","g":"found late"}`))))
	if diff := cmp.Diff(`{"a":"••••","list":[{"b":"••••","c":"public"}],"d":"public","e":"a-page","f":"a-nonce","g":"••••"}`, got); diff != "" {
		t.Error(diff)
	}
}

// TestNarrator tells a run in which every text that comes from elsewhere tries to steer the terminal.
func TestNarrator(t *testing.T) {
	var out strings.Builder
	n := NewNarrator(NewStream(&out, Look{Terminal: true}), NewMask(nil))
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
		n.Watch(e)
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

func TestNarratorCutsLongValues(t *testing.T) {
	var out strings.Builder
	NewNarrator(NewStream(&out, Look{}), NewMask(nil)).Event(vm.Event{Kind: vm.EventTemp, Value: value.Text(strings.Repeat("é", 5000))})
	if n := strings.Count(out.String(), "é"); n != longest || !strings.HasSuffix(out.String(), "é…\n") {
		t.Errorf("%d characters shown", n)
	}
}

func TestConnection(t *testing.T) {
	conn := &vm.Connection{UID: "42\x1b[2J", Metadata: &vm.Metadata{Type: "text", Value: "Ada\nerror: fake"}, Scope: []string{"read"},
		Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Data: parse(t, `{"token":"t","a":"key-of-the-app","n":1}`).Object()}
	mask := NewMask(nil)
	mask.Learn("key-of-the-app")
	var out strings.Builder
	s := NewStream(&out, Look{})
	s.Connection(conn, mask)
	want := "connected\n  uid         42\\u001b[2J\n  label       Ada\\nerror: fake\n  expires     2030-01-02 03:04:05 UTC\n  scope       read\n" +
		"  data.token  ••••\n  data.a      ••••\n  data.n      1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		mask *Mask
		want string
	}{
		{mask, `{"data":{"token":"••••","a":"••••","n":1},"uid":"42\u001b[2J","metadata":{"type":"text","value":"Ada\nerror: fake"},"expires":"2030-01-02T03:04:05.000Z","scope":["read"]}`},
		{nil, `{"data":{"token":"t","a":"key-of-the-app","n":1},"uid":"42\u001b[2J","metadata":{"type":"text","value":"Ada\nerror: fake"},"expires":"2030-01-02T03:04:05.000Z","scope":["read"]}`},
	} {
		if diff := cmp.Diff(test.want, string(value.AppendJSON(nil, ConnectionJSON(conn, test.mask)))); diff != "" {
			t.Error(diff)
		}
	}
	empty := string(value.AppendJSON(nil, ConnectionJSON(&vm.Connection{Data: value.NewObject(0)}, mask)))
	if diff := cmp.Diff(`{"data":{},"uid":null,"metadata":null}`, empty); diff != "" {
		t.Error(diff)
	}
}
