package vm_test

import (
	"context"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// handshakeSpec is a whole handshake whose token is stored as tok and sec; rest goes on with it.
const handshakeSpec = `{"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},
	"requestToken":{"url":"https://a.test/rt","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}","s":"{{body.oauth_token_secret}}"}}},
	"authorize":{"url":"https://a.test/authorize","oauth":{"token":"{{temp.t}}"}},
	"accessToken":{"url":"https://a.test/at","oauth":{"token":"{{temp.t}}","token_secret":"{{temp.s}}","verifier":"{{query.oauth_verifier}}"},
		"response":{"type":"urlencoded","data":{"tok":"{{body.oauth_token}}","sec":"{{ body.oauth_token_secret }}"}}}`

// No request behind the handshake is signed without the stored token in silence: the engine says by which rule it signs,
// warns with the lines that are missing, and every record tells what signed.
func TestSigningRules(t *testing.T) {
	const (
		info  = `,"info":{"url":"https://a.test/me","oauth":{"token":"{{connection.tok}}","token_secret":"{{connection.sec}}"}}`
		base  = `,"base":{"baseUrl":"https://a.test","oauth":{"token":"{{connection.tok}}","token_secret":"{{connection.sec}}"}}`
		calls = `,"calls":{"me":{"url":"https://a.test/me"}}`
		lines = `write in base: "oauth": { "token": "{{connection.tok}}", "token_secret": "{{connection.sec}}" }`
	)
	const consumer = `"oauth":{"consumer_key":"ck","consumer_secret":"cs"}`
	apart := strings.NewReplacer(`"communication":{`+consumer+`,`, `"communication":{`, `/rt",`, `/rt",`+consumer+`,`,
		`/at","oauth":{`, `/at",`+consumer[:len(consumer)-1]+`,`).Replace(handshakeSpec)
	for name, c := range map[string]struct{ spec, signed, as, warning, call string }{
		"base":              {handshakeSpec + `}` + base + calls + `}`, "token", "", "", "token"},
		"info without base": {handshakeSpec + info + `}` + calls + `}`, "token", "info", "", "consumer"},
		"base without token": {handshakeSpec + info + `},"base":{"baseUrl":"https://a.test"}` + calls + `}`,
			"consumer", "", "signed by the consumer alone, without the stored token: " + lines, "consumer"},
		"nothing says it": {handshakeSpec + `,"info":{"url":"https://a.test/me"}}` + calls + `}`,
			"consumer", "", "signed by the consumer alone, without the stored token: " + lines, "consumer"},
		"no oauth of its own": {apart + `,"info":{"url":"https://a.test/me"}}}`,
			"", "", "not signed: " + strings.Replace(lines, `{ "token"`, `{ "consumer_key": "ck", "consumer_secret": "cs", "token"`, 1), ""},
		"two-legged": {`{"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://a.test/me"}}` + calls + `}`, "consumer", "", "", "consumer"},
		"basic":      {`{"communication":{"headers":{"authorization":"x"},"url":"https://a.test/me"}}`, "", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(reply{}, reply{})
			h := w.host()
			var records []vm.LogRecord
			h.Log = func(_ context.Context, r vm.LogRecord) { records = append(records, r) }
			e := mustEngine(t, mustCompile(t, c.spec, imlc.Options{}), h)
			conn := &vm.Connection{Data: object(t, `{"tok":"tk","sec":"ts"}`)}
			s, err := e.Signing(context.Background(), conn)
			if err != nil || s.As != c.as || s.Warning != c.warning {
				t.Errorf("signing %+v, %v", s, err)
			}
			if (s.Params != nil) != (c.signed != "") || s.Params != nil && (s.Params.Token == "tk") != (c.signed == "token") {
				t.Errorf("params %+v", s.Params)
			}
			if _, err := e.Do(context.Background(), conn, request(t, "GET", "https://a.test/x", "")); err != nil {
				t.Fatal(err)
			}
			if got := records[0].Signed; got != c.signed {
				t.Errorf("the request is signed by %q, want %q", got, c.signed)
			}
			if got := aloneEvents(w); strings.Join(got, "") != c.warning {
				t.Errorf("the trace tells %q, want %q", got, c.warning)
			}
			if c.call == "" {
				return
			}
			w.events = nil
			if _, err := e.Call(context.Background(), conn, "me", value.NewObject(0)); err != nil {
				t.Fatal(err)
			}
			if got := records[1].Signed; got != c.call {
				t.Errorf("the call is signed by %q, want %q", got, c.call)
			}
			if alone := c.call == "consumer" && name != "two-legged"; alone != (len(aloneEvents(w)) == 1) {
				t.Errorf("the trace of the call tells %q", aloneEvents(w))
			}
		})
	}
}

// A connection whose token came to nothing is told apart from a spec that forgets it.
func TestSigningWithEmptyToken(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, mustCompile(t, handshakeSpec+`},"base":{"baseUrl":"https://a.test","oauth":{"token":"{{connection.tok}}","token_secret":"{{connection.sec}}"}}}`, imlc.Options{}), w.host())
	s, err := e.Signing(context.Background(), &vm.Connection{Data: value.NewObject(0)})
	if err != nil || !strings.Contains(s.Warning, "the stored token is empty") {
		t.Errorf("signing %+v, %v", s, err)
	}
}

func aloneEvents(w *world) (texts []string) {
	for _, x := range w.events {
		if x.Kind == vm.EventAlone {
			texts = append(texts, x.Message)
		}
	}
	return texts
}
