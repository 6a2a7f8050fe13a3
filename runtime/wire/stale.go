package wire

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// A server may close a kept connection at the very moment at which a request goes out on it. net/http then sends the
// same bytes once more by itself when the method is safe, and a server that has seen them refuses the nonce of their
// signature. So it is kept from doing so, and such a request is signed and sent anew.

// resends reports whether net/http would send a request of this method once more by itself (RFC 9110 §9.2.1).
func resends(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// mostStale bounds how often a request meets one stale connection after the other.
const mostStale = 8

// usage tells what became of the connection of a request.
type usage struct{ kept, answered atomic.Bool }

// watch returns a context under which net/http tells u.
func (u *usage) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { u.kept.Store(info.Reused) },
		GotFirstResponseByte: func() { u.answered.Store(true) },
	})
}

// stale reports whether the request met a kept connection that was dead.
func (u *usage) stale() bool { return u.kept.Load() && !u.answered.Load() }
