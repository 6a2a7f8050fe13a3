package broker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// inside is a server of the network that the broker stands in, which nobody outside may reach through it.
func inside(t *testing.T) (plain, secure string, reached *atomic.Int32) {
	reached = new(atomic.Int32)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, "oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true")
	})
	a, b := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	t.Cleanup(a.Close)
	t.Cleanup(b.Close)
	return a.URL, b.URL, reached
}

// addresses are ways to write the address of this machine, and of others that only it can reach.
func addresses(server string) []string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	var out []string
	for _, host := range []string{"127.0.0.1", "localhost", "localhost.", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "LOCALHOST", "１２７.０.０.１"} {
		out = append(out, u.Scheme+"://"+host+":"+u.Port())
	}
	return append(out, u.Scheme+"://169.254.169.254", u.Scheme+"://10.0.0.1", u.Scheme+"://[fd00:ec2::254]", u.Scheme+"://[fe80::1]")
}

// TestNothingInsideIsReached has tenants lead the broker to servers of its own network: by specs and what users type into
// their forms, by webhooks, by the header of the proxy, by signed requests, and by redirects of a service. The broker runs
// as it does by default.
func TestNothingInsideIsReached(t *testing.T) {
	w := startWith(t, func(w *world) {
		w.config.Host.Egress, w.config.AllowPrivateWebhooks = wire.Egress{}, false
	})
	plain, secure, reached := inside(t)
	w.must("PUT", "/v1/specs/typed", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}})
	var all sync.WaitGroup
	for _, target := range append(addresses(plain), addresses(secure)...) {
		session := w.must("POST", "/v1/sessions", map[string]any{"spec": "typed"})
		all.Go(func() {
			res, err := w.browser().PostForm(session["url"].(string), url.Values{"baseUrl": {target}, "profilePath": {"/me"}, "consumerKey": {"k"}, "consumerSecret": {"s"}})
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
			if res.StatusCode < 400 {
				t.Errorf("a user leads to %s: %d", target, res.StatusCode)
			}
		})
		w.api("POST", "/v1/webhooks", map[string]any{"url": target + "/hook"}) // some are refused at once
	}
	all.Wait()
	w.must("PUT", "/v1/specs/other", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}}) // an event for the webhooks
	operator := w.operator()
	// The demo may reach its own provider on this machine, and nothing else there.
	visit(t, operator, w.url+"/gallery/demo", url.Values{"csrf": {w.csrf(operator)}})
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	if status, page := visit(t, w.browser(), session["url"].(string), url.Values{"profilePath": {"/me"}}); status != 200 || !strings.Contains(page, "is connected") {
		t.Fatalf("the demo: %d %s", status, page)
	}
	id := w.must("GET", "/v1/sessions/"+session["id"].(string), nil)["connection"].(string)
	for _, target := range append(addresses(plain), addresses(secure)...) {
		for _, r := range []struct {
			path string
			body any
			url  string
		}{{path: "/proxy/me", url: target + "/me"}, {path: "/sign", body: map[string]any{"url": target + "/me"}}} {
			method := "GET"
			if r.body != nil {
				method = "POST"
			}
			status, text := w.rawWith(method, "/v1/connections/"+id+r.path, r.body, "Imlc-Url", r.url)
			if status < 400 {
				t.Errorf("%s for %s: %d %s", r.path, target, status, text)
			}
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for waiting := true; waiting; time.Sleep(20 * time.Millisecond) {
		waiting = false
		for _, hook := range w.must("GET", "/v1/webhooks", nil)["list"].([]any) {
			list := w.must("GET", "/v1/webhooks/"+hook.(map[string]any)["id"].(string)+"/deliveries", nil)["list"].([]any)
			waiting = waiting || len(list) == 0 || list[0].(map[string]any)["attempts"].(float64) == 0
		}
		if time.Now().After(deadline) {
			t.Fatal("the webhooks were not tried")
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("the server inside was reached %d times", n)
	}
}

// rawWith is raw with a header.
func (w *world) rawWith(method, path string, body any, header, text string) (int, string) {
	w.Helper()
	req := w.request(w.key, method, path, body)
	if text != "" {
		req.Header.Set(header, text)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// TestRedirectsStayAtHome has a service redirect a proxied request: within its origin it is followed, signed anew; one
// that leads elsewhere comes back as the answer, without what was signed, and nothing is sent there.
func TestRedirectsStayAtHome(t *testing.T) {
	w := start(t)
	elsewhere, _, reached := inside(t)
	id := w.behind(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/x/here":
			http.Redirect(rw, r, "/me", http.StatusFound)
		case "/x/file":
			http.Redirect(rw, r, "file:///etc/passwd", http.StatusFound)
		default:
			http.Redirect(rw, r, elsewhere+"/me?a=b&"+r.URL.RawQuery+"&secret="+consumerSecret, http.StatusTemporaryRedirect)
		}
	})
	if status, me := w.api("GET", "/v1/connections/"+id+"/proxy/x/here", nil); status != 200 || me["name"] != "Ada" {
		t.Errorf("within the origin: %d %v", status, me)
	}
	for _, method := range []string{"GET", "POST"} {
		res := w.proxied(id, method, "/x/other?c=d", nil)
		if location := res.Header.Get("Location"); res.StatusCode != http.StatusTemporaryRedirect || location != elsewhere+"/me?a=b&c=d" {
			t.Errorf("%s to elsewhere: %d %s", method, res.StatusCode, location)
		}
	}
	if res := w.proxied(id, "GET", "/x/file", nil); res.StatusCode == 200 {
		t.Errorf("to a file: %d", res.StatusCode)
	}
	if reached.Load() > 0 {
		t.Error("a request went elsewhere")
	}
}

// TestGuessing tries keys that do not exist, links and cookies: an address that guesses is slowed down, which does not
// lock out those who have a key, and is over after a minute.
func TestGuessing(t *testing.T) {
	w := start(t)
	count := map[int]int{}
	for range 30 {
		req := w.request("imlc_guessed", "GET", "/v1/connections", nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if count[res.StatusCode]++; res.StatusCode == 429 && res.Header.Get("Retry-After") == "" {
			t.Error("nothing says how long to wait")
		}
	}
	if count[401] != 20 || count[429] != 10 {
		t.Errorf("30 guesses: %v", count)
	}
	w.must("GET", "/v1/connections", nil)
	// Links of logins and of sessions, and the ids of sessions, are no easier to guess from the same address.
	for _, path := range []string{"/login?token=guessed", "/connect/guessed", "/connected/session_guessed"} {
		if status, _ := visit(t, w.browser(), w.url+path, nil); status != 429 {
			t.Errorf("%s behind the guesses: %d", path, status)
		}
	}
	w.operator() // a link that exists opens
	w.ahead.Store(int64(61 * time.Second))
	if status, _ := w.raw("imlc_guessed", "GET", "/v1/connections", nil); status != 401 {
		t.Errorf("a minute later: %d", status)
	}
}

// asked remembers what a store is asked for.
type asked struct {
	store.Store
	mu   sync.Mutex
	text strings.Builder
}

func (a *asked) note(words ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text.WriteString(strings.Join(words, "\n") + "\n")
}

func (a *asked) Get(ctx context.Context, space, kind, id string) (store.Record, error) {
	a.note(space, kind, id)
	return a.Store.Get(ctx, space, kind, id)
}

func (a *asked) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	a.note(append(q.Labels, q.Space, q.Kind, q.Prefix, q.After)...)
	return a.Store.List(ctx, q)
}

func (a *asked) Apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	for _, op := range ops {
		a.note(append(op.Labels, op.Space, op.Kind, op.ID, string(op.Body))...)
	}
	return a.Store.Apply(ctx, ops...)
}

// TestSecretsAreNotCompared holds that no database compares keys, links and cookies, or has them: what is looked up is
// their hash, whose comparison tells by its time nothing of them.
func TestSecretsAreNotCompared(t *testing.T) {
	var a *asked
	w := startWith(t, func(w *world) {
		a = &asked{Store: w.config.Store}
		w.config.Store = a
	})
	w.spec()
	path, err := w.broker.LoginPath(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	client := w.browser()
	visit(t, client, w.url+path, nil)
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	link := session["url"].(string)
	visit(t, client, link, url.Values{})
	made := w.must("POST", "/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}})
	w.raw(made["secret"].(string), "GET", "/v1/connections", nil)
	secrets := map[string]string{"the key": w.key, "a new key": made["secret"].(string), "the link of a login": strings.TrimPrefix(path, "/login?token="), "the link of a session": link[strings.LastIndex(link, "/")+1:]}
	u, _ := url.Parse(w.url + "/callback")
	for _, c := range client.Jar.Cookies(u) {
		for i, part := range strings.Split(c.Value, ".") {
			secrets[c.Name+string(rune('0'+i))] = part
		}
	}
	if len(secrets) < 7 {
		t.Errorf("only %d secrets", len(secrets))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for what, secret := range secrets {
		if len(secret) < 32 {
			t.Errorf("%s is short: %q", what, secret)
		}
		if strings.Contains(a.text.String(), secret) {
			t.Errorf("the store is asked for %s", what)
		}
	}
}

// TestManyValues sends bodies that take little on the wire and much in memory, or in the answer that would tell of each.
func TestManyValues(t *testing.T) {
	w := start(t)
	body := func(n int, inText string) json.RawMessage {
		var out strings.Builder
		out.WriteString(`{"files":{"a.json":"` + inText + `"}`)
		for i := range n {
			fmt.Fprintf(&out, `,"k%d":1`, i)
		}
		return json.RawMessage(out.String() + "}")
	}
	for n, want := range map[int]string{1000: "of 1000 problems the first 100 are told", 8000: "more than 5000 values"} {
		status, text := w.raw(w.key, "PUT", "/v1/specs/x", body(n, ""))
		if status/100 != 4 || len(text) > 20000 || !strings.Contains(string(text), want) {
			t.Errorf("%d unknown keys: %d, %d bytes: %.200s", n, status, len(text), text)
		}
	}
	if status, text := w.raw(w.key, "PUT", "/v1/specs/x", body(0, strings.Repeat(`\",{[\\`, 20000))); status != 422 || strings.Contains(string(text), "values") {
		t.Errorf("signs within a text: %d %.200s", status, text)
	}
}
