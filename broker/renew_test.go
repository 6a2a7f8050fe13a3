package broker_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
)

// renewingSpec is the demo with tokens that expire, a renewal, and a call that revokes.
func renewingSpec(t testing.TB) string {
	expires := `"expires": "{{addSeconds(now; body.oauth_expires_in)}}",`
	tokens := `"data": { "accessToken": "{{body.oauth_token}}", "accessSecret": "{{body.oauth_token_secret}}"`
	return strings.NewReplacer(
		tokens, expires+tokens+`, "handle": "{{body.oauth_session_handle}}"`,
		`"info": {`, `"renew": { "url": "{{parameters.baseUrl}}/renew", "method": "POST",
			"oauth": { "token": "{{connection.accessToken}}", "token_secret": "{{connection.accessSecret}}", "session_handle": "{{connection.handle}}" },
			"response": { "type": "urlencoded", `+expires+tokens+`}, "error": "{{body.oauth_problem}}" } },
		"info": {`,
		`"calls": {`, `"calls": { "revoke": { "url": "/_admin/revoke", "method": "POST", "qs": { "token": "{{connection.accessToken}}" } },`,
	).Replace(demoSpec(t))
}

// renewing makes a connection whose token is renewed.
func (w *world) renewing() string {
	w.Helper()
	w.spec()
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": renewingSpec(w.TB)}})
	return w.connect("ada")
}

// await waits until a connection is as it should be.
func (w *world) await(id, what string, is func(map[string]any) bool) map[string]any {
	w.Helper()
	var c map[string]any
	for range 200 {
		if c = w.must("GET", "/v1/connections/"+id, nil); is(c) {
			return c
		}
		time.Sleep(30 * time.Millisecond)
	}
	w.Fatalf("%s: %v", what, c)
	return nil
}

// events counts the events of each type.
func (w *world) events() map[string]int {
	out := map[string]int{}
	for _, e := range w.must("GET", "/v1/events", nil)["list"].([]any) {
		out[e.(map[string]any)["type"].(string)]++
	}
	return out
}

func (w *world) forward(d time.Duration) { w.ahead.Add(int64(d)) }

// TestRenewal holds that a token is renewed before it expires, once however many brokers there are, and when a request
// finds that it has expired.
func TestRenewal(t *testing.T) {
	w := start(t)
	id := w.renewing()
	other, err := broker.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var jobs sync.WaitGroup
	jobs.Go(func() { _ = other.Run(ctx) })
	t.Cleanup(func() { cancel(); jobs.Wait() })
	c := w.must("GET", "/v1/connections/"+id, nil)
	expires, err := time.Parse(time.RFC3339, c["expires"].(string))
	if err != nil || c["renews"] != true || c["renewAt"] == nil {
		t.Fatalf("the connection: %v, %v", c, err)
	}
	first := w.reveal(id)["accessToken"]
	w.forward(time.Until(expires) - time.Minute)
	c = w.await(id, "renewed before it expires", func(c map[string]any) bool { return c["renewed"] != nil })
	if got := w.events(); got["connection.renewed"] != 1 || got["connection.expiring"] != 0 || got["connection.expired"] != 0 {
		t.Errorf("events: %v", got)
	}
	if again := w.reveal(id)["accessToken"]; again == first || c["status"] != "ok" || c["expires"] == expires {
		t.Errorf("after the renewal: %v", c)
	}
	// The service lets the token expire by itself; many requests find that at once.
	w.service.Expire(w.reveal(id)["accessToken"].(string))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, body := w.raw(w.key, "GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
				t.Errorf("a request with an expired token: %d %s", status, body)
			}
		})
	}
	all.Wait()
	if got := w.events()["connection.renewed"]; got != 2 {
		t.Errorf("renewed %d times, want 2", got)
	}
	if c := w.must("POST", "/v1/connections/"+id+"/renew", nil); c["status"] != "ok" || w.events()["connection.renewed"] != 3 {
		t.Errorf("renewed by hand: %v", c)
	}
	if out := w.must("DELETE", "/v1/connections/"+id, nil); out["revoked"] != "revoked" {
		t.Errorf("deleted: %v", out)
	}
}

// TestExpiry holds that the end of a connection that cannot be renewed is told, before and after, and that its user can
// connect it again.
func TestExpiry(t *testing.T) {
	w := start(t)
	w.spec()
	text := strings.Replace(demoSpec(t), `"data": { "accessToken"`, `"expires": "{{addDays(now; 3)}}", "data": { "accessToken"`, 1)
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": text}})
	id := w.connect("ada")
	if status, out := w.api("POST", "/v1/connections/"+id+"/renew", nil); status != 422 || out["code"] != "connection/no-renewal" {
		t.Errorf("renewed by hand: %d %v", status, out)
	}
	if out := w.must("GET", "/v1/connections/"+id, nil); out["status"] != "ok" || out["renews"] == true {
		t.Errorf("after that: %v", out)
	}
	w.forward(50 * time.Hour)
	w.await(id, "warned", func(c map[string]any) bool { return c["told"] == "expiring" })
	w.service.Reset()
	w.forward(30 * time.Hour)
	w.await(id, "told", func(c map[string]any) bool { return c["told"] == "expired" && c["status"] == "needs-reconnect" })
	got := w.events()
	if got["connection.expiring"] != 1 || got["connection.expired"] != 1 || got["connection.lost"] != 1 {
		t.Errorf("events: %v", got)
	}
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "reconnect": id})
	if status, page := visit(t, w.browser(), session["url"].(string), url.Values{}); status != 200 || !strings.Contains(page, "is connected.") {
		t.Fatalf("connected again: %d %s", status, page)
	}
	c := w.must("GET", "/v1/connections/"+id, nil)
	if got := w.events(); c["status"] != "ok" || c["told"] != nil || got["connection.reconnected"] != 1 || got["connection.renewed"] != 0 {
		t.Errorf("connected again: %v, events %v", c, got)
	}
	if out := w.must("DELETE", "/v1/connections/"+id, nil); out["revoked"] != "unsupported" {
		t.Errorf("deleted: %v", out)
	}
}

// lame is a service that fails behind what it grants for a while.
type lame struct {
	*httptest.Server
	broken  atomic.Bool
	granted atomic.Int64
}

func (w *world) lame() *lame {
	l := &lame{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if l.broken.Load() && r.URL.Path == "/me" {
			http.Error(rw, "overloaded", http.StatusServiceUnavailable)
			return
		}
		if r.URL.Path == "/access_token" {
			l.granted.Add(1)
		}
		w.service.ServeHTTP(rw, r)
	}))
	w.Cleanup(l.Close)
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": l.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	return l
}

// TestNothingGrantedIsLost holds that a fault behind the grant of a service costs nobody another authorisation: the page
// looks again, and without a browser a job goes on.
func TestNothingGrantedIsLost(t *testing.T) {
	for _, browses := range []bool{true, false} {
		w := start(t)
		w.spec()
		l := w.lame()
		l.broken.Store(true)
		session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": "ada"})
		client := w.browser()
		res, err := client.PostForm(session["url"].(string), url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.Header.Get("Refresh") == "" || res.Request.URL.Path != "/callback" {
			t.Errorf("after the fault: %d at %s", res.StatusCode, res.Request.URL.Path)
		}
		get := func() map[string]any { return w.must("GET", "/v1/sessions/"+session["id"].(string), nil) }
		if s := get(); s["status"] != "waiting" || s["problem"] == nil {
			t.Errorf("the session: %v", s)
		}
		l.broken.Store(false)
		if browses {
			if status, page := visit(t, client, res.Request.URL.String(), nil); status != 200 || !strings.Contains(page, "is connected.") {
				t.Errorf("the page again: %d %s", status, page)
			}
		} else {
			w.forward(time.Minute)
			for range 100 {
				if get()["status"] == "done" {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
		if s := get(); s["status"] != "done" || s["connection"] == nil {
			t.Errorf("at the end: %v", s)
		}
		if n := l.granted.Load(); n != 1 {
			t.Errorf("the service granted access %d times", n)
		}
	}
}
