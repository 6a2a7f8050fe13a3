package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Proxy is an HTTP proxy that everything goes through which a transport of NewTransport sends, by tunnels (CONNECT, RFC
// 9110 §9.3.6). Names are resolved and their addresses checked here, and the proxy is asked for the address that was
// checked, so that it cannot be led elsewhere by a name; TLS is spoken with the service, under its name. Nothing goes past
// it. It is immutable, and nothing prints its credentials.
type Proxy struct {
	address       string // host:port
	tls           *tls.Config
	authorization string // of Proxy-Authorization, "" for none
}

// ParseProxy returns the proxy at an address, "http://host:port", or "https://host:port" when it is spoken to over TLS
// with a certificate that the system trusts. credentials is "user:password", "" for none; they never stand in the address.
func ParseProxy(address, credentials string) (*Proxy, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the address of the proxy is none, expected http://host:port or https://host:port")
	case u.User != nil:
		return nil, errors.New("the address of the proxy holds credentials; give them apart, others can read addresses")
	}
	p := &Proxy{address: u.Host}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
		p.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	if u.Port() == "" {
		p.address = net.JoinHostPort(u.Hostname(), port)
	}
	if credentials == "" {
		return p, nil
	}
	if user, _, ok := strings.Cut(credentials, ":"); !ok || user == "" || strings.ContainsFunc(credentials, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errors.New("the credentials of the proxy are none, expected user:password")
	}
	p.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
	return p, nil
}

// String is the address of the proxy.
func (p *Proxy) String() string {
	if p.tls != nil {
		return "https://" + p.address
	}
	return "http://" + p.address
}

// Format implements fmt.Formatter: with every verb a proxy prints as String does.
func (p *Proxy) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

const (
	proxyTimeout = 30 * time.Second // until there is a tunnel
	proxyHeader  = 64 << 10         // bytes of the proxy's answer
)

// tunnel opens a connection to an address through the proxy.
func (p *Proxy) tunnel(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	failed := func(err error) error {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err // whose address is that of the proxy, which is nobody's business
		}
		return &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("the egress proxy: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, proxyTimeout)
	defer cancel()
	conn, err := systemDialer{net.Dialer{KeepAlive: 30 * time.Second}}.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, failed(err)
	}
	if p.tls != nil {
		secure := tls.Client(conn, p.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, failed(err)
		}
		conn = secure
	}
	ended := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = p.connect(conn, to.String())
	if !ended() {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, failed(err)
	}
	return conn, nil
}

// connect asks the proxy for a tunnel.
func (p *Proxy) connect(conn net.Conn, to string) error {
	request := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n"
	if p.authorization != "" {
		request += "Proxy-Authorization: " + p.authorization + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return err
	}
	answer := bufio.NewReader(io.LimitReader(conn, proxyHeader))
	res, err := http.ReadResponse(answer, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("it gives no answer of HTTP: %w", err)
	}
	// The body is not touched: lengths and codings of an answer that opens a tunnel mean nothing (RFC 9110 §9.3.6), and
	// to close it would be to wait for it.
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("it refuses a tunnel with the status %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	if answer.Buffered() > 0 {
		return errors.New("something is sent in the tunnel before anybody asks")
	}
	return nil
}
