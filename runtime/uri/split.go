package uri

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a URL or with a Host header. It names the part at fault and never carries the whole
// text, which may hold credentials.
type Error struct {
	// Part is "scheme", "host" or "port".
	Part string
	// Found is the offending text of that part, without user information; "" when it cannot be shown.
	Found string
	// Expected says what would be right.
	Expected string
}

// Error returns what was found and what was expected.
func (e *Error) Error() string {
	return fmt.Sprintf("the %s of the url is %q, expected %s", e.Part, e.Found, e.Expected)
}

// Parts are the pieces of an absolute URL as it is written, as substrings of it.
type Parts struct {
	// Scheme is the scheme, in the case that was written.
	Scheme string
	// User is the user information; HasUser tells an empty one from none. It is a secret.
	User    string
	HasUser bool
	// Host is the host; an IPv6 literal keeps its brackets.
	Host string
	// Port is the digits of the port; "" when none is written.
	Port string
	// Path starts with "/" or is empty.
	Path string
	// Query is what stands behind "?"; HasQuery is true also when that is nothing.
	Query    string
	HasQuery bool
	// Fragment is what stands behind "#". It is never sent.
	Fragment string
}

// Split cuts an absolute URL of any scheme on its bytes. Nothing is decoded or cleaned: dot segments, double slashes,
// %2F and the case of escapes stay. The error is an *[Error].
func Split(raw string) (Parts, error) {
	var p Parts
	front, fragment := raw, ""
	if i := strings.IndexByte(front, '#'); i >= 0 {
		front, fragment = front[:i], front[i+1:]
	}
	if i := strings.IndexByte(front, '?'); i >= 0 {
		front, p.Query, p.HasQuery = front[:i], front[i+1:], true
	}
	colon := strings.IndexByte(front, ':')
	if colon < 0 || !strings.HasPrefix(front[colon:], "://") || !isScheme(front[:colon]) {
		return p, &Error{Part: "scheme", Found: start(front), Expected: "an absolute url such as https://api.example.com/path"}
	}
	p.Scheme, p.Fragment = front[:colon], fragment
	authority := front[colon+len("://"):]
	if i := strings.IndexByte(authority, '/'); i >= 0 {
		authority, p.Path = authority[:i], authority[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		p.User, p.HasUser, authority = authority[:i], true, authority[i+1:]
	}
	var err *Error
	if p.Host, p.Port, err = SplitHost(authority); err != nil {
		if strings.IndexByte(front, '@') >= 0 {
			err.Found = "" // a password with a slash in it looks like host and port
		}
		return p, err
	}
	return p, nil
}

// start returns the beginning of a URL that is safe to show.
func start(raw string) string {
	if i := strings.IndexAny(raw, ":/?@"); i >= 0 {
		raw = raw[:i]
	}
	return raw[:min(len(raw), 32)]
}

// isScheme reports whether s is a scheme (RFC 3986 §3.1).
func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != ""
}

// schemeOf returns the scheme that ref starts with, "" when it is a relative reference.
func schemeOf(ref string) string {
	if scheme, _, ok := strings.Cut(ref, ":"); ok && isScheme(scheme) {
		return scheme
	}
	return ""
}

// SplitHost cuts a Host header, or an authority without user information, into host and port; an IPv6 literal keeps its
// brackets (spec oauth1.md §3, pitfall 3). The error is nil or says what is wrong.
func SplitHost(authority string) (host, port string, err *Error) {
	host = authority
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", &Error{Part: "host", Found: authority, Expected: "an IPv6 literal closed by ]"}
		}
		host = authority[:end+1]
		if tail := authority[end+1:]; tail != "" {
			if tail[0] != ':' {
				return "", "", &Error{Part: "host", Found: authority, Expected: "only a port after the ] of an IPv6 literal"}
			}
			port = tail[1:]
		}
	} else if i := strings.IndexByte(authority, ':'); i >= 0 {
		host, port = authority[:i], authority[i+1:]
		if strings.IndexByte(port, ':') >= 0 {
			return "", "", &Error{Part: "host", Found: authority, Expected: "brackets around an IPv6 literal"}
		}
	}
	if host == "" || host == "[]" {
		return "", "", &Error{Part: "host", Found: host, Expected: "a host name or address"}
	}
	if portNumber(port) < 0 {
		return "", "", &Error{Part: "port", Found: port, Expected: "a number from 0 to 65535"}
	}
	return host, port, nil
}

// portNumber returns 0 for no port, -1 for a text that is none.
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

// DefaultPort returns the port that the scheme, in any case, means when none is written: "80" for http, "443" for
// https, "" for any other.
func DefaultPort(scheme string) string {
	switch Lower(scheme) {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// ImpliesPort reports whether the port of an authority is left out where the scheme says as much: it is empty or the
// default of this very scheme (RFC 5849 §3.4.1.2; spec oauth1.md §3, pitfall 1).
func ImpliesPort(scheme, port string) bool {
	return port == "" || portNumber(port) > 0 && portNumber(port) == portNumber(DefaultPort(scheme))
}

// Escaped escapes the bytes of a URL that cannot stand on a request line and changes nothing else: the path as
// [EscapePath], the query as [EscapeQuery]. The fragment is cut, an empty path becomes "/", scheme and host are
// lower-cased. Host names must be ASCII already. A text that is no absolute URL is escaped as if it were a path.
func Escaped(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	front, query, hasQuery := strings.Cut(raw, "?")
	out := make([]byte, 0, len(raw)+16)
	if scheme, rest, ok := strings.Cut(front, "://"); ok && isScheme(scheme) {
		end := strings.IndexByte(rest+"/", '/')
		user := strings.LastIndexByte(rest[:end], '@') + 1
		out = append(appendLower(out, scheme), "://"...)
		out = appendLower(append(out, rest[:user]...), rest[user:end])
		if front = rest[end:]; front == "" {
			front = "/"
		}
	}
	out = appendKeeping(out, front, visible)
	if hasQuery {
		out = append(append(out, '?'), EscapeQuery(query)...)
	}
	return string(out)
}

// String returns the parts as a URL, each as it is.
func (p Parts) String() string { return string(p.Append(nil)) }

// Append appends what String returns.
func (p *Parts) Append(dst []byte) []byte {
	dst = append(append(dst, p.Scheme...), "://"...)
	if p.HasUser {
		dst = append(append(dst, p.User...), '@')
	}
	dst = append(dst, p.Host...)
	if p.Port != "" {
		dst = append(append(dst, ':'), p.Port...)
	}
	dst = append(dst, p.Path...)
	if p.HasQuery {
		dst = append(append(dst, '?'), p.Query...)
	}
	if p.Fragment != "" {
		dst = append(append(dst, '#'), p.Fragment...)
	}
	return dst
}

// WithQuery returns a URL whose query ends in pairs that are encoded already; everything else keeps its bytes. With an
// empty query there is no second "?".
func WithQuery(raw, pairs string) string {
	front, fragment, hasFragment := strings.Cut(raw, "#")
	front, query, _ := strings.Cut(front, "?")
	if query = JoinQuery(query, pairs); query != "" {
		front += "?" + query
	}
	if hasFragment {
		front += "#" + fragment
	}
	return front
}
