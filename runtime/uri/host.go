package uri

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// hostProfile maps like browsers do: case folding and normal forms, hyphens and underscores left to the resolver.
var hostProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostSet is what may stand in an ASCII host name that is sent; the underscore occurs in practice.
var hostSet = setOf("abcdefghijklmnopqrstuvwxyz0123456789-._~")

// maxHost is the longest host name of the DNS with its final dot.
const maxHost = 254

// NormalHost returns the lower-case ASCII form of a host name (IDNA) or of an IPv6 literal in brackets; ok is false for
// a text that is neither.
func NormalHost(host string) (normal string, ok bool) { return normalHost(host) }

func normalHost(host string) (string, bool) {
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(host[1 : len(host)-1])
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", false
		}
		return strings.ToLower(host), true
	}
	if plainHost(host) {
		return host, true
	}
	host = Lower(host)
	if !isASCII(host) {
		ascii, err := hostProfile.ToASCII(host)
		if err != nil {
			return "", false
		}
		host = ascii
	}
	if !plainHost(host) {
		return "", false
	}
	return host, true
}

// plainHost reports whether host is a name in the form that is sent.
func plainHost(host string) bool {
	if host == "" || len(host) > maxHost || host[0] == '.' {
		return false
	}
	for i := 0; i < len(host); i++ {
		if !hostSet[host[i]] || host[i] == '.' && i > 0 && host[i-1] == '.' {
			return false
		}
	}
	return true
}

// normalPort returns the port without leading zeros; "" stays "".
func normalPort(port string) (string, bool) {
	if port == "" {
		return "", true
	}
	return strings.TrimLeft(port, "0"), portNumber(port) > 0
}

// ValidHost reports whether text is a host name or address with an optional port, as a Host header holds it.
func ValidHost(text string) bool {
	host, port, err := SplitHost(text)
	if err != nil {
		return false
	}
	_, hostOK := normalHost(host)
	_, portOK := normalPort(port)
	return hostOK && portOK
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
