// Package tunnel is a small HTTP proxy (CONNECT) for tests: it remembers what it was asked for, and may lead elsewhere.
package tunnel

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Proxy is the proxy. Its fields are set before it is used.
type Proxy struct {
	*httptest.Server
	// Credentials, "user:password", are asked for when they are set.
	Credentials string
	// Lead says what to connect to instead of an address; "" refuses it. nil connects to what is asked for.
	Lead func(target string) string

	mu    sync.Mutex
	asked []string
	from  map[string]bool
}

// Start starts a proxy, over TLS if secure, that ends with the test.
func Start(t testing.TB, secure bool) *Proxy {
	p := &Proxy{from: map[string]bool{}}
	p.Server = httptest.NewUnstartedServer(p)
	if secure {
		p.StartTLS()
	} else {
		p.Server.Start()
	}
	t.Cleanup(p.Close)
	return p
}

// Asked returns the addresses that the proxy was asked for.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// Made reports whether the proxy made the connection that comes from an address.
func (p *Proxy) Made(remote string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.from[remote]
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "tunnels only", http.StatusMethodNotAllowed)
		return
	}
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.Credentials)); p.Credentials != "" && r.Header.Get("Proxy-Authorization") != want {
		w.Header().Set("Proxy-Authenticate", "Basic")
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
		return
	}
	target := r.Host
	p.mu.Lock()
	p.asked = append(p.asked, target)
	p.mu.Unlock()
	if p.Lead != nil {
		target = p.Lead(target)
	}
	if target == "" {
		http.Error(w, "not there", http.StatusForbidden)
		return
	}
	out, err := net.Dial("tcp", target)
	if err != nil {
		http.Error(w, "nobody there", http.StatusBadGateway)
		return
	}
	defer out.Close()
	p.mu.Lock()
	p.from[out.LocalAddr().String()] = true
	p.mu.Unlock()
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	if _, err := io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(out, in)
		out.Close()
	}()
	_, _ = io.Copy(in, out)
}
