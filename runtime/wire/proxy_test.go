package wire

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/tunnel"
)

// proxied is a service that says under which name and by which connection it was asked, and how often.
func proxied(t *testing.T, p *tunnel.Proxy) (plain, secure *httptest.Server, reached *atomic.Int32) {
	reached = new(atomic.Int32)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		if p != nil && !p.Made(r.RemoteAddr) {
			t.Errorf("%s came past the proxy", r.URL)
		}
		name := ""
		if r.TLS != nil {
			name = r.TLS.ServerName
		}
		fmt.Fprintf(w, "%s as %s", r.Host, name)
	})
	plain, secure = httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	return plain, secure, reached
}

func parseProxy(t *testing.T, address, credentials string) *Proxy {
	t.Helper()
	p, err := ParseProxy(address, credentials)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProxy sends to public hosts through a proxy which leads to servers of this machine: by plain HTTP, by TLS, with the
// certificate authority of a request, with credentials, and with TLS to the proxy itself.
func TestProxy(t *testing.T) {
	for _, c := range []struct {
		name, credentials string
		secure            bool
	}{{"plain", "", false}, {"credentials", "broker:pass:word", false}, {"secure", "a:b", true}} {
		t.Run(c.name, func(t *testing.T) {
			p := tunnel.Start(t, c.secure)
			p.Credentials = c.credentials
			plain, secure, _ := proxied(t, p)
			p.Lead = func(target string) string {
				return map[string]string{"8.8.8.8:80": plain.Listener.Addr().String(), "8.8.8.8:443": secure.Listener.Addr().String(), "[2001:4860:4860::8888]:443": ""}[target]
			}
			through := parseProxy(t, p.URL, c.credentials)
			if c.secure {
				through.tls.RootCAs = x509.NewCertPool()
				through.tls.RootCAs.AddCert(p.Certificate())
			}
			egress := Egress{AllowHTTP: true, Proxy: through, Lookup: func(context.Context, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("2001:4860:4860::8888"), netip.MustParseAddr("8.8.8.8")}, nil
			}}
			client := NewClient(ClientOptions{Egress: egress})
			ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}))
			for _, r := range []struct{ url, ca, want string }{
				{"https://example.com/a", ca, "example.com as example.com"}, {"http://8.8.8.8/a", "", "8.8.8.8 as "}, {"https://example.com/a", "", ""},
			} {
				res, err := client.Do(context.Background(), &Request{URL: mustURL(t, r.url, true), CA: r.ca}, nil)
				var conn *ConnectionError
				switch {
				case r.want == "" && (!errors.As(err, &conn) || conn.Cause != CauseTLS):
					t.Errorf("%s without its authority: %v", r.url, err)
				case r.want != "" && (err != nil || res.Body != r.want):
					t.Errorf("%s: %+v, %v", r.url, res, err)
				}
			}
			if asked := p.Asked(); slices.Contains(asked, "10.0.0.1:443") || !slices.Contains(asked, "[2001:4860:4860::8888]:443") || !slices.Contains(asked, "8.8.8.8:443") {
				t.Errorf("the proxy was asked for %v", asked)
			}
		})
	}
}

// TestProxyKeepsTheGuard holds that what may not be reached directly is not reached through a proxy either, and that it is
// not even asked: by address, by name, and by a name of loopback that leads elsewhere.
func TestProxyKeepsTheGuard(t *testing.T) {
	p := tunnel.Start(t, false)
	_, _, reached := proxied(t, nil)
	through := parseProxy(t, p.URL, "")
	inside := func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("::ffff:10.0.0.1")}, nil
	}
	for _, c := range []struct {
		url    string
		egress Egress
	}{
		{"https://127.0.0.1/", Egress{}}, {"https://[::1]/", Egress{}}, {"https://10.0.0.1/", Egress{}}, {"https://service.example/", Egress{Lookup: inside}},
		{"https://localhost/", Egress{}}, {"https://169.254.169.254/", Egress{AllowPrivate: true}},
		{"http://localhost/", Egress{AllowPrivate: true, Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		}}},
		{"https://service.example/", Egress{Hosts: []string{"other.example"}}},
	} {
		c.egress.Proxy = through
		_, err := NewClient(ClientOptions{Egress: c.egress}).Do(context.Background(), &Request{URL: mustURL(t, c.url, true)}, nil)
		var conn *ConnectionError
		if !errors.As(err, &conn) || conn.Cause != CausePolicy {
			t.Errorf("%s: %v", c.url, err)
		}
	}
	if asked := p.Asked(); len(asked) > 0 || reached.Load() > 0 {
		t.Errorf("the proxy was asked for %v", asked)
	}
	for name, lookup := range map[string]LookupFunc{"no such name": nil, "no address": func(context.Context, string) ([]netip.Addr, error) { return nil, nil }} {
		_, err := NewClient(ClientOptions{Egress: Egress{Proxy: through, Lookup: lookup}}).Do(context.Background(), &Request{URL: mustURL(t, "https://nothing.invalid/", true)}, nil)
		var conn *ConnectionError
		if !errors.As(err, &conn) || conn.Cause != CauseDNS {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestProxyFails has proxies that are away, refuse, hang or talk nonsense: the service is never reached another way, the
// error says so soon, and neither credentials nor the address of the proxy are in it.
func TestProxyFails(t *testing.T) {
	plain, secure, reached := proxied(t, nil)
	const credentials = "broker:canary-password"
	listen := func(f func(net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() { defer conn.Close(); f(conn) }()
			}
		}()
		return "http://" + l.Addr().String()
	}
	says := func(text string) string {
		return listen(func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, text)
			_, _ = conn.Read(make([]byte, 1))
		})
	}
	refuses := tunnel.Start(t, false)
	refuses.Lead = func(string) string { return "" }
	unknown := tunnel.Start(t, false)
	unknown.Credentials = "somebody:else"
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Close()
	for name, c := range map[string]struct{ address, want string }{
		"away":     {"http://" + away.Addr().String(), "connection refused"},
		"refuses":  {refuses.URL, "status 403"},
		"unknown":  {unknown.URL, "status 407"},
		"nonsense": {says("SSH-2.0-OpenSSH_9.2\r\n"), "no answer of HTTP"},
		"endless": {listen(func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			_, _ = io.Copy(conn, endless{})
		}), "no answer of HTTP"},
		"early":     {says("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), "before anybody asks"},
		"hangs":     {listen(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }), ""},
		"plain TLS": {strings.Replace(refuses.URL, "http:", "https:", 1), ""},
	} {
		client := localClient(ClientOptions{Egress: Egress{AllowPrivate: true, Proxy: parseProxy(t, c.address, credentials)}, AllowInsecureTLS: true})
		for _, service := range []string{plain.URL, secure.URL} {
			began := time.Now()
			_, err := client.Do(context.Background(), &Request{URL: mustURL(t, service, true), InsecureTLS: true, TimeoutMillis: 1000}, nil)
			var conn *ConnectionError
			if !errors.As(err, &conn) || !strings.Contains(err.Error(), c.want) || time.Since(began) > 10*time.Second {
				t.Errorf("%s: %v after %s", name, err, time.Since(began))
				continue
			}
			if at := strings.TrimPrefix(c.address, "http://"); strings.Contains(err.Error(), at) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s tells of the proxy: %v", name, err)
			}
		}
	}
	if reached.Load() > 0 {
		t.Error("the service was reached past the proxy")
	}
	p := parseProxy(t, "https://proxy.example", credentials)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, p) + fmt.Sprintf(verb, Egress{Proxy: p}); strings.Contains(text, "YnJva2Vy") || strings.Contains(text, "canary") || !strings.Contains(text, "https://proxy.example:443") {
			t.Errorf("%s: %s", verb, text)
		}
	}
}

// TestProxyAnswersWithLengths goes through tunnels of proxies whose answer has a length or a coding, as one made with
// net/http has: they mean nothing there (RFC 9110 §9.3.6), and nobody waits for what they announce.
func TestProxyAnswersWithLengths(t *testing.T) {
	plain, _, _ := proxied(t, nil)
	for _, header := range []string{"Transfer-Encoding: chunked", "Content-Length: 10"} {
		p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out, err := net.Dial("tcp", r.Host)
			if err != nil {
				t.Error(err)
				return
			}
			defer out.Close()
			in, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer in.Close()
			_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n"+header+"\r\n\r\n")
			go func() {
				_, _ = io.Copy(out, in)
				out.Close()
			}()
			_, _ = io.Copy(in, out)
		}))
		defer p.Close()
		client := localClient(ClientOptions{Egress: Egress{AllowPrivate: true, Proxy: parseProxy(t, p.URL, "")}})
		defer client.CloseIdleConnections()
		if res, err := client.Do(context.Background(), &Request{URL: mustURL(t, plain.URL, true), TimeoutMillis: 5000}, nil); err != nil || res.Status != 200 {
			t.Errorf("%s: %+v, %v", header, res, err)
		}
	}
}

// endless is a header without an end.
type endless struct{}

// Read implements io.Reader.
func (endless) Read(p []byte) (int, error) { return copy(p, "A: b\r\n"), nil }

// TestParseProxy reads addresses and credentials.
func TestParseProxy(t *testing.T) {
	for address, want := range map[string]string{
		"http://proxy.example": "http://proxy.example:80", "https://proxy.example/": "https://proxy.example:443", "http://10.0.0.1:3128": "http://10.0.0.1:3128", "http://[::1]": "http://[::1]:80",
	} {
		if got := parseProxy(t, address, "").String(); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	for _, c := range [][2]string{{"", ""}, {"proxy.example:3128", ""}, {"socks5://proxy.example", ""}, {"http://", ""}, {"http://p/path", ""}, {"http://p?x=y", ""}, {"http://user:secret@p", ""},
		{"http://p", "user"}, {"http://p", ":x"}, {"http://p", "a:b\r\nX: y"}} {
		if p, err := ParseProxy(c[0], c[1]); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, %v", c, p, err)
		}
	}
}
