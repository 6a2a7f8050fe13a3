package broker_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
)

// behind is a service behind a broker: what a handler answers below /x, and the provider for the rest.
func (w *world) behind(handler http.HandlerFunc) (connection string) {
	w.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/x") {
			handler(rw, r)
			return
		}
		w.service.ServeHTTP(rw, r)
	}))
	w.Cleanup(service.Close)
	w.spec()
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	return w.connect("ada")
}

func (w *world) proxied(id, method, path string, body io.Reader, header ...string) *http.Response {
	w.Helper()
	req, err := http.NewRequest(method, w.url+"/v1/connections/"+id+"/proxy", body)
	if err != nil {
		w.Fatal(err)
	}
	req.URL.Opaque = w.url + req.URL.Path + path // byte by byte
	req.Header.Set("Authorization", "Bearer "+w.key)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { res.Body.Close() })
	return res
}

// TestHeldBodiesTakeTurns has a spec whose signatures hold a hash of the body, so that bodies are read into memory: each is
// bounded, few are read at a time however many arrive, and a slow one does not keep its place for ever.
func TestHeldBodiesTakeTurns(t *testing.T) {
	w := startWith(t, func(w *world) { w.config.Host.Limits = broker.Limits() })
	var arrived atomic.Int32
	id := w.behind(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if n > 0 && strings.Contains(r.Header.Get("Authorization"), "oauth_body_hash") {
			arrived.Add(1)
		}
	})
	hashed := strings.Replace(demoSpec(t), `"base": {`, `"base": { "headers": { "x-hash": "1" },`, 1)
	hashed = strings.Replace(hashed, `"oauth": { "token": "{{connection.accessToken}}"`, `"oauth": { "body_hash": true, "token": "{{connection.accessToken}}"`, 1)
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": hashed}})
	if out := w.must("POST", "/v1/specs/demo/upgrade", nil); out["moved"].(float64) != 1 {
		t.Fatalf("the connection stays with its plan: %v", out)
	}
	if res := w.proxied(id, "POST", "/x", io.LimitReader(zeros{}, 3<<20), "Content-Type", "application/octet-stream"); res.StatusCode != http.StatusServiceUnavailable || arrived.Load() != 0 {
		t.Errorf("a body of 3 MiB: %d", res.StatusCode)
	}
	send := func(body io.Reader) chan int {
		done := make(chan int, 1)
		req, err := http.NewRequest("POST", w.url+"/v1/connections/"+id+"/proxy/x", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.key)
		go func() {
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				done <- 0
				return
			}
			res.Body.Close()
			done <- res.StatusCode
		}()
		return done
	}
	var slow []*io.PipeWriter
	var ends []chan int
	for range broker.MaxBodies {
		r, pipe := io.Pipe()
		ends, slow = append(ends, send(r)), append(slow, pipe)
		if _, err := pipe.Write([]byte("a")); err != nil {
			t.Fatal(err)
		}
	}
	for w.broker.HeldBodies() < broker.MaxBodies {
		time.Sleep(time.Millisecond)
	}
	last := send(io.MultiReader(strings.NewReader("b")))
	select {
	case status := <-last:
		t.Errorf("one more is answered %d while all places are taken", status)
	case <-time.After(200 * time.Millisecond):
	}
	if status, _ := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
		t.Errorf("a request without a body: %d", status)
	}
	slow[0].Close()
	if first, status := <-ends[0], <-last; first != 200 || status != 200 {
		t.Errorf("when a place is free: %d, %d", first, status)
	}
	for i := range slow[1:] {
		slow[i+1].Close()
		<-ends[i+1]
	}
	w.broker.SetPace(50*time.Millisecond, 1<<10)
	r, never := io.Pipe()
	defer never.Close()
	if status := <-send(r); status == 200 {
		t.Error("a body that never comes is answered")
	}
	if n := w.broker.HeldBodies(); n != 0 || arrived.Load() != broker.MaxBodies+1 {
		t.Errorf("%d places are still taken, %d bodies arrived", n, arrived.Load())
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestProxyStreams holds that bodies of any length and streams of events pass part by part, that a part of a file can be
// asked for, and that an answer that breaks off is not taken for a whole one.
func TestProxyStreams(t *testing.T) {
	w := start(t)
	next, gone := make(chan string), make(chan struct{})
	id := w.behind(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/x/copy":
			_ = http.NewResponseController(rw).EnableFullDuplex()
			_, _ = io.Copy(rw, r.Body)
		case "/x/events":
			defer close(gone)
			rw.Header().Set("Content-Type", "text/event-stream")
			for {
				rw.(http.Flusher).Flush()
				select {
				case text := <-next:
					fmt.Fprintf(rw, "data: %s\n", text)
				case <-r.Context().Done():
					return
				}
			}
		case "/x/file":
			http.ServeContent(rw, r, "file.bin", time.Time{}, strings.NewReader("0123456789"))
		case "/x/broken":
			_, _ = rw.Write(make([]byte, 100<<10))
			rw.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	const long = 24 << 20 // more than any limit of memory
	res := w.proxied(id, "POST", "/x/copy", io.LimitReader(zeros{}, long), "Content-Type", "application/octet-stream")
	if n, err := io.Copy(io.Discard, res.Body); n != long || err != nil || res.StatusCode != 200 {
		t.Errorf("%d bytes came back: %d, %v", n, res.StatusCode, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", w.url+"/v1/connections/"+id+"/proxy/x/events", nil)
	req.Header.Set("Authorization", "Bearer "+w.key)
	events, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(events.Body)
	for _, text := range []string{"one", "two"} {
		next <- text
		if !lines.Scan() || lines.Text() != "data: "+text {
			t.Fatalf("an event: %q", lines.Text())
		}
	}
	cancel()
	events.Body.Close()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("the service does not learn that the caller has gone")
	}
	res = w.proxied(id, "GET", "/x/file", nil, "Range", "bytes=2-4")
	if text, _ := io.ReadAll(res.Body); res.StatusCode != 206 || string(text) != "234" || res.Header.Get("Content-Range") != "bytes 2-4/10" || res.ContentLength != 3 {
		t.Errorf("a part of a file: %d %q %v", res.StatusCode, text, res.Header)
	}
	if res = w.proxied(id, "HEAD", "/x/file", nil); res.ContentLength != 10 || res.StatusCode != 200 {
		t.Errorf("HEAD: %d of length %d", res.StatusCode, res.ContentLength)
	}
	res = w.proxied(id, "GET", "/x/broken", nil)
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("an answer that breaks off counts as whole, with %d bytes", n)
	}
}

// TestProxyPaths holds that a path goes on byte by byte, escapes and all, and none goes up.
func TestProxyPaths(t *testing.T) {
	w := start(t)
	var mu sync.Mutex
	var got string
	id := w.behind(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = r.RequestURI
		mu.Unlock()
	})
	for _, path := range []string{"/x", "/x/", "/x//a", "/x/a%2Fb", "/x/a%2fb", "/x/%41", "/x/a+b%20c", "/x/a;v=1", "/x/..a/b..", "/x/%E2%82%AC", "/x/a:b@c", "/x?b=2&a=1&b=1",
		"/x?a=%2F%2f&&=", "/x/a?q=../..", "/x?a=b%26c", "/x/%25%32%65"} {
		res := w.proxied(id, "GET", path, nil)
		if res.StatusCode != 200 || got != path {
			t.Errorf("%s arrives as %s, %d", path, got, res.StatusCode)
		}
	}
	got = ""
	for _, path := range []string{"/x/..", "/x/../me", "/x/%2e%2e/me", "/x/.%2E/me", "/x/./a", "/x/%2e", "/x/..%2fme", "/x/a%2f..%2f..%2fme", "/x/..%5cme", "/x/..;/me", "/x/..;a=b/me"} {
		if res := w.proxied(id, "GET", path, nil); res.StatusCode != 422 || got != "" {
			t.Errorf("%s: %d, %s arrives", path, res.StatusCode, got)
		}
	}
}

// TestProxyFraming sends what could be read as one request here and as two behind: the service must get one, framed
// anew, or none.
func TestProxyFraming(t *testing.T) {
	w := start(t)
	var mu sync.Mutex
	arrived := map[string][]string{}
	id := w.behind(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		arrived[r.URL.Path] = append(arrived[r.URL.Path], fmt.Sprintf("%s %q %v %d %v", r.Method, body, r.TransferEncoding, r.ContentLength, r.Header["X-Folded"]))
	})
	inner := "GET /x/inner HTTP/1.1\r\nHost: x\r\n\r\n"
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner)
	var all sync.WaitGroup
	for what, c := range map[string]struct{ headers, body string }{
		"both":              {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", chunked},
		"both, turned":      {"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunked},
		"two lengths":       {"Content-Length: 4\r\nContent-Length: 40\r\n", "abcd" + inner},
		"a list of lengths": {"Content-Length: 4, 40\r\n", "abcd" + inner},
		"a signed length":   {"Content-Length: +4\r\n", "abcd"},
		"two codings":       {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked},
		"an odd coding":     {"Transfer-Encoding: xchunked\r\n", chunked},
		"a tab before it":   {"Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n", chunked},
		"a blank behind it": {"Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", chunked},
		"a folded header":   {"X-Folded: a\r\n b\r\nContent-Length: 0\r\n", ""},
		"a bare return":     {"X-Folded: a\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", ""},
		"named by a hop":    {"Connection: close, Content-Length\r\nContent-Length: 4\r\n", "abcd"},
		"an odd chunk":      {"Transfer-Encoding: chunked\r\n", "-1\r\n" + inner + "\r\n0\r\n\r\n"},
	} {
		all.Go(func() {
			path := "/x/outer/" + strings.ReplaceAll(what, " ", "-")
			conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Second))
			fmt.Fprintf(conn, "POST /v1/connections/%s/proxy%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\n%s\r\n%s", id, path, strings.TrimPrefix(w.url, "http://"), w.key, c.headers, c.body)
			answer, _ := io.ReadAll(conn)
			mu.Lock()
			defer mu.Unlock()
			if n := len(arrived[path]); n > 1 || n == 0 && bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) || bytes.Contains(answer, []byte("HTTP/1.1 421")) {
				t.Errorf("%s: %d requests arrive: %v; the answer is %s", what, n, arrived[path], answer)
			}
		})
	}
	all.Wait()
	for path := range arrived {
		if !strings.HasPrefix(path, "/x/outer/") {
			t.Errorf("a request for %s arrives", path)
		}
	}
}

// TestCachesFollow holds that what another process writes is known here after a moment, and what this one writes at
// once: keys, settings and connections.
func TestCachesFollow(t *testing.T) {
	w := start(t)
	id := w.behind(func(http.ResponseWriter, *http.Request) {})
	key := w.must("POST", "/v1/keys", map[string]any{"name": "x", "scopes": []string{"proxy"}})
	use := func() int {
		status, _ := w.raw(key["secret"].(string), "GET", "/v1/connections/"+id+"/proxy/x", nil)
		return status
	}
	if status := use(); status != 200 {
		t.Fatalf("a good key: %d", status)
	}
	w.must("DELETE", "/v1/keys/"+key["id"].(string), nil)
	if status := use(); status != 401 {
		t.Errorf("a key that was revoked here: %d", status)
	}
	follows := func(what string, write func(other *world), is func() bool) {
		t.Helper()
		write(w.another())
		for range 60 {
			if is() {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("%s is not followed", what)
	}
	me := func() (int, string) {
		status, body := w.raw(w.key, "GET", "/v1/connections/"+id+"/proxy/me", nil)
		return status, string(body)
	}
	if status, body := me(); status != 200 {
		t.Fatalf("before: %d %s", status, body)
	}
	follows("a deleted connection", func(other *world) { other.must("DELETE", "/v1/connections/"+id, nil) }, func() bool { status, _ := me(); return status == 404 })
}

// another is a second broker on the same store, as another process would be.
func (w *world) another() *world {
	w.Helper()
	b, handler := w.peer()
	front := httptest.NewServer(handler)
	w.Cleanup(front.Close)
	return &world{TB: w.TB, broker: b, store: w.store, url: front.URL, provider: w.provider, service: w.service, key: w.key}
}
