package wire

import (
	"net/netip"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Egress says which destinations requests may reach (docs/architecture.md §7). The zero value permits https to public
// addresses only. It must not be changed once a client or transport uses it.
type Egress struct {
	// AllowHTTP permits plain http everywhere.
	AllowHTTP bool
	// AllowPrivate permits loopback and private addresses (RFC 1918, shared and unique local ones), and plain http to
	// loopback. Link-local and metadata addresses stay refused.
	AllowPrivate bool
	// AllowPrefixes permits the addresses within, whatever they are.
	AllowPrefixes []netip.Prefix
	// Hosts are the patterns of the hosts that may be reached; empty means every host. A pattern is a host, or "*." and
	// a domain for everything below it, or "*"; ":port" may follow, without it every port is meant.
	Hosts []string
	// DenyHosts are patterns of hosts that may not be reached; they win over Hosts.
	DenyHosts []string
	// Lookup resolves a host name; nil means the system's resolver. NewTransport uses it, CheckURL does not.
	Lookup LookupFunc
	// Proxy is what transports of NewTransport go through; nil means none. Addresses are those that it reaches then:
	// loopback is the proxy's own machine.
	Proxy *Proxy
}

// CheckURL checks scheme, host pattern and, when the host is an address, the address. Names are checked again at dial
// time by their addresses. It returns nil or a *PolicyError.
func (e *Egress) CheckURL(u *uri.URL) error {
	addr, isAddr := literalAddr(u.Host)
	local := func() bool { return isAddr && classify(addr) == classLoopback || isLocalhost(u.Host) }
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return &PolicyError{Host: u.Authority(), Reason: "only https and http are known"}
	case u.Scheme == "http" && !e.AllowHTTP && !(e.AllowPrivate && local()):
		return &PolicyError{Host: u.Authority(), Reason: "plain http is not allowed; use https or allow http"}
	case len(e.Hosts) > 0 && !matchesAny(e.Hosts, u):
		return &PolicyError{Host: u.Authority(), Reason: "the host is not among the allowed hosts"}
	case matchesAny(e.DenyHosts, u):
		return &PolicyError{Host: u.Authority(), Reason: "the host is among the denied hosts"}
	}
	if isAddr {
		err := e.CheckAddr("", addr)
		if refusal, ok := err.(*PolicyError); ok {
			refusal.Host = u.Authority()
		}
		return err
	}
	if endsInNumber(u.Host) {
		return &PolicyError{Host: u.Authority(), Reason: "it is an address in an unusual form; write it as a.b.c.d"}
	}
	if isLocalhost(u.Host) && !e.AllowPrivate && !e.allowsLoopbackPrefix() {
		return &PolicyError{Host: u.Authority(), Reason: "it is a loopback address; allow private addresses to reach it"}
	}
	return nil
}

// allowsLoopbackPrefix reports whether some loopback address is permitted by prefix.
func (e *Egress) allowsLoopbackPrefix() bool {
	for _, p := range e.AllowPrefixes {
		if classify(p.Addr()) == classLoopback {
			return true
		}
	}
	return false
}

// CheckAddr checks one resolved address; host is for the message. It returns nil or a *PolicyError.
func (e *Egress) CheckAddr(host string, addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, p := range e.AllowPrefixes {
		if p.Contains(addr) {
			return nil
		}
	}
	switch class := classify(addr); {
	case class == classPublic:
		return nil
	case class == classReserved:
		return &PolicyError{Host: host, Addr: addr, Reason: "it is a link-local, metadata or reserved address"}
	case e.AllowPrivate:
		return nil
	case class == classLoopback:
		return &PolicyError{Host: host, Addr: addr, Reason: "it is a loopback address; allow private addresses to reach it"}
	}
	return &PolicyError{Host: host, Addr: addr, Reason: "it is a private address; allow private addresses to reach it"}
}

// literalAddr reads a host that is an IP address; IPv6 stands in brackets.
func literalAddr(host string) (netip.Addr, bool) {
	if !strings.Contains(host, ":") && strings.TrimLeft(host, "0123456789.") != "" {
		return netip.Addr{}, false // the usual case, without the error that ParseAddr would make
	}
	host = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ".")
	addr, err := netip.ParseAddr(host)
	return addr, err == nil
}

// endsInNumber recognises what some resolvers take for an IPv4 address: 127.1, 0x7f000001 (WHATWG URL, "ends in a
// number").
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// isLocalhost reports whether a name always means loopback (RFC 6761 §6.3).
func isLocalhost(host string) bool {
	host = strings.TrimSuffix(host, ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// matchesAny compares the host and port of u with patterns, whatever the spelling of names and addresses.
func matchesAny(patterns []string, u *uri.URL) bool {
	if len(patterns) == 0 {
		return false
	}
	host := strings.TrimSuffix(u.Host, ".")
	addr, isAddr := literalAddr(host)
	for _, p := range patterns {
		name, port, err := uri.SplitHost(p)
		if err != nil || !matchesPort(port, u) {
			continue
		}
		if other, ok := literalAddr(name); ok {
			if isAddr && other.Unmap() == addr.Unmap() {
				return true
			}
			continue
		}
		domain, below := strings.CutPrefix(name, "*.")
		normal, ok := uri.NormalHost(strings.TrimSuffix(domain, "."))
		if name == "*" || ok && (below && strings.HasSuffix(host, "."+normal) || !below && host == normal) {
			return true
		}
	}
	return false
}

// Narrow returns the policy that reaches those of its hosts which match one of the patterns too. Without patterns it is the
// policy itself.
func (e Egress) Narrow(patterns []string) Egress {
	if len(patterns) == 0 {
		return e
	}
	if len(e.Hosts) == 0 {
		e.Hosts = patterns
		return e
	}
	both := []string{"none.invalid"} // matches nothing (RFC 6761 §6.4); no pattern at all would match everything
	for _, a := range e.Hosts {
		for _, b := range patterns {
			if p, ok := common(a, b); ok {
				both = append(both, p)
			}
		}
	}
	e.Hosts = both
	return e
}

// common is the pattern that matches what two patterns match, if that is anything: of names one is the other, or below it.
func common(a, b string) (string, bool) {
	nameA, portA, errA := uri.SplitHost(a)
	nameB, portB, errB := uri.SplitHost(b)
	if errA != nil || errB != nil || portA != "" && portB != "" && portA != portB {
		return "", false
	}
	if portA == "" {
		portA = portB
	}
	if portA != "" {
		portA = ":" + portA
	}
	switch {
	case covers(nameA, nameB):
		return nameB + portA, true
	case covers(nameB, nameA):
		return nameA + portA, true
	}
	return "", false
}

// covers reports whether a name of a pattern stands for everything that another one stands for.
func covers(wide, name string) bool {
	domain, below := strings.CutPrefix(strings.ToLower(wide), "*.")
	return wide == "*" || strings.EqualFold(wide, name) || below && strings.HasSuffix(strings.ToLower(name), "."+domain)
}

func matchesPort(pattern string, u *uri.URL) bool {
	port := u.Port
	if port == "" {
		port = uri.DefaultPort(u.Scheme)
	}
	return pattern == "" || pattern == port
}

// addrClass says how far an address may be reached.
type addrClass uint8

const (
	classPublic addrClass = iota
	classLoopback
	classPrivate
	classReserved
)

var (
	loopbackNets = prefixes("127.0.0.0/8", "::1/128")
	privateNets  = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
	// metadata services that lie within ranges that AllowPrivate opens, or that look public.
	metadataNets = prefixes("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128", "fd20:ce::254/128")
	// reservedNets is the rest of the special-purpose registries (RFC 6890) inside the public ranges.
	reservedNets = prefixes("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20")
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour     = netip.MustParsePrefix("2002::/16")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// classify judges an address; IPv6 forms that carry an IPv4 address are judged by that.
func classify(addr netip.Addr) addrClass {
	addr = addr.Unmap().WithZone("")
	switch {
	case !addr.IsValid() || within(metadataNets, addr):
		return classReserved
	case within(loopbackNets, addr):
		return classLoopback
	case within(privateNets, addr):
		return classPrivate
	case within(reservedNets, addr):
		return classReserved
	case addr.Is4():
		return classPublic
	}
	b := addr.As16()
	switch {
	case nat64.Contains(addr):
		return embedded(netip.AddrFrom4([4]byte(b[12:16])))
	case sixToFour.Contains(addr):
		return embedded(netip.AddrFrom4([4]byte(b[2:6])))
	case !globalUnicast.Contains(addr):
		return classReserved
	}
	return classPublic
}

// embedded judges an IPv4 address reached through a translation: nothing but public ones has a meaning there.
func embedded(addr netip.Addr) addrClass {
	if classify(addr) == classPublic {
		return classPublic
	}
	return classReserved
}
