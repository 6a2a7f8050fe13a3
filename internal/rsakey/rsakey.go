// Package rsakey reads RSA private keys that strangers give. Checking and using a key takes time by the cube of its
// size, so the size is looked at before anything else is.
package rsakey

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
)

// The sizes of a key that is used, in bits of its modulus.
const (
	MinBits = 1024
	MaxBits = 8192
)

// The errors of Parse.
var (
	ErrUnreadable = errors.New("the key cannot be read: expected an RSA key as PKCS#1 or PKCS#8")
	ErrNotRSA     = errors.New("the private key is not an RSA key")
	ErrTooSmall   = errors.New("the RSA key is too small: expected at least 1024 bits")
	ErrTooLarge   = errors.New("the RSA key is too large: expected at most 8192 bits")
)

// maxDER is more than a key of MaxBits takes, in bytes. It bounds the numbers of a key beside its modulus.
const maxDER = 16 << 10

// Parse reads a private key in PKCS#1 or PKCS#8 form, DER; labels of PEM are not trusted, since each is met over the
// other. The error is one of this package and shows nothing of the key.
func Parse(der []byte) (*rsa.PrivateKey, error) {
	if bits, known := modulusBits(der); known && bits < MinBits {
		return nil, ErrTooSmall
	} else if len(der) > maxDER || bits > MaxBits {
		return nil, ErrTooLarge
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, ErrUnreadable
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, ErrNotRSA
	}
	return key, nil
}

// modulusBits returns the size of the modulus; known is false for what is no RSA key.
func modulusBits(der []byte) (bits int, known bool) {
	if len(der) > maxDER {
		return 0, false
	}
	var outer struct {
		Version   int
		Algorithm struct {
			ID asn1.ObjectIdentifier
		}
		Key []byte
	}
	if _, err := asn1.Unmarshal(der, &outer); err == nil {
		if rsaEncryption := (asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}); !outer.Algorithm.ID.Equal(rsaEncryption) {
			return 0, false
		}
		der = outer.Key
	}
	var key struct { // what follows the modulus is left alone
		Version int
		N       *big.Int
	}
	if _, err := asn1.Unmarshal(der, &key); err != nil || key.N.Sign() <= 0 {
		return 0, false
	}
	return key.N.BitLen(), true
}
