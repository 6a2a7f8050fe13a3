package broker_test

import (
	"strings"
	"testing"
	"time"
)

// TestTenantHosts holds that connections of a tenant reach the hosts that it may reach, soon after these have changed, and
// that tenants keep their environments.
func TestTenantHosts(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	service := strings.TrimPrefix(w.provider.URL(), "http://")
	for _, c := range []struct {
		hosts  []string
		passes bool
	}{{nil, true}, {[]string{"api.example.com", "*.example.org"}, false}, {[]string{"api.example.com", service}, true}, {[]string{"127.0.0.1:1"}, false}} {
		w.must("PUT", "/v1/tenants/default", map[string]any{"hosts": c.hosts})
		var status int
		var answer []byte
		for range 60 {
			if status, answer = w.raw(w.key, "GET", "/v1/connections/"+id+"/proxy/me", nil); (status == 200) == c.passes {
				break
			}
			time.Sleep(50 * time.Millisecond) // engines are looked at anew every second
		}
		if (status == 200) != c.passes || !c.passes && !strings.Contains(string(answer), "allowed hosts") {
			t.Errorf("hosts %v: %d %s", c.hosts, status, answer)
		}
	}
	if status, problem := w.api("POST", "/v1/connections/"+id+"/sign", map[string]any{"url": "/me"}); status == 200 {
		t.Errorf("a request to a host that may not be reached was signed: %v", problem)
	}
	for _, bad := range []string{"", "*", "https://a.test", "a b", "A.test", "a.test/x", "*.", "a.test:x"} {
		if status, _ := w.api("PUT", "/v1/tenants/default", map[string]any{"hosts": []string{bad}}); status != 422 {
			t.Errorf("the host %q: %d", bad, status)
		}
	}
	w.must("PUT", "/v1/tenants/default", map[string]any{"environments": []string{"test"}})
	if got := w.must("GET", "/v1/tenants", nil)["list"].([]any)[0].(map[string]any)["environments"].([]any); len(got) != 2 || got[0] != "main" || got[1] != "test" {
		t.Errorf("the environments are %v", got)
	}
	if status, _ := w.api("PUT", "/v1/tenants/nobody", map[string]any{}); status != 404 {
		t.Errorf("a tenant that is not there: %d", status)
	}
}
