package wire_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// dropper is a server that answers the first request of each connection and drops the second one unanswered.
type dropper struct {
	mu   sync.Mutex
	seen []string // method, nonce and framing of every request that arrived
}

func (d *dropper) serve(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.talk(c)
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func (d *dropper) talk(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for n := 1; n <= 2; n++ {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(req.Body)
		d.mu.Lock()
		d.seen = append(d.seen, fmt.Sprintf("%s %s %d%s%s", req.Method, req.Header.Get("Authorization"), req.ContentLength, strings.Join(req.TransferEncoding, ","), string(body)))
		d.mu.Unlock()
		if n == 1 {
			fmt.Fprint(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}
}

// numbered signs with the number of the signature.
type numbered struct{ n int }

func (s *numbered) Sign(out *wire.Outgoing) error {
	s.n++
	out.Header.Set("Authorization", fmt.Sprint(s.n))
	return nil
}

func (*numbered) Strips(string, bool) bool { return false }

// What arrives twice was signed twice: net/http must not send a signed request once more by itself, and a server that
// drops a connection while a safe request is under way must not fail it.
func TestSignedRequestsAreNotReplayed(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		body   string
		header wire.Header
		stream bool // the body cannot be had again
		fails  bool
		want   []string
	}{
		"get":      {method: "GET", want: []string{"GET 2 0", "GET 3 0"}},
		"head":     {method: "HEAD", want: []string{"HEAD 2 0", "HEAD 3 0"}},
		"post":     {method: "POST", body: "a=1", fails: true, want: []string{"POST 2 3a=1"}},
		"delete":   {method: "DELETE", fails: true, want: []string{"DELETE 2 0"}},
		"a stream": {method: "OPTIONS", body: "a=1", stream: true, fails: true, want: []string{"OPTIONS 2 3a=1"}},
		"a key that asks for it": {method: "POST", body: "a=1", header: wire.Header{{Name: "Idempotency-Key", Value: "k"}}, fails: true,
			want: []string{"POST 2 3a=1"}},
	} {
		over := func(t *testing.T, transport http.RoundTripper) {
			var d dropper
			target, err := uri.Parse(d.serve(t), false)
			if err != nil {
				t.Fatal(err)
			}
			client := wire.NewClient(wire.ClientOptions{Transport: transport, Egress: wire.Egress{AllowPrivate: true}})
			defer client.CloseIdleConnections()
			signer := &numbered{}
			if _, err := client.Do(context.Background(), &wire.Request{Method: "GET", URL: *target}, signer); err != nil {
				t.Fatal(err)
			}
			req := &wire.Request{Method: c.method, URL: *target, Header: c.header}
			if c.body != "" {
				req.Body = wire.Body{Content: []byte(c.body), Present: true}
			}
			if c.stream {
				req.Body = wire.Body{Source: io.NopCloser(strings.NewReader(c.body)), Length: int64(len(c.body)), Present: true}
			}
			_, err = client.Do(context.Background(), req, signer)
			var lost *wire.ConnectionError
			if c.fails != errors.As(err, &lost) || !c.fails && err != nil {
				t.Errorf("%v", err)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if got := d.seen[1:]; !slices.Equal(got, c.want) {
				t.Errorf("arrived: %s, expected %s", strings.Join(got, "; "), strings.Join(c.want, "; "))
			}
		}
		t.Run(name, func(t *testing.T) { over(t, nil) })
		t.Run(name+" over net/http", func(t *testing.T) { over(t, &http.Transport{}) })
	}
}
