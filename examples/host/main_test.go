package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/vm/plan"
)

// demoPlan compiles the demo spec, as an operator would.
func demoPlan(t *testing.T) []byte {
	t.Helper()
	p, list := imlc.Compile(os.DirFS(".."), "make/demo/demo.jsonc", imlc.Options{})
	if p == nil {
		t.Fatal(list.Items)
	}
	encoded, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// startHost serves the application.
func startHost(t *testing.T, service string) *httptest.Server {
	t.Helper()
	h, err := load(t.Context(), files(t, service))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.handler())
	t.Cleanup(server.Close)
	h.base = server.URL
	return server
}

func startService(t *testing.T) string {
	t.Helper()
	p, err := provider.New(provider.Config{AutoApprove: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return server.URL
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func visit(t *testing.T, c *http.Client, target string) (int, string, *http.Response) {
	t.Helper()
	res, err := c.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res
}

func TestConnectAndFetch(t *testing.T) {
	server := startHost(t, startService(t))
	ann := browser(t)
	status, page, _ := visit(t, ann, server.URL+"/connect")
	if status != http.StatusOK || !strings.Contains(page, "Connected as") {
		t.Fatalf("after connecting: status %d, %q", status, page)
	}
	status, body, _ := visit(t, ann, server.URL+"/api/me")
	if status != http.StatusOK || !strings.Contains(body, "9007199254740993") {
		t.Errorf("signed request: status %d, %q", status, body)
	}
	if _, page, _ := visit(t, browser(t), server.URL+"/"); strings.Contains(page, "Connected as") {
		t.Error("another browser sees the connection")
	}
}

func TestCallbackBelongsToTheBrowser(t *testing.T) {
	server := startHost(t, startService(t))
	mallory := browser(t)
	var callback string
	mallory.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/callback" {
			callback = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	visit(t, mallory, server.URL+"/connect")
	if callback == "" {
		t.Fatal("the service did not send the browser back")
	}
	if status, _, _ := visit(t, browser(t), callback); status != http.StatusBadRequest {
		t.Errorf("a callback that another browser started: status %d, want 400", status)
	}
	mallory.CheckRedirect = nil
	if status, page, _ := visit(t, mallory, callback); status != http.StatusOK || !strings.Contains(page, "Connected as") {
		t.Errorf("the browser that started it: status %d, %q", status, page)
	}
	if status, page, _ := visit(t, mallory, callback); status != http.StatusOK || !strings.Contains(page, "Connected as") {
		t.Errorf("the callback a second time: status %d, %q", status, page)
	}
}

func TestRefusalIsShown(t *testing.T) {
	server := startHost(t, startService(t))
	c := browser(t)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, _, res := visit(t, c, server.URL+"/connect")
	at, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	_, _, res = visit(t, c, at.String()+"&deny=1")
	back, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	status, body, _ := visit(t, c, back.String())
	if status != http.StatusBadRequest || !strings.Contains(body, "refused") {
		t.Errorf("status %d, %q: the refusal was expected", status, body)
	}
}

func TestCookies(t *testing.T) {
	server := startHost(t, startService(t))
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	_, _, res := visit(t, c, server.URL+"/connect")
	for _, k := range res.Cookies() {
		if k.Name == stateCookie && (!k.HttpOnly || k.SameSite != http.SameSiteLaxMode || len(k.Value) > 3500) {
			t.Errorf("state cookie %+v", k)
		}
		if strings.Contains(k.Value, "cs-hmac") {
			t.Error("the cookie shows a secret")
		}
	}
	if len(res.Cookies()) != 2 {
		t.Errorf("%d cookies, want session and state", len(res.Cookies()))
	}
}
