// Package oidc finds out from an OpenID provider who sits at a browser: the authorization code flow with state, nonce and
// PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636), over requests that are bounded in time and size and reach nothing but what
// the operator named.
//
// It tells who somebody is, and knows nothing of what that person may do, of cookies and of pages.
package oidc
