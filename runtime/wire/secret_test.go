package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// holder holds one secret.
type holder string

func (h holder) Holds(text string) bool { return strings.Contains(text, string(h)) }

// TestSecretsStayAtTheirOrigin sends a request with a secret in every place through every kind of redirect to another
// origin, and looks at all that arrives there.
func TestSecretsStayAtTheirOrigin(t *testing.T) {
	const secret = "hunter2secret"
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %v %s", r.Method, r.RequestURI, r.Header, body)
	}))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		http.Redirect(w, r, other.URL+"/end?x=1&"+r.URL.RawQuery, status) // some servers repeat what they were sent
	}))
	defer first.Close()
	c := localClient(ClientOptions{})
	holds := holder(secret)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, r := range map[string]Request{
			"marked header":    {Header: Header{{Name: "X-Api-Key", Value: secret, Secret: true}, {Name: "X-A", Value: "1"}}},
			"known header":     {Header: Header{{Name: "X-Api-Key", Value: secret}, {Name: "X-A", Value: "1"}}, Secret: holds},
			"credentials":      {Header: Header{{Name: "Authorization", Value: secret}, {Name: "Cookie", Value: secret}, {Name: "Proxy-Authorization", Value: secret}, {Name: "Referer", Value: secret}, {Name: "X-A", Value: "1"}}},
			"query":            {Header: Header{{Name: "X-A", Value: "1"}}, URL: uri.URL{Query: "key=" + secret + "&y=2"}, Secret: holds},
			"marked body":      {Method: "POST", Body: Body{Content: []byte("p=" + secret), Present: true, Secret: true}, Header: Header{{Name: "X-A", Value: "1"}}},
			"known body":       {Method: "PUT", Body: formBody([]byte("p=" + secret)), Secret: holds, Header: Header{{Name: "X-A", Value: "1"}}},
			"harmless body":    {Method: "POST", Body: formBody([]byte("p=1")), Secret: holds, Header: Header{{Name: "X-A", Value: "1"}}},
			"user information": {URL: uri.URL{User: "u:" + secret}, Header: Header{{Name: "X-A", Value: "1"}}},
		} {
			u := mustURL(t, fmt.Sprintf("%s/%d", first.URL, status), true)
			u.Query, u.User = r.URL.Query, r.URL.User
			r.URL = u
			res, err := c.Do(context.Background(), &r, nil)
			if refused := strings.HasSuffix(name, "body") && name != "harmless body" && status >= 307; refused {
				var redirect *RedirectError
				if !errors.As(err, &redirect) || redirect.Reason != RedirectSecret || redirect.Status != status {
					t.Errorf("%d, %s: %v", status, name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%d, %s: %v", status, name, err)
				continue
			}
			if strings.Contains(res.Body, secret) || !strings.Contains(res.Body, "X-A:[1]") || !strings.Contains(res.Body, "/end?x=1") {
				t.Errorf("%d, %s: %s", status, name, res.Body)
			}
			if name == "harmless body" && status >= 307 && !strings.Contains(res.Body, "p=1") {
				t.Errorf("%d: the body is lost: %s", status, res.Body)
			}
			if name == "query" && !strings.Contains(res.Body, "y=2") {
				t.Errorf("%d: what is no secret is lost: %s", status, res.Body)
			}
		}
	}
	same := localClient(ClientOptions{})
	r := &Request{URL: mustURL(t, redirectServer(t).URL+"/307?to="+url.QueryEscape("/end"), true), Method: "POST",
		Header: Header{{Name: "Authorization", Value: secret, Secret: true}}, Body: Body{Content: []byte(secret), Present: true, Secret: true}}
	if res, err := same.Do(context.Background(), r, nil); err != nil || strings.Count(res.Body, secret) != 2 {
		t.Errorf("the same origin lost something: %v %v", res, err)
	}
}

func gzipped(data []byte, times int) []byte {
	for range times {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(data)
		_ = z.Close()
		data = b.Bytes()
	}
	return data
}

// TestLayers: two content codings are undone, a third ends the request before it is; and no layer gives more than a
// body may have, also when the next one makes little of it.
func TestLayers(t *testing.T) {
	empty := append([]byte{0x78, 0x9c}, bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 1<<18)...) // a megabyte of nothing in zlib format
	bodies := map[string][]byte{"1": gzipped([]byte("hi"), 1), "2": gzipped([]byte("hi"), 2), "3": gzipped([]byte("hi"), 3), "nothing": gzipped(empty, 1)}
	codings := map[string]string{"1": " GZIP ", "2": "gzip,, identity,x-gzip", "3": "gzip, gzip, gzip", "nothing": "deflate, gzip", "many": strings.Repeat("deflate,", 10_000) + "deflate"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		w.Header().Set("Content-Encoding", codings[name])
		_, _ = w.Write(append(bodies[name], " "...)[:max(1, len(bodies[name]))])
	}))
	defer s.Close()
	c := localClient(ClientOptions{MaxBody: 1 << 16})
	for name, want := range map[string]string{"1": "", "2": "", "3": limit.CodeDecompression, "nothing": limit.CodeResponseBody} {
		res, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/"+name, true), Gzip: true}, nil)
		var reached *limit.Error
		if want == "" && (err != nil || res.Body != "hi") || want != "" && (!errors.As(err, &reached) || reached.Code != want) {
			t.Errorf("%s: %v %v, want %q", name, res, err, want)
		}
	}
	_, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/many", true), Gzip: true}, nil)
	if err == nil {
		t.Error("ten thousand layers are undone")
	}
}

// TestHeadersAreCounted also with a transport of the host, which may have no limit of its own.
func TestHeadersAreCounted(t *testing.T) {
	line := strings.Repeat("x", 1000)
	for lines, fails := range map[int]bool{1000: false, 1100: true} {
		transport := funcTransport(func(*http.Request) (*http.Response, error) {
			h := http.Header{}
			for range lines {
				h.Add("X-A", line)
			}
			return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody}, nil
		})
		_, err := NewClient(ClientOptions{Transport: transport}).Do(context.Background(), &Request{URL: mustURL(t, "https://h.test/", true)}, nil)
		var reached *limit.Error
		if errors.As(err, &reached) != fails || fails && reached.Code != limit.CodeResponseHeaders {
			t.Errorf("%d lines: %v", lines, err)
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 3000 {
			w.Header().Set(fmt.Sprint("X-", i), line)
		}
	}))
	defer s.Close()
	_, err := localClient(ClientOptions{}).Do(context.Background(), &Request{URL: mustURL(t, s.URL, true)}, nil)
	var reached *limit.Error
	if !errors.As(err, &reached) || reached.Code != limit.CodeResponseHeaders {
		t.Errorf("own transport: %v", err)
	}
}

// TestDenyHostsKnowSpellings: one host has many spellings.
func TestDenyHostsKnowSpellings(t *testing.T) {
	for _, c := range []struct {
		deny, url string
		denied    bool
	}{
		{"10.0.0.5", "https://[::ffff:10.0.0.5]/", true},
		{"10.0.0.5", "https://[::ffff:a00:5]/", true},
		{"10.0.0.5", "https://10.0.0.5./", true},
		{"10.0.0.5", "https://10.0.0.6/", false},
		{"[::1]", "https://[0:0:0:0:0:0:0:1]/", true},
		{"[0:0::1]:8443", "https://[::1]:8443/", true},
		{"[::1]:8443", "https://[::1]/", false},
		{"[::ffff:127.0.0.1]", "https://127.0.0.1/", true},
		{"bücher.test", "https://xn--bcher-kva.test/", true},
		{"Bücher.TEST.", "https://bücher.test/", true},
		{"*.bücher.test", "https://a.xn--bcher-kva.test/", true},
		{"*.bücher.test", "https://xn--bcher-kva.test/", false},
		{"h.test:443", "https://h.test/", true},
	} {
		e := Egress{AllowPrivate: true, DenyHosts: []string{c.deny}}
		u := mustURL(t, c.url, true)
		if err := e.CheckURL(&u); (err != nil) != c.denied {
			t.Errorf("%s denied, %s: %v", c.deny, c.url, err)
		}
		e = Egress{AllowPrivate: true, Hosts: []string{c.deny}}
		if err := e.CheckURL(&u); (err == nil) != c.denied {
			t.Errorf("%s allowed, %s: %v", c.deny, c.url, err)
		}
	}
	azure := mustURL(t, "https://168.63.129.16/", true)
	for _, e := range []Egress{{}, {AllowPrivate: true}} {
		if e.CheckURL(&azure) == nil {
			t.Error("the metadata service of Azure counts as public")
		}
	}
}

// TestLongCA: what a spec computes as its authority is bounded, and not kept as a text.
func TestLongCA(t *testing.T) {
	var config *ConfigError
	if _, err := ParseCA(strings.Repeat("x", maxCA+1), false); !errors.As(err, &config) || config.Field != SettingCA {
		t.Errorf("error %v", err)
	}
}

// TestManyCAs: of authorities that a spec computes a client keeps few transports, and none of their texts.
func TestManyCAs(t *testing.T) {
	c := localClient(ClientOptions{})
	defer c.CloseIdleConnections()
	server := httptest.NewTLSServer(http.HandlerFunc(echoOrRedirect))
	defer server.Close()
	pemText := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	junk := strings.Repeat("#", maxCA/2)
	before := liveHeap()
	for i := range 3 * maxTLSTransports {
		r := &Request{URL: mustURL(t, server.URL, true), CA: pemText + strconv.Itoa(i) + junk}
		if _, err := c.Do(context.Background(), r, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(c.byTLS); n > maxTLSTransports {
			t.Fatalf("%d transports are kept, at most %d may be", n, maxTLSTransports)
		}
	}
	if grown := int64(liveHeap()) - int64(before); grown > 8<<20 { // the texts alone are 48 MiB
		t.Errorf("%d authorities of %d KiB hold %d KiB", 3*maxTLSTransports, maxCA>>11, grown>>10)
	}
	runtime.KeepAlive(c)
}

// liveHeap returns the bytes that are reachable.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestHostileLocation: a Location of a megabyte of authorities once took minutes in a message.
func TestHostileLocation(t *testing.T) {
	location := "/" + strings.Repeat("//u@", 1<<17)
	transport := funcTransport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {location}}, Body: http.NoBody}, nil
	})
	began := time.Now()
	_, err := NewClient(ClientOptions{Transport: transport}).Do(context.Background(), &Request{URL: mustURL(t, "https://h.test/", true)}, nil)
	if took := time.Since(began); err == nil || took > 2*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}
