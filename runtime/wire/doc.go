// Package wire speaks HTTP: it sends the exact bytes of URLs, headers and bodies through a transport under an egress
// policy, follows redirects, keeps cookies, and reads the bytes of answers. It promises that the request line holds
// exactly the bytes of URL.Target (after scheme and host when a path with two leading slashes cannot be given to
// net/http otherwise), that every hop passes the egress policy and is signed afresh through a [Signer], that nothing
// which its caller marked as secret follows a redirect to another origin, and that no input makes it panic.
//
// The package knows nothing of specs, directives, plans, values, expressions or OAuth; signing is an interface.
// Everything exported is safe for concurrent use unless its comment says otherwise.
package wire
