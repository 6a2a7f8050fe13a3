// Package redirect is the policy for redirects: what a request that is sent on takes along, and what stays at its
// origin. Whoever follows redirects asks it, the engine's own client and the one that Go programs use alike.
//
// Nothing that identifies the user or may carry a secret leaves an origin (scheme, host and port). It knows nothing of
// how requests are sent or signed. Its functions are safe for concurrent use.
package redirect

import "github.com/imlc-lang/imlc/runtime/uri"

// Leaves reports whether a redirect leads to another origin. The upgrade from http to https on the same host with
// default ports stays, where upgrade allows it.
func Leaves(from, to *uri.URL, upgrade bool) bool {
	if from.Origin() == to.Origin() {
		return false
	}
	return !(upgrade && from.Scheme == "http" && to.Scheme == "https" && from.Host == to.Host && from.Port == "" && to.Port == "")
}

// KeepsBody reports whether a redirect of this status keeps method and body: 307 and 308 (RFC 9110 §15.4). Every other
// one turns the request into a GET, or leaves it a HEAD.
func KeepsBody(status int) bool { return status == 307 || status == 308 }

// Credential reports whether a header, in its canonical spelling, identifies the user by its name alone, or tells where
// a request came from. It never leaves the origin.
func Credential(header string) bool {
	switch header {
	case "Authorization", "Proxy-Authorization", "Cookie", "Referer":
		return true
	}
	return false
}

// Harmless reports whether a header, in its canonical spelling, holds nothing that could be a secret. Who does not know
// what the others hold leaves them behind.
func Harmless(header string) bool {
	switch header {
	case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Language", "Content-Type",
		"If-Modified-Since", "Pragma", "Range", "User-Agent":
		return true
	}
	return false
}
