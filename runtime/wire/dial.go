package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// LookupFunc resolves a host name to its addresses.
type LookupFunc func(ctx context.Context, host string) ([]netip.Addr, error)

// NewTransport returns a transport that checks every address after name resolution, right before the connection is
// made, so that a name which changes its address between two look-ups gains nothing. It goes through the proxy of the
// policy, if there is one, and through none else; it asks for no compression and speaks HTTP/1.1, so that the request line
// has the bytes that were signed. The caller checks URLs with Egress.CheckURL; Client does.
func NewTransport(e Egress) *http.Transport {
	d := &guardedDialer{egress: e}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		Protocols:              protocols,
	}
}

// guardedDialer dials addresses that the policy allows.
type guardedDialer struct{ egress Egress }

func (g *guardedDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: g.control(host)}
	literal, isAddr := literalAddr(host)
	if g.egress.Proxy == nil && (isAddr || g.egress.Lookup == nil) {
		return d.DialContext(ctx, network, address)
	}
	addrs := []netip.Addr{literal}
	if !isAddr {
		if addrs, err = g.lookup(ctx, host); err != nil {
			var dns *net.DNSError
			if !errors.As(err, &dns) {
				err = &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: host}
			}
			return nil, &net.OpError{Op: "dial", Net: network, Err: err}
		}
	}
	var first error
	for _, addr := range addrs {
		conn, err := g.reach(ctx, d, network, host, addr.Unmap(), port)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return nil, first
}

func (g *guardedDialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if g.egress.Lookup != nil {
		return g.egress.Lookup(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// reach makes a connection to an address of a host: by the proxy, or else by the dialer, which checks the address itself.
func (g *guardedDialer) reach(ctx context.Context, d *net.Dialer, network, host string, addr netip.Addr, port string) (net.Conn, error) {
	if g.egress.Proxy == nil {
		return d.DialContext(ctx, network, net.JoinHostPort(addr.String(), port))
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "invalid port", Addr: port}}
	}
	if err := g.check(host, addr); err != nil {
		return nil, err
	}
	return g.egress.Proxy.tunnel(ctx, network, netip.AddrPortFrom(addr.WithZone(""), uint16(n)))
}

// check judges the address of a host. A name that means loopback must not lead elsewhere, because plain http may be
// allowed for it.
func (g *guardedDialer) check(host string, addr netip.Addr) error {
	if isLocalhost(host) && classify(addr) != classLoopback {
		return &PolicyError{Host: host, Addr: addr, Reason: "the name must mean a loopback address"}
	}
	return g.egress.CheckAddr(host, addr)
}

// control checks the address that is about to be connected to.
func (g *guardedDialer) control(host string) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &PolicyError{Host: host, Reason: "its address cannot be read"}
		}
		return g.check(host, at.Addr())
	}
}
