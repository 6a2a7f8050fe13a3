package client

import (
	"net/http"
	"net/url"

	"github.com/imlc-lang/imlc/internal/redirect"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// placeOf returns scheme, host and port of a URL in normal form; ok is false when it has none that can be compared.
func placeOf(u *url.URL) (place *uri.URL, ok bool) {
	place, err := uri.Parse(u.Scheme+"://"+withoutZone(u.Host)+"/", false)
	return place, err == nil
}

// originOf returns the origin of a URL for messages and comparison; what cannot be read is an origin of its own.
func originOf(u *url.URL) string {
	if place, ok := placeOf(u); ok {
		return place.Origin()
	}
	return u.Scheme + "://" + u.Host
}

// leftOrigin reports whether req is a redirect hop after the chain of hops has left the origin at which it began. Once
// it has left, it stays unsigned, also if it comes back.
func leftOrigin(req *http.Request, upgrade bool) bool {
	to, ok := placeOf(req.URL)
	for r := req; r.Response != nil && r.Response.Request != nil; {
		r = r.Response.Request
		from, known := placeOf(r.URL)
		if !ok || !known || redirect.Leaves(from, to, upgrade) {
			return true
		}
		to = from
	}
	return false
}
