package uri

import (
	"encoding/base64"
	"strings"
)

// URL is an absolute http or https URL whose parts are the bytes that go on the wire. It is a plain value; copies are
// independent.
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
	// Query is the raw query without "?"; "" means that there is no "?" either.
	Query string
	// Fragment is what followed "#", escaped; it is never sent and matters for a browser redirect only.
	Fragment string
}

// Parse reads an absolute http or https URL. With encodePath the path is escaped by [EncodeURI], so that %2F becomes
// %252F; without, by [EscapePath]. The query keeps its escapes, see [EscapeQuery]. The error is an *[Error].
func Parse(raw string, encodePath bool) (*URL, error) {
	u := new(URL)
	if err := u.Parse(raw, encodePath); err != nil {
		return nil, err
	}
	return u, nil
}

// Parse sets u to what the function [Parse] returns; after an error u is not defined.
func (u *URL) Parse(raw string, encodePath bool) error {
	if err := u.parseAbsolute(raw); err != nil {
		return err
	}
	if encodePath {
		u.Path = EncodeURI(u.Path)
	} else {
		u.Path = EscapePath(u.Path)
	}
	u.finish()
	return nil
}

// finish escapes query and fragment and fills in the empty path.
func (u *URL) finish() {
	if u.Path == "" {
		u.Path = "/"
	}
	u.Query = EscapeQuery(u.Query)
	u.Fragment = EscapePath(u.Fragment)
}

// parseAbsolute splits text and normalises scheme, host and port; path, query and fragment stay as they are written.
func (u *URL) parseAbsolute(text string) error {
	p, err := Split(text)
	if err != nil {
		return err
	}
	scheme := Lower(p.Scheme)
	if scheme != "http" && scheme != "https" {
		return &Error{Part: "scheme", Found: start(text), Expected: "http or https"}
	}
	*u = URL{Scheme: scheme, User: p.User, Path: p.Path, Query: p.Query, Fragment: p.Fragment}
	var ok bool
	if u.Host, ok = normalHost(p.Host); !ok {
		return &Error{Part: "host", Found: shown(p.Host, p.User), Expected: "a host name or address"}
	}
	if u.Port, ok = normalPort(p.Port); !ok {
		return &Error{Part: "port", Found: shown(p.Port, p.User), Expected: "a number from 1 to 65535"}
	}
	if u.Port == DefaultPort(scheme) {
		u.Port = ""
	}
	return nil
}

// shown hides a part that may be the end of a password with a slash in it.
func shown(part, user string) string {
	if user != "" {
		return ""
	}
	return part
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

// Parts returns what [Split] makes of String.
func (u *URL) Parts() Parts {
	return Parts{Scheme: u.Scheme, Host: u.Host, Port: u.Port, Path: u.Path, Query: u.Query, HasQuery: u.Query != ""}
}

// Redirect returns the URL as a browser gets it: with user information and fragment.
func (u *URL) Redirect() string {
	s := u.Scheme + "://"
	if u.User != "" {
		s += EscapePath(u.User) + "@"
	}
	s += u.Authority() + u.Target()
	if u.Fragment != "" {
		s += "#" + u.Fragment
	}
	return s
}

// Origin returns scheme, host and port as one text (RFC 6454 §6.2), without a default port.
func (u *URL) Origin() string { return u.Scheme + "://" + u.Authority() }

// BasicAuthorization returns the Authorization header value for the user information, "" when there is none (RFC 7617
// §2).
func (u *URL) BasicAuthorization() string {
	if u.User == "" {
		return ""
	}
	name, password, _ := strings.Cut(u.User, ":")
	pair := Decode(name) + ":" + Decode(password)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}
