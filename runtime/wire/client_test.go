package wire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// rawServer answers every connection with one fixed response and records the exact bytes of the request.
func rawServer(t *testing.T, response string) (address string, requests <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	seen := make(chan string, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
				var head bytes.Buffer
				r := bufio.NewReader(conn)
				length := 0
				for {
					line, err := r.ReadString('\n')
					head.WriteString(line)
					if err != nil || line == "\r\n" {
						break
					}
					_, _ = fmt.Sscanf(line, "Content-Length: %d", &length)
				}
				_, _ = io.CopyN(&head, r, int64(length))
				seen <- head.String()
				_, _ = io.WriteString(conn, response)
			}()
		}
	}()
	return l.Addr().String(), seen
}

func localClient(o ClientOptions) *Client {
	o.Egress.AllowPrivate = true
	return NewClient(o)
}

func mustURL(t testing.TB, raw string, encode bool) uri.URL {
	t.Helper()
	u, err := uri.Parse(raw, encode)
	if err != nil {
		t.Fatal(err)
	}
	return *u
}

func formBody(pairs []byte) Body {
	return Body{Content: pairs, Present: true, ContentType: media.Form, Pairs: true}
}

func jsonBody(text string) Body {
	return Body{Content: []byte(text), Present: true, ContentType: "application/json"}
}

const okEmpty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

func TestExactBytes(t *testing.T) {
	address, seen := rawServer(t, okEmpty)
	tests := []struct {
		name, target string
		encode       bool
		r            Request
		want         string // $H is the address
	}{
		{"get", "/v1/me?a=%2f+b", true, Request{}, "GET /v1/me?a=%2f+b HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"encoded", "/a b/é%2F", true, Request{}, "GET /a%20b/%C3%A9%252F HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"every byte", "/;,:@&=+$-_.!~*'()\"<>[]\\^`{|}%zz%2f", false, Request{},
			"GET /;,:@&=+$-_.!~*'()\"<>[]\\^`{|}%zz%2f HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"lower escapes", "/a%c3%a9/%41/..//./x", false, Request{}, "GET /a%c3%a9/%41/..//./x HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"two slashes", "//a%2fb//", false, Request{}, "GET //a%2fb// HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"two slashes and a brace", "//a{b", false, Request{}, "GET http://$H//a{b HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"star", "/*", true, Request{}, "GET /* HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"colon", "/a:b/c:d", true, Request{}, "GET /a:b/c:d HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"post without body", "/", true, Request{Method: "post"}, "POST / HTTP/1.1\r\nHost: $H\r\nContent-Length: 0\r\n\r\n"},
		{"put without body", "/", true, Request{Method: "PUT"}, "PUT / HTTP/1.1\r\nHost: $H\r\nContent-Length: 0\r\n\r\n"},
		{"patch without body", "/", true, Request{Method: "PATCH"}, "PATCH / HTTP/1.1\r\nHost: $H\r\nContent-Length: 0\r\n\r\n"},
		{"delete without body", "/", true, Request{Method: "DELETE"}, "DELETE / HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"form without pairs", "/", true, Request{Method: "DELETE", Body: formBody(nil)},
			"DELETE / HTTP/1.1\r\nHost: $H\r\nContent-Length: 0\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"},
		{"json", "/", true, Request{Method: "POST", Body: jsonBody(`{"a":1}`)},
			"POST / HTTP/1.1\r\nHost: $H\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n{\"a\":1}"},
		{"own content type", "/", true, Request{Method: "POST", Header: Header{{Name: "Content-Type", Value: "text/x"}}, Body: jsonBody(`{}`)},
			"POST / HTTP/1.1\r\nHost: $H\r\nContent-Length: 2\r\nContent-Type: text/x\r\n\r\n{}"},
		{"body ignored for get", "/", true, Request{Body: jsonBody(`{}`)}, "GET / HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"body ignored for head", "/", true, Request{Method: "HEAD", Body: jsonBody(`{}`)}, "HEAD / HTTP/1.1\r\nHost: $H\r\n\r\n"},
		{"gzip", "/", true, Request{Gzip: true}, "GET / HTTP/1.1\r\nHost: $H\r\nAccept-Encoding: gzip, deflate\r\n\r\n"},
		{"own accept encoding", "/", true, Request{Gzip: true, Header: Header{{Name: "Accept-Encoding", Value: "br"}}},
			"GET / HTTP/1.1\r\nHost: $H\r\nAccept-Encoding: br\r\n\r\n"},
		{"headers", "/", true, Request{Header: Header{{Name: "X-Api-Key", Value: "a"}, {Name: "X-Api-Key", Value: "b"}, {Name: "User-Agent", Value: "me"}, {Name: "Host", Value: "other.test"}}},
			"GET / HTTP/1.1\r\nHost: other.test\r\nUser-Agent: me\r\nX-Api-Key: a\r\nX-Api-Key: b\r\n\r\n"},
		{"odd method", "/", true, Request{Method: "x-odd!", Body: formBody([]byte("a=b"))},
			"X-ODD! / HTTP/1.1\r\nHost: $H\r\nContent-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=b"},
		{"user information", "@", true, Request{}, "GET / HTTP/1.1\r\nHost: $H\r\nAuthorization: Basic dTpw\r\n\r\n"},
		{"user information beside authorization", "@", true, Request{Header: Header{{Name: "Authorization", Value: "Bearer x"}}},
			"GET / HTTP/1.1\r\nHost: $H\r\nAuthorization: Bearer x\r\n\r\n"},
	}
	c := localClient(ClientOptions{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := "http://" + address + tt.target
			if tt.target == "@" {
				raw = "http://u:p@" + address
			}
			tt.r.URL = mustURL(t, raw, tt.encode)
			if _, err := c.Do(context.Background(), &tt.r, nil); err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(tt.want, "$H", address)
			if diff := cmp.Diff(want, <-seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUserAgentOption(t *testing.T) {
	address, seen := rawServer(t, okEmpty)
	c := localClient(ClientOptions{UserAgent: "imlc/1"})
	if _, err := c.Do(context.Background(), &Request{URL: mustURL(t, "http://"+address, true)}, nil); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; !strings.Contains(got, "\r\nUser-Agent: imlc/1\r\n") {
		t.Error(got)
	}
}

func TestRequestURL(t *testing.T) {
	for _, target := range []string{"https://h.test/a{b%zz?x=%2f", "https://h.test:81//a{", "https://h.test/plain", "https://h.test//x"} {
		u := mustURL(t, target, false)
		r := newHTTPRequest(context.Background(), &Outgoing{Method: "GET", URL: u})
		if got := RequestURL(r); got != target {
			t.Errorf("RequestURL = %s, want %s", got, target)
		}
	}
}

func TestCompression(t *testing.T) {
	pack := func(f func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := f(&b)
		_, _ = io.WriteString(w, strings.Repeat("hello ", 100))
		w.Close()
		return b.Bytes()
	}
	zipped := pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zlibbed := pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	bare := pack(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 6); return f })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		coding, body := strings.TrimPrefix(r.URL.Path, "/"), zipped
		switch coding {
		case "deflate":
			body = zlibbed
		case "bare":
			coding, body = "deflate", bare
		case "damaged":
			coding, body = "gzip", []byte("no gzip at all")
		case "cut":
			coding, body = "gzip", zipped[:len(zipped)-9]
		case "empty":
			coding, body = "gzip", nil
		}
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(body)
	}))
	defer s.Close()
	c := localClient(ClientOptions{})
	plain := strings.Repeat("hello ", 100)
	tests := []struct {
		path string
		gzip bool
		want string
		fail bool
	}{
		{"gzip", true, plain, false}, {"GZIP", true, plain, false}, {"deflate", true, plain, false}, {"bare", true, plain, false},
		{"gzip", false, string(zipped), false}, {"br", true, string(zipped), false}, {"identity, gzip", true, plain, false},
		{"empty", true, "", false}, {"damaged", true, "", true}, {"cut", true, "", true},
	}
	for _, tt := range tests {
		res, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/"+tt.path, false), Gzip: tt.gzip}, nil)
		var parse *ParseError
		switch {
		case tt.fail:
			if !errors.As(err, &parse) {
				t.Errorf("%s: %v, want a ParseError", tt.path, err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.path, err)
		case res.Body != tt.want:
			t.Errorf("%s: %d bytes", tt.path, len(res.Body))
		}
	}
	t.Run("transport of the host", func(t *testing.T) {
		c := localClient(ClientOptions{Transport: &http.Transport{}})
		res, err := c.Do(context.Background(), &Request{URL: mustURL(t, s.URL+"/gzip", false)}, nil)
		if err != nil || res.Body != string(zipped) {
			t.Errorf("the transport decoded by itself: %v", err)
		}
	})
}

func TestBodyLimit(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/zip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<20))
			z.Close()
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		default:
			_, _ = w.Write(make([]byte, 1001))
		}
	}))
	defer s.Close()
	c := localClient(ClientOptions{MaxBody: 1000})
	for path, fails := range map[string]bool{"/zip": true, "/exact": false, "/over": true} {
		var res Response
		err := c.Send(context.Background(), time.Now(), &Request{URL: mustURL(t, s.URL+path, false), Gzip: true}, nil, &res)
		var reached *limit.Error
		if errors.As(err, &reached) != fails || res.Status != 200 {
			t.Errorf("%s: %v, status %d", path, err, res.Status)
		}
		if fails && *reached != (limit.Error{Name: "response body", Limit: 1000, Code: limit.CodeResponseBody}) {
			t.Errorf("%s: %+v", path, reached)
		}
	}
}

func TestConnectionErrors(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			<-hang
		case "/slow":
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-hang
		case "/reset":
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
		case "/loop":
			time.Sleep(15 * time.Millisecond)
			w.Header().Set("Location", "/loop")
			w.WriteHeader(302)
		}
	}))
	defer s.Close()
	defer close(hang)
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	closed.Close()
	noHTTP, _ := rawServer(t, "hello\r\n\r\n")
	c := localClient(ClientOptions{})
	tests := []struct {
		name, url string
		timeout   int
		want      Cause
	}{
		{"refused", "http://" + closed.Addr().String(), 0, CauseConnect},
		{"no such name", "https://no-such-host.invalid/", 0, CauseDNS},
		{"timeout", s.URL + "/hang", 40, CauseTimeout},
		{"timeout in the body", s.URL + "/slow", 40, CauseTimeout},
		{"timeout covers redirects", s.URL + "/loop", 60, CauseTimeout},
		{"reset", s.URL + "/reset", 0, CauseReset},
		{"cut body", s.URL + "/cut", 0, CauseReset},
		{"no http", "http://" + noHTTP, 0, CauseReset},
		{"no tls", "https://" + strings.TrimPrefix(s.URL, "http://"), 0, CauseTLS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Do(context.Background(), &Request{URL: mustURL(t, tt.url, true), TimeoutMillis: tt.timeout}, nil)
			var conn *ConnectionError
			if !errors.As(err, &conn) || conn.Cause != tt.want {
				t.Errorf("got %v, want cause %s", err, tt.want)
			}
		})
	}
	t.Run("caller", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := c.Do(ctx, &Request{URL: mustURL(t, s.URL+"/hang", true)}, nil)
		var conn *ConnectionError
		if errors.As(err, &conn) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the caller's own deadline", err)
		}
	})
}

func TestConfigErrorsOfDo(t *testing.T) {
	c := NewClient(ClientOptions{})
	u := mustURL(t, "https://h.test/", true)
	for _, r := range []*Request{{URL: u, Method: "A B"}, {URL: u, Method: "é"}, {URL: u, Method: "connect"}, {URL: u, InsecureTLS: true}, {URL: u, CA: "no pem"},
		{URL: u, CA: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
		{URL: u, CA: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
		{URL: u, CA: "-----BEGIN CERTIFICATE-----\n"}} {
		_, err := c.Do(context.Background(), r, nil)
		var config *ConfigError
		if !errors.As(err, &config) {
			t.Errorf("%+v: %v, want a ConfigError", r, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{"5": 5 * time.Second, "0": 0, "Fri, 02 Jan 2026 03:05:05 GMT": time.Minute,
		"Thu, 01 Jan 2026 00:00:00 GMT": 0, "99999999999999": 30 * 24 * time.Hour, "9223372036854775808": 30 * 24 * time.Hour, "99999999999999999999": 30 * 24 * time.Hour,
		"": -1, "x": -1, "-3": -1} {
		got, ok := (&Response{Header: http.Header{"Retry-After": {text}}}).RetryAfter(now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("Retry-After %q: %v, want %v", text, got, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	defer s.Close()
	c := localClient(ClientOptions{})
	u := mustURL(t, s.URL+"/x", true)
	var group sync.WaitGroup
	for i := range 16 {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range 20 {
				text := fmt.Sprintf("%d-%d", i, j)
				res, err := c.Do(context.Background(), &Request{Method: "POST", URL: u, Body: jsonBody(text)}, nil)
				if err != nil || res.Body != text {
					t.Errorf("got %v, %v", res, err)
					return
				}
			}
		}()
	}
	group.Wait()
}

// What an exchange held is not kept with its memory.
func TestReleasedExchangesHoldNothing(t *testing.T) {
	x := &exchange{header: Header{{Name: "Cookie", Value: "secret"}}, out: Outgoing{Header: Header{{Name: "Authorization", Value: "secret"}}}}
	kept := [][]Field{x.header, x.out.Header}
	x.release()
	for _, fields := range kept {
		if !slices.Equal(fields, []Field{{}}) {
			t.Errorf("kept: %v", fields)
		}
	}
}
