package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/tunnel"
)

// TestServeThroughAProxy has the broker tell a webhook through a proxy, whose password is in a file or a variable.
func TestServeThroughAProxy(t *testing.T) {
	proxy := tunnel.Start(t, false)
	proxy.Credentials = "broker:canary-proxy-password"
	told := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.RemoteAddr }))
	defer hook.Close()
	file := filepath.Join(t.TempDir(), "auth")
	if err := os.WriteFile(file, []byte(proxy.Credentials+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"file": {"--egress-proxy-auth", file}, "variable": nil} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{}
			if args == nil {
				env["IMLC_SERVE_EGRESS_PROXY_AUTH"] = proxy.Credentials
			}
			dir := t.TempDir()
			s := serveIn(t, env, append([]string{"--data", dir, "--allow-private", "--egress-proxy", proxy.URL}, args...)...)
			x := newTest(t, "")
			if code := x.main([]string{"serve", "key", "k", "--data", dir, "--scope", "specs,webhooks"}); code != 0 {
				t.Fatalf("key: %s", x.err.String())
			}
			send := func(method, path, body string) {
				t.Helper()
				req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(x.out.String()))
				req.Header.Set("Content-Type", "application/json")
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode/100 != 2 {
					t.Fatalf("%s: %d", path, res.StatusCode)
				}
			}
			send("POST", "/v1/webhooks", `{"url":"`+hook.URL+`"}`)
			spec, err := json.Marshal(map[string]any{"files": map[string]string{"demo.jsonc": demoSpec}})
			if err != nil {
				t.Fatal(err)
			}
			send("PUT", "/v1/specs/demo", string(spec))
			select {
			case from := <-told:
				if !proxy.Made(from) {
					t.Error("the webhook was told past the proxy")
				}
			case <-time.After(10 * time.Second):
				t.Error("the webhook was not told")
			}
			s.end()
			if strings.Contains(s.err.String(), "canary-proxy") {
				t.Errorf("it prints the password: %s", s.err.String())
			}
		})
	}
	for want, args := range map[string][]string{
		"holds credentials":    {"--egress-proxy", "http://user:canary@proxy.example:3128"},
		"expected http://host": {"--egress-proxy", "socks5://proxy.example"},
		"needs --egress-proxy": {"--egress-proxy-auth", file},
		"user:password":        {"--egress-proxy", "http://proxy.example", "--egress-proxy-auth", os.DevNull + "x"},
	} {
		x := newTest(t, "")
		if want == "user:password" {
			odd := filepath.Join(t.TempDir(), "odd")
			if err := os.WriteFile(odd, []byte("canary"), 0o600); err != nil {
				t.Fatal(err)
			}
			args[3] = odd
		}
		code := x.main(append([]string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--demo", "off"}, args...))
		if code != 2 || !strings.Contains(x.err.String(), want) || strings.Contains(x.err.String(), "canary") {
			t.Errorf("%v: %d %s", args, code, x.err.String())
		}
	}
}
