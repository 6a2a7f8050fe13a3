// Package wire speaks HTTP for connections: it builds the exact bytes of URLs, queries, headers and bodies (spec make.md
// §7), sends them through a transport under an egress policy with the redirect rules of §8, and reads responses into
// values (§9). It promises that the request line holds exactly the bytes of URL.Target (after scheme and host when a path
// with two leading slashes cannot be given to net/http otherwise), that every hop passes the egress policy and is signed
// afresh through a Signer, and that no input makes it panic.
//
// The package knows nothing of specs, plans, expressions or OAuth; signing is an interface. Everything exported is safe
// for concurrent use unless its comment says otherwise.
package wire
