package broker_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// TestBytesOfADay has a tenant use up what it may send and receive in a day: its requests and calls are refused until the
// next one, in every process, and nothing else is.
func TestBytesOfADay(t *testing.T) {
	w := start(t)
	w.forward(time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(25 * time.Hour))) // an hour into a day
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x" {
			w.service.ServeHTTP(rw, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = rw.Write(make([]byte, 40<<10))
	}))
	t.Cleanup(service.Close)
	settings := map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}}
	small := w.tenant("small", map[string]any{"bytesPerDay": 160 << 10})
	var id string
	w.as(small, func() {
		w.spec()
		w.must("PUT", "/v1/specs/demo/settings", settings)
		id = w.connect("ada")
	})
	today := func() int {
		t.Helper()
		for _, one := range w.must("GET", "/v1/tenants", nil)["list"].([]any) {
			if one := one.(map[string]any); one["name"] == "small" {
				n, _ := one["bytesToday"].(float64)
				return int(n)
			}
		}
		t.Fatal("the tenant is not listed")
		return 0
	}
	ask := func() int {
		w.Helper()
		req := w.request(small, "POST", "/v1/connections/"+id+"/proxy/x", nil)
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, 20<<10))), 20<<10
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if n, _ := io.Copy(io.Discard, res.Body); res.StatusCode == 200 && n != 40<<10 {
			t.Errorf("%d bytes came back", n)
		}
		return res.StatusCode
	}
	flow := today() // what it took to connect
	if flow == 0 || flow > 20<<10 {
		t.Errorf("connecting took %d bytes", flow)
	}
	for i := range 3 {
		if status := ask(); status != 200 {
			t.Fatalf("request %d: %d", i, status)
		}
		if got, want := today(), flow+(i+1)*60<<10; got != want {
			t.Errorf("after %d requests %d bytes are counted, want %d", i+1, got, want)
		}
	}
	over := func(who string) {
		t.Helper()
		for _, path := range []string{"/proxy/me", "/calls/status"} {
			req := w.request(small, map[bool]string{true: "GET", false: "POST"}[path == "/proxy/me"], "/v1/connections/"+id+path, nil)
			if path != "/proxy/me" {
				req = w.request(small, "POST", "/v1/connections/"+id+path, map[string]any{"text": "x"})
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(res.Body)
			res.Body.Close()
			var after int
			fmt.Sscan(res.Header.Get("Retry-After"), &after)
			if res.StatusCode != 429 || !strings.Contains(string(text), `"code":"bytes"`) || !strings.Contains(string(text), `"class":"limit"`) || after < 22*3600 || after > 23*3600+1 {
				t.Errorf("%s, %s: %d %s, Retry-After %d", who, path, res.StatusCode, text, after)
			}
		}
	}
	over("beyond it")
	w.as(small, func() {
		if c := w.must("POST", "/v1/connections/"+id+"/test", nil); c["status"] != "ok" {
			t.Errorf("a test: %v", c)
		}
	})
	w.spec()
	if status, _ := w.api("GET", "/v1/connections/"+w.connect("grace")+"/proxy/me", nil); status != 200 {
		t.Errorf("another tenant: %d", status)
	}
	operator, about := w.operator(), fmt.Sprintf("%.1f KiB", float64(today())/1024)
	for path, want := range map[string]string{"/tenants": "160 KiB a day", "/tenants/small": `value="160 KiB"`} {
		if _, page := visit(t, operator, w.url+path, nil); !strings.Contains(page, want) || !strings.Contains(page, about) {
			t.Errorf("%s does not show %q, and some 180 KiB: %s", path, want, page)
		}
	}
	if w.metric(`imlc_body_bytes_total{way="sent"}`) == "0" || w.metric(`imlc_body_bytes_total{way="received"}`) == "0" {
		t.Error("the metrics count nothing")
	}

	// Another process learns of it when this one has written it down.
	w.forward(11 * time.Second)
	_, handler := w.peer()
	front := httptest.NewServer(handler)
	t.Cleanup(front.Close)
	counted := today()
	own := w.url
	w.url = front.URL
	for began := time.Now(); today() < counted; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("another process counts %d of %d bytes", today(), counted)
		}
		w.forward(11 * time.Second)
	}
	over("in another process")
	w.url = own
	w.forward(24 * time.Hour)
	if status := ask(); status != 200 || today() > 100<<10 {
		t.Errorf("on the next day: %d, %d bytes", status, today())
	}
}

// TestBytesOfSpecs bounds what the specs of a tenant hold with all their versions.
func TestBytesOfSpecs(t *testing.T) {
	w := start(t)
	text := demoSpec(t)
	key := w.tenant("small", map[string]any{"specBytes": 2*len(text) + 100})
	put := func(name, text string) int {
		status, _ := w.raw(key, "PUT", "/v1/specs/"+name, map[string]any{"files": map[string]string{"demo.jsonc": text}})
		return status
	}
	if status := put("a", text); status != 200 {
		t.Fatalf("the first: %d", status)
	}
	for range 3 {
		if status := put("a", text); status != 200 { // is the same version
			t.Errorf("the same again: %d", status)
		}
	}
	if status := put("a", text+strings.Repeat(" ", 200)); status != 403 {
		t.Errorf("a version that is too much: %d", status)
	}
	if status := put("b", text+" "); status != 200 {
		t.Errorf("another that is not: %d", status)
	}
	if status := put("c", text); status != 403 {
		t.Errorf("one more: %d", status)
	}
}

// sendsBy is a transport that is asked by a function.
type sendsBy func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f sendsBy) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestBodiesReachTheTransportAsTheyAre holds that what counts and guards stands beside the bodies of requests: net/http
// knows those that lie in memory, and neither sends them twice by itself nor in more pieces than one.
func TestBodiesReachTheTransportAsTheyAre(t *testing.T) {
	type key struct{}
	var seen sync.Map
	w := startWith(t, func(w *world) {
		below := wire.NewTransport(w.config.Host.Egress)
		w.config.Host.Transport = sendsBy(func(r *http.Request) (*http.Response, error) {
			if above, ok := r.Context().Value(key{}).(io.ReadCloser); ok && above != r.Body {
				t.Errorf("the body of %s %s is another one, %T", r.Method, r.URL.Path, r.Body)
			}
			seen.Store(r.Method, true)
			return below.RoundTrip(r)
		})
		w.config.Host.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return sendsBy(func(r *http.Request) (*http.Response, error) {
				return next.RoundTrip(r.WithContext(context.WithValue(r.Context(), key{}, r.Body)))
			})
		}
	})
	w.spec()
	id := w.connect("ada")
	w.must("GET", "/v1/connections/"+id+"/proxy/me", nil)
	w.must("POST", "/v1/connections/"+id+"/calls/status", map[string]any{"text": "hello"})
	for _, method := range []string{"GET", "POST"} {
		if _, ok := seen.Load(method); !ok {
			t.Errorf("no %s was sent", method)
		}
	}
}
