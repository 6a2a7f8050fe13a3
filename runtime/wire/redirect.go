package wire

import "net/http"

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
	if !x.url.KeepsCredentials(target) {
		x.dropCredentials()
		event.OriginChanged = true
	}
	if x.url.Authority() != target.Authority() {
		x.header.Del("Host")
	}
	if x.signer != nil {
		x.signer.StripSigned(target)
	}
	x.url = *target
	x.hop++
	if x.observer != nil {
		event.Method = x.method
		x.observer.RedirectFollowed(event)
	}
	return nil
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
