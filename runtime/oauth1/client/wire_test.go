package client_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// verify recomputes the signature of a raw request as a provider would, from the bytes on the wire alone.
func verify(t *testing.T, key *oauth1.Key, scheme, requestLine, host string, header http.Header, body []byte) {
	t.Helper()
	parts := strings.Split(requestLine, " ")
	if len(parts) != 3 {
		t.Fatalf("request line %q", requestLine)
	}
	target := parts[1]
	if i := strings.Index(target, "://"); i >= 0 {
		target = target[i+3:]
		target = target[strings.IndexByte(target, '/'):]
	}
	req := &oauth1.Request{Method: parts[0], URL: scheme + "://" + host + target, ContentType: header.Get("Content-Type"), Body: body}
	a, err := oauth1.ParseAuthorization(header.Get("Authorization"))
	protocol := a.Params
	signature, _ := a.Get("oauth_signature")
	if err != nil {
		protocol = nil
		_, query, _ := strings.Cut(target, "?")
		for _, p := range append(uri.SplitPairs(query), uri.SplitPairs(string(body))...) {
			if p.Name == "oauth_signature" {
				signature = p.Value
			}
		}
	}
	trace, err := oauth1.Derive(req, protocol, key)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Signature != signature {
		t.Errorf("%s: the signature does not fit the wire\nbase string %s", requestLine, trace.BaseString)
	}
}

// rawServer answers each request on a socket with 200 and hands on its bytes.
func rawServer(t *testing.T) (string, chan *rawRequest) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requests := make(chan *rawRequest, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveRaw(c, requests)
		}
	}()
	return l.Addr().String(), requests
}

type rawRequest struct {
	line, host string
	header     http.Header
	body       []byte
}

func serveRaw(c net.Conn, requests chan *rawRequest) {
	defer c.Close()
	var copied bytes.Buffer
	r := bufio.NewReader(io.TeeReader(c, &copied))
	req, err := http.ReadRequest(r)
	if err != nil {
		return
	}
	body, _ := io.ReadAll(req.Body)
	line, _, _ := strings.Cut(copied.String(), "\r\n")
	host := ""
	for _, l := range strings.Split(copied.String(), "\r\n") {
		if name, value, ok := strings.Cut(l, ": "); ok && name == "Host" {
			host = value
		}
	}
	requests <- &rawRequest{line, host, req.Header, body}
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

// TestWire compares what is signed with what a raw socket receives.
func TestWire(t *testing.T) {
	addr, requests := rawServer(t)
	for _, transport := range transports {
		p := params
		p.Transport = transport
		s, err := oauth1.NewSigner(p)
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.NewClient(s, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []struct {
			method, path, host, contentType, body string
		}{
			{"GET", "", "", "", ""},
			{"GET", "?a=1", "", "", ""},
			{"GET", "/caf%c3%a9/a%2Fb/../c//~x?q=a+b%2B&q=%zz;[x]\"&e", "", "", ""},
			{"GET", "/é b?ü=1 2", "", "", ""},
			{"GET", "/x?q=*'()!", "Virtual.Example:80", "", ""},
			{"POST", "/x?a=1", "virtual.example:8080", media.Form + ";charset=utf-8", "a=0&b=%FF+"},
			{"PUT", "/x", "", "application/json", `{"a":1}`},
			{"POST", "/x", "", "", ""},
			{"PROPFIND", "/x", "", "", ""},
		} {
			req, err := http.NewRequest(r.method, "http://"+addr+r.path, strings.NewReader(r.body))
			if err != nil {
				// net/url refuses some queries and paths; set them raw.
				t.Fatal(err)
			}
			req.Host = r.host
			if r.contentType != "" {
				req.Header.Set("Content-Type", r.contentType)
			}
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := <-requests
			verify(t, s.Key(), "http", got.line, got.host, got.header, got.body)
			if !strings.HasPrefix(string(got.body), r.body) {
				t.Errorf("body %q", got.body)
			}
		}
	}
	// An opaque URL goes out as it is.
	s, err := oauth1.NewSigner(params)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClient(s, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	req := &http.Request{Method: "GET", Header: http.Header{}, URL: &url.URL{Scheme: "http", Host: addr, Opaque: "//" + addr + "/a%2fb{}", RawQuery: "x=1"}}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	got := <-requests
	verify(t, s.Key(), "http", got.line, got.host, got.header, got.body)
}

// TestStreams passes a body on without reading it where no rule needs it, and reads it where one does.
func TestStreams(t *testing.T) {
	addr, requests := rawServer(t)
	hashed := params
	hashed.BodyHash = oauth1.BodyHashAuto
	for _, c := range []struct {
		name, contentType string
		params            oauth1.Params
		signed            bool
	}{
		{"stream", "application/octet-stream", params, false},
		{"hash", "application/octet-stream", hashed, true},
		{"form", media.Form, params, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, w := io.Pipe()
			go func() { io.WriteString(w, "a=1&b=2"); w.Close() }()
			req, err := http.NewRequest("POST", "http://"+addr+"/x", r)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.contentType)
			s, err := oauth1.NewSigner(c.params)
			if err != nil {
				t.Fatal(err)
			}
			httpClient, err := client.NewClient(s, client.Options{})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := httpClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := <-requests
			if string(got.body) != "a=1&b=2" {
				t.Errorf("body %q", got.body)
			}
			verify(t, s.Key(), "http", got.line, got.host, got.header, got.body)
			if known := got.header.Get("Content-Length") != ""; known != c.signed {
				t.Errorf("length known: %v, want %v", known, c.signed)
			}
			hash := uri.Encode("" + mustHash(t, got.body))
			if c.name == "hash" && !strings.Contains(got.header.Get("Authorization"), hash) {
				t.Error("no body hash")
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		s, err := oauth1.NewSigner(hashed)
		if err != nil {
			t.Fatal(err)
		}
		httpClient, err := client.NewClient(s, client.Options{MaxBody: 3})
		if err != nil {
			t.Fatal(err)
		}
		var large *client.BodyTooLargeError
		if _, err := httpClient.Post("http://"+addr, "text/plain", strings.NewReader("1234")); !errors.As(err, &large) || large.Limit != 3 {
			t.Errorf("error %v", err)
		}
	})
}

func mustHash(t *testing.T, body []byte) string {
	h, err := oauth1.BodyHash("sha1", body)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
