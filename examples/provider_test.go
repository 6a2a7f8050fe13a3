package examples

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// startProvider starts a provider that approves at once.
func startProvider(t *testing.T, c provider.Config) (*provider.Provider, string) {
	t.Helper()
	c.AutoApprove = true
	p, err := provider.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL
}

func newEngine(t *testing.T, name string) *vm.Engine {
	t.Helper()
	p, _ := compile(t, name)
	e, err := vm.New(p, vm.Host{Egress: wire.Egress{AllowPrivate: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func object(pairs ...string) *value.Object {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i], value.Text(pairs[i+1]))
	}
	return o
}

// browse follows the redirect as a browser would and returns the query that the provider appends to the callback.
func browse(t *testing.T, target string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || back.RawQuery == "" {
		t.Fatalf("status %d, Location %q: a redirect to the callback was expected", res.StatusCode, res.Header.Get("Location"))
	}
	return back.RawQuery
}

// TestAgainstProvider runs the whole flow over HTTP for the examples whose endpoints have the usual paths. The provider
// verifies with code of its own.
func TestAgainstProvider(t *testing.T) {
	p, base := startProvider(t, provider.Config{})
	for _, tc := range []struct {
		name       string
		parameters *value.Object
		uid        string
	}{
		{"demo", object("baseUrl", base), "9007199254740993"},
		{"x", object("baseUrl", base, "apiUrl", base+"/resource"), ""},
		{"tumblr", object("baseUrl", base, "apiUrl", base+"/resource"), ""},
		{"flickr", object("baseUrl", base, "apiUrl", base+"/resource"), ""},
		{"discogs", object("baseUrl", base, "authorizeUrl", base, "apiUrl", base+"/resource"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx := context.Background()
			p.Reset()
			e := newEngine(t, tc.name)
			tc.parameters.Set("consumerKey", value.Text("ck special!*'()"))
			tc.parameters.Set("consumerSecret", value.Text("s&c+r/e=t%"))
			step, err := e.Authorize(ctx, vm.Grant{Parameters: tc.parameters, RedirectURI: "http://localhost/cb"})
			if err != nil {
				t.Fatal(err)
			}
			conn, err := e.Callback(ctx, step.State, browse(t, step.RedirectURL))
			if err != nil {
				t.Fatal(err)
			}
			if token := conn.Data.Value("accessToken"); value.IsEmpty(token) || conn.UID != tc.uid {
				t.Errorf("token %s, uid %q, want a token and uid %q", token, conn.UID, tc.uid)
			}
			if err := e.Test(ctx, conn); err != nil {
				t.Errorf("test: %v", err)
			}
			p.Revoke(conn.Data.Value("accessToken").Str())
			if err := e.Test(ctx, conn); err == nil {
				t.Error("a revoked token passed the test of the connection")
			}
		})
	}
}

// TestDemoCall sends a signed form with the connection of the demo.
func TestDemoCall(t *testing.T) {
	ctx := context.Background()
	_, base := startProvider(t, provider.Config{})
	e := newEngine(t, "demo")
	step, err := e.Authorize(ctx, vm.Grant{RedirectURI: "http://localhost/cb",
		Parameters: object("baseUrl", base, "consumerKey", "ck-hmac", "consumerSecret", "cs-hmac")})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := e.Callback(ctx, step.State, browse(t, step.RedirectURL))
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Call(ctx, conn, "status", object("text", "a b&c=d é"))
	if err != nil {
		t.Fatal(err)
	}
	if out.Object() == nil {
		t.Errorf("the call gave %s, want an object", out.Kind())
	}
	res, err := e.Client(conn).Get(base + "/me")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the signing client got status %d, want 200", res.StatusCode)
	}
}

// TestTwoLegged signs with the consumer alone.
func TestTwoLegged(t *testing.T) {
	_, base := startProvider(t, provider.Config{})
	e := newEngine(t, "nounproject")
	// The question mark turns the service's own path into a query, which is signed like any other.
	for _, tc := range []struct {
		name, secret string
		ok           bool
	}{{"right secret", "cs-hmac", true}, {"wrong secret", "guessed", false}} {
		t.Run(tc.name, func(t *testing.T) {
			step, err := e.Authorize(context.Background(), vm.Grant{
				Parameters: object("baseUrl", base+"/two_legged?", "consumerKey", "ck-hmac", "consumerSecret", tc.secret)})
			if (err == nil) != tc.ok {
				t.Fatalf("error %v, want success %v", err, tc.ok)
			}
			if tc.ok && step.Connection == nil {
				t.Error("there is no connection, though nothing is to be approved")
			}
		})
	}
}

// TestJiraRSA fetches a request token that is signed with the provider's own key pair; Jira's path becomes a query.
func TestJiraRSA(t *testing.T) {
	p, base := startProvider(t, provider.Config{})
	key, err := p.RSAPrivateKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, "jira")
	step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "http://localhost/cb",
		Parameters: object("baseUrl", base+"/request_token?", "consumerKey", "ck-rsa", "privateKey", string(key))})
	if err != nil {
		t.Fatalf("the provider refused: %v", err)
	}
	if step.RedirectURL == "" || step.State == "" {
		t.Errorf("step %+v, want a redirect and a state", step)
	}
}
