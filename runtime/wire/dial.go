package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// LookupFunc resolves a host name to its addresses.
type LookupFunc func(ctx context.Context, host string) ([]netip.Addr, error)

// guardedDialer dials addresses that the policy allows.
type guardedDialer struct{ egress Egress }

func (g *guardedDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := systemDialer{net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Control: g.control(host)}}
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
func (g *guardedDialer) reach(ctx context.Context, d systemDialer, network, host string, addr netip.Addr, port string) (net.Conn, error) {
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

// systemDialer makes connections that can be looked at.
type systemDialer struct{ net.Dialer }

// DialContext makes a connection to an address.
func (d systemDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return newSocket(c), nil
}
