// Package client puts OAuth 1.0a signing on net/http: a [Transport] that signs every attempt and every same-origin
// redirect hop afresh, a [Flow] that walks through the calls of RFC 5849 §2 and its session and xAuth extensions, and a
// [Connection] that renews its token when it expires.
//
// It promises that a credential never goes to another origin (scheme, host or port), that what is signed is what
// net/http writes on the wire, that nonces come from a cryptographic source, and that errors hold no secrets. Clock and
// nonce source are arguments. Recovery from provider problems (a learnt clock offset, a fresh nonce, a renewed token)
// is off unless switched on.
//
// It knows nothing of plans or connection specifications.
package client
