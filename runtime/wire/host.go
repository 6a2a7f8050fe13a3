package wire

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// hostProfile maps like browsers do: case folding and normal forms, hyphens and underscores left to the resolver.
var hostProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostSet is what may stand in an ASCII host name that is sent; the underscore occurs in practice.
var hostSet = setOf("abcdefghijklmnopqrstuvwxyz0123456789-._~")

// maxHost is the longest host name of the DNS with its final dot.
const maxHost = 254

// splitPort splits host[:port]; an IPv6 address keeps its brackets.
func splitPort(authority string) (host, port string, ok bool) {
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", false
		}
		host, rest := authority[:end+1], authority[end+1:]
		if rest == "" {
			return host, "", true
		}
		return host, rest[1:], rest[0] == ':'
	}
	host, port, _ = strings.Cut(authority, ":")
	return host, port, true
}

// normalHost returns the lower-case ASCII form of a host.
func normalHost(host string) (string, bool) {
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(host[1 : len(host)-1])
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", false
		}
		return strings.ToLower(host), true
	}
	host = asciiLower(host)
	if !isASCII(host) {
		ascii, err := hostProfile.ToASCII(host)
		if err != nil {
			return "", false
		}
		host = ascii
	}
	if host == "" || len(host) > maxHost || host[0] == '.' {
		return "", false
	}
	for i := 0; i < len(host); i++ {
		if !hostSet.has(host[i]) || host[i] == '.' && i > 0 && host[i-1] == '.' {
			return "", false
		}
	}
	return host, true
}

// normalPort returns the port without leading zeros; "" stays "".
func normalPort(port string) (string, bool) {
	if port == "" {
		return "", true
	}
	for i := 0; i < len(port); i++ {
		if port[i] < '0' || port[i] > '9' {
			return "", false
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	return strconv.FormatUint(n, 10), true
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// asciiLower lower-cases A-Z only; it does not allocate when nothing changes.
func asciiLower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
