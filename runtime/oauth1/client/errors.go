package client

import (
	"fmt"
	"net/http"
)

// PlaintextError says that PLAINTEXT was about to send both secrets over an unencrypted connection (RFC 5849 §3.4.4).
type PlaintextError struct {
	// Origin is where the request was going.
	Origin string
}

// Error returns what was refused and what to do.
func (e *PlaintextError) Error() string {
	return fmt.Sprintf("PLAINTEXT would send the secrets unencrypted to %s: use https, an HMAC or RSA method, or allow it explicitly", e.Origin)
}

// OriginError says that a request went to an origin that may not receive credentials.
type OriginError struct {
	// Origin is scheme, host and port of the request.
	Origin string
}

// Error returns the origin and what to do.
func (e *OriginError) Error() string {
	return fmt.Sprintf("requests to %s are not signed: add the origin to the allowed ones, or use another client", e.Origin)
}

// RedirectError says that a redirect would take the body of a request to another origin, where it must not go: it may
// hold a secret.
type RedirectError struct {
	// Origin is scheme, host and port of the redirect's target.
	Origin string
}

// Error returns the origin and what to do.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("the redirect to %s would take the body to another origin: send the request there yourself if it may have it", e.Origin)
}

// BodyTooLargeError says that a body that must be read before signing is larger than the limit.
type BodyTooLargeError struct {
	// Limit is the limit in bytes.
	Limit int64
}

// Error returns the limit and what to do.
func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the body must be read to sign it and is larger than %d bytes: raise MaxBody, or switch the body hash off", e.Limit)
}

// StatusError says that a token call was answered by a status that is no success and reported no problem in the terms
// of OAuth.
type StatusError struct {
	// Call names the call: "request token", "access token", "renewal", "xauth".
	Call string
	// Status is the HTTP status.
	Status int
}

// Error returns the status with its reason.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the answer was [%d] %s", e.Status, http.StatusText(e.Status))
}

// CallError says which call failed; the cause is an *oauth1.Problem, an *oauth1.TokenError, a [StatusError] or an error
// of the transport.
type CallError struct {
	// Call names the call, as in [StatusError].
	Call string
	// Err is the cause.
	Err error
}

// Error returns the call and the cause.
func (e *CallError) Error() string { return fmt.Sprintf("%s call: %v", e.Call, e.Err) }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// CallbackError says why a callback does not complete an authorization. It never holds a token.
type CallbackError struct {
	// Code is "oauth1/no-callback-token", "oauth1/token-mismatch", "oauth1/refused" or "oauth1/callback-not-confirmed".
	Code string
	// Problem says what was found.
	Problem string
}

// Error returns the code and the problem.
func (e *CallbackError) Error() string { return e.Code + ": " + e.Problem }

// Is reports whether target is a CallbackError of the same code.
func (e *CallbackError) Is(target error) bool {
	t, ok := target.(*CallbackError)
	return ok && t.Code == e.Code
}
