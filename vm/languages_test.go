package vm_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/message"
)

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("the line is dead") }

// Whatever the engine says of its own, it says by an id, in English as in Message and in German without English words.
func TestEngineSpeaksByIDs(t *testing.T) {
	broken := request(t, "POST", "/notes", "")
	broken.Body = io.NopCloser(brokenBody{})
	header := request(t, "GET", "/notes", "")
	header.Header = http.Header{"X-Note": {"two\nlines"}}
	do := func(req *http.Request, change func(*vm.Host), replies ...reply) error {
		w := newWorld(replies...)
		h := w.host()
		h.Limits = vm.Limits{ValueBytes: 100, ResponseBytes: 100, Attempts: 1, Redirects: 1}
		if change != nil {
			change(&h)
		}
		_, err := mustEngine(t, basePlan(t), h).Do(context.Background(), baseConnection(), req)
		return err
	}
	get := func(replies ...reply) error { return do(request(t, "GET", "/x", ""), nil, replies...) }
	run := func(spec string, replies ...reply) error {
		w := newWorld(replies...)
		_, err := mustEngine(t, mustCompile(t, spec, imlc.Options{}), w.host()).Authorize(context.Background(), vm.Grant{RedirectURI: "https://h.test/cb"})
		return err
	}
	signed := func(credentials, request string) string {
		return `{"oauth":{` + credentials + `},"info":{"url":"https://a.test/me"` + request + `}}`
	}
	const keys = `"consumer_key":"ck","consumer_secret":"cs"`
	_, unknownCall := mustEngine(t, basePlan(t), newWorld().host()).Call(context.Background(), baseConnection(), "nothing", nil)
	_, noBase := mustEngine(t, mustCompile(t, signed(keys, ""), imlc.Options{}), newWorld().host()).Do(context.Background(), &vm.Connection{}, request(t, "GET", "/x", ""))
	redirect := reply{status: 302, header: map[string]string{"Location": "/y"}}
	for name, c := range map[string]struct {
		err             error
		english, german string
	}{
		"body that breaks":    {do(broken, nil), "the body of the request cannot be read", "Der Inhalt der Anfrage ist nicht lesbar."},
		"body too long":       {do(request(t, "POST", "/notes", strings.Repeat("x", 101)), nil), "LIMIT: the limit on request body is reached (100)", "Die Grenze für den Inhalt der Anfrage ist erreicht (100)."},
		"answer too long":     {get(reply{body: strings.Repeat("x", 101)}), "limit/response-body: the limit on response body is reached (100)", "Die Grenze für den Inhalt der Antwort ist erreicht (100)."},
		"header":              {do(header, nil), "headers: the value of X-Note holds a control character (code 10); remove line breaks and control characters", ""},
		"method":              {do(request(t, "CONNECT", "/x", ""), nil), "", ""},
		"foreign":             {do(request(t, "GET", "https://evil.test/x", ""), nil), "the connection must not be used with https://evil.test", "Die Verbindung darf nicht mit https://evil.test verwendet werden."},
		"redirect loop":       {get(redirect, redirect), "Exceeded maxRedirects. Probably stuck in a redirect loop https://api.example.test/y", "Der Dienst leitet zu oft weiter, wohl im Kreis: https://api.example.test/y"},
		"redirect to nowhere": {get(reply{status: 302, header: map[string]string{"Location": "http://[::1"}}), `Invalid URI "http://[::1"`, "Der Dienst leitet an eine ungültige Adresse weiter: http://[::1"},
		"no answer":           {get(reply{err: errors.New("dial tcp: lookup a on 10.255.255.53:53")}), "no response from api.example.test (reset)", "Keine Antwort von api.example.test (die Verbindung brach ab)."},
		"no answer of nobody": {get(reply{err: &wire.ConnectionError{Cause: wire.CauseDNS}}), "no response (dns)", "Keine Antwort (der Name ist nicht zu finden)."},
		"run time": {do(request(t, "GET", "/x", ""), func(h *vm.Host) {
			h.Limits.RunTimeout = 20 * time.Millisecond
			h.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		}), "LIMIT: the limit on run time is reached (0)", "Die Grenze für die Laufzeit ist erreicht (0)."},
		"host": {do(request(t, "GET", "/x", ""), func(h *vm.Host) {
			h.Nonce = func() (string, error) { return "", errors.New("the pool is dry") }
		}), "the host failed to do its giving of a nonce", "Der Betreiber konnte seinen Teil nicht leisten (einen Einmalwert geben)."},
		"unknown call":       {unknownCall, "the spec has no call named nothing", "Die Beschreibung hat keinen Aufruf namens nothing."},
		"no base URL":        {noBase, `the connection has no base URL to put "/x" behind: give an absolute URL`, `Die Verbindung hat keine Basisadresse, hinter die "/x" gehört: Nötig ist eine vollständige Adresse.`},
		"no JSON":            {run(signed(keys, `,"response":{"type":"json"}`), reply{body: "{", contentType: "application/json"}), "Failed to parse response body as JSON", "Die Antwort ist nicht als JSON lesbar."},
		"no gzip":            {run(signed(keys, `,"gzip":true`), reply{body: "not gzip", header: map[string]string{"Content-Encoding": "gzip"}}), "Failed to parse response body as gzip", "Die Antwort ist nicht als gzip lesbar."},
		"no URL":             {run(`{"oauth":{` + keys + `},"info":{"url":"{{data.x}}"}}`), "URL is missing", "Die Adresse der Anfrage fehlt."},
		"bad URL":            {run(`{"oauth":{` + keys + `},"info":{"url":"https://[x"}}`), `Invalid URI "https://[x"`, "Die Adresse „https://[x“ ist ungültig."},
		"no key":             {run(signed(`"consumer_key":"{{data.k}}","consumer_secret":"x"`, "")), "oauth: consumer_key is required", "oauth: consumer_key fehlt."},
		"unknown method":     {run(signed(keys+`,"signature_method":"{{'X'}}"`, "")), "Signature method not supported: X", "Das Signaturverfahren X ist nicht bekannt."},
		"encrypted key":      {run(signed(`"consumer_key":"ck","private_key":"{{'-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'}}","signature_method":"RSA-SHA1"`, "")), "", ""},
		"plaintext":          {run(`{"oauth":{` + keys + `,"signature_method":"PLAINTEXT"},"info":{"url":"{{'http://a.test/'}}"}}`), "oauth: PLAINTEXT over http shows the secrets to everyone on the way", "oauth: PLAINTEXT über http zeigt die Geheimnisse allen, die unterwegs mitlesen."},
		"status":             {run(signed(keys, ""), reply{status: 500}), "[500] Internal Server Error", "Der Dienst antwortete mit [500] Internal Server Error."},
		"failing expression": {run(signed(keys, `,"qs":{"a":"{{map(data.x; 2)}}"}`)), "", ""},
	} {
		var e *vm.Error
		if !errors.As(c.err, &e) {
			t.Errorf("%s: %v", name, c.err)
			continue
		}
		english, german := e.In(message.In("en")), e.In(message.In("de"))
		switch {
		case e.MessageID == "" || english != e.Message:
			t.Errorf("%s: id %q, %q in English, the message is %q", name, e.MessageID, english, e.Message)
		case c.english != "" && english != c.english:
			t.Errorf("%s: %q, want %q", name, english, c.english)
		case german == english, strings.Contains(german, "{"), c.german != "" && german != c.german:
			t.Errorf("%s: %q in German, want %q", name, german, c.german)
		}
	}
}

// What functions of a dialect say for people has an id as well.
func TestFunctionsSpeakByIDs(t *testing.T) {
	const (
		supermetrics = `{"authentication": {"type": "oauth1", "userInputs": [{"id": "shop", "label": "Shop", "type": "text", "required": false}],
			"oauth1": {"consumerKey": "enc:k", "consumerSecret": "enc:s",
				"requestTokenEndpoint": {"request": {"type": "sync", "method": "POST", "url": "https://a.test/rt"}},
				"authorizationEndpoint": {"request": {"url": "https://a.test/au"}}, "accessTokenEndpoint": {"request": {"url": "https://a.test/at"}}}},
			"dataSourceUser": {"userInfo": {"id": {"source": "jsonPath", "value": "$.id"}}, "request": {"method": "GET", "url": "https://a.test/me",
				"builderType": "twitter_signed", "response": {"type": "JSON", "dataRows": {"source": "jsonPath", "value": "$"}}}}}`
		membrane = `{"type": "oauth1", "getOAuthConfig": {"type": "mapping", "mapping": {"consumerKey": {"$var": "connectorParameters.key"},
			"consumerSecret": {"$var": "connectorParameters.secret"}, "requestTokenUri": "https://a.test/rt", "authorizeUri": "https://a.test/au", "tokenUri": "https://a.test/at"}},
			"makeApiClient": {"type": "mapping", "mapping": {"baseUri": "https://a.test"}},
			"test": {"type": "rest-api-mapping", "mapping": {"path": "/me", "method": "get"}}}`
	)
	for text, want := range map[string]struct{ code, english, german string }{
		supermetrics: {"SUP501", "the host does not supply the secret oauth1.consumerSecret", "Der Betreiber gibt das Geheimnis oauth1.consumerSecret nicht."},
		membrane:     {"MEM501", "getOAuthConfig: consumerKey is missing, expected a text", "getOAuthConfig: consumerKey fehlt, erwartet wird ein Text."},
	} {
		p, list := imlc.Compile(fstest.MapFS{"spec.json": {Data: []byte(text)}}, "spec.json", imlc.Options{})
		if p == nil {
			t.Errorf("%s: %v", want.code, list.Items)
			continue
		}
		e := mustEngine(t, p, newWorld().host())
		_, err := e.Authorize(context.Background(), vm.Grant{Common: object(t, `{"oauth1.consumerKey":"ck"}`), RedirectURI: "https://h.test/cb"})
		got := errorOf(t, err)
		if german := got.In(message.In("de")); got.Code != want.code || got.Message != want.english || german != want.german {
			t.Errorf("%s %q, in German %q", got.Code, got.Message, german)
		}
		var eval *vm.EvalError
		if !errors.As(err, &eval) || eval.Message != got.Message {
			t.Errorf("%v is no failing expression", err)
		}
	}
}

// The words of a spec that raises an error have no id, and stay as they are.
func TestWordsOfSpecsHaveNoID(t *testing.T) {
	w := newWorld(reply{status: 404})
	own := mustEngine(t, mustCompile(t, `{"url":"https://a.test/","response":{"error":"No entry"}}`, imlc.Options{}), w.host())
	if got := errorOf(t, own.Test(context.Background(), &vm.Connection{})); got.MessageID != "" || got.Args != nil || got.Message != "No entry" {
		t.Errorf("%+v", got)
	}
}

// Users learn from a missing answer whom it was asked of and why it did not come. What the transport says of this
// installation is for logs: in Err, Detail, the text of Error, traces and records.
func TestNoAnswerHidesTheInside(t *testing.T) {
	const inside = "dial tcp: lookup api.example.test on 10.255.255.53:53: no such host"
	var logged vm.LogRecord
	var told vm.Event
	w := newWorld(reply{err: &wire.ConnectionError{Cause: wire.CauseDNS, Host: "api.example.test", Err: errors.New(inside)}})
	h := w.host()
	h.Limits.Attempts = 1
	h.Log = func(_ context.Context, r vm.LogRecord) { logged = r }
	h.Tracer = tracerFunc(func(e vm.Event) {
		if e.Kind == vm.EventError {
			told = e
		}
	})
	_, err := mustEngine(t, basePlan(t), h).Do(context.Background(), baseConnection(), request(t, "GET", "/x", ""))
	got := errorOf(t, err)
	for _, text := range []string{got.Message, got.In(message.In("de")), got.Args["host"] + got.Args["cause"] + got.Args["detail"], got.Help, told.Message} {
		if strings.Contains(text, "10.255.255.53") {
			t.Errorf("%q tells of the inside", text)
		}
	}
	if got.Detail() != inside || told.Detail != inside {
		t.Errorf("detail %q, of the trace %q", got.Detail(), told.Detail)
	}
	for _, text := range []string{got.Error(), logged.Error, got.Err.Error()} {
		if !strings.Contains(text, inside) {
			t.Errorf("%q does not tell operators what the transport said", text)
		}
	}
}

// Who is refused a destination learns why, and not which address a name leads to.
func TestRefusedDestination(t *testing.T) {
	refused := &wire.PolicyError{Host: "db.internal", Addr: netip.MustParseAddr("10.0.0.7"), Reason: "it is a private address; allow private addresses to reach it"}
	w := newWorld(reply{err: &wire.ConnectionError{Cause: wire.CausePolicy, Host: "db.internal:443", Err: &net.OpError{Op: "dial", Net: "tcp", Err: refused}}})
	got := errorOf(t, mustEngine(t, mustCompile(t, `{"url":"https://db.internal:443/"}`, imlc.Options{}), w.host()).Test(context.Background(), &vm.Connection{}))
	if want := "no response from db.internal:443 (policy): destination db.internal is refused: " + refused.Reason; got.Message != want {
		t.Errorf("%q, want %q", got.Message, want)
	}
	if want := "Keine Antwort von db.internal:443 (das Ziel ist hier nicht erlaubt): Das Ziel db.internal wird nicht zugelassen: es ist eine private Adresse."; got.In(message.In("de")) != want {
		t.Errorf("%q, want %q", got.In(message.In("de")), want)
	}
	if got.Detail() != "its address is 10.0.0.7" || !strings.Contains(got.Error(), "10.0.0.7") {
		t.Errorf("%q: %v", got.Detail(), got)
	}
}

type tracerFunc func(vm.Event)

func (f tracerFunc) Event(_ context.Context, e vm.Event) { f(e) }
