// Package rs256 signs with the JSON Web Algorithm RS256 (RFC 7518 §3.3): RSASSA-PKCS1-v1_5 with SHA-256. It reads keys
// in PEM and knows nothing of tokens, functions or values. It is a package of its own because reading such keys links
// most of the cryptography and the network packages of the standard library.
package rs256
