package broker_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/imlc-lang/imlc/internal/provider"
)

// attacks are bodies that are small on the wire or ask for much when they are read.
func attacks() map[string]func(http.ResponseWriter) {
	kind := func(mediaType string, body []byte) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(body)
		}
	}
	repeat := func(text string, n int) []byte { return bytes.Repeat([]byte(text), n) }
	packed := func(layers int) []byte {
		body := make([]byte, 24<<20)
		for range layers {
			var out bytes.Buffer
			z, _ := flate.NewWriter(&out, flate.BestCompression)
			_, _ = z.Write(body)
			z.Close()
			body = out.Bytes()
		}
		return body
	}
	coded := func(body []byte, coding string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", coding)
			kind("application/json", body)(w)
		}
	}
	return map[string]func(http.ResponseWriter){
		"objects":  kind("application/json", append(append([]byte("[{}"), repeat(",{}", 1<<20)...), ']')),
		"deep":     kind("application/json", repeat("[", 3<<20)),
		"keys":     kind("application/json", append(append([]byte(`{"a":1`), repeat(`,"aaaaaaaa":1`, 1<<18)...), '}')),
		"text":     kind("text/plain", repeat("a", 8<<20)),
		"form":     kind("application/x-www-form-urlencoded", repeat("a=b&", 1<<20)),
		"elements": kind("application/xml", append(append([]byte("<a>"), repeat("<b/>", 1<<20)...), "</a>"...)),
		"packed":   coded(packed(2), "deflate, deflate"),
		"words": func(w http.ResponseWriter) {
			w.WriteHeader(400)
			kind("text/plain", repeat("oauth_token%3Dx&", 1<<18))(w)
		},
		"endless": func(w http.ResponseWriter) { _, _ = io.Copy(w, io.LimitReader(zeros{}, 32<<20)) },
	}
}

// TestMemory holds that a process stays below 128 MiB whatever services answer and callers send, many at a time.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	p, err := provider.New(provider.Config{AutoApprove: true, Consumers: []provider.Consumer{{Key: consumerKey, Secret: consumerSecret}}})
	if err != nil {
		t.Fatal(err)
	}
	all := attacks()
	var attack atomic.Value
	attack.Store("")
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := all[attack.Load().(string)]; f != nil && (r.URL.Path == "/me" || r.URL.Path == "/statuses" || r.URL.Path == "/access_token") {
			f(w)
			return
		}
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(service.Close)
	in := install(t, 1, "")
	in.replicas[0].kill()
	in.replicas[0].Stubborn = true // each attack is to be met
	in.replicas[0].start(t)
	text := strings.Replace(demoSpec(t), `"base": {`, `"base": { "gzip": true,`, 1)
	text = strings.Replace(text, `"oauth": { "token": "{{connection.accessToken}}"`, `"oauth": { "body_hash": true, "token": "{{connection.accessToken}}"`, 1)
	in.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": text}})
	in.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	s := &seen{connections: map[string]int{}}
	in.user(s)
	id := ""
	for id = range s.connections {
		break
	}
	if id == "" {
		t.Fatal("there is no connection")
	}
	send := func(method, path, kind string, body io.Reader) {
		req, err := http.NewRequest(method, "http://"+in.replicas[0].Listen+path, body)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+in.key)
		req.Header.Set("Content-Type", kind)
		if res, err := http.DefaultClient.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}
	peak := int64(0)
	grew := func(what string) {
		if now := in.replicas[0].peak(); now > peak {
			peak = now
			t.Logf("%s: %d MiB", what, peak>>20)
		}
	}
	together := func(f func(i int)) {
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() { f(i) })
		}
		all.Wait()
	}
	for name := range all {
		attack.Store(name)
		together(func(i int) {
			path := "/v1/connections/" + id
			switch i % 3 {
			case 0:
				send("POST", path+"/test", "application/json", nil)
			case 1:
				send("POST", path+"/calls/status", "application/json", strings.NewReader(`{"text":"x"}`))
			case 2:
				send("GET", path+"/proxy/me", "", nil)
			}
		})
		grew("answers of " + name)
	}
	attack.Store("")
	var values strings.Builder
	for i := range 150000 {
		fmt.Fprintf(&values, `,"key%d":%d`, i, i)
	}
	wrong := strings.Repeat(`,"key":1`, 4900)
	bodies := []struct {
		what string
		body func() io.Reader
	}{
		{"bodies that are too long", func() io.Reader { return strings.NewReader(`{"files":{}` + values.String() + `}`) }},
		{"bodies of many values", func() io.Reader { return strings.NewReader(`{"files":{}` + values.String()[:1900<<10] + `0}`) }},
		{"bodies of a length that nobody says", func() io.Reader { return io.MultiReader(strings.NewReader(`{"files":{}` + values.String() + `}`)) }},
		{"bodies of wrong values", func() io.Reader { return strings.NewReader(`{"files":{}` + wrong + `}`) }},
		{"deep bodies", func() io.Reader { return strings.NewReader(strings.Repeat("[", 1<<20)) }},
	}
	for _, b := range bodies {
		together(func(int) { send("PUT", "/v1/specs/many", "application/json", b.body()) })
		grew(b.what)
	}
	together(func(i int) {
		form := io.MultiReader(strings.NewReader("a="), io.LimitReader(letters{}, 16<<20))
		send("POST", "/v1/connections/"+id+"/proxy/statuses", "application/x-www-form-urlencoded", form)
		send("POST", "/v1/connections/"+id+"/proxy/statuses", "application/octet-stream", io.LimitReader(letters{}, 1900<<10)) // held for its hash
		send("PUT", fmt.Sprintf("/v1/specs/s%d", i), "application/json", io.MultiReader(strings.NewReader(`{"files": {"a.jsonc": "`), io.LimitReader(letters{}, 1900<<10), strings.NewReader(`"}}`)))
	})
	grew("requests")
	if peak == 0 || peak > 128<<20 {
		t.Errorf("it took %d MiB", peak>>20)
	}
}

// letters is a text without an end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
