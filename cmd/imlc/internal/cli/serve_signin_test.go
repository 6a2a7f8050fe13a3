package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServeSignIn starts the broker with an OpenID provider, whose button leads to it, and has the doctor look at it.
func TestServeSignIn(t *testing.T) {
	var issuer *httptest.Server
	keys := `{"keys":[{"kty":"RSA"}]}`
	issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/realms/x/.well-known/openid-configuration":
			at := issuer.URL + "/realms/x"
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": at, "authorization_endpoint": at + "/auth", "token_endpoint": at + "/token", "jwks_uri": at + "/keys"})
		case "/realms/x/keys":
			_, _ = w.Write([]byte(keys))
		case "/realms/x/auth":
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer issuer.Close()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("canary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--data", dir, "--oidc-issuer", issuer.URL + "/realms/x", "--oidc-client-id", "imlc", "--oidc-client-secret-file", secret, "--oidc-allow-private",
		"--oidc-allow", "groups=ops -> admin;groups=dev -> tenant default read", "--oidc-name", "Example SSO"}
	s := serve(t, flags...)
	p := newPerson(t)
	res, err := p.client.Get(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != 401 {
		t.Errorf("without a login: %d", res.StatusCode)
	}
	p.open(s.url + "/login/oidc")
	q := p.at.Query()
	if p.at.Path != "/realms/x/auth" || q.Get("client_id") != "imlc" || q.Get("redirect_uri") != s.url+"/login/callback" || q.Get("scope") != "openid email profile" || q.Get("code_challenge_method") != "S256" {
		t.Errorf("the button leads to %s", p.at)
	}
	s.end()
	if strings.Contains(s.err.String(), "canary") {
		t.Error("the secret was printed")
	}
	doctor := func(code int, want string, args ...string) {
		t.Helper()
		x := newTest(t, "")
		if got := x.main(append([]string{"serve", "doctor", "--addr", "127.0.0.1:0"}, args...)); got != code || !strings.Contains(x.out.String()+x.err.String(), want) {
			t.Errorf("doctor %v: %d %s%s", args, got, x.out.String(), x.err.String())
		}
	}
	doctor(0, "it has to know the address https://connect.example.com/login/callback", append(flags, "--url", "https://connect.example.com")...)
	for want, args := range map[string][]string{
		"plain http is not allowed": {"--oidc-issuer", issuer.URL + "/realms/x", "--oidc-client-id", "imlc", "--oidc-allow", "sub=x -> admin"},
		"nobody gets in":            {"--oidc-issuer", issuer.URL + "/realms/x", "--oidc-client-id", "imlc", "--oidc-allow-private"},
		"404":                       {"--oidc-issuer", issuer.URL + "/none", "--oidc-client-id", "imlc", "--oidc-allow-private", "--oidc-allow", "sub=x -> admin"},
		"needs the client id":       {"--oidc-issuer", issuer.URL + "/realms/x", "--oidc-allow", "sub=x -> admin"},
		`the rule "sub=* -> admin"`: {"--oidc-issuer", issuer.URL + "/realms/x", "--oidc-client-id", "imlc", "--oidc-allow", "sub=* -> admin"},
		"need --oidc-issuer":        {"--oidc-client-id", "imlc"},
	} {
		doctor(exitFailed, want, append(args, "--data", dir)...)
	}
	keys = `{"keys":[]}`
	doctor(exitFailed, "0 keys", flags...)
	x := newTest(t, "")
	if code := x.main([]string{"serve", "--data", dir, "--addr", "127.0.0.1:0", "--oidc-issuer", "ftp://x", "--oidc-client-id", "imlc"}); code != exitUsage || !strings.Contains(x.err.String(), "expected https://") {
		t.Errorf("an issuer that is none: %d %s", code, x.err.String())
	}
}
