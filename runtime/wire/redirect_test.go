package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// testSigner signs by header, query or body and counts.
type testSigner struct {
	transport string
	hops      []string
}

func (s *testSigner) Sign(out *Outgoing) error {
	s.hops = append(s.hops, fmt.Sprintf("%d %s %s", out.Hop, out.Method, out.URL.Target()))
	pairs := fmt.Sprintf("oauth_nonce=n%d&oauth_signature=s", out.Hop)
	switch {
	case s.transport == "query":
		out.AppendQuery(pairs)
	case s.transport == "body" && !out.BodyDropped:
		out.AppendForm(pairs)
	default:
		out.Header.Set("Authorization", "OAuth "+pairs)
	}
	return nil
}

func (s *testSigner) Strips(name string, leaves bool) bool {
	return (leaves || s.transport == "query") && strings.HasPrefix(name, "oauth_")
}

// redirectServer answers /STATUS?to=URL with that redirect and everything else with a line about the request.
func redirectServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(echoOrRedirect))
	t.Cleanup(s.Close)
	return s
}

func echoOrRedirect(w http.ResponseWriter, r *http.Request) {
	var status int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &status); err == nil {
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
		}
		w.WriteHeader(status)
		return
	}
	body, _ := io.ReadAll(r.Body)
	_, hasLength := r.Header["Content-Length"]
	fmt.Fprintf(w, "%s %s auth=%s cookie=%s type=%s referer=%s body=%s%v", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"),
		r.Header.Get("Cookie"), r.Header.Get("Content-Type"), r.Header.Get("Referer"), body, map[bool]string{true: " length"}[hasLength])
}

func TestRedirectMethodAndBody(t *testing.T) {
	s := redirectServer(t)
	c := localClient(ClientOptions{})
	header := Header{{Name: "Cookie", Value: "own=1"}, {Name: "X-A", Value: "1"}}
	tests := []struct {
		method string
		status int
		want   string
	}{
		{"POST", 301, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"POST", 302, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"PUT", 303, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"POST", 399, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"POST", 300, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"POST", 307, "POST /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type=application/x-www-form-urlencoded referer= body=a=b length"},
		{"PATCH", 308, "PATCH /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type=application/x-www-form-urlencoded referer= body=a=b length"},
		{"GET", 302, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
		{"GET", 307, "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s cookie=own=1 type= referer= body="},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.method, tt.status), func(t *testing.T) {
			r := &Request{Method: tt.method, URL: mustURL(t, fmt.Sprintf("%s/%d?to=/end", s.URL, tt.status), true), Header: header, Body: formBody([]byte("a=b"))}
			signer := &testSigner{}
			res, err := c.Do(context.Background(), r, signer)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, res.Body); diff != "" {
				t.Error(diff)
			}
			if len(signer.hops) != 2 || res.Hops != 1 || res.URL.Path != "/end" {
				t.Errorf("hops %v, response %+v", signer.hops, res)
			}
		})
	}
	t.Run("HEAD stays", func(t *testing.T) {
		signer := &testSigner{}
		_, err := c.Do(context.Background(), &Request{Method: "HEAD", URL: mustURL(t, s.URL+"/302?to=/end", true)}, signer)
		if err != nil || len(signer.hops) != 2 || signer.hops[1] != "1 HEAD /end" {
			t.Errorf("%v, %v", signer.hops, err)
		}
	})
}

func TestRedirectFlags(t *testing.T) {
	s := redirectServer(t)
	c := localClient(ClientOptions{})
	tests := []struct {
		method       string
		get, all     bool // switched off
		status, want int
	}{
		{"GET", true, false, 302, 302}, {"GET", false, true, 302, 200}, {"HEAD", true, false, 302, 302},
		{"POST", false, true, 302, 302}, {"POST", true, false, 307, 200}, {"POST", true, false, 302, 200},
		{"GET", false, false, 304, 304},
	}
	for _, tt := range tests {
		target := "/end"
		if tt.status == 304 {
			target = "" // no Location
		}
		r := &Request{Method: tt.method, URL: mustURL(t, fmt.Sprintf("%s/%d?to=%s", s.URL, tt.status, target), true), KeepRedirect: tt.get, KeepAllRedirect: tt.all}
		res, err := c.Do(context.Background(), r, nil)
		if err != nil || res.Status != tt.want {
			t.Errorf("%+v: %v %v", tt, res, err)
		}
		if err == nil && tt.want == 302 && res.Header.Get("Location") != "/end" {
			t.Errorf("%+v: no location", tt)
		}
	}
}

func TestRedirectOriginChange(t *testing.T) {
	first, second := redirectServer(t), redirectServer(t)
	c := localClient(ClientOptions{})
	header := Header{{Name: "Authorization", Value: "Bearer b"}, {Name: "Cookie", Value: "own=1"}, {Name: "Host", Value: "pretended.test"}}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, transport := range []string{"header", "query", "body"} {
			r := &Request{Method: "POST", Header: header, Body: formBody([]byte("a=b")),
				URL: mustURL(t, fmt.Sprintf("%s/%d?to=%s", first.URL, status, url.QueryEscape(second.URL+"/end?x=1")), true)}
			signer := &testSigner{transport: transport}
			res, err := c.Do(context.Background(), r, signer)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(res.Body, "oauth_") || !strings.Contains(res.Body, "auth= cookie= ") || len(signer.hops) != 1 {
				t.Errorf("%d %s: %s", status, transport, res.Body)
			}
		}
	}
	t.Run("and back", func(t *testing.T) {
		back := second.URL + "/302?to=" + url.QueryEscape(first.URL+"/end")
		r := &Request{URL: mustURL(t, first.URL+"/302?to="+url.QueryEscape(back), true), Header: header}
		signer := &testSigner{}
		res, err := c.Do(context.Background(), r, signer)
		if err != nil || !strings.Contains(res.Body, "auth= cookie= ") || len(signer.hops) != 1 {
			t.Errorf("%v, %v", res, err)
		}
	})
}

func TestRedirectSignedQueryAndBody(t *testing.T) {
	s := redirectServer(t)
	c := localClient(ClientOptions{})
	do := func(status int, to, transport string) string {
		r := &Request{Method: "POST", Body: formBody([]byte("a=b")), URL: mustURL(t, fmt.Sprintf("%s/%d?to=%s", s.URL, status, url.QueryEscape(to)), true)}
		res, err := c.Do(context.Background(), r, &testSigner{transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		return res.Body
	}
	tests := []struct {
		status              int
		to, transport, want string
	}{
		{302, "/end?x=1&oauth_nonce=n0&oauth_signature=s&y", "query", "GET /end?x=1&y&oauth_nonce=n1&oauth_signature=s auth= "},
		{302, "/end?oauth_nonce=n0", "header", "GET /end?oauth_nonce=n0 auth=OAuth oauth_nonce=n1&oauth_signature=s "},
		{302, "/end", "body", "GET /end auth=OAuth oauth_nonce=n1&oauth_signature=s "},
		{307, "/end", "body", "POST /end auth= cookie= type=application/x-www-form-urlencoded referer= body=a=b&oauth_nonce=n1&oauth_signature=s"},
	}
	for _, tt := range tests {
		if got := do(tt.status, tt.to, tt.transport); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

func TestRedirectLimit(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		if n > 0 {
			w.Header().Set("Location", fmt.Sprintf("/%d?oauth_token=tk&q", n-1))
			w.WriteHeader(302)
		}
	}))
	defer s.Close()
	c := localClient(ClientOptions{})
	if res, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/10", true)}, nil); err != nil || res.Hops != 10 {
		t.Errorf("ten hops: %v, %v", res, err)
	}
	var last Response
	err := c.Send(context.Background(), time.Now(), &Request{URL: mustURL(t, s.URL+"/11", true)}, nil, &last)
	if last.Status != 302 || last.Header.Get("Location") != "/0?oauth_token=tk&q" {
		t.Errorf("the answer that leads too far: %+v", last)
	}
	var redirect *RedirectError
	want := s.URL + "/1?oauth_token=tk&q" // whoever shows it masks it
	if !errors.As(err, &redirect) || redirect.Reason != RedirectTooMany || redirect.URL != want || redirect.Status != 302 || strings.Contains(err.Error(), "tk") {
		t.Errorf("eleven hops: %+v", err)
	}
	none := localClient(ClientOptions{MaxRedirects: -1})
	if _, err := none.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/1", true)}, nil); !errors.As(err, &redirect) {
		t.Errorf("no hops: %v", err)
	}
}

func TestRedirectRefused(t *testing.T) {
	s := redirectServer(t)
	c := localClient(ClientOptions{})
	for _, to := range []string{"ftp://h.test/x", "javascript:alert(1)", "http://u:pw@bad host/"} {
		_, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/302?to="+url.QueryEscape(to), true)}, nil)
		var redirect *RedirectError
		if !errors.As(err, &redirect) || redirect.Reason != RedirectInvalid || redirect.URL != to || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{"http://public.test/", "http://169.254.169.254/latest", "https://[fe80::1]/"} {
		_, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/302?to="+url.QueryEscape(to), true)}, nil)
		var conn *ConnectionError
		if !errors.As(err, &conn) || conn.Cause != CausePolicy {
			t.Errorf("%s: %v, want a refusal", to, err)
		}
	}
}

// fakeTransport answers by URL and records what was asked.
type fakeTransport struct {
	locations map[string]string
	seen      []string
}

func (f *fakeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	f.seen = append(f.seen, RequestURL(r)+" "+r.Header.Get("Authorization"))
	res := &http.Response{StatusCode: 200}
	if to := f.locations[RequestURL(r)]; to != "" {
		res.StatusCode, res.Header = 302, http.Header{"Location": {to}}
	}
	return res, nil
}

func TestRedirectUpgradeKeepsSigning(t *testing.T) {
	f := &fakeTransport{locations: map[string]string{
		"http://h.test/a":  "https://h.test/b",
		"https://h.test/b": "https://h.test:8443/c",
	}}
	c := NewClient(ClientOptions{Transport: f, Egress: Egress{AllowHTTP: true}})
	events := &recorder{}
	req := &Request{URL: mustURL(t, "http://h.test/a", true), Observer: events}
	res, err := c.Do(context.Background(), req, &testSigner{})
	if err != nil || res.Status != 200 || req.URL.String() != "http://h.test/a" {
		t.Fatal(res, err, req.URL)
	}
	want := []string{
		"http://h.test/a OAuth oauth_nonce=n0&oauth_signature=s",
		"https://h.test/b OAuth oauth_nonce=n1&oauth_signature=s",
		"https://h.test:8443/c ",
	}
	if diff := cmp.Diff(want, f.seen); diff != "" {
		t.Error(diff)
	}
	wantEvents := []string{
		"sent 0 true", "received 0 302", "redirect 0 http://h.test/a -> https://h.test/b GET false",
		"sent 1 true", "received 1 302", "redirect 1 https://h.test/b -> https://h.test:8443/c GET true",
		"sent 2 false", "received 2 200",
	}
	if diff := cmp.Diff(wantEvents, events.lines); diff != "" {
		t.Error(diff)
	}
}

type recorder struct{ lines []string }

func (r *recorder) HopSent(e HopSent) {
	r.lines = append(r.lines, fmt.Sprintf("sent %d %v", e.Hop, e.Signed))
}

func (r *recorder) ResponseReceived(e ResponseReceived) {
	r.lines = append(r.lines, fmt.Sprintf("received %d %d", e.Hop, e.Status))
}

func (r *recorder) RedirectFollowed(e RedirectFollowed) {
	r.lines = append(r.lines, fmt.Sprintf("redirect %d %s -> %s %s %v", e.Hop, e.From, e.To, e.Method, e.OriginChanged))
	*e.From, *e.To = uri.URL{}, uri.URL{} // which changes nothing
}

func TestSignerError(t *testing.T) {
	want := errors.New("no key")
	c := NewClient(ClientOptions{Transport: &fakeTransport{}})
	_, err := c.Do(context.Background(), &Request{URL: mustURL(t, "https://h.test/", true)}, failingSigner{want})
	if !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

type failingSigner struct{ err error }

func (s failingSigner) Sign(*Outgoing) error   { return s.err }
func (failingSigner) Strips(string, bool) bool { return false }
