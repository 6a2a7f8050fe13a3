package broker_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/provider"
)

// TestKilledAtAGrant kills a process at the worst moments of a flow. What had been read of the service's answer, or can be
// asked for again, is not lost, and the user need not begin again; what was on its way at a service that answers once costs
// another authorisation, and leaves one connection.
func TestKilledAtAGrant(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a process is known to be gone")
	}
	for name, c := range map[string]struct {
		at      string // the request that the service has when the process is killed
		repeats bool   // the service answers a token request again
		granted int
	}{
		"the answer is on its way":                                    {"/access_token", false, 2},
		"the answer is on its way, and the service says it once more": {"/access_token", true, 1},
		"the answer was read":                                         {"/me", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // mostly waits
			p, err := provider.New(provider.Config{AutoApprove: true, Consumers: []provider.Consumer{{Key: consumerKey, Secret: consumerSecret}}})
			if err != nil {
				t.Fatal(err)
			}
			service := &unreliable{next: p, granted: map[string]grant{}, cut: map[string]bool{}, used: map[string]bool{}}
			if c.repeats {
				service.repeats = map[string]*httptest.ResponseRecorder{}
			}
			in := install(t, 1, "")
			var killed atomic.Bool
			dead := make(chan struct{})
			outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != c.at || !killed.CompareAndSwap(false, true) {
					service.ServeHTTP(w, r)
					return
				}
				service.ServeHTTP(httptest.NewRecorder(), r)
				in.replicas[0].kill()
				close(dead)
				panic(http.ErrAbortHandler)
			}))
			t.Cleanup(outside.Close)
			in.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}})
			in.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": outside.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
			s := &seen{connections: map[string]int{}}
			gone := make(chan struct{})
			go func() { in.user(s); close(gone) }()
			<-dead
			in.replicas[0].start(t)
			<-gone
			tokens, _ := in.stored()
			for i := 0; i < 60 && len(tokens) == 0; i++ {
				time.Sleep(time.Second)
				tokens, _ = in.stored()
			}
			service.mu.Lock()
			defer service.mu.Unlock()
			if len(tokens) != 1 || len(service.granted) != c.granted {
				t.Errorf("%d connections are stored, and %d tokens were granted, want 1 and %d; the user began again %d times", len(tokens), len(service.granted), c.granted, s.restarted)
			}
			for token, n := range tokens {
				if _, ok := service.granted[token]; !ok || n != 1 {
					t.Errorf("the token of the connection is of nobody, or of %d", n)
				}
			}
		})
	}
}
