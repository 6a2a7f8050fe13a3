package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
)

var (
	methods    = []string{oauth1.HMACSHA1, oauth1.HMACSHA256, oauth1.HMACSHA512, oauth1.RSASHA1, oauth1.RSASHA256, oauth1.RSASHA512, oauth1.Plaintext}
	transports = []oauth1.Transport{oauth1.Header, oauth1.Query, oauth1.Body}
)

const formText = "a=1&a=0&b=x%20y+z&c=%2B%26%3D&%C3%A9=%E2%82%AC&empty="

// TestInteropMatrix is every method in every transport.
func TestInteropMatrix(t *testing.T) {
	p := startProvider(t)
	for _, method := range methods {
		for _, transport := range transports {
			t.Run(method+"/"+transport.String(), func(t *testing.T) {
				rec := &recorder{base: http.DefaultTransport}
				f := newFlow(t, p.config(t, method, transport, rec))
				t.Run("wrong verifier", func(t *testing.T) { wrongVerifier(t, f, rec) })
				grant := dance(t, f, rec)
				if resp := rec.replay(t); resp.StatusCode < 400 {
					t.Errorf("the access token call was accepted twice: %d", resp.StatusCode)
				}
				conn, err := f.Connect(grant, nil)
				if err != nil {
					t.Fatal(err)
				}
				protected(t, p, conn, transport, rec)
			})
		}
	}
}

func wrongVerifier(t *testing.T, f *client.Flow, rec *recorder) {
	temporary, err := f.RequestToken(t.Context(), "oob")
	if err != nil {
		t.Fatal(err)
	}
	authorize, err := http.NewRequest("GET", f.AuthorizeURL(temporary), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := rec.base.RoundTrip(authorize); err == nil {
		resp.Body.Close()
	}
	_, err = f.AccessToken(t.Context(), temporary, "wrong")
	var problem *oauth1.Problem
	if !errors.Is(err, oauth1.VerifierInvalid) || !errors.As(err, &problem) {
		t.Errorf("error %v, want verifier_invalid", err)
	}
}

func protected(t *testing.T, p *provider, conn *client.Connection, transport oauth1.Transport, rec *recorder) {
	c := conn.Client()
	target := p.url + "/resource/caf%c3%a9/a%2Fb?q=1;2&q=0&z=%7E~*+x%2B&n"
	for _, r := range []struct{ method, contentType, body string }{
		{"GET", "", ""},
		{"POST", media.Form + "; charset=UTF-8", formText},
		{"POST", "application/json", `{"a":"é"}`},
		{"PUT", media.Form, formText},
		{"PATCH", media.Form, formText},
		{"DELETE", "", ""},
		{"POST", "", ""},
	} {
		v, resp := send(t, c, r.method, target, r.contentType, r.body)
		if resp.StatusCode != 200 || !v.OK || v.Token != conn.Grant().Token {
			t.Errorf("%s %s: status %d", r.method, r.contentType, resp.StatusCode)
			continue
		}
		want := transport.String()
		if transport == oauth1.Body && !strings.HasPrefix(r.contentType, media.Form) && (r.method != "POST" || r.contentType != "") {
			want = "header"
		}
		if v.Transport != want {
			t.Errorf("%s %s: parameters in the %s, want %s", r.method, r.contentType, v.Transport, want)
		}
		if resp := rec.replay(t); resp.StatusCode != 401 {
			t.Errorf("%s: a replay was answered %d", r.method, resp.StatusCode)
		}
	}
}

// TestInteropExtensions covers what is not a matter of method and transport.
func TestInteropExtensions(t *testing.T) {
	p := startProvider(t)
	rec := &recorder{base: http.DefaultTransport}
	config := p.config(t, oauth1.HMACSHA1, oauth1.Header, rec)
	f := newFlow(t, config)

	t.Run("body hash", func(t *testing.T) { bodyHash(t, p, rec) })
	t.Run("renewal", func(t *testing.T) { renewal(t, p, rec) })
	t.Run("xauth", func(t *testing.T) { xauth(t, p, config) })
	t.Run("two-legged", func(t *testing.T) { twoLegged(t, p, config) })
	t.Run("oob", func(t *testing.T) { outOfBand(t, f) })
	t.Run("denial", func(t *testing.T) {
		temporary, err := f.RequestToken(t.Context(), "https://app.example/cb")
		if err != nil {
			t.Fatal(err)
		}
		query := approve(t, http.DefaultTransport, f.AuthorizeURL(temporary)+"&deny=1")
		if _, err := f.Callback(temporary, query); !errors.Is(err, &client.CallbackError{Code: "oauth1/refused"}) {
			t.Errorf("error %v", err)
		}
	})
	conn, err := f.Connect(dance(t, f, rec), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("redirect", func(t *testing.T) { redirects(t, p, rec, conn) })
	t.Run("flaky", func(t *testing.T) {
		status := 0
		for range 3 {
			_, resp := send(t, conn.Client(), "GET", p.url+"/flaky?n=2", "", "")
			if status = resp.StatusCode; status == 401 {
				t.Fatal("a retry was refused")
			}
		}
		if status != 200 {
			t.Errorf("status %d", status)
		}
	})
	t.Run("cross-host redirect", func(t *testing.T) { crossHost(t, f, conn.Grant()) })
}

func clientFor(t *testing.T, p oauth1.Params, o client.Options) *http.Client {
	t.Helper()
	s, err := oauth1.NewSigner(p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClient(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// renewal lets a token expire under 16 goroutines: one renewal serves them all.
func renewal(t *testing.T, p *provider, rec *recorder) {
	c := p.config(t, oauth1.HMACSHA256, oauth1.Header, rec)
	c.Options.Recover = true
	f := newFlow(t, c)
	var mu sync.Mutex
	rotated := 0
	conn, err := f.Connect(dance(t, f, rec), func(context.Context, *client.Grant) error {
		mu.Lock()
		defer mu.Unlock()
		rotated++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	old := conn.Grant()
	resp, err := http.Get(p.url + "/_admin/expire?token=" + url.QueryEscape(old.Token))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			resp, err := conn.Client().Get(p.url + "/resource")
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	wg.Wait()
	if rotated != 1 || conn.Grant().Token == old.Token || conn.Grant().SessionHandle != old.SessionHandle {
		t.Errorf("%d renewals", rotated)
	}
	if g, err := conn.Renew(t.Context()); err != nil || g.Token == old.Token || rotated != 2 {
		t.Errorf("%d renewals, %v", rotated, err)
	}
}

// crossHost has the provider's place redirect to another server, which must see nothing.
func crossHost(t *testing.T, f *client.Flow, g *client.Grant) {
	var seen []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Header.Get("Authorization")+r.URL.RawQuery+r.Referer()+string(body))
	}))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Some servers echo the query they got.
		http.Redirect(w, r, other.URL+"/x?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
	}))
	defer first.Close()
	for _, method := range []string{oauth1.HMACSHA1, oauth1.Plaintext} {
		for _, transport := range transports {
			s, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: g.Token, TokenSecret: g.TokenSecret, SignatureMethod: method, Transport: transport})
			if err != nil {
				t.Fatal(err)
			}
			c, err := client.NewClient(s, client.Options{AllowPlaintextHTTP: true})
			if err != nil {
				t.Fatal(err)
			}
			var refused *client.RedirectError
			if _, err := c.Post(first.URL, media.Form, strings.NewReader("a=1")); !errors.As(err, &refused) {
				t.Errorf("%s, %s: error %v", method, transport, err)
			}
			resp, err := c.Get(first.URL + "?a=1")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
	}
	for _, s := range seen {
		if s != "" {
			t.Errorf("the other server saw %q", s)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d requests arrived", len(seen))
	}
}

// TestInteropTLS trusts the provider's own certificate authority only.
func TestInteropTLS(t *testing.T) {
	dir := t.TempDir()
	p := startProvider(t, "--tls", dir)
	pemText, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pemText)
	rec := &recorder{base: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	c := p.config(t, oauth1.Plaintext, oauth1.Header, rec)
	c.Options.AllowPlaintextHTTP = false
	f := newFlow(t, c)
	conn, err := f.Connect(dance(t, f, rec), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, resp := send(t, conn.Client(), "GET", p.url+"/resource", "", ""); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	c.Options.Base = http.DefaultTransport
	if _, err := newFlow(t, c).RequestToken(t.Context(), "oob"); err == nil || strings.Contains(err.Error(), "s&c") {
		t.Errorf("error %v", err)
	}
}

// TestInteropClock runs five hours late: the offset is learnt and applied.
func TestInteropClock(t *testing.T) {
	p := startProvider(t, "--skew", "60")
	late := func() time.Time { return time.Now().Add(-5 * time.Hour) }
	rec := &recorder{base: http.DefaultTransport}
	c := p.config(t, oauth1.HMACSHA1, oauth1.Header, rec)
	c.Options.Now = late
	if _, err := newFlow(t, c).RequestToken(t.Context(), "oob"); !errors.Is(err, oauth1.TimestampRefused) {
		t.Errorf("error %v", err)
	}
	var told time.Duration
	c.Options.Recover = true
	c.Options.OnClockOffset = func(d time.Duration) { told = d }
	f := newFlow(t, c)
	if _, err := f.RequestToken(t.Context(), "oob"); err != nil {
		t.Fatal(err)
	}
	if f.ClockOffset().Round(time.Hour) != 5*time.Hour || told != f.ClockOffset() {
		t.Errorf("offset %v, told %v", f.ClockOffset(), told)
	}
	before := rec.sent
	if _, err := f.RequestToken(t.Context(), "oob"); err != nil || rec.sent != before+1 {
		t.Errorf("%d attempts with a known offset, %v", rec.sent-before, err)
	}
}

func bodyHash(t *testing.T, p *provider, rec *recorder) {
	for _, method := range methods[:6] {
		c := p.config(t, method, oauth1.Header, rec)
		c.Params.BodyHash = oauth1.BodyHashAuto
		hashed := newFlow(t, c)
		conn, err := hashed.Connect(dance(t, hashed, rec), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []struct{ method, contentType, body string }{{"POST", "application/json", `{"a":1}`}, {"GET", "", ""}, {"POST", media.Form, "a=1"}} {
			v, resp := send(t, conn.Client(), r.method, p.url+"/need_body_hash", r.contentType, r.body)
			if resp.StatusCode != 200 || (v.BodyHash == "") != (r.contentType == media.Form) {
				t.Errorf("%s %s %s: %d, hash %q", method, r.method, r.contentType, resp.StatusCode, v.BodyHash)
			}
		}
	}
}

func xauth(t *testing.T, p *provider, config client.Config) {
	c := config
	c.AccessTokenURL = p.url + "/xauth"
	x := newFlow(t, c)
	g, err := x.XAuth(t.Context(), "alice", "p&w d")
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := g.Answer.Get("screen_name"); name != "alice" || g.SessionHandle == "" || g.Expires.IsZero() {
		t.Errorf("fields lost: %v", g.Answer)
	}
	if _, err := x.XAuth(t.Context(), "alice", "hidden"); !errors.Is(err, oauth1.PermissionDenied) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("error %v", err)
	}
}

func twoLegged(t *testing.T, p *provider, config client.Config) {
	for _, mode := range []oauth1.TokenMode{oauth1.TokenAbsent, oauth1.TokenAuto} {
		params := config.Params
		params.TokenMode = mode
		c := clientFor(t, params, config.Options)
		if v, resp := send(t, c, "POST", p.url+"/two_legged", media.Form, formText); resp.StatusCode != 200 || !v.OK {
			t.Errorf("mode %d: %d", mode, resp.StatusCode)
		}
	}
}

func outOfBand(t *testing.T, f *client.Flow) {
	temporary, err := f.RequestToken(t.Context(), "oob")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(f.AuthorizeURL(temporary))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var shown struct {
		Verifier string `json:"oauth_verifier"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AccessToken(t.Context(), temporary, shown.Verifier); err != nil || !temporary.OutOfBand {
		t.Error(err)
	}
}

func redirects(t *testing.T, p *provider, rec *recorder, conn *client.Connection) {
	for _, transport := range transports {
		c := p.config(t, oauth1.HMACSHA1, transport, rec)
		hop, err := newFlow(t, c).Connect(conn.Grant(), nil)
		if err != nil {
			t.Fatal(err)
		}
		v, resp := send(t, hop.Client(), "GET", p.url+"/redirect", "", "")
		if resp.StatusCode != 200 || !strings.Contains(v.URI, "redirected=1") {
			t.Errorf("%s: %d %s", transport, resp.StatusCode, v.URI)
		}
	}
	if v, resp := send(t, conn.Client(), "POST", p.url+"/redirect", media.Form, "a=1"); resp.StatusCode != 200 || v.Method != "GET" {
		t.Errorf("POST: %d %s", resp.StatusCode, v.Method)
	}
}
