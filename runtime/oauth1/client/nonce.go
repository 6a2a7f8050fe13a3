package client

import (
	"crypto/rand"
	"encoding/hex"
)

// RandomNonce returns a nonce from the operating system's cryptographic source: a version 4 UUID without dashes, 32
// lower-case hex digits with 122 random bits. It is safe for concurrent use.
func RandomNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}
