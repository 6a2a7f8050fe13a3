package broker_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestBodiesAreNotRequests sends bodies that the broker does not read to their end and that hold requests: behind the
// answer nothing may come of them, or who shares a connection, as callers behind a gateway do, would send requests of
// others' (RFC 9112 §11.2).
func TestBodiesAreNotRequests(t *testing.T) {
	w := start(t)
	id := w.behind(func(rw http.ResponseWriter, r *http.Request) { rw.WriteHeader(http.StatusTeapot) }) // without a look at the body
	inner := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	rest := strings.Repeat(inner, 2<<20/len(inner))
	chunk := func(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }
	full := strings.Repeat(" ", 2<<20)
	for _, c := range []struct {
		what, method, path, header string
		body                       []string
	}{
		{"a long body of a length", "PUT", "/v1/specs/a", fmt.Sprintf("Content-Length: %d", len(full)+len(rest)), []string{full, rest}},
		{"a long body in chunks", "PUT", "/v1/specs/a", "Transfer-Encoding: chunked", []string{chunk(full), chunk(rest), rest}},
		{"a long body in chunks that ends", "PUT", "/v1/specs/a", "Transfer-Encoding: chunked", []string{chunk(full), chunk(rest), "0\r\n\r\n"}},
		{"a body that nobody asked for", "GET", "/v1/specs", fmt.Sprintf("Content-Length: %d", len(rest)), []string{rest}},
		{"a proxied body of a length", "POST", "/v1/connections/" + id + "/proxy/x", fmt.Sprintf("Content-Length: %d", len(rest)), []string{rest}},
		{"a proxied body in chunks", "POST", "/v1/connections/" + id + "/proxy/x", "Transfer-Encoding: chunked", []string{chunk(rest), rest}},
		{"a long form of a page", "POST", "/connect", fmt.Sprintf("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d", len(rest)), []string{rest}},
		{"a long form of a page in chunks", "POST", "/connect", "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked", []string{chunk("a=" + full), chunk(rest), rest}},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", c.method, c.path, strings.TrimPrefix(w.url, "http://"), w.key, c.header)
			for _, part := range c.body {
				if _, err := io.WriteString(conn, part); err != nil {
					return // it is closed, as it should
				}
			}
		}()
		_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
		in := bufio.NewReader(conn)
		req, _ := http.NewRequest(c.method, w.url, nil)
		res, err := http.ReadResponse(in, req)
		if err != nil {
			t.Errorf("%s: no answer: %v", c.what, err)
			conn.Close()
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		if next, err := http.ReadResponse(in, req); err == nil {
			t.Errorf("%s: the answer %d was followed by another: %s", c.what, res.StatusCode, next.Status)
		}
		conn.Close()
	}
}
