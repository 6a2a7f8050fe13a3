package client_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
)

// provider is a running independent provider; its signature checks are those of python3-oauthlib.
type provider struct {
	url, keyFile, dir string
}

// absent skips a test, or fails it where CI must have everything.
func absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func startProvider(t *testing.T, args ...string) *provider {
	t.Helper()
	script := filepath.Join("..", "..", "..", "..", "shared", "tools", "provider.py")
	if _, err := os.Stat(script); err != nil {
		absent(t, "../shared is absent: %v", err)
	}
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import oauthlib, flask").CombinedOutput(); err != nil {
		absent(t, "python3 with oauthlib and flask is absent: %v %s", err, out)
	}
	p := &provider{dir: t.TempDir()}
	p.keyFile = filepath.Join(p.dir, "rsa.pem")
	command := exec.Command(python, append([]string{script, "0", "--key", p.keyFile}, args...)...)
	command.Stderr = io.Discard
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	line := make(chan string, 1)
	go func() {
		s, _ := bufio.NewReader(out).ReadString('\n')
		line <- s
	}()
	select {
	case s := <-line:
		_, at, ok := strings.Cut(strings.TrimSpace(s), "listening on ")
		if !ok {
			t.Fatalf("the provider did not start: %q", s)
		}
		p.url = at
	case <-time.After(20 * time.Second):
		t.Fatal("the provider did not start in 20 s")
	}
	return p
}

// recorder keeps what was sent last.
type recorder struct {
	base http.RoundTripper
	mu   sync.Mutex
	last *http.Request
	body []byte
	sent int
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	r.mu.Lock()
	r.last, r.body = req.Clone(context.Background()), body
	r.sent++
	r.mu.Unlock()
	return r.base.RoundTrip(req)
}

// replay sends the last request again, byte for byte.
func (r *recorder) replay(t *testing.T) *http.Response {
	t.Helper()
	req := r.last.Clone(context.Background())
	req.Body = io.NopCloser(bytes.NewReader(r.body))
	resp, err := r.base.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (p *provider) config(t *testing.T, method string, transport oauth1.Transport, rec *recorder) client.Config {
	t.Helper()
	params := oauth1.Params{ConsumerKey: "ck special!*'()", ConsumerSecret: "s&c+r/e=t%", SignatureMethod: method, Transport: transport}
	if strings.HasPrefix(method, "RSA") {
		key, err := os.ReadFile(p.keyFile)
		if err != nil {
			t.Fatal(err)
		}
		params.ConsumerKey, params.ConsumerSecret, params.PrivateKey = "ck-rsa", "", string(key)
	}
	return client.Config{
		Params: params, RequestTokenURL: p.url + "/request_token?a=1", AuthorizeURL: p.url + "/authorize", AccessTokenURL: p.url + "/access_token",
		RenewURL: p.url + "/renew", Strict: true, Options: client.Options{Base: rec, AllowPlaintextHTTP: true},
	}
}

func newFlow(t *testing.T, c client.Config) *client.Flow {
	t.Helper()
	f, err := client.NewFlow(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// approve plays the user's browser and returns the raw query of the callback.
func approve(t *testing.T, rt http.RoundTripper, authorize string) string {
	t.Helper()
	req, err := http.NewRequest("GET", authorize, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, query, ok := strings.Cut(resp.Header.Get("Location"), "?")
	if !ok {
		t.Fatalf("no callback: %d %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	return query
}

// dance goes through all three steps.
func dance(t *testing.T, f *client.Flow, rt http.RoundTripper) *client.Grant {
	t.Helper()
	ctx := t.Context()
	temporary, err := f.RequestToken(ctx, "https://app.example/cb?state=a b&next=%2Fa")
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := f.Callback(temporary, approve(t, rt, f.AuthorizeURL(temporary)))
	if err != nil {
		t.Fatal(err)
	}
	grant, err := f.AccessToken(ctx, temporary, verifier)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// verified is what the provider's resource saw.
type verified struct {
	OK        bool       `json:"ok"`
	Method    string     `json:"method"`
	Transport string     `json:"transport"`
	Token     string     `json:"token"`
	BodyHash  string     `json:"body_hash"`
	Body      string     `json:"body"`
	Params    [][]string `json:"params"`
	URI       string     `json:"uri"`
}

func send(t *testing.T, c *http.Client, method, target, contentType, body string) (*verified, *http.Response) {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, target, r)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	v := new(verified)
	if json.Unmarshal(answer, v) != nil && resp.StatusCode == 200 {
		t.Fatalf("%s %s: %s", method, target, answer)
	}
	if resp.StatusCode >= 400 {
		t.Logf("%s %s: %d %s", method, target, resp.StatusCode, answer)
	}
	return v, resp
}
