package oauth1

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
)

// BodyHashError says why oauth_body_hash cannot be computed.
type BodyHashError struct {
	// Algorithm is the hash that was asked for; "" when none is defined.
	Algorithm string
	// Method is the signature method it was asked for; may be "".
	Method string
}

// Error returns what was asked for and what is possible.
func (e *BodyHashError) Error() string {
	if e.Algorithm == "" {
		return fmt.Sprintf("no body hash is defined for the signature method %s: switch the body hash off or give its value", e.Method)
	}
	return fmt.Sprintf("unknown body hash algorithm %q: use sha1, sha256 or sha512", e.Algorithm)
}

// BodyHash returns the base64 of the plain hash of body, never an HMAC of it (draft-eaton-oauth-bodyhash §3.2).
// algorithm is "sha1", "sha256" or "sha512"; no body and an empty body give the hash of the empty string. Any other
// algorithm is a *[BodyHashError].
func BodyHash(algorithm string, body []byte) (string, error) {
	switch algorithm {
	case "sha1":
		sum := sha1.Sum(body)
		return base64.StdEncoding.EncodeToString(sum[:]), nil
	case "sha256":
		sum := sha256.Sum256(body)
		return base64.StdEncoding.EncodeToString(sum[:]), nil
	case "sha512":
		sum := sha512.Sum512(body)
		return base64.StdEncoding.EncodeToString(sum[:]), nil
	}
	return "", &BodyHashError{Algorithm: algorithm}
}
