package vm_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// crossing is a service at https://api.example.test that redirects to wherever it is told, and everything that arrives
// anywhere. Names and ports lead to two real servers, one of them with TLS.
type crossing struct {
	status int
	target string

	mu      sync.Mutex
	arrived []string // whole requests behind the redirect
}

const crossingStart = "https://api.example.test"

func (c *crossing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/start" {
		_, _ = io.Copy(io.Discard, r.Body)
		// Some servers repeat the query that they were sent.
		w.Header().Set("Location", c.target+"/end?seen=1&"+r.URL.RawQuery)
		w.WriteHeader(c.status)
		return
	}
	dump, err := httputil.DumpRequest(r, true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arrived = append(c.arrived, fmt.Sprintf("%s %v", dump, err))
}

// seen returns what has arrived since it was asked last.
func (c *crossing) seen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.Join(c.arrived, "\n")
	c.arrived = nil
	return text
}

// transport leads every name to the servers of c.
func (c *crossing) transport(t *testing.T) *http.Transport {
	plain, secure := httptest.NewServer(c), httptest.NewTLSServer(c)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to := secure.Listener.Addr().String()
			if strings.HasSuffix(address, ":80") {
				to = plain.Listener.Addr().String()
			}
			return new(net.Dialer).DialContext(ctx, network, to)
		},
	}
}

// TestNothingSecretCrosses sends a secret in every place of a request through every redirect to every kind of other
// origin, by an authorisation, a call and the client: none of it arrives there, and all of it at the same origin.
func TestNothingSecretCrosses(t *testing.T) {
	const secret = "hunter2/secret&"
	places := []string{"header", "cookie", "custom header", "query", "body"}
	directives := map[string]string{
		"header":        `"headers": {"Authorization": "Bearer {{parameters.secret}}"}`,
		"cookie":        `"headers": {"Cookie": "session={{parameters.secret}}"}`,
		"custom header": `"headers": {"X-Api-Key": "{{parameters.secret}}"}`,
		"query":         `"qs": {"key": "{{parameters.secret}}"}`,
		"body":          `"method": "POST", "type": "urlencoded", "body": {"key": "{{parameters.secret}}"}`,
	}
	signing := map[string]string{"unsigned": "", "header": "header", "query": "query", "body": "body"}
	targets := map[string]string{"same origin": crossingStart, "other port": "https://api.example.test:8443",
		"subdomain": "https://sub.api.example.test", "other scheme": "http://api.example.test"}
	for how, transport := range signing {
		for _, place := range places {
			request := `{"url": "` + crossingStart + `/start", ` + directives[place]
			if transport == "body" {
				if place == "query" || place == "body" {
					request = strings.Replace(request, `"method": "POST", "type": "urlencoded", `, "", 1)
				}
				request += `, "method": "POST", "type": "urlencoded"`
			}
			request += "}"
			spec := request
			if transport != "" {
				spec = `{"oauth": {"consumer_key": "ck", "consumer_secret": "{{parameters.secret}}", "signature_method": "PLAINTEXT", "transport_method": "` +
					transport + `"}, "accessToken": ` + request + `}`
			}
			c := &crossing{}
			e := mustEngine(t, mustCompileParts(t, map[string]string{make.Communication: spec,
				make.Params: `[{"name": "secret", "type": "password"}]`}, map[string]string{"again": request}, imlc.Options{}),
				vm.Host{Transport: c.transport(t), Egress: wire.Egress{AllowHTTP: true}, Origins: []string{crossingStart}})
			params := value.NewObject(1)
			params.Set("secret", value.Text(secret))
			conn := &vm.Connection{Data: params}
			for _, status := range []int{301, 302, 303, 307, 308} {
				for where, target := range targets {
					c.status, c.target = status, target
					for operation, run := range map[string]func() error{
						"authorize": func() error { _, err := e.Authorize(t.Context(), vm.Grant{Parameters: params}); return err },
						"call":      func() error { _, err := e.Call(t.Context(), conn, "again", params); return err },
						"client":    func() error { return sendByClient(e.Client(conn), place, secret) },
					} {
						name := fmt.Sprintf("%s, %s, %d to %s, %s", how, place, status, where, operation)
						err := run()
						checkCrossing(t, name, place, where == "same origin", status, c.seen(), secret, err)
					}
				}
			}
		}
	}
}

// sendByClient makes the request of a host's own code.
func sendByClient(c *http.Client, place, secret string) error {
	method, target, body := http.MethodGet, crossingStart+"/start", ""
	switch place {
	case "query":
		target += "?key=" + strings.NewReplacer("/", "%2F", "&", "%26").Replace(secret)
	case "body":
		method, body = http.MethodPost, "key="+strings.NewReplacer("/", "%2F", "&", "%26").Replace(secret)
	}
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	switch place {
	case "header":
		req.Header.Set("Authorization", "Bearer "+secret)
	case "cookie":
		req.Header.Set("Cookie", "session="+secret)
	case "custom header":
		req.Header.Set("X-Api-Key", secret)
	}
	res, err := c.Do(req)
	if err == nil {
		err = res.Body.Close()
	}
	return err
}

// checkCrossing judges what arrived behind one redirect.
func checkCrossing(t *testing.T, name, place string, same bool, status int, arrived, secret string, err error) {
	t.Helper()
	holds := strings.Contains(arrived, secret) || strings.Contains(strings.ToLower(arrived), "hunter2%2fsecret") || strings.Contains(strings.ToLower(arrived), "hunter2%252fsecret")
	keepsBody := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	switch {
	case !same && (holds || strings.Contains(arrived, "oauth_")):
		t.Errorf("%s: the secret is elsewhere:\n%s", name, arrived)
	case !same && err != nil: // a body that must not go on
		var own *vm.Error
		var refused *client.RedirectError
		if place != "body" && !strings.Contains(name, "body") || !keepsBody || !errors.As(err, &own) && !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	case !same && !strings.Contains(arrived, "seen=1"):
		t.Errorf("%s: nothing arrived: %s", name, arrived)
	case same && err != nil:
		t.Errorf("%s: %v", name, err)
	case same && place == "custom header" && !holds:
		t.Errorf("%s: the secret is lost:\n%s", name, arrived)
	}
}
