package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// LookupFunc resolves a host name to its addresses.
type LookupFunc func(ctx context.Context, host string) ([]netip.Addr, error)

// NewTransport returns a transport that checks every address after name resolution, right before the connection is
// made, so that a name which changes its address between two look-ups gains nothing. It uses no proxy, asks for no
// compression and speaks HTTP/1.1, so that the request line has the bytes that were signed. The caller checks URLs with
// Egress.CheckURL; Client does.
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
	if _, isAddr := literalAddr(host); isAddr || g.egress.Lookup == nil {
		return d.DialContext(ctx, network, address)
	}
	addrs, err := g.egress.Lookup(ctx, host)
	if err != nil {
		var dns *net.DNSError
		if !errors.As(err, &dns) {
			err = &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: host}
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var first error
	for _, addr := range addrs {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(addr.Unmap().String(), port))
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

// control checks the address that is about to be connected to. A name that means loopback must not lead elsewhere,
// because plain http may be allowed for it.
func (g *guardedDialer) control(host string) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &PolicyError{Host: host, Reason: "its address cannot be read"}
		}
		if isLocalhost(host) && classify(at.Addr()) != classLoopback {
			return &PolicyError{Host: host, Addr: at.Addr(), Reason: "the name must mean a loopback address"}
		}
		return g.egress.CheckAddr(host, at.Addr())
	}
}
