package broker_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store/sqlstore"
)

// BenchmarkProxy compares signed proxied requests with those through a plain httputil.ReverseProxy, in turns of the same
// run: the metric "ratio" is the requests per second of the broker over those of the plain proxy.
//
//	go test ./broker -run - -bench Proxy -benchtime 20000x
func BenchmarkProxy(b *testing.B) {
	w := startWith(b, func(w *world) {
		s, err := sqlstore.Open(b.Context(), sqlstore.Options{File: filepath.Join(b.TempDir(), "broker.db")})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		w.store, w.config.Store, w.config.LookEvery = s, s, 0
	})
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bench" {
			w.service.ServeHTTP(rw, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"id": 1, "name": "a short answer, as most of them are"}`))
	}))
	defer service.Close()
	w.spec()
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": service.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	id := w.connect("ada")
	target, err := url.Parse(service.URL)
	if err != nil {
		b.Fatal(err)
	}
	plain := httputil.NewSingleHostReverseProxy(target)
	plain.Transport = &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}
	front := httptest.NewServer(plain)
	defer front.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	send := func(address string) {
		req, err := http.NewRequest("GET", address, nil)
		if err != nil {
			b.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.key)
		res, err := client.Do(req)
		if err != nil {
			b.Error(err)
			return
		}
		if n, err := io.Copy(io.Discard, res.Body); res.StatusCode != 200 || n < 50 || err != nil {
			b.Errorf("status %d, %d bytes, %v", res.StatusCode, n, err)
		}
		res.Body.Close()
	}
	const clients, turn = 8, 200
	turns := func(address string, n int) time.Duration {
		began := time.Now()
		done := make(chan struct{})
		for range clients {
			go func() {
				for range n / clients {
					send(address)
				}
				done <- struct{}{}
			}()
		}
		for range clients {
			<-done
		}
		return time.Since(began)
	}
	var of [2]time.Duration
	addresses := [2]string{front.URL + "/bench", w.url + "/v1/connections/" + id + "/proxy/bench"}
	for _, a := range addresses {
		turns(a, turn)
	}
	b.ResetTimer()
	for done := 0; done < b.N; done += turn {
		for i, a := range addresses {
			of[i] += turns(a, turn)
		}
	}
	b.ReportMetric(float64(of[0])/float64(of[1]), "ratio")
	b.ReportMetric(0, "ns/op")
}
