package wire

import (
	"net/http"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// mayFollow applies the flag that governs the current method (spec make.md §8.2).
func (x *exchange) mayFollow() bool {
	if x.method == http.MethodGet || x.method == http.MethodHead {
		return !x.request.KeepRedirect
	}
	return !x.request.KeepAllRedirect
}

// next makes the hop that a redirect asks for the current one.
func (x *exchange) next(status int, location string) error {
	if x.hop >= x.client.opts.MaxRedirects {
		return &RedirectError{TooMany: true, Status: status,
			Message: "Exceeded maxRedirects. Probably stuck in a redirect loop " + MaskURL(x.url.String())}
	}
	target, ok := x.url.Resolve(location)
	if !ok {
		return &RedirectError{Status: status, Message: "Invalid URI \"" + MaskURL(location) + "\""}
	}
	target.Fragment = ""
	event := RedirectFollowed{Hop: x.hop, Status: status, To: target}
	if x.observer != nil {
		from := x.url
		event.From = &from
	}
	if status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect {
		event.BodyDropped = x.dropBody()
	}
	leaves := !x.url.KeepsCredentials(target)
	x.strip(target, leaves)
	if leaves {
		x.dropCredentials()
		event.OriginChanged = true
	}
	if x.url.Authority() != target.Authority() {
		x.header.Del("Host")
	}
	x.url = *target
	x.hop++
	if x.observer != nil {
		event.Method = x.method
		x.observer.RedirectFollowed(event)
	}
	return nil
}

// strip takes parameters of the signature out of the target of a redirect: those that the next hop adds anew, and, where it leaves
// the origin, those of this hop, as some servers repeat what they were sent.
func (x *exchange) strip(target *uri.URL, leaves bool) {
	if x.signer == nil || target.Query == "" {
		return
	}
	var sent map[uri.Pair]bool
	if leaves {
		sent = map[uri.Pair]bool{}
		for _, text := range [...]string{x.out.URL.Query, string(x.out.Body.Content)} {
			for _, p := range uri.SplitPairs(text) {
				sent[p] = true
			}
		}
	}
	target.Query = uri.WithoutPairs(target.Query, func(name, value string) bool {
		return x.signer.Strips(name, leaves) && (!leaves || sent[uri.Pair{Name: name, Value: value}])
	})
}

// dropBody turns the request into one without body; it reports whether there was one to lose.
func (x *exchange) dropBody() bool {
	if x.method == http.MethodHead || x.method == http.MethodGet {
		x.header.Del("Content-Type")
		return false
	}
	x.method = http.MethodGet
	x.body = Body{}
	x.bodyDropped = true
	x.header.Del("Content-Type")
	return true
}

// dropCredentials ends signing and removes what identifies the user; it holds for every later hop, also back to the first
// origin.
func (x *exchange) dropCredentials() {
	x.signer = nil
	x.originChanged = true
	x.header.Del("Authorization")
	x.header.Del("Cookie")
	x.header.Del("Proxy-Authorization")
}
