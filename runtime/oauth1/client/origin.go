package client

import (
	"net/http"
	"net/url"
	"strings"
)

// originOf returns scheme, host and port in lower case, the port always
// written, so that http://a and http://a:80 are one origin.
func originOf(u *url.URL) string {
	scheme := strings.ToLower(u.Scheme)
	port := u.Port()
	if port == "" {
		switch scheme {
		case "http":
			port = "80"
		case "https":
			port = "443"
		}
	}
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// isUpgrade reports whether the step is from http to https on the same host
// with default ports, which may be allowed to keep its signature.
func isUpgrade(from, to string) bool {
	host, ok := strings.CutPrefix(from, "http://")
	if !ok {
		return false
	}
	host, ok = strings.CutSuffix(host, ":80")
	return ok && to == "https://"+host+":443"
}

// leftOrigin reports whether req is a redirect hop after the chain of hops has
// left the origin at which it began. Once it has left, it stays unsigned, also
// if it comes back.
func leftOrigin(req *http.Request, upgrade bool) bool {
	here := originOf(req.URL)
	for r := req; r.Response != nil && r.Response.Request != nil; {
		r = r.Response.Request
		before := originOf(r.URL)
		if before != here && !(upgrade && isUpgrade(before, here)) {
			return true
		}
		here = before
	}
	return false
}

// withoutParams removes the pairs of those names from a raw query and leaves
// the bytes of all others alone.
func withoutParams(rawQuery string, drop func(name string) bool) string {
	if rawQuery == "" {
		return ""
	}
	var kept []string
	for _, pair := range strings.Split(rawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if !drop(name) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
