package broker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// metric returns the value of a metric with its labels, as /metrics shows it.
func (w *world) metric(name string) string {
	w.Helper()
	_, text := w.raw(w.key, "GET", "/metrics", nil)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	w.Errorf("there is no metric %s", name)
	return ""
}

// refused reports whether a request is refused with a problem that says how long to wait.
func (w *world) refused(method, path string, body any, code, class string) bool {
	w.Helper()
	res, err := http.DefaultClient.Do(w.request(w.key, method, path, body))
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	var p struct {
		Code, Class string
		Retryable   bool
		RetryAfter  int
	}
	if json.NewDecoder(res.Body).Decode(&p) != nil || p.Code != code {
		return false
	}
	if after, _ := strconv.Atoi(res.Header.Get("Retry-After")); res.StatusCode != 503 || p.Class != class || !p.Retryable || p.RetryAfter < 1 || after != p.RetryAfter {
		w.Errorf("%s %s: %d %v, Retry-After %q", method, path, res.StatusCode, p, res.Header.Get("Retry-After"))
	}
	return true
}

// TestSlowSpecIsSetAside has a call of a spec run into its time again and again: operations of that version in that space
// are then refused at once, until one that is tried a while later goes well. Proxied requests, other specs and other
// tenants go on.
func TestSlowSpecIsSetAside(t *testing.T) {
	w := startWith(t, func(w *world) { w.config.Host.Limits.RunTimeout = 400 * time.Millisecond })
	var hangs atomic.Bool
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if hangs.Load() && r.URL.Path == "/statuses" {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		w.service.ServeHTTP(rw, r)
	}))
	t.Cleanup(service.Close)
	settings := map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}}
	prepare := func() string {
		w.spec()
		w.must("PUT", "/v1/specs/demo/settings", settings)
		return w.connect("ada")
	}
	id := prepare()
	var other string
	eve := w.tenant("eve", nil)
	w.as(eve, func() { other = prepare() })
	call := func(id string) (int, map[string]any) {
		return w.api("POST", "/v1/connections/"+id+"/calls/status", map[string]any{"text": "x"})
	}
	aside := func() bool {
		return w.refused("POST", "/v1/connections/"+id+"/calls/status", map[string]any{"text": "x"}, "spec-set-aside", "limit")
	}
	hangs.Store(true)
	for i := range 5 {
		if status, p := call(id); status != 503 || p["code"] == "spec-set-aside" {
			t.Fatalf("attempt %d: %d %v", i, status, p)
		}
	}
	began := time.Now()
	if !aside() || !w.refused("POST", "/v1/connections/"+id+"/test", nil, "spec-set-aside", "limit") {
		t.Error("the spec is not set aside")
	}
	if took := time.Since(began); took > 300*time.Millisecond {
		t.Errorf("that takes %s", took)
	}
	if status, _ := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
		t.Errorf("a proxied request: %d", status)
	}
	w.as(eve, func() {
		if c := w.must("POST", "/v1/connections/"+other+"/test", nil); c["status"] != "ok" {
			t.Errorf("another tenant: %v", c)
		}
	})
	w.must("PUT", "/v1/specs/again", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}})
	operator := w.operator()
	page := func(name string) bool {
		_, text := visit(t, operator, w.url+"/specs/"+name, nil)
		return strings.Contains(text, "is set aside until") && strings.Contains(text, "run time")
	}
	if list, _ := w.must("GET", "/v1/specs/demo", nil)["setAside"].([]any); len(list) != 1 || list[0].(map[string]any)["code"] != "run time" || !page("demo") || page("again") {
		t.Errorf("set aside is told as %v", list)
	}
	if aside, refused := w.metric(`imlc_set_aside{of="specs"}`), w.metric(`imlc_set_aside_refused_total{of="specs"}`); aside != "1" || refused != "2" {
		t.Errorf("metrics: %s aside, %s refused", aside, refused)
	}
	w.forward(61 * time.Second)
	if status, p := call(id); status != 503 || p["code"] == "spec-set-aside" {
		t.Errorf("one that is tried: %d %v", status, p)
	}
	if !aside() {
		t.Error("when that failed the spec is in use")
	}
	hangs.Store(false)
	w.forward(61 * time.Second)
	if !aside() {
		t.Error("the second time it rests no longer than the first")
	}
	w.forward(61 * time.Second)
	for range 2 {
		if status, p := call(id); status != 200 {
			t.Errorf("when it goes well: %d %v", status, p)
		}
	}
	if page("demo") || w.metric(`imlc_set_aside{of="specs"}`) != "0" {
		t.Error("it is still told to be set aside")
	}
}

// TestDeadHostIsLeftAlone has a service that breaks every connection off: it is not asked for a while, and then once.
// Callers who do not send what they announce are not its fault.
func TestDeadHostIsLeftAlone(t *testing.T) {
	w := start(t)
	var dead atomic.Bool
	var asked atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	service := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if asked.Add(1); dead.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.service.ServeHTTP(rw, r)
	})}
	go func() { _ = service.Serve(listener) }()
	t.Cleanup(func() { service.Close() })
	prepare := func() string {
		w.spec()
		w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": "http://" + listener.Addr().String(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
		return w.connect("ada")
	}
	id := prepare()
	var other string
	eve := w.tenant("eve", nil)
	w.as(eve, func() { other = prepare() })
	path := "/v1/connections/" + id + "/proxy/me"
	for range 12 {
		req := w.request(w.key, "POST", path, nil)
		req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("a"), broken{})), 100
		if _, err := http.DefaultClient.Do(req); err == nil {
			t.Fatal("a body that breaks off is sent")
		}
	}
	if status, _ := w.api("GET", path, nil); status != 200 {
		t.Fatalf("after bodies that broke off: %d", status)
	}
	dead.Store(true)
	for range 30 {
		if w.refused("GET", path, nil, "host-set-aside", "network") {
			break
		}
	}
	before := asked.Load()
	if !w.refused("GET", path, nil, "host-set-aside", "network") || asked.Load() != before {
		t.Errorf("the host is asked %d times more", asked.Load()-before)
	}
	w.as(eve, func() {
		if w.refused("GET", "/v1/connections/"+other+"/proxy/me", nil, "host-set-aside", "network") || asked.Load() == before {
			t.Error("what one tenant's requests found out is held against another")
		}
	})
	before = asked.Load()
	if c := w.must("POST", "/v1/connections/"+id+"/test", nil); c["status"] != "degraded" || fmt.Sprint(c["problem"]) == "" || asked.Load() != before {
		t.Errorf("a test: %v", c)
	}
	if signed := w.must("POST", "/v1/connections/"+id+"/sign", map[string]any{"url": "/me"}); signed["url"] == nil {
		t.Errorf("signed: %v", signed)
	}
	if got := w.metric(`imlc_set_aside{of="hosts"}`); got != "1" {
		t.Errorf("%s hosts are set aside", got)
	}
	w.forward(11 * time.Second)
	dead.Store(false)
	for range 2 {
		if status, _ := w.api("GET", path, nil); status != 200 {
			t.Errorf("when the host is back: %d", status)
		}
	}
	if got := w.metric(`imlc_set_aside{of="hosts"}`); got != "0" {
		t.Errorf("then %s hosts are set aside", got)
	}
}

// broken is a body that breaks off.
type broken struct{}

// Read implements io.Reader.
func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }
