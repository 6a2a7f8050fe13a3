// Package explain tells why an OAuth 1.0a signature is what it is: the derivation step by step, and, given what
// somebody else computed for the same request, the first difference and the mistake behind it. It applies each known
// mistake to this very request, so that one which reproduces the foreign result is a certain cause.
//
// It is for people who look for an error, never for a host that signs. It holds no secret in what it returns, and no
// input makes it panic.
package explain
