package broker_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// TestAnswersHideTheInside holds that callers of the API and readers of its logs of operations learn from a missing answer
// who did not answer and why, and nothing of resolvers and addresses; the log of the broker has all of it.
func TestAnswersHideTheInside(t *testing.T) {
	const inside = "lookup api.internal on 10.255.255.53:53: no such host"
	var gone atomic.Bool
	w := startWith(t, func(w *world) {
		w.config.Host.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return overThis(func(r *http.Request) (*http.Response, error) {
				if gone.Load() {
					return nil, &wire.ConnectionError{Cause: wire.CauseDNS, Host: r.URL.Host, Err: errors.New(inside)}
				}
				return next.RoundTrip(r)
			})
		}
	})
	id := w.behind(func(http.ResponseWriter, *http.Request) {})
	gone.Store(true)
	proxied, err := io.ReadAll(w.proxied(id, "GET", "/x", nil).Body)
	if err != nil {
		t.Fatal(err)
	}
	_, tested := w.raw(w.key, "POST", "/v1/connections/"+id+"/test", nil)
	failed := w.must("GET", "/v1/flows?result=failed", nil)["list"].([]any)
	if len(failed) == 0 {
		t.Fatal("no operation has failed")
	}
	_, flow := w.raw(w.key, "GET", "/v1/flows/"+failed[0].(map[string]any)["id"].(string), nil)
	for _, shown := range []string{string(proxied), string(tested), string(flow)} {
		if strings.Contains(shown, "10.255.255.53") || !strings.Contains(shown, "(dns)") {
			t.Errorf("%s", shown)
		}
	}
	if !strings.Contains(w.logs.String(), inside) {
		t.Error("the log does not say what the transport said")
	}
}

// overThis is a transport that is a function.
type overThis func(*http.Request) (*http.Response, error)

func (f overThis) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestUnknownCall holds that a call which the spec does not have is a mistake of who asks for it.
func TestUnknownCall(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	if status, problem := w.api("POST", "/v1/connections/"+id+"/calls/nothing", map[string]any{}); status != 422 || problem["code"] != "connection/no-call" {
		t.Errorf("%d %v", status, problem)
	}
}
