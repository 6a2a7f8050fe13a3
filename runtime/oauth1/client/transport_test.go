package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/uri"
)

var params = oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs-hidden", Token: "tk", TokenSecret: "ts-hidden"}

// TestHopsSignedAfresh follows same-origin redirects of each kind.
func TestHopsSignedAfresh(t *testing.T) {
	for _, transport := range transports {
		p := params
		p.Transport = transport
		s, err := oauth1.NewSigner(p)
		if err != nil {
			t.Fatal(err)
		}
		var nonces []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			verify(t, s.Key(), "http", r.Method+" "+r.RequestURI+" HTTP/1.1", r.Host, r.Header, body)
			if r.Referer() != "" {
				t.Errorf("referer %q", r.Referer())
			}
			place := r.Header.Get("Authorization") + "&" + r.URL.RawQuery + "&" + string(body)
			if n := strings.Count(place, "oauth_nonce="); n != 1 {
				t.Errorf("%d nonces in %s", n, place)
			}
			_, nonce, _ := strings.Cut(place, "oauth_nonce=")
			nonces = append(nonces, strings.Trim(nonce, `"`)[:32])
			switch r.URL.Path {
			case "/307":
				http.Redirect(w, r, "/302?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
			case "/302":
				http.Redirect(w, r, "/end?x=1&"+r.URL.RawQuery, http.StatusFound)
			}
		}))
		c, err := client.NewClient(s, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Post(server.URL+"/307", media.Form, strings.NewReader("a=1"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		server.Close()
		if len(nonces) != 3 || nonces[0] == nonces[1] || nonces[1] == nonces[2] || nonces[0] == nonces[2] {
			t.Errorf("%s: nonces %v", transport, nonces)
		}
	}
}

// answers is a transport that makes up answers.
type answers func(*http.Request) *http.Response

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return f(r), nil
}

func answer(r *http.Request, status int, location, contentType, body string) *http.Response {
	h := http.Header{"Content-Type": {contentType}}
	if location != "" {
		h.Set("Location", location)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r, ProtoMajor: 1, ProtoMinor: 1}
}

// TestOrigins walks redirect chains and asks which hops were signed.
func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		name    string
		chain   []string
		upgrade bool
		want    string
	}{
		{"same origin", []string{"https://a.test/1", "https://a.test/2"}, false, "yes yes"},
		{"default port written", []string{"https://a.test/1", "https://A.test:443/2"}, false, "yes yes"},
		{"other host", []string{"https://a.test/1", "https://b.test/2"}, false, "yes no"},
		{"subdomain", []string{"https://a.test/1", "https://sub.a.test/2"}, false, "yes no"},
		{"other port", []string{"https://a.test/1", "https://a.test:8443/2"}, false, "yes no"},
		{"other scheme", []string{"https://a.test/1", "http://a.test/2"}, false, "yes no"},
		{"there and back", []string{"https://a.test/1", "https://b.test/2", "https://a.test/3"}, false, "yes no no"},
		{"upgrade refused", []string{"http://a.test/1", "https://a.test/2"}, false, "yes no"},
		{"upgrade allowed", []string{"http://a.test/1", "https://a.test/2", "https://a.test/3"}, true, "yes yes yes"},
		{"upgrade with port", []string{"http://a.test:8080/1", "https://a.test/2"}, true, "yes no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, transport := range transports {
				var signed []string
				hop := 0
				base := answers(func(r *http.Request) *http.Response {
					word := "no"
					if r.Header.Get("Authorization") != "" || strings.Contains(r.URL.RawQuery, "oauth_") {
						word = "yes"
					}
					signed = append(signed, word)
					if hop++; hop < len(c.chain) {
						return answer(r, 302, c.chain[hop]+"?"+r.URL.RawQuery, "", "")
					}
					return answer(r, 200, "", "", "")
				})
				p := params
				p.Transport = transport
				httpClient := clientFor(t, p, client.Options{Base: base, UpgradeToHTTPS: c.upgrade})
				resp, err := httpClient.Get(c.chain[0])
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if got := strings.Join(signed, " "); got != c.want {
					t.Errorf("%s: signed %s, want %s", transport, got, c.want)
				}
			}
		})
	}
}

// TestSecretsStayAtTheirOrigin: package net/http would take headers along that it does not know for credentials.
func TestSecretsStayAtTheirOrigin(t *testing.T) {
	var seen []http.Header
	base := answers(func(r *http.Request) *http.Response {
		seen = append(seen, r.Header)
		if r.URL.User != nil {
			t.Error("user information went along")
		}
		if len(seen) > 2 {
			return answer(r, 200, "", "", "")
		}
		return answer(r, 302, []string{"https://a.test/2", "https://user:word@b.test/3"}[len(seen)-1], "", "")
	})
	req, err := http.NewRequest(http.MethodGet, "https://a.test/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"X-Api-Key": "hidden", "Cookie": "hidden", "X-Unknown": "hidden", "Accept": "text/plain", "Range": "bytes=1-"} {
		req.Header.Set(name, value)
	}
	if _, err := clientFor(t, params, client.Options{Base: base}).Do(req); err != nil || len(seen) != 3 {
		t.Fatalf("%v, %d hops", err, len(seen))
	}
	if at := seen[1]; at.Get("X-Api-Key") == "" || at.Get("X-Unknown") == "" || at.Get("Authorization") == "" {
		t.Errorf("at the same origin: %v", at)
	}
	if away := seen[2]; len(away) != 2 || away.Get("Accept") != "text/plain" || away.Get("Range") != "bytes=1-" {
		t.Errorf("at another: %v", away)
	}
}

// failing fails on every hop but the first.
type failing struct{ hops int }

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.hops++; f.hops > 1 {
		return nil, errors.New("no route")
	}
	return answer(r, 302, "/next?"+r.URL.RawQuery, "", ""), nil
}

// TestRedirectErrors: net/http puts the URL of a hop into its error.
func TestRedirectErrors(t *testing.T) {
	p := params
	p.SignatureMethod, p.Transport = oauth1.Plaintext, oauth1.Query
	_, err := clientFor(t, p, client.Options{Base: &failing{}}).Get("https://a.test/?x=1")
	if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), "/next?x=1") {
		t.Errorf("error %v", err)
	}
	loop := answers(func(r *http.Request) *http.Response { return answer(r, 302, "/next", "", "") })
	if _, err := clientFor(t, params, client.Options{Base: loop}).Get("https://a.test/"); err == nil || !strings.Contains(err.Error(), "10 redirects") {
		t.Errorf("error %v", err)
	}
}

func TestRefusals(t *testing.T) {
	base := answers(func(r *http.Request) *http.Response { return answer(r, 200, "", "", "") })
	plain := params
	plain.SignatureMethod = oauth1.Plaintext
	var plaintext *client.PlaintextError
	if _, err := clientFor(t, plain, client.Options{Base: base}).Get("http://a.test/"); !errors.As(err, &plaintext) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("error %v", err)
	}
	if _, err := clientFor(t, plain, client.Options{Base: base}).Get("https://a.test/"); err != nil {
		t.Error(err)
	}
	limited := clientFor(t, params, client.Options{Base: base, Origins: []string{"https://a.test"}})
	var origin *client.OriginError
	if _, err := limited.Get("https://b.test/"); !errors.As(err, &origin) {
		t.Errorf("error %v", err)
	}
	if _, err := limited.Get("https://a.test:443/x"); err != nil {
		t.Error(err)
	}
	var host *uri.Error
	if _, err := limited.Transport.RoundTrip(&http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Host: "a.test", Path: "/"}, Host: "bücher.test", Header: http.Header{}}); !errors.As(err, &host) {
		t.Errorf("error %v", err)
	}
}

// TestRequestUnchanged holds the contract of http.RoundTripper.
func TestRequestUnchanged(t *testing.T) {
	base := answers(func(r *http.Request) *http.Response { return answer(r, 200, "", "", "") })
	p := params
	p.Transport = oauth1.Query
	c := clientFor(t, p, client.Options{Base: base})
	req, err := http.NewRequest("GET", "https://a.test/x?a=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer mine")
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL.RawQuery != "a=1" || req.Header.Get("Authorization") != "Bearer mine" || resp.Request != req {
		t.Errorf("the request was changed: %v %v", req.URL, req.Header)
	}
}

// TestRecovery counts attempts with recovery on and off.
func TestRecovery(t *testing.T) {
	for _, c := range []struct {
		problem string
		recover bool
		want    int
	}{
		{"nonce_used", true, 2}, {"nonce_used", false, 1},
		{"timestamp_refused&oauth_acceptable_timestamps=1000-2000", true, 2}, {"timestamp_refused&oauth_acceptable_timestamps=1000-2000", false, 1},
		{"signature_invalid", true, 1}, {"token_expired", true, 1},
	} {
		attempts, nonces := 0, map[string]bool{}
		base := answers(func(r *http.Request) *http.Response {
			attempts++
			a, err := oauth1.ParseAuthorization(r.Header.Get("Authorization"))
			if err != nil {
				t.Error(err)
			}
			nonce, _ := a.Get("oauth_nonce")
			nonces[nonce] = true
			if ts, _ := a.Get("oauth_timestamp"); attempts == 2 && strings.HasPrefix(c.problem, "timestamp") && ts != "1500" {
				t.Errorf("timestamp %s", ts)
			}
			return answer(r, 401, "", "text/plain", "oauth_problem="+c.problem)
		})
		httpClient := clientFor(t, params, client.Options{Base: base, Recover: c.recover, Now: func() time.Time { return time.Unix(500, 0) }})
		resp, err := httpClient.Post("https://a.test/", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || !strings.HasPrefix(string(body), "oauth_problem=") {
			t.Errorf("the answer cannot be read: %q %v", body, err)
		}
		if attempts != c.want || len(nonces) != c.want {
			t.Errorf("%s, recovery %v: %d attempts, %d nonces, want %d", c.problem, c.recover, attempts, len(nonces), c.want)
		}
		offset := httpClient.Transport.(*client.Transport).ClockOffset()
		if want := strings.HasPrefix(c.problem, "timestamp"); want != (offset == 1000*time.Second) {
			t.Errorf("%s: offset %v", c.problem, offset)
		}
	}
}

func TestNonces(t *testing.T) {
	const each, workers = 200_000 / 8, 8
	all := make([][]string, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			all[i] = make([]string, each)
			for j := range all[i] {
				all[i][j] = client.RandomNonce()
			}
		})
	}
	wg.Wait()
	seen := make(map[string]struct{}, each*workers)
	for _, list := range all {
		for _, n := range list {
			seen[n] = struct{}{}
		}
	}
	if len(seen) != each*workers {
		t.Errorf("%d of %d nonces are unique", len(seen), each*workers)
	}
	if n := client.RandomNonce(); len(n) != 32 || n[12] != '4' || strings.Trim(n, "0123456789abcdef") != "" {
		t.Errorf("nonce %q", n)
	}
}

func TestSharedClient(t *testing.T) {
	base := answers(func(r *http.Request) *http.Response { return answer(r, 200, "", "", "") })
	c := clientFor(t, params, client.Options{Base: base})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			resp, err := c.Post(fmt.Sprintf("https://a.test/%d", i), media.Form, strings.NewReader("a=1"))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
		})
	}
	wg.Wait()
}
