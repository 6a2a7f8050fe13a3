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

	"github.com/imlc-lang/imlc/broker"
)

// tenant makes a tenant and returns a key of its.
func (w *world) tenant(name string, quota map[string]any) (key string) {
	w.Helper()
	w.must("POST", "/v1/tenants", map[string]any{"name": name, "quota": quota})
	key, err := w.broker.NewKey(context.Background(), name+"/main", "k", broker.Scopes())
	if err != nil {
		w.Fatal(err)
	}
	return key
}

// as has f make its requests by another key.
func (w *world) as(key string, f func()) {
	own := w.key
	w.key = key
	defer func() { w.key = own }()
	f()
}

// TestTenantsDoNotWaitForEachOther has the service, the webhook and the uploads of one tenant hang, many at a time, while
// another one connects, sends requests, uploads, and has its connections tested and renewed and its webhooks told.
func TestTenantsDoNotWaitForEachOther(t *testing.T) {
	w := startWith(t, func(w *world) { w.config.Host.Limits = broker.Limits() })
	eve := w.tenant("eve", nil)
	id := w.renewing()
	told := make(chan struct{}, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} }))
	t.Cleanup(hook.Close)
	w.must("POST", "/v1/webhooks", map[string]any{"url": hook.URL, "events": []string{"connection.renewed"}})

	var hanging atomic.Int32
	var hangs atomic.Bool
	over := make(chan struct{})
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !hangs.Load() {
			w.service.ServeHTTP(rw, r)
			return
		}
		hanging.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(service.Close)
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { close(over) })
	const many = 30
	w.as(eve, func() {
		w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": renewingSpec(t)}})
		w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
		for i := range many {
			w.connect(fmt.Sprint(i))
		}
		hangs.Store(true)
		for range many {
			w.must("POST", "/v1/webhooks", map[string]any{"url": service.URL})
		}
		w.must("PUT", "/v1/specs/other", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}}) // is told to all of them
		session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})["url"].(string)
		for range many {
			upload, writer := io.Pipe()
			req := w.request(w.key, "PUT", "/v1/specs/slow", nil)
			req.Body, req.ContentLength = upload, -1
			req.Header.Set("Content-Type", "application/json")
			all.Go(func() {
				if res, err := http.DefaultClient.Do(req); err == nil {
					res.Body.Close()
				}
			})
			all.Go(func() {
				_, _ = io.WriteString(writer, "{")
				<-over
				writer.Close()
			})
			all.Go(func() {
				if res, err := w.browser().PostForm(session, url.Values{}); err == nil {
					res.Body.Close()
				}
			})
		}
	})
	c := w.must("GET", "/v1/connections/"+id, nil)
	expires, err := time.Parse(time.RFC3339, c["expires"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); w.broker.HeldBodies() < 4 || hanging.Load() < 8; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d bodies and %d requests of the other tenant hang", w.broker.HeldBodies(), hanging.Load())
		}
	}
	w.forward(time.Until(expires) - time.Minute) // everything is due to be renewed now

	began := time.Now()
	other := w.connect("grace")
	if status, _ := w.raw(w.key, "GET", "/v1/connections/"+other+"/proxy/me", nil); status != 200 {
		t.Errorf("a proxied request: %d", status)
	}
	w.must("POST", "/v1/connections/"+other+"/calls/status", map[string]any{"text": "hello"})
	big := strings.Repeat(" ", 100<<10)
	w.must("PUT", "/v1/specs/big", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t) + big}})
	w.await(id, "renewed by a job", func(c map[string]any) bool { return c["renewed"] != nil })
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("the webhook is not told of it")
	}
	w.forward(30 * time.Hour)
	w.await(other, "tested by a job", func(c map[string]any) bool { return c["checked"] != c["created"] })
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	if hanging.Load() < 8 {
		t.Errorf("only %d requests hang", hanging.Load())
	}
}

// TestSlowBodies holds that a body must keep its pace, and that what was uploaded before it stalls does not help it.
func TestSlowBodies(t *testing.T) {
	w := start(t)
	w.broker.SetPace(300*time.Millisecond, 100<<10)
	part := `{"files":{"a.json":"` + strings.Repeat(" ", 1<<10)
	for what, feed := range map[string]func(io.Writer){
		"one that stalls at once": func(to io.Writer) { _, _ = io.WriteString(to, "{") },
		"one that stalls later":   func(to io.Writer) { _, _ = io.WriteString(to, strings.Repeat(part, 200)) },
		"one that drips": func(to io.Writer) {
			for range 100 {
				if _, err := io.WriteString(to, " "); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		},
	} {
		upload, writer := io.Pipe()
		req := w.request(w.key, "PUT", "/v1/specs/slow", nil)
		req.Body, req.ContentLength = upload, -1
		req.Header.Set("Content-Type", "application/json")
		go feed(writer)
		began := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		writer.Close()
		if took := time.Since(began); res.StatusCode != 408 || !strings.Contains(string(text), "body-too-slow") || took > 4*time.Second {
			t.Errorf("%s: %d %s after %s", what, res.StatusCode, text, took)
		}
	}
	// One that passes to a service is given up too, and the service is not to blame.
	id := w.behind(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	upload, stalled := io.Pipe()
	defer stalled.Close()
	began := time.Now()
	go func() { _, _ = io.WriteString(stalled, "a") }()
	if res := w.proxied(id, "POST", "/x", upload); res.StatusCode == 200 || time.Since(began) > 5*time.Second {
		t.Errorf("a proxied one that stalls: %d after %s", res.StatusCode, time.Since(began))
	}
	// One that keeps its pace may take longer than any pause.
	upload, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, `{"files":{"demo.jsonc":`)
		for range 8 {
			_, _ = io.WriteString(writer, strings.Repeat(" ", 16<<10))
			time.Sleep(100 * time.Millisecond)
		}
		_, _ = io.WriteString(writer, `"{}"}}`)
		writer.Close()
	}()
	req := w.request(w.key, "PUT", "/v1/specs/slow", nil)
	req.Body, req.ContentLength = upload, -1
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 422 { // it is no spec
		t.Errorf("a steady one: %d", res.StatusCode)
	}
	if n := w.broker.HeldBodies(); n != 0 {
		t.Errorf("%d places are still taken", n)
	}
}

// TestManyAreDue has a space with more to test than a job takes on of one space at a time: what is left waits for no claim
// to end, but is done as soon as there is a hand.
func TestManyAreDue(t *testing.T) {
	w := start(t)
	var slow atomic.Bool
	var tested atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if slow.Load() {
			time.Sleep(30 * time.Millisecond)
			tested.Add(1)
		}
		w.service.ServeHTTP(rw, r)
	}))
	t.Cleanup(service.Close)
	w.spec()
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	_, data := w.raw(w.key, "POST", "/v1/connections/"+w.connect("ada")+"/reveal", nil)
	const many = 120
	for range many - 1 {
		w.must("POST", "/v1/connections", map[string]any{"spec": "demo", "connection": json.RawMessage(data)})
	}
	slow.Store(true)
	w.forward(30 * time.Hour)
	for began := time.Now(); tested.Load() < many; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("%d of %d connections are tested", tested.Load(), many)
		}
	}
}
