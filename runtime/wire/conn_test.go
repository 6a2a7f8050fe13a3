package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// serveBytes has talk talk on one connection after the other, and returns where. They are closed with the test at the
// latest.
func serveBytes(t testing.TB, talk func(net.Conn)) (url string) {
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
			t.Cleanup(func() { c.Close() })
			talk(c)
		}
	}()
	return "http://" + l.Addr().String()
}

// scripted is a server that says the same on every connection to whoever asks, and then closes it.
type scripted struct {
	url   string
	says  []byte
	heard chan []byte
}

func newScripted(t testing.TB, says string) *scripted {
	s := &scripted{says: []byte(says), heard: make(chan []byte, 8)}
	s.url = serveBytes(t, s.talk) + "/path?q=1"
	return s
}

// talk answers when the request has come, as far as its headers say how long it is.
func (s *scripted) talk(c net.Conn) {
	defer c.Close()
	var heard bytes.Buffer
	in := bufio.NewReader(io.TeeReader(c, &heard))
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	s.heard <- heard.Bytes()
	_, _ = c.Write(s.says)
}

// outcome is what a transport made of an answer.
type outcome struct {
	Status  int
	Proto   string
	Header  http.Header
	Trailer http.Header
	Length  int64
	Coding  []string
	Close   bool
	Body    string
	Failed  bool // before there was an answer
	Cut     bool // within the body
}

func exchangeOver(rt http.RoundTripper, r *http.Request) outcome {
	res, err := rt.RoundTrip(r)
	if err != nil {
		return outcome{Failed: true}
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	return outcome{res.StatusCode, res.Proto, res.Header, res.Trailer, res.ContentLength, res.TransferEncoding, res.Close, string(body), false, err != nil}
}

// plainTransport is net/http's, as it would be used in the place of ours.
func plainTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{DisableCompression: true, MaxResponseHeaderBytes: mostHeader, Protocols: protocols}
}

// answers are what servers say, rightly or not.
var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\nuntil the end",
	"HTTP/1.0 200 OK\r\n\r\nuntil the end",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
	"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 20 OK\r\n\r\n",
	"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n folded\r\na: c\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 1100) + "\r\n",
	"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nok",
	"not HTTP at all",
	"HTTP/1.1 200 OK",
	"\r\n\r\n",
	"",
}

// What a server says means the same as to net/http, and both say the same to it.
func TestTransportIsAsNetHTTP(t *testing.T) {
	log.SetOutput(io.Discard) // which net/http tells of what it does not expect
	defer log.SetOutput(os.Stderr)
	plain := plainTransport()
	defer plain.CloseIdleConnections()
	ours := NewTransport(Egress{AllowPrivate: true})
	defer ours.CloseIdleConnections()
	requests := map[string]func(url string) *http.Request{
		"get":  func(u string) *http.Request { return httptest.NewRequestWithContext(t.Context(), "GET", u, nil) },
		"head": func(u string) *http.Request { return httptest.NewRequestWithContext(t.Context(), "HEAD", u, nil) },
		"post": func(u string) *http.Request { r, _ := http.NewRequest("POST", u, strings.NewReader("a=1")); return r },
		"chunked": func(u string) *http.Request {
			r, _ := http.NewRequest("PUT", u, io.MultiReader(strings.NewReader("a=1")))
			return r
		},
		"large": func(u string) *http.Request {
			r, _ := http.NewRequest("PUT", u, strings.NewReader(strings.Repeat("x", 3*smallRequest)))
			return r
		},
		"long": func(u string) *http.Request {
			r, _ := http.NewRequest("PUT", u, http.NoBody)
			r.Header.Set("X-Long", strings.Repeat("x", 2*smallRequest))
			return r
		},
		"decorated": func(u string) *http.Request {
			r, _ := http.NewRequest("DELETE", u, nil)
			r.Host = "other.test"
			r.Header = http.Header{"X-A": {"1", "2"}, "User-Agent": {""}, "lower": {"case"}}
			return r
		},
	}
	for name, request := range requests {
		for _, says := range answers {
			s := newScripted(t, says)
			want := exchangeOver(plain, request(s.url))
			heard := <-s.heard
			got := exchangeOver(ours, request(s.url))
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %.80q:\n%s", name, says, diff)
			}
			if sent := <-s.heard; !bytes.Equal(sent, heard) {
				t.Errorf("%s sends\n%q, net/http\n%q", name, sent, heard)
			}
		}
	}
}

// FuzzTransport holds what a transport makes of a server's bytes equal to what net/http makes of them.
func FuzzTransport(f *testing.F) {
	for _, says := range answers {
		f.Add([]byte(says))
	}
	f.Fuzz(func(t *testing.T, says []byte) {
		over := func(rt func(net.Conn) http.RoundTripper) outcome {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
					_, _ = far.Write(says)
				}
			}()
			r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://h.test/", nil)
			return exchangeOver(rt(near), r)
		}
		want := over(func(c net.Conn) http.RoundTripper {
			p := plainTransport()
			p.DialContext = func(context.Context, string, string) (net.Conn, error) { return c, nil }
			t.Cleanup(p.CloseIdleConnections)
			return p
		})
		got := over(func(c net.Conn) http.RoundTripper {
			return funcTransport(func(r *http.Request) (*http.Response, error) {
				return newConn(c, origin{}, new(idleConns)).exchange(r, nil)
			})
		})
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q:\n%s", says, diff)
		}
	})
}

// counting counts the connections to a server.
type counting struct {
	net.Listener
	made atomic.Int32
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.made.Add(1)
	}
	return conn, err
}

// serveCounted serves h and counts the connections.
func serveCounted(t *testing.T, secure bool, h http.HandlerFunc) (*httptest.Server, *counting) {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	c := &counting{Listener: s.Listener}
	s.Listener = c
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, c
}

// transportTo returns a transport for a test server.
func transportTo(t *testing.T, s *httptest.Server) *Transport {
	ours := NewTransport(Egress{AllowPrivate: true})
	if s.TLS != nil {
		ours = ours.WithTLSConfig(s.Client().Transport.(*http.Transport).TLSClientConfig)
	}
	t.Cleanup(ours.CloseIdleConnections)
	return ours
}

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// saying answers with bytes of its own, and goes on listening for a while.
func saying(says string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(c, says)
		time.AfterFunc(10*time.Second, func() { c.Close() })
	}
}

// A connection is used again when its answer was read to its end and nothing else came, and else it is not.
func TestConnectionsAreKept(t *testing.T) {
	write := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, text) }
	}
	unread := func(*http.Response) {}
	closed := func(res *http.Response) { res.Body.Close() }
	for name, c := range map[string]struct {
		method string
		answer http.HandlerFunc
		read   func(*http.Response) // nil reads it all
		kept   bool
	}{
		"whole":      {answer: write("ok"), kept: true},
		"chunked":    {answer: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok"); w.(http.Flusher).Flush() }, kept: true},
		"empty":      {answer: write(""), read: unread, kept: true},
		"no content": {answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }, read: unread, kept: true},
		"head":       {method: "HEAD", answer: write("ok"), read: unread, kept: true},
		"informed":   {answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(103); fmt.Fprint(w, "ok") }, kept: true},
		"large":      {answer: write(strings.Repeat("ok", 1<<19)), kept: true},

		"closed before its end": {answer: write("ok"), read: closed},
		"the server closes": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			fmt.Fprint(w, "ok")
		}},
		"another answer behind": {answer: saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")},
		"a byte behind":         {answer: saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\n")},
		"a body of head":        {method: "HEAD", answer: saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), read: unread},
		"a body of no content":  {answer: saying("HTTP/1.1 204 No Content\r\n\r\nok"), read: unread},
		"another protocol":      {answer: saying("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), read: closed},
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", secure), func(t *testing.T) {
				t.Parallel()
				s, connections := serveCounted(t, secure, c.answer)
				ours := transportTo(t, s)
				for range 2 {
					res, err := ours.RoundTrip(request(t, c.method, s.URL, nil))
					if err != nil {
						t.Fatal(err)
					}
					if c.read != nil {
						c.read(res)
						continue
					}
					if body, err := io.ReadAll(res.Body); err != nil || !strings.HasPrefix(string(body), "ok") {
						t.Errorf("%q, %v", body, err)
					}
				}
				want := int32(2)
				if c.kept {
					want = 1
				}
				if got := connections.made.Load(); got != want {
					t.Errorf("%d connections, expected %d", got, want)
				}
			})
		}
	}
}

// blinded hides from a transport what its kept connections are spoken on, as where nobody can look without waiting.
func blinded(ours *Transport) {
	for _, list := range ours.idle.byOrigin {
		for _, c := range list {
			c.below = nil
		}
	}
}

// A connection that nobody can look into without waiting is used again too.
func TestBlindConnectionsAreKept(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s, connections := serveCounted(t, secure, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
		ours := transportTo(t, s)
		for range 3 {
			res, err := ours.RoundTrip(request(t, "POST", s.URL, strings.NewReader("a=1")))
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != "ok" {
				t.Errorf("%q, %v", body, err)
			}
			blinded(ours)
		}
		if made := connections.made.Load(); made != 1 {
			t.Errorf("%d connections", made)
		}
	}
}

// What a server says late, before anybody asks again, is nobody's answer, and a connection that it closed meanwhile is
// not used: a POST on it would be lost.
func TestKeptConnectionsAreLookedAt(t *testing.T) {
	for name, late := range map[string]func(net.Conn){
		"closed": func(c net.Conn) { c.Close() },
		"reset": func(c net.Conn) {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			c.Close()
		},
		"says more": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison") },
		"says a timeout": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
			c.Close()
		},
	} {
		for n := range 4 {
			secure, blind := n&1 != 0, n&2 != 0
			t.Run(fmt.Sprint(name, " ", secure, " ", blind), func(t *testing.T) {
				t.Parallel()
				taken := make(chan net.Conn, 2)
				s, connections := serveCounted(t, secure, func(w http.ResponseWriter, r *http.Request) {
					c, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						panic(err)
					}
					fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					taken <- c
				})
				ours := transportTo(t, s)
				for n := range 2 {
					res, err := ours.RoundTrip(request(t, "POST", s.URL, strings.NewReader("a=1")))
					if err != nil {
						t.Fatal(err)
					}
					if body, err := io.ReadAll(res.Body); err != nil || string(body) != "ok" {
						t.Fatalf("%q, %v", body, err)
					}
					c := <-taken
					defer c.Close()
					if n == 0 {
						late(c)
						time.Sleep(50 * time.Millisecond) // until it has arrived
						if blind {
							blinded(ours)
						}
					}
				}
				if got := connections.made.Load(); got != 2 {
					t.Errorf("%d connections, expected 2", got)
				}
			})
		}
	}
}

// The end of a context ends whatever is under way, with its cause, and leaves neither a connection nor a goroutine.
func TestContextEndsAnExchange(t *testing.T) {
	url := serveBytes(t, func(c net.Conn) { // says at most half of an answer, and never ends a connection
		begin := make([]byte, len("GET /body"))
		if _, err := io.ReadFull(c, begin); err == nil && string(begin) == "GET /body" {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
		}
	})
	ours := NewTransport(Egress{AllowPrivate: true, Lookup: func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	why := errors.New("because")
	blocked, stuck := io.Pipe()
	defer stuck.Close()
	for name, r := range map[string]*http.Request{
		"head":   request(t, "GET", url+"/", nil),
		"body":   request(t, "GET", url+"/body", nil),
		"upload": request(t, "POST", url+"/", blocked),
		"full":   request(t, "POST", url+"/", bytes.NewReader(make([]byte, 64<<20))),
		"before": request(t, "GET", url+"/", nil),
		"name":   request(t, "GET", "http://h.test/", nil),
	} {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancelCause(t.Context())
		if name == "before" {
			cancel(why)
		}
		time.AfterFunc(30*time.Millisecond, func() { cancel(why) })
		res, err := ours.RoundTrip(r.WithContext(ctx))
		if name == "body" {
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			if got, err = io.ReadAll(res.Body); string(got) != "half" {
				t.Errorf("%q", got)
			}
			if _, again := res.Body.Read(make([]byte, 1)); again == nil || again == io.EOF {
				t.Errorf("a body that was cut says %v when it is read once more", again)
			}
		}
		if err != why {
			t.Errorf("%s: %v", name, err)
		}
		if ours.idle.count != 0 {
			t.Errorf("%s: the connection was kept", name)
		}
		if name == "upload" {
			stuck.Close()
		}
		for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %d goroutines, %d before", name, runtime.NumGoroutine(), before)
			}
		}
	}
}

// Body.Close ends a Read that waits.
func TestBodiesCloseWhileTheyAreRead(t *testing.T) {
	s, _ := serveCounted(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-t.Context().Done()
	})
	res, err := transportTo(t, s).RoundTrip(request(t, "GET", s.URL, nil))
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { res.Body.Close() })
	if n, err := res.Body.Read(make([]byte, 1)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("%d, %v", n, err)
	}
}

// A server may answer before it has read the body, and does not have to read the rest.
func TestAnswersToHalfARequest(t *testing.T) {
	for _, size := range []int{smallRequest, 8 << 20} {
		url := serveBytes(t, func(c net.Conn) {
			_, _ = http.ReadRequest(bufio.NewReaderSize(c, 16))
			fmt.Fprint(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
		})
		ours := NewTransport(Egress{AllowPrivate: true})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		res, err := ours.RoundTrip(request(t, "POST", url, bytes.NewReader(make([]byte, size))).WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Body); err != nil || string(body) != "no" || res.StatusCode != 413 {
			t.Errorf("%d %q %v", res.StatusCode, body, err)
		}
		if size > smallRequest && ours.idle.count != 0 {
			t.Error("the connection was kept, with half a request on it")
		}
		ours.CloseIdleConnections()
	}
}

// failing is a body that fails in its middle.
type failing struct {
	io.Reader
	why    error
	closed atomic.Bool
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = f.why
	}
	return n, err
}

func (f *failing) Close() error {
	f.closed.Store(true)
	return nil
}

// What a body fails with is what the request fails with, whatever its length was said to be.
func TestBodiesThatFail(t *testing.T) {
	s, _ := serveCounted(t, false, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			t.Error("half a request was taken for a whole one")
		}
	})
	ours := transportTo(t, s)
	for _, length := range []int64{0, -1, 100, 1 << 20} {
		body := &failing{Reader: strings.NewReader("half"), why: errors.New("no more")}
		r := request(t, "POST", s.URL, body)
		r.ContentLength = length
		if _, err := ours.RoundTrip(r); err != body.why {
			t.Errorf("of length %d: %v", length, err)
		}
		if !body.closed.Load() {
			t.Errorf("of length %d: the body was not closed", length)
		}
	}
	if ours.idle.count != 0 {
		t.Error("the connection was kept")
	}
}

// Requests that cannot be sent as they are cost no connection, and their bodies are closed.
func TestRequestsThatCannotBeSent(t *testing.T) {
	ours := NewTransport(Egress{})
	ours.dialer.egress.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		t.Error("a connection was made")
		return nil, nil
	}
	for name, change := range map[string]func(*http.Request){
		"method":     func(r *http.Request) { r.Method = "GE T" },
		"connect":    func(r *http.Request) { r.Method = "CONNECT" },
		"no host":    func(r *http.Request) { r.URL.Host = "" },
		"scheme":     func(r *http.Request) { r.URL.Scheme = "ftp" },
		"no url":     func(r *http.Request) { r.URL = nil },
		"name":       func(r *http.Request) { r.Header["A B"] = []string{""} },
		"empty name": func(r *http.Request) { r.Header[""] = []string{""} },
		"value":      func(r *http.Request) { r.Header["A"] = []string{"b", "c\r\nD: e"} },
	} {
		body := &failing{Reader: strings.NewReader("")}
		r := request(t, "POST", "https://h.test/", body)
		change(r)
		if _, err := ours.RoundTrip(r); err == nil {
			t.Errorf("%s was sent", name)
		}
		if !body.closed.Load() {
			t.Errorf("%s: the body was not closed", name)
		}
	}
}

// Answers that inform have no end of their own; all headers together have a bound.
func TestEndlessHeaders(t *testing.T) {
	for name, line := range map[string]string{"headers": "X: y\r\n", "answers that inform": "HTTP/1.1 100 Continue\r\n\r\n", "one line": "y"} {
		url := serveBytes(t, func(c net.Conn) {
			if name != "answers that inform" {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			}
			for many := []byte(strings.Repeat(line, 4096)); ; {
				if _, err := c.Write(many); err != nil {
					return
				}
			}
		})
		if _, err := NewTransport(Egress{AllowPrivate: true}).RoundTrip(request(t, "GET", url, nil)); !errors.Is(err, errHeader) {
			t.Errorf("%s: %.200s", name, err)
		}
	}
}

// Who traces a request learns what becomes of its connection.
func TestTransportTellsATrace(t *testing.T) {
	s, _ := serveCounted(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style>")
		w.WriteHeader(http.StatusEarlyHints)
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close")
		}
		fmt.Fprint(w, "ok")
	})
	ours := transportTo(t, s)
	for _, c := range []struct{ path, want string }{
		{"/", "get, connect, handshake, handshaken, got false, wrote, first byte, 103 </style>, put <nil>"},
		{"/", "get, got true, wrote, first byte, 103 </style>, put <nil>"},
		{"/last", "get, got true, wrote, first byte, 103 </style>, put " + errNotKept.Error()},
		{"/unwanted", "get, connect, handshake, handshaken, got false, wrote, first byte, 103 </style>, put " + errNotKept.Error()},
	} {
		unwanted := errors.New("no hints are wanted")
		var told []string
		tell := func(text string) { told = append(told, text) }
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GetConn:              func(string) { tell("get") },
			ConnectStart:         func(string, string) { tell("connect") },
			TLSHandshakeStart:    func() { tell("handshake") },
			TLSHandshakeDone:     func(tls.ConnectionState, error) { tell("handshaken") },
			GotConn:              func(i httptrace.GotConnInfo) { tell(fmt.Sprint("got ", i.Reused)) },
			WroteRequest:         func(httptrace.WroteRequestInfo) { tell("wrote") },
			GotFirstResponseByte: func() { tell("first byte") },
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				if tell(fmt.Sprint(code, " ", header.Get("Link"))); c.path == "/unwanted" {
					return unwanted
				}
				return nil
			},
			PutIdleConn: func(err error) { tell(fmt.Sprint("put ", err)) },
		})
		res, err := ours.RoundTrip(request(t, "GET", s.URL+c.path, nil).WithContext(ctx))
		switch {
		case c.path == "/unwanted":
			if !errors.Is(err, unwanted) {
				t.Errorf("%v, expected that %v", err, unwanted)
			}
		case err != nil:
			t.Fatal(err)
		default:
			if res.TLS == nil || !res.TLS.HandshakeComplete {
				t.Error("the answer does not tell of TLS")
			}
			_, _ = io.ReadAll(res.Body)
		}
		if got := strings.Join(told, ", "); got != c.want {
			t.Errorf("told  %s\nwant %s", got, c.want)
		}
	}
}

// Everybody gets his own answer, whoever gives up meanwhile.
func TestAnswersAreNotMixedUp(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s, connections := serveCounted(t, secure, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if strings.HasSuffix(r.URL.Path, "7") {
				time.Sleep(time.Millisecond)
			}
			if strings.HasSuffix(r.URL.Path, "3") {
				w.(http.Flusher).Flush()
			}
			fmt.Fprintf(w, "%s %s", r.URL.Path, body)
		})
		ours := transportTo(t, s)
		var group sync.WaitGroup
		for g := range 16 {
			group.Go(func() {
				for n := range 100 {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					if n%5 == 0 {
						time.AfterFunc(time.Duration(n)*10*time.Microsecond, cancel)
					}
					path, text := fmt.Sprintf("/%d/%d", g, n), strings.Repeat(fmt.Sprint(n), 1+n*n)
					r := request(t, "POST", s.URL+path, strings.NewReader(text)).WithContext(ctx)
					res, err := ours.RoundTrip(r)
					if err == nil {
						var body []byte
						if body, err = io.ReadAll(res.Body); err == nil && string(body) != path+" "+text {
							t.Errorf("%s got %.100q", path, body)
						}
						res.Body.Close()
					}
					if err != nil && ctx.Err() == nil {
						t.Errorf("%s: %v", path, err)
					}
					cancel()
				}
			})
		}
		group.Wait()
		if made := connections.made.Load(); made > 16*21 {
			t.Errorf("%d connections for 1600 requests of which 320 were given up", made)
		}
	}
}

// pipeConn returns a connection to an origin, and a report whether it is closed.
func pipeConn(t *testing.T, host string, idle *idleConns) (*conn, func() bool) {
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	return newConn(near, origin{"https", host}, idle), func() bool {
		_ = far.SetReadDeadline(time.Now())
		_, err := far.Read(make([]byte, 1))
		return err == io.EOF
	}
}

// Idle connections are bounded in number and time; the one that was used last goes first.
func TestIdleConnections(t *testing.T) {
	put := func(t *testing.T, i *idleConns, host string) (*conn, func() bool) {
		c, closed := pipeConn(t, host, i)
		if surplus := i.put(c); surplus != nil {
			surplus.close()
		}
		return c, closed
	}
	t.Run("order", func(t *testing.T) {
		var i idleConns
		defer i.close()
		first, _ := put(t, &i, "a")
		second, _ := put(t, &i, "a")
		put(t, &i, "b")
		for _, want := range []*conn{second, first, nil} {
			if got := i.take(origin{"https", "a"}); got != want {
				t.Errorf("took %p, expected %p", got, want)
			}
		}
		if i.take(origin{"http", "b"}) != nil {
			t.Error("a connection of https served http")
		}
	})
	t.Run("of an origin", func(t *testing.T) {
		var i idleConns
		defer i.close()
		for range mostIdleOfOrigin {
			if _, closed := put(t, &i, "a"); closed() {
				t.Fatal("closed too early")
			}
		}
		if _, closed := put(t, &i, "a"); !closed() || i.count != mostIdleOfOrigin {
			t.Errorf("%d are kept", i.count)
		}
	})
	t.Run("of all", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var i idleConns
			defer i.close()
			var oldest []func() bool
			for n := range mostIdle {
				_, closed := put(t, &i, fmt.Sprint("h", n/2))
				time.Sleep(time.Millisecond)
				oldest = append(oldest, closed)
			}
			for n := range 3 {
				put(t, &i, fmt.Sprint("other", n))
			}
			for n, closed := range oldest[:4] {
				if closed() != (n < 3) {
					t.Errorf("%d: closed %v", n, closed())
				}
			}
			if i.count != mostIdle || len(i.byOrigin) != mostIdle/2-1+3 {
				t.Errorf("%d are kept", i.count)
			}
		})
	})
	t.Run("time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var i idleConns
			_, first := put(t, &i, "a")
			time.Sleep(idleTime / 2)
			_, second := put(t, &i, "a")
			_, third := put(t, &i, "b")
			for _, step := range []struct {
				after time.Duration
				want  []bool
			}{{idleTime/2 - time.Second, []bool{false, false, false}}, {2 * time.Second, []bool{true, false, false}},
				{idleTime/2 - 2*time.Second, []bool{true, false, false}}, {2 * time.Second, []bool{true, true, true}}} {
				time.Sleep(step.after)
				synctest.Wait()
				if got := []bool{first(), second(), third()}; !slices.Equal(got, step.want) {
					t.Errorf("closed %v, expected %v", got, step.want)
				}
			}
			if i.count != 0 || i.timer != nil || len(i.byOrigin) != 0 {
				t.Error("something goes on")
			}
		})
	})
	t.Run("closing", func(t *testing.T) {
		var i idleConns
		_, idle := put(t, &i, "a")
		i.close()
		if _, used := put(t, &i, "a"); !idle() || !used() {
			t.Error("a connection is kept after all were closed")
		}
		i.take(origin{"https", "a"})
		if _, next := put(t, &i, "a"); next() {
			t.Error("nothing is kept any more")
		}
		i.close()
	})
}

// A connection that breaks before TLS is spoken on it broke, and may do the next time; what TLS refuses stays refused.
func TestHandshakesThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		server func(net.Conn)
		want   Cause
	}{
		"ends":       {func(c net.Conn) { c.Close() }, CauseReset},
		"no tls":     {func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, CauseTLS},
		"an alert":   {func(c net.Conn) { _, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) }, CauseTLS},
		"takes long": {func(net.Conn) {}, CauseTLS},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			go func() {
				_, _ = far.Read(make([]byte, 4096))
				c.server(far)
			}()
			err := newConn(near, origin{}, new(idleConns)).secure(t.Context(), nil, &tls.Config{ServerName: "h.test"})
			if err == nil || CauseOf(err) != c.want {
				t.Errorf("%s: %v, which is %s", name, err, CauseOf(err))
			}
		})
	}
}

// stalled returns a connection over TLS to a server that has answered a request and reads nothing any more, and the answer.
func stalled(t *testing.T, idle *idleConns) (*conn, *http.Response) {
	s, _ := serveCounted(t, true, nil)
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	go func() {
		server := tls.Server(far, s.TLS)
		if _, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
			fmt.Fprint(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}()
	c := newConn(near, origin{"https", "example.com"}, idle)
	config := s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com"
	if err := c.secure(t.Context(), nil, config); err != nil {
		t.Fatal(err)
	}
	res, err := c.exchange(request(t, "GET", "https://example.com/", nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, res
}

// A server that does not read keeps nobody from closing a connection to it, which would say farewell.
func TestClosingWaitsForNobody(t *testing.T) {
	for name, end := range map[string]func(*idleConns, *http.Response){
		"a body": func(_ *idleConns, res *http.Response) { res.Body.Close() },
		"idle": func(i *idleConns, res *http.Response) {
			_, _ = io.ReadAll(res.Body)
			i.close()
		},
	} {
		var idle idleConns
		c, res := stalled(t, &idle)
		began := time.Now()
		end(&idle, res)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if _, err := c.conn.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("%s: not closed: %v", name, err)
		}
	}
}

// answering says something before it reads, as TLS does when it is asked for new keys.
type answering struct{ net.Conn }

func (a answering) Read(p []byte) (int, error) {
	_, _ = a.Write([]byte("keys")) // TLS keeps the error for its next Write
	return a.Conn.Read(p)
}

// A look at a connection says nothing: that would wait for a server that does not read, and nothing ends it.
func TestLooksSayNothing(t *testing.T) {
	if !canGlance {
		t.Skip("nobody can look into a connection here")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	plain, err := systemDialer{}.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c := newConn(plain, origin{}, new(idleConns))
	c.conn = answering{plain}
	if c.quiet() {
		t.Error("a connection is used again on which something could not be said")
	}
	c.close()
	if said, err := io.ReadAll(server); err != nil || len(said) > 0 {
		t.Errorf("%q, %v", said, err)
	}
}

// A server may answer before it has read all headers, and does not have to read the rest.
func TestAnswersToHalfAHeader(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	go func() {
		_, _ = far.Read(make([]byte, 100))
		fmt.Fprint(far, "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 2\r\n\r\nno")
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r := request(t, "GET", "http://h.test/", nil).WithContext(ctx)
	r.Header.Set("X", strings.Repeat("x", smallRequest))
	res, err := newConn(near, origin{}, new(idleConns)).exchange(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "no" || res.StatusCode != 431 {
		t.Errorf("%d %q %v", res.StatusCode, body, err)
	}
}

// The end of a context closes the connection of an answer, also where nobody reads or closes that.
func TestContextClosesTheConnection(t *testing.T) {
	for _, secure := range []bool{false, true} {
		gone := make(chan struct{})
		s, _ := serveCounted(t, secure, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done() // when the connection ends
			close(gone)
		})
		ctx, cancel := context.WithCancel(t.Context())
		res, err := transportTo(t, s).RoundTrip(request(t, "GET", s.URL, nil).WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		select {
		case <-gone:
		case <-time.After(2 * time.Second):
			t.Errorf("secure %v: the connection is still there", secure)
		}
		res.Body.Close()
	}
}

// A transport closes the body of a request that it does not send (http.RoundTripper).
func TestBodiesOfUnsentRequestsAreClosed(t *testing.T) {
	for _, target := range []string{"http://127.0.0.1:1/", "ftp://127.0.0.1/"} {
		body := &closable{Reader: strings.NewReader("a=1")}
		r, err := http.NewRequest(http.MethodPost, target, body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewTransport(Egress{AllowPrivate: true}).RoundTrip(r); err == nil || !body.closed {
			t.Errorf("%s: %v, closed: %v", target, err, body.closed)
		}
	}
}

type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error { c.closed = true; return nil }

// A name that has no form in ASCII is none that could be looked up.
func TestNamesWithoutASCIIForm(t *testing.T) {
	r := request(t, "GET", "http://xn--ü.test/", nil)
	if _, err := NewTransport(Egress{AllowPrivate: true}).RoundTrip(r); CauseOf(err) != CauseDNS || !strings.Contains(err.Error(), "ASCII") {
		t.Errorf("%v", err)
	}
}

// Of a connection that is not kept because there are enough, who traces its request is told.
func TestSurplusConnectionsAreTold(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	c := &conn{conn: here, in: bufio.NewReader(here), idle: &idleConns{closing: true}}
	told := errors.New("nothing")
	(&answer{conn: c, trace: &httptrace.ClientTrace{PutIdleConn: func(err error) { told = err }}}).end(true)
	if !errors.Is(told, errNotKept) {
		t.Errorf("told: %v", told)
	}
	if _, err := there.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection is open: %v", err)
	}
}
