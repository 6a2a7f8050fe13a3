package broker_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// The consumer of the tests. Its secret must show up nowhere.
const (
	consumerKey    = "canary-key"
	consumerSecret = "canary-consumer-secret-7Qx"
)

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// world is a broker that listens, with a provider to connect to.
type world struct {
	testing.TB
	broker   *broker.Broker
	store    store.Store
	ring     *envelope.Ring
	url      string
	provider *provider.Server
	service  *provider.Provider
	key      string
	logs     *buffer
	config   broker.Config
	ahead    atomic.Int64 // of the clocks, in nanoseconds
	stop     func()       // ends the jobs
}

// demoSpec is the spec of the built-in provider.
func demoSpec(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("../examples/make/demo/demo.jsonc")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func start(t *testing.T) *world { return startWith(t, nil) }

// startWith starts a broker whose configuration is another one.
func startWith(t testing.TB, change func(*world)) *world {
	t.Helper()
	w := &world{TB: t, store: store.NewMemory(), logs: &buffer{}}
	clock := func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
	p, err := provider.New(provider.Config{AutoApprove: true, Clock: clock, Lifetime: 200 * time.Hour, Consumers: []provider.Consumer{{Key: consumerKey, Secret: consumerSecret}}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := p.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	w.provider, w.service = server, p
	if w.ring, err = envelope.NewRing(rand.Reader, time.Now()); err != nil {
		t.Fatal(err)
	}
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(front.Close)
	w.url = front.URL
	w.config = broker.Config{Store: w.store, Keys: w.ring, URL: front.URL, Host: vm.Host{Egress: wire.Egress{AllowPrivate: true}, Clock: clock},
		RotateKeys: func() error { return w.ring.Add(time.Now()) }, AllowPrivateWebhooks: true, LookEvery: 100 * time.Millisecond,
		Gallery: []broker.Example{{Name: "demo", Title: "Demo", Help: "The provider of this program.", Files: map[string]string{"demo.jsonc": demoSpec(t)},
			Settings: map[string]any{"baseUrl": server.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}, Only: server.URL()}},
		Log: slog.New(slog.NewJSONHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(w)
	}
	if w.broker, err = broker.New(w.config); err != nil {
		t.Fatal(err)
	}
	handler = w.broker.Handler()
	if err := w.broker.EnsureTenant(context.Background(), "default", "main"); err != nil {
		t.Fatal(err)
	}
	if w.key, err = w.broker.NewKey(context.Background(), broker.DefaultSpace, "test", append(broker.Scopes(), broker.ScopeAdmin)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.broker.Run(ctx); close(done) }()
	w.stop = func() { cancel(); <-done }
	t.Cleanup(w.stop)
	return w
}

// api makes a request of the API and returns status and body.
func (w *world) api(method, path string, body any) (int, map[string]any) {
	w.Helper()
	status, data := w.raw(w.key, method, path, body)
	out := map[string]any{}
	if len(data) > 0 && data[0] == '[' {
		var list []any
		if err := json.Unmarshal(data, &list); err != nil {
			w.Fatalf("%s %s: %v", method, path, err)
		}
		out["list"] = list
	} else if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			w.Fatalf("%s %s: %d %s", method, path, status, data)
		}
	}
	return status, out
}

func (w *world) raw(key, method, path string, body any) (int, []byte) {
	w.Helper()
	res, err := http.DefaultClient.Do(w.request(key, method, path, body))
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, data
}

// request makes a request of the API.
func (w *world) request(key, method, path string, body any) *http.Request {
	w.Helper()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, w.url+path, reader)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// must makes a request that has to succeed.
func (w *world) must(method, path string, body any) map[string]any {
	w.Helper()
	status, out := w.api(method, path, body)
	if status/100 != 2 {
		w.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

// browser returns a client that keeps cookies.
func (w *world) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func (w *world) spec() {
	w.Helper()
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(w.TB)}})
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
}

// connect makes a connection through the pages and returns its id.
func (w *world) connect(user string) string {
	w.Helper()
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": user, "tags": map[string]string{"env": "test"}})
	client := w.browser()
	status, page := visit(w.TB, client, session["url"].(string), nil)
	if status != 200 || !strings.Contains(page, "Connect demo") {
		w.Fatalf("the page to connect by: %d %s", status, page)
	}
	status, page = visit(w.TB, client, session["url"].(string), url.Values{})
	if status != 200 || !strings.Contains(page, "is connected.") {
		w.Fatalf("after the form: %d %s", status, page)
	}
	return w.must("GET", "/v1/sessions/"+session["id"].(string), nil)["connection"].(string)
}

// visit opens a page, or sends a form; it follows redirects as a browser does.
func visit(t testing.TB, client *http.Client, address string, form url.Values) (int, string) {
	t.Helper()
	var res *http.Response
	var err error
	if form == nil {
		res, err = client.Get(address)
	} else {
		res, err = client.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestWholeWay(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	c := w.must("GET", "/v1/connections/"+id, nil)
	if c["status"] != "ok" || c["user"] != "ada" || c["uid"] == "" {
		t.Errorf("the connection: %v", c)
	}
	if me := w.must("GET", "/v1/connections/"+id+"/proxy/me?x=a%20b", nil); me["name"] != c["label"] {
		t.Errorf("a proxied request: %v", me)
	}
	if out := w.must("POST", "/v1/connections/"+id+"/calls/status", map[string]any{"text": "hello"}); len(out) == 0 {
		t.Errorf("a call: %v", out)
	}
	signed := w.must("POST", "/v1/connections/"+id+"/sign", map[string]any{"url": "/me"})
	req, err := http.NewRequest(signed["method"].(string), signed["url"].(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range signed["headers"].(map[string]any) {
		req.Header.Set(name, values.([]any)[0].(string))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("a request that was only signed: %d", res.StatusCode)
	}
	if c := w.must("POST", "/v1/connections/"+id+"/test", nil); c["status"] != "ok" {
		t.Errorf("tested: %v", c)
	}
	events := w.must("GET", "/v1/events", nil)["list"].([]any)
	var types []string
	for _, e := range events {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	if got := strings.Join(types, " "); got != "spec.updated connection.created" {
		t.Errorf("events: %s", got)
	}
	flows := w.must("GET", "/v1/flows?connection="+id, nil)["list"].([]any)
	if len(flows) < 3 {
		t.Fatalf("flows: %v", flows)
	}
	flow := w.must("GET", "/v1/flows/"+flows[len(flows)-1].(map[string]any)["id"].(string), nil)
	if flow["operation"] != "callback" || len(flow["steps"].([]any)) < 5 {
		t.Errorf("the first flow: %v", flow)
	}
	w.must("DELETE", "/v1/connections/"+id, nil)
	if status, _ := w.api("GET", "/v1/connections/"+id, nil); status != 404 {
		t.Errorf("after its deletion: %d", status)
	}
}

// peer makes another broker of the same configuration.
func (w *world) peer() (*broker.Broker, http.Handler) {
	w.Helper()
	b, err := broker.New(w.config)
	if err != nil {
		w.Fatal(err)
	}
	return b, b.Handler()
}
