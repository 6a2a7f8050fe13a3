package rs256

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// The errors of Sign.
var (
	// ErrKey says that the text of the key has no RSA private key.
	ErrKey = errors.New("RSA private key expected: PEM with PKCS#1 or PKCS#8")
	// ErrSigning says that the key is one but cannot sign.
	ErrSigning = errors.New("the RSA key cannot sign: it may be shorter than 1024 bits")
)

// Sign returns the signature of message by the first RSA private key of a PEM text, in PKCS #1 or PKCS #8 form. The
// same message has the same signature. The error is ErrKey or ErrSigning; it never shows the key.
func Sign(key, message []byte) ([]byte, error) {
	private := privateKey(key)
	if private == nil {
		return nil, ErrKey
	}
	sum := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	if err != nil {
		return nil, ErrSigning
	}
	return signature, nil
}

// privateKey returns the first RSA private key of a PEM text, nil when there is none.
func privateKey(text []byte) *rsa.PrivateKey {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil
		}
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key
		}
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := key.(*rsa.PrivateKey); ok {
				return private
			}
		}
		text = rest
	}
}
