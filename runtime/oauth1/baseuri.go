package oauth1

import (
	"fmt"
	"strings"
)

// URLError says why a URL or Host header cannot be signed. It names the part
// at fault and never carries the whole URL, which may hold credentials.
type URLError struct {
	// Part is "scheme", "host" or "port".
	Part string
	// Found is the offending text of that part, without user information.
	Found string
	// Expected says what would be right.
	Expected string
}

// Error returns what was found, what was expected.
func (e *URLError) Error() string {
	return fmt.Sprintf("cannot sign the url: its %s is %q, expected %s", e.Part, e.Found, e.Expected)
}

// urlParts are the pieces of an absolute URL, as substrings of it.
type urlParts struct {
	scheme string
	host   string // without port and user information; IPv6 with brackets
	port   string // digits, may be empty
	path   string // may be empty
	query  string
	// hasQuery is true when a "?" was there, also with nothing after it.
	hasQuery bool
}

// splitURL cuts an absolute URL on its bytes. Nothing is decoded or cleaned:
// dot segments, double slashes, %2F and the case of escapes are signed as they
// are sent (pitfall 5).
func splitURL(raw string) (urlParts, error) {
	var p urlParts
	raw, _, _ = strings.Cut(raw, "#") // a fragment is never sent
	raw, p.query, p.hasQuery = strings.Cut(raw, "?")
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || !isScheme(scheme) {
		return p, &URLError{Part: "scheme", Found: schemeOf(raw), Expected: "an absolute url such as https://api.example.com/path"}
	}
	p.scheme = scheme
	authority := rest
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, p.path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		// RFC 5849 §3.4.1.2: host and port are those of the Host header,
		// which has no user information.
		authority = authority[i+1:]
	}
	host, port, err := splitHostPort(authority)
	if err != nil {
		if strings.IndexByte(raw, '@') >= 0 {
			// A password with a slash in it looks like host and port.
			err.Found = ""
		}
		return p, err
	}
	p.host, p.port = host, port
	return p, nil
}

// schemeOf returns the start of a URL that is safe to show.
func schemeOf(raw string) string {
	if i := strings.IndexAny(raw, ":/?@"); i >= 0 {
		raw = raw[:i]
	}
	if len(raw) > 32 {
		raw = raw[:32]
	}
	return raw
}

func isScheme(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		switch {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= s[i] && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		default:
			return false
		}
	}
	return true
}

// splitHostPort cuts host and port; an IPv6 literal keeps its brackets
// (pitfall 3).
func splitHostPort(authority string) (host, port string, err *URLError) {
	host = authority
	switch {
	case strings.HasPrefix(authority, "["):
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", &URLError{Part: "host", Found: authority, Expected: "an IPv6 literal closed by ]"}
		}
		host = authority[:end+1]
		if tail := authority[end+1:]; tail != "" {
			if tail[0] != ':' {
				return "", "", &URLError{Part: "host", Found: authority, Expected: "only a port after the ] of an IPv6 literal"}
			}
			port = tail[1:]
		}
	default:
		if i := strings.LastIndexByte(authority, ':'); i >= 0 {
			host, port = authority[:i], authority[i+1:]
		}
		if strings.IndexByte(host, ':') >= 0 {
			return "", "", &URLError{Part: "host", Found: authority, Expected: "brackets around an IPv6 literal"}
		}
	}
	if host == "" || host == "[]" {
		return "", "", &URLError{Part: "host", Found: host, Expected: "a host name or address"}
	}
	if portNumber(port) < 0 {
		return "", "", &URLError{Part: "port", Found: port, Expected: "a number from 0 to 65535"}
	}
	return host, port, nil
}

// portNumber returns 0 for no port, -1 for one that is no port.
func portNumber(port string) int {
	n := 0
	for i := 0; i < len(port); i++ {
		if port[i] < '0' || port[i] > '9' {
			return -1
		}
		if n = n*10 + int(port[i]-'0'); n > 65535 {
			return -1
		}
	}
	return n
}

// defaultPort reports whether port is left out of the base string URI: it is
// empty or the default of this very scheme, 80 of http and 443 of https
// (RFC 5849 §3.4.1.2, pitfall 1).
func defaultPort(scheme, port string) bool {
	if port == "" {
		return true
	}
	switch portNumber(port) {
	case 80:
		return strings.EqualFold(scheme, "http")
	case 443:
		return strings.EqualFold(scheme, "https")
	}
	return false
}

// withHost replaces host and port by those of a Host header, which wins over
// the URL (pitfall 6). An empty header changes nothing.
func (p *urlParts) withHost(host string) error {
	if host == "" {
		return nil
	}
	h, port, err := splitHostPort(host)
	if err != nil {
		return err
	}
	p.host, p.port = h, port
	return nil
}

// appendBaseURI appends the base string URI, each byte by put.
func (p *urlParts) appendBaseURI(dst []byte) []byte {
	dst = appendLower(dst, p.scheme)
	dst = append(dst, "://"...)
	dst = appendLower(dst, p.host)
	if !defaultPort(p.scheme, p.port) {
		dst = append(dst, ':')
		dst = append(dst, p.port...)
	}
	if p.path == "" {
		return append(dst, '/') // RFC 2616 §5.1.2, pitfall 4
	}
	if strings.IndexByte(p.path, ' ') < 0 {
		return append(dst, p.path...)
	}
	// A space cannot stand on a request line: whoever sends it sends %20.
	for i := 0; i < len(p.path); i++ {
		if p.path[i] == ' ' {
			dst = append(dst, "%20"...)
			continue
		}
		dst = append(dst, p.path[i])
	}
	return dst
}

// BaseURI returns the base string URI of RFC 5849 §3.4.1.2: scheme and host in
// lower case, the port unless it is the default of that scheme, the path byte
// for byte ("/" when empty, spaces as %20), no user information, query or
// fragment. host is the Host header when it differs from the URL; "" takes
// host and port from the URL. The error is a *[URLError].
func BaseURI(rawURL, host string) (string, error) {
	p, err := splitURL(rawURL)
	if err != nil {
		return "", err
	}
	if err := p.withHost(host); err != nil {
		return "", err
	}
	return string(p.appendBaseURI(nil)), nil
}

// WireURL escapes the bytes of a URL that cannot stand on a request line and
// changes nothing else: in the path controls, spaces and bytes above 0x7E; in
// the query these and "<>[]\^`{|} as well, and a "%" that begins no escape
// becomes %25. The fragment is cut, an empty path becomes "/", scheme and host
// are lower-cased. Host names must already be ASCII. A text that is no
// absolute URL is escaped as if it were a path.
func WireURL(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	front, query, hasQuery := strings.Cut(raw, "?")
	out := make([]byte, 0, len(raw)+16)
	scheme, rest, ok := strings.Cut(front, "://")
	if ok && isScheme(scheme) {
		authority, path := rest, ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			authority, path = rest[:i], rest[i:]
		}
		out = appendLower(out, scheme)
		out = append(out, "://"...)
		user := strings.LastIndexByte(authority, '@') + 1
		out = append(out, authority[:user]...)
		out = appendLower(out, authority[user:])
		if path == "" {
			path = "/"
		}
		front = path
	}
	out = appendWirePath(out, front)
	if hasQuery {
		out = append(out, '?')
		out = AppendWireQuery(out, query)
	}
	return string(out)
}

func appendWirePath(dst []byte, path string) []byte {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c <= ' ' || c >= 0x7f {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// AppendWireQuery appends a query, given without its "?", escaped as [WireURL]
// does it.
func AppendWireQuery(dst []byte, query string) []byte {
	for i := 0; i < len(query); i++ {
		c := query[i]
		illegal := c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>[]\\^`{|}", c) >= 0
		if c == '%' {
			_, ok := escapeAt(query, i)
			illegal = !ok
		}
		if illegal {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
			continue
		}
		dst = append(dst, c)
	}
	return dst
}
