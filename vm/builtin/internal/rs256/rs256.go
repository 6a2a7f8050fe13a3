package rs256

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"errors"

	"github.com/imlc-lang/imlc/internal/rsakey"
)

// The errors of Sign.
var (
	// ErrKey says that the text of the key has no RSA private key.
	ErrKey = errors.New("RSA private key expected: PEM with PKCS#1 or PKCS#8")
	// ErrSigning says that the key is one but cannot sign.
	ErrSigning = errors.New("the RSA key cannot sign: it must have 1024 to 8192 bits, and its parts must fit together")
)

// Sign returns the signature of message by the first RSA private key of a PEM text, in PKCS #1 or PKCS #8 form. The
// same message has the same signature. The error is ErrKey or ErrSigning; it never shows the key.
func Sign(key, message []byte) ([]byte, error) {
	private, err := privateKey(key)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	if err != nil {
		return nil, ErrSigning
	}
	return signature, nil
}

// privateKey returns the first RSA private key of a PEM text. The error is ErrKey when there is none, and ErrSigning
// when it is too small or too large to be used.
func privateKey(text []byte) (*rsa.PrivateKey, error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil, ErrKey
		}
		key, err := rsakey.Parse(block.Bytes)
		switch {
		case err == nil:
			return key, nil
		case errors.Is(err, rsakey.ErrTooSmall), errors.Is(err, rsakey.ErrTooLarge):
			return nil, ErrSigning
		}
		text = rest
	}
}
