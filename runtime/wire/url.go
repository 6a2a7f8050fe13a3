package wire

import (
	"encoding/base64"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// URL is an absolute http or https URL whose parts are the bytes that go on the wire (spec make.md §7.1). It is a plain
// value; copies are independent.
type URL struct {
	// Scheme is "http" or "https".
	Scheme string
	// User is the user information as written, without the "@"; "" when there is none. It is a secret.
	User string
	// Host is the lower-case ASCII host (IDNA applied); an IPv6 address stands in brackets.
	Host string
	// Port is the decimal port, "" when it is the default one of the scheme.
	Port string
	// Path starts with "/" and is escaped as it is sent.
	Path string
	// Query is the raw query without "?"; "" means that there is no "?" either (spec make.md §26.9).
	Query string
	// Fragment is what followed "#", escaped; it is never sent and matters for a browser redirect only.
	Fragment string
}

// ParseURL reads the text of a url directive (spec make.md §7.1). With encodePath the path is escaped like encodeURI
// does, so that %2F becomes %252F; without, only what cannot stand on a request line is escaped. A query that is part of
// raw keeps its escapes. It fails with a *ConfigError: "URL is missing" or `Invalid URI "…"`.
func ParseURL(raw string, encodePath bool) (*URL, error) {
	u := new(URL)
	if err := u.Parse(raw, encodePath); err != nil {
		return nil, err
	}
	return u, nil
}

// Parse sets u to what ParseURL returns; after an error u is not defined.
func (u *URL) Parse(raw string, encodePath bool) error {
	text := value.TrimSpace(raw)
	if text == "" {
		return &ConfigError{Message: "URL is missing"}
	}
	*u = URL{}
	if !u.parseAbsolute(text) {
		return configErrorf("Invalid URI \"%s\"", MaskURL(text))
	}
	if encodePath {
		u.Path = escapeKeeping(u.Path, encodeURISet)
	} else {
		u.Path = escapeKeeping(u.Path, visible)
	}
	u.finish()
	return nil
}

// finish escapes query and fragment and fills in the empty path.
func (u *URL) finish() {
	if u.Path == "" {
		u.Path = "/"
	}
	u.Query = escapeIllegal(u.Query)
	u.Fragment = escapeKeeping(u.Fragment, visible)
}

// parseAbsolute splits text into its parts without escaping path, query and fragment; u is zero before.
func (u *URL) parseAbsolute(text string) bool {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return false
	}
	switch {
	case scheme == "https" || strings.EqualFold(scheme, "https"):
		u.Scheme = "https"
	case strings.EqualFold(scheme, "http"):
		u.Scheme = "http"
	default:
		return false
	}
	rest, u.Fragment, _ = strings.Cut(rest, "#")
	rest, u.Query, _ = strings.Cut(rest, "?")
	authority := rest
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, u.Path = rest[:i], rest[i:]
	}
	return u.setAuthority(authority)
}

// setAuthority reads [user@]host[:port].
func (u *URL) setAuthority(authority string) bool {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		u.User, authority = authority[:i], authority[i+1:]
	}
	host, port, ok := splitPort(authority)
	if !ok {
		return false
	}
	if u.Host, ok = normalHost(host); !ok {
		return false
	}
	if u.Port, ok = normalPort(port); !ok {
		return false
	}
	if u.Port == defaultPort(u.Scheme) {
		u.Port = ""
	}
	return true
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// Authority returns host[:port] as the Host header shows it, without a default port.
func (u *URL) Authority() string {
	if u.Port == "" {
		return u.Host
	}
	return u.Host + ":" + u.Port
}

// Target returns the request target: path and query as they stand on the request line.
func (u *URL) Target() string {
	if u.Query == "" {
		return u.Path
	}
	return u.Path + "?" + u.Query
}

// Base returns scheme, authority and path: the base string URI of RFC 5849 §3.4.1.2 when no Host header differs.
func (u *URL) Base() string { return u.Scheme + "://" + u.Authority() + u.Path }

// String returns the URL without user information and fragment.
func (u *URL) String() string {
	switch {
	case u.Port == "":
		return u.Scheme + "://" + u.Host + u.Target()
	case u.Query == "":
		return u.Scheme + "://" + u.Host + ":" + u.Port + u.Path
	}
	return u.Scheme + "://" + u.Host + ":" + u.Port + u.Path + "?" + u.Query
}

// Redirect returns the URL as a browser gets it: with user information and fragment (spec make.md §13.3).
func (u *URL) Redirect() string {
	s := u.Scheme + "://"
	if u.User != "" {
		s += escapeKeeping(u.User, visible) + "@"
	}
	s += u.Authority() + u.Target()
	if u.Fragment != "" {
		s += "#" + u.Fragment
	}
	return s
}

// SameOrigin reports whether u and v have scheme, host and port in common (RFC 6454 §5).
func (u *URL) SameOrigin(v *URL) bool {
	return u.Scheme == v.Scheme && u.Host == v.Host && u.Port == v.Port
}

// KeepsCredentials reports whether a redirect from u to next may carry credentials: the same origin, or the upgrade from
// http to https on the same host with default ports (spec make.md §8.2).
func (u *URL) KeepsCredentials(next *URL) bool {
	if u.SameOrigin(next) {
		return true
	}
	return u.Scheme == "http" && next.Scheme == "https" && u.Host == next.Host && u.Port == "" && next.Port == ""
}

// BasicAuthorization returns the Authorization header value for the user information, "" when there is none (RFC 7617
// §2).
func (u *URL) BasicAuthorization() string {
	if u.User == "" {
		return ""
	}
	name, password, _ := strings.Cut(u.User, ":")
	pair := unescape(name, false) + ":" + unescape(password, false)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}
