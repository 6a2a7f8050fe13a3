package vm_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// The client signs with root and Base; request 4 of the worked example, sent by a host's own code.
func TestClientSigns(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	conn := connected(t, w, e)
	w.script(reply{body: "ok"})
	res, err := e.Client(conn).Get("https://api.example.test/v1/me?x=1")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || string(body) != "ok" {
		t.Errorf("%s, %v", body, err)
	}
	auth := w.sent[0].Header.Get("Authorization")
	mac := hmac.New(sha1.New, []byte("cs%20demo%261&as%26x"))
	mac.Write([]byte("GET&https%3A%2F%2Fapi.example.test%2Fv1%2Fme&oauth_consumer_key%3Dck-demo%26oauth_nonce%3Da0000000000000000000000000000004%26" +
		"oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1700000000%26oauth_token%3Dat.5c%26oauth_version%3D1.0%26x%3D1"))
	signature := url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, part := range []string{`oauth_consumer_key="ck-demo"`, `oauth_token="at.5c"`, `oauth_nonce="a0000000000000000000000000000004"`, `oauth_timestamp="1700000000"`, `oauth_signature="` + signature + `"`} {
		if !strings.Contains(auth, part) {
			t.Errorf("no %s in %s", part, auth)
		}
	}
	if strings.Contains(auth, "oauth_callback") || strings.Contains(auth, "oauth_verifier") {
		t.Error(auth)
	}
}

// A redirect to another origin is not signed; one to the same origin is signed afresh.
func TestClientRedirects(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	conn := connected(t, w, e)
	to := func(where string) reply { return reply{status: 302, header: map[string]string{"Location": where}} }
	w.script(to("/again"), to("https://other.example.test/x"), reply{})
	res, err := e.Client(conn).Get("https://api.example.test/v1/me")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if len(w.sent) != 3 {
		t.Fatalf("%d requests", len(w.sent))
	}
	first, second, third := w.sent[0].Header.Get("Authorization"), w.sent[1].Header.Get("Authorization"), w.sent[2].Header.Get("Authorization")
	if first == "" || second == "" || first == second || third != "" {
		t.Errorf("signed %q, then %q, elsewhere %q", first, second, third)
	}
}

// countedServer answers with an empty object, and counts the connections.
func countedServer(t *testing.T) (*httptest.Server, *atomic.Int32) {
	opened := new(atomic.Int32)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, opened
}

// An engine has one transport: operations and any number of clients share its connections, and calls leave no
// goroutines.
func TestClientsShareConnections(t *testing.T) {
	server, opened := countedServer(t)
	for name, spec := range map[string]string{"signed": `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"{{parameters.url}}"}}`, "unsigned": `{}`} {
		opened.Store(0)
		before := runtime.NumGoroutine()
		p := mustCompile(t, spec, imlc.Options{})
		e := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true}})
		step, err := e.Authorize(context.Background(), vm.Grant{Parameters: object(t, `{"url":"`+server.URL+`"}`)})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			res, err := e.Client(step.Connection).Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		if n := opened.Load(); n != 1 {
			t.Errorf("%s: 51 requests one after the other opened %d connections, expected 1", name, n)
		}
		if grown := runtime.NumGoroutine() - before; grown > 5 { // two for the connection, one or two in the server
			t.Errorf("%s: 51 requests left %d goroutines", name, grown)
		}
		e.Close()
	}
}

// Engines of one host share an http.Transport of the host too, also where it has to be cloned because it decompresses.
func TestEnginesShareNetHTTP(t *testing.T) {
	server, opened := countedServer(t)
	for name, transport := range map[string]*http.Transport{"decompresses": {}, "does not": {DisableCompression: true}} {
		opened.Store(0)
		h, err := vm.Host{Egress: wire.Egress{AllowPrivate: true}, Transport: transport}.WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		p := mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"{{parameters.url}}"}}`, imlc.Options{})
		for range 3 {
			if _, err := mustEngine(t, p, h).Authorize(t.Context(), vm.Grant{Parameters: object(t, `{"url":"`+server.URL+`"}`)}); err != nil {
				t.Fatal(err)
			}
		}
		if n := opened.Load(); n != 1 {
			t.Errorf("%s: three engines opened %d connections, expected 1", name, n)
		}
		if transport.DisableCompression == (name == "decompresses") {
			t.Errorf("%s: the transport of the host was changed", name)
		}
	}
}

// By default neither private addresses nor plain http are reached, by the client and by operations alike.
func TestEgressByDefault(t *testing.T) {
	hits := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer server.Close()
	https := strings.Replace(server.URL, "http:", "https:", 1)
	p := mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"{{parameters.url}}"}}`, imlc.Options{})
	e := mustEngine(t, p, vm.Host{})
	for _, target := range []string{server.URL, https, "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/", "http://example.com/", "https://localhost/", "https://2130706433/"} {
		_, err := e.Authorize(context.Background(), vm.Grant{Parameters: object(t, `{"url":"`+target+`"}`)})
		var policy *wire.PolicyError
		if got := errorOf(t, err); got.Type != "ConnectionError" || got.Cause != "policy" || !errors.As(err, &policy) {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := e.Client(&vm.Connection{}).Get(target); err == nil {
			t.Errorf("the client reaches %s", target)
		}
	}
	if hits > 0 {
		t.Errorf("%d requests arrived", hits)
	}
	open := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true}})
	if _, err := open.Authorize(context.Background(), vm.Grant{Parameters: object(t, `{"url":"`+server.URL+`"}`)}); err != nil || hits != 1 {
		t.Errorf("allowed, but %v after %d requests", err, hits)
	}
}

// A connection whose specification does not sign gives a plain client, under the same policy.
func TestUnsignedClient(t *testing.T) {
	w := newWorld(reply{})
	e := mustEngine(t, mustCompile(t, `{}`, imlc.Options{}), w.host())
	res, err := e.Client(&vm.Connection{}).Get("https://a.test/")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := w.sent[0].Header.Get("Authorization"); got != "" {
		t.Error(got)
	}
	var refused *url.Error
	if _, err := e.Client(&vm.Connection{}).Get("http://a.test/"); !errors.As(err, &refused) || len(w.sent) != 1 {
		t.Errorf("plain http: %v", err)
	}
}

// A specification that forgets its consumer key fails each request instead of sending it unsigned.
func TestClientWithoutKey(t *testing.T) {
	w := newWorld(reply{})
	e := mustEngine(t, mustCompile(t, `{"oauth":{"consumer_key":"{{data.missing}}"},"info":{"url":"https://a.test/"}}`, imlc.Options{}), w.host())
	_, err := e.Client(&vm.Connection{}).Get("https://a.test/")
	if err == nil || !strings.Contains(err.Error(), "oauth: consumer_key is required") || len(w.sent) > 0 {
		t.Errorf("%v, %d requests", err, len(w.sent))
	}
}
