package broker_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/internal/tunnel"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// TestEgressProxy has a broker whose way out is a proxy: flows, requests, calls, tests, renewals, revocations and webhooks
// go through it, and when it is away nothing goes out at all.
func TestEgressProxy(t *testing.T) {
	p := tunnel.Start(t, false)
	p.Credentials = "broker:canary-proxy-password"
	through, err := wire.ParseProxy(p.URL, p.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	w := startWith(t, func(w *world) { w.config.Host.Egress.Proxy = through })
	var reached, past atomic.Int32
	outside := func(handler http.Handler) string {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			reached.Add(1)
			if r.URL.Path != "/authorize" && !p.Made(r.RemoteAddr) { // where the user goes
				past.Add(1)
				t.Errorf("%s came past the proxy", r.URL.Path)
			}
			handler.ServeHTTP(rw, r)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	told := make(chan struct{}, 100)
	w.must("POST", "/v1/webhooks", map[string]any{"url": outside(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} }))})
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": renewingSpec(t)}})
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": outside(w.service), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	id := w.connect("ada")
	for _, path := range []string{"/test", "/renew"} {
		if c := w.must("POST", "/v1/connections/"+id+path, nil); c["status"] != "ok" {
			t.Errorf("%s: %v", path, c)
		}
	}
	w.must("GET", "/v1/connections/"+id+"/proxy/me", nil)
	w.must("POST", "/v1/connections/"+id+"/calls/status", map[string]any{"text": "hello"})
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("the webhook is not told")
	}
	if n := len(p.Asked()); n == 0 || n > int(reached.Load()) {
		t.Errorf("the proxy was asked %d times for %d requests", n, reached.Load())
	}

	w.stop() // whose jobs may still be at something
	away := tunnel.Start(t, false)
	away.Close()
	config := w.config
	if config.Host.Egress.Proxy, err = wire.ParseProxy(away.URL, p.Credentials); err != nil {
		t.Fatal(err)
	}
	other, err := broker.New(config)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(other.Handler())
	defer front.Close()
	w.url, front.URL = front.URL, w.url
	for _, path := range []string{"/proxy/me", "/test", "/renew"} {
		method := "POST"
		if path == "/proxy/me" {
			method = "GET"
		}
		status, text := w.raw(w.key, method, "/v1/connections/"+id+path, nil)
		if path != "/test" && status < 500 || path == "/test" && !strings.Contains(string(text), "degraded") {
			t.Errorf("%s without the proxy: %d %s", path, status, text)
		}
		if strings.Contains(string(text), "canary-proxy") || strings.Contains(string(text), strings.TrimPrefix(away.URL, "http://")) {
			t.Errorf("%s tells of the proxy: %s", path, text)
		}
	}
	w.url, front.URL = front.URL, w.url
	if n := past.Load(); n > 0 { // a webhook of the broker before may come yet, through its proxy
		t.Errorf("%d requests went out without the proxy", n)
	}
	if strings.Contains(w.logs.String(), "canary-proxy") {
		t.Error("the log holds the password of the proxy")
	}
}
