package wire

import (
	"net/http"
	"slices"

	"github.com/imlc-lang/imlc/internal/redirect"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// mayFollow applies the flag that governs the current method.
func (x *exchange) mayFollow() bool {
	if x.method == http.MethodGet || x.method == http.MethodHead {
		return !x.request.KeepRedirect
	}
	return !x.request.KeepAllRedirect
}

// abroad reports whether a redirect leads to another origin while it is to come back as the answer. What of the signature
// and of secrets the server repeats in it is taken out.
func (x *exchange) abroad(header http.Header, location string) bool {
	if x.request.Streaming == nil || !x.request.Streaming.KeepOrigin {
		return false
	}
	target, ok := x.url.Resolve(location)
	if !ok || !redirect.Leaves(x.url, target, true) {
		return false
	}
	x.strip(target, true)
	header.Set("Location", target.String())
	return true
}

// next makes the hop that a redirect asks for the current one.
func (x *exchange) next(status int, location string) error {
	if x.hop >= x.client.opts.MaxRedirects {
		return &RedirectError{Reason: RedirectTooMany, Status: status, URL: x.url.String()}
	}
	target, ok := x.url.Resolve(location)
	if !ok {
		return &RedirectError{Reason: RedirectInvalid, Status: status, URL: location}
	}
	target.Fragment = ""
	event := RedirectFollowed{Hop: x.hop, Status: status}
	if !redirect.KeepsBody(status) {
		event.BodyDropped = x.dropBody()
	}
	leaves := redirect.Leaves(x.url, target, true)
	if leaves && x.holdsSecret(x.body) {
		return &RedirectError{Reason: RedirectSecret, Status: status, URL: location}
	}
	x.strip(target, leaves)
	if leaves {
		x.dropCredentials()
		event.OriginChanged = true
	}
	if x.url.Authority() != target.Authority() {
		x.header.Del("Host")
	}
	from := x.url
	x.url = target
	x.hop++
	if x.observer != nil {
		from, to := *from, *target // an observer may do with them what it likes
		event.From, event.To, event.Method = &from, &to, x.method
		x.observer.RedirectFollowed(event)
	}
	return nil
}

func (x *exchange) holdsSecret(b *Body) bool {
	return b.Present && (b.Secret || x.isSecret(string(b.Content)))
}

func (x *exchange) isSecret(text string) bool {
	return x.request.Secret != nil && x.request.Secret.Holds(text)
}

// strip takes parameters out of the target of a redirect: those of the signature that the next hop adds anew; and,
// where the redirect leaves the origin, those of this hop's signature and all secrets, as some servers repeat what they
// were sent.
func (x *exchange) strip(target *uri.URL, leaves bool) {
	if target.Query == "" || x.signer == nil && !leaves {
		return
	}
	sent := map[uri.Pair]bool{}
	if leaves && x.signer != nil {
		for _, text := range [...]string{x.out.URL.Query, string(x.out.Body.Content)} {
			for _, p := range uri.SplitPairs(text) {
				sent[p] = true
			}
		}
	}
	target.Query = uri.WithoutPairs(target.Query, func(name, value string) bool {
		if leaves && (x.isSecret(value) || x.isSecret(name)) {
			return true
		}
		return x.signer != nil && x.signer.Strips(name, leaves) && (!leaves || sent[uri.Pair{Name: name, Value: value}])
	})
}

// dropBody turns the request into one without body; it reports whether there was one to lose.
func (x *exchange) dropBody() bool {
	if x.method == http.MethodHead || x.method == http.MethodGet {
		x.header.Del("Content-Type")
		return false
	}
	x.method = http.MethodGet
	x.body = &noBody
	x.bodyDropped = true
	x.header.Del("Content-Type")
	return true
}

// dropCredentials ends signing and leaves behind what identifies the user or holds a secret; it holds for every later
// hop, also back to the first origin.
func (x *exchange) dropCredentials() {
	x.signer = nil
	x.originChanged = true
	x.header = slices.DeleteFunc(x.header, func(f Field) bool {
		return f.Secret || redirect.Credential(f.Name) || x.isSecret(f.Value)
	})
}
