package show

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// noHost is what a transport says, which the command shows whole.
var noHost = &wire.ConnectionError{Cause: wire.CauseDNS, Host: "a.test", Err: errors.New("lookup a.test on 10.0.0.53:53: no such host")}

func TestError(t *testing.T) {
	for _, test := range []struct {
		name string
		err  vm.Error
		want string
	}{
		{"problem", vm.Error{Type: "RuntimeError", Message: "no", Section: "accessToken", Status: 401, Problem: "token_rejected", Provider: "oauth_problem=token_rejected&oauth_problem_advice=try%20again"},
			"error: accessToken: no\n  section   accessToken, request 1\n  type      RuntimeError\n  status    [401] Unauthorized\n  provider  token_rejected: try again\n  what now  the token was not accepted: ask the user to authorize again\n"},
		{"word", vm.Error{Type: "RuntimeError", Message: "token_rejected, says the author", Section: "info", Status: 404},
			"error: info: token_rejected, says the author\n  section   info, request 1\n  type      RuntimeError\n  status    [404] Not Found\n  what now  check the URL in the spec\n"},
		{"page", vm.Error{Type: "RuntimeError", Message: "[404] Not Found", Section: "info", RequestIndex: 1, Status: 404, Provider: "<html><p>no such page</p>"},
			"error: info: [404] Not Found\n  section   info, request 2\n  type      RuntimeError\n  status    [404] Not Found\n  provider  no such page\n  what now  check the URL in the spec\n"},
		{"limit", vm.Error{Type: "RateLimitError", Message: "slow down", Section: "info", Status: 429, RetryAfter: time.Minute},
			"error: info: slow down\n  section   info, request 1\n  type      RateLimitError\n  status    [429] Too Many Requests\n  retry     after 1m0s\n  what now  too many requests: wait and try again\n"},
		{"cause", vm.Error{Type: "ConnectionError", Message: "no response", Section: "requestToken", Cause: "dns"},
			"error: requestToken: no response\n  section   requestToken, request 1\n  type      ConnectionError\n  cause     dns\n  what now  check the host name in the spec or its parameters, and the network\n"},
		{"detail", vm.Error{Type: "ConnectionError", Message: "no response from a.test (dns)", Section: "requestToken", Cause: "dns", Err: noHost},
			"error: requestToken: no response from a.test (dns): lookup a.test on 10.0.0.53:53: no such host\n  section   requestToken, request 1\n  type      ConnectionError\n  cause     dns\n  what now  check the host name in the spec or its parameters, and the network\n"},
		{"code", vm.Error{Type: "RuntimeError", Message: "late", Code: "oauth1/expired", Section: "authorize"},
			"error: authorize: late\n  section   authorize\n  type      RuntimeError\n  code      oauth1/expired\n  what now  start again and finish within 15 minutes\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			NewStream(&out, Look{}).Error(fmt.Errorf("call: %w", &test.err))
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorJSON(t *testing.T) {
	got := string(value.AppendJSON(nil, ErrorJSON(&vm.Error{Type: "T", Message: "m", Problem: "token_used", Section: "info", Status: 503, RetryAfter: 2 * time.Second})))
	want := `{"type":"T","message":"m","section":"info","requestIndex":0,"status":503,"problem":"token_used","retryAfterMs":2000,"help":"the request token was exchanged before: start the authorization again"}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = string(value.AppendJSON(nil, ErrorJSON(&vm.Error{Type: "ConnectionError", Message: "no response from a.test (dns)", Err: noHost})))
	if !strings.Contains(got, `"message":"no response from a.test (dns): lookup a.test on 10.0.0.53:53: no such host"`) {
		t.Error(got)
	}
}
