package oauth1

import (
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/rsakey"
)

// Mask stands for key material in everything that people see.
const Mask = "••••"

// KeyReason classes the ways in which key material can be unusable.
type KeyReason string

// The reasons of a [KeyError].
const (
	KeyMissing    KeyReason = "missing"
	KeyNotPEM     KeyReason = "not-pem"
	KeyEncrypted  KeyReason = "encrypted"
	KeyUnreadable KeyReason = "unreadable"
	KeyNotPrivate KeyReason = "not-private"
	KeyNotRSA     KeyReason = "not-rsa"
	KeyTooSmall   KeyReason = "too-small"
	KeyTooLarge   KeyReason = "too-large"
	KeyNotShared  KeyReason = "not-shared"
	KeyUnusable   KeyReason = "unusable"
)

var keyAdvice = map[KeyReason]string{
	KeyMissing:    "no private key was given: set the private key to a PEM text",
	KeyNotPEM:     "the private key is not PEM text: expected a block from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----",
	KeyEncrypted:  "the private key is encrypted: decrypt it first, for example with openssl pkey",
	KeyUnreadable: "the private key cannot be read: expected an RSA key as PKCS#1 or PKCS#8",
	KeyNotPrivate: "the PEM text holds no private key: a public key or certificate cannot sign",
	KeyNotRSA:     "the private key is not an RSA key",
	KeyTooSmall:   "the RSA key is too small: expected at least 1024 bits",
	KeyTooLarge:   "the RSA key is too large: expected at most 8192 bits",
	KeyNotShared:  "a private key was given but no consumer secret: use an RSA method or set the consumer secret",
	KeyUnusable:   "the key cannot make this signature: its modulus may be too small for the hash, or its parts do not fit together",
}

// KeyError says why key material cannot be used. It never holds any of it.
type KeyError struct {
	// Method is the signature method that the key was for.
	Method string
	// Reason classes the problem.
	Reason KeyReason
}

// Error returns the method, the problem and what to do.
func (e *KeyError) Error() string {
	advice, ok := keyAdvice[e.Reason]
	if !ok {
		advice = "the key cannot be used: " + string(e.Reason)
	}
	return e.Method + ": " + advice
}

// Is reports whether target is a KeyError of the same reason, so that errors.Is(err, &KeyError{Reason: KeyEncrypted})
// works.
func (e *KeyError) Is(target error) bool {
	t, ok := target.(*KeyError)
	return ok && t.Reason == e.Reason && (t.Method == "" || t.Method == e.Method)
}

// Key is a signature method with its prepared key. It is immutable, safe for concurrent use, and prints without key
// material.
type Key struct {
	method Method
	key    SigningKey
}

// PrepareKey parses or sets up the key of p once, for use on every request. Only the signature method, the secrets and
// the private key of p matter. The error is a *[KeyError] or a *[MethodError].
func PrepareKey(p *Params, reg Registry) (*Key, error) {
	m, err := reg.Lookup(p.SignatureMethod)
	if err != nil {
		return nil, err
	}
	k, err := m.Prepare(Secrets{ConsumerSecret: p.ConsumerSecret, TokenSecret: p.TokenSecret, PrivateKey: p.PrivateKey})
	if err != nil {
		return nil, err
	}
	return &Key{method: m, key: k}, nil
}

// Method returns the name of the signature method.
func (k *Key) Method() string { return k.method.Name() }

// Sign returns the signature of a base string, not percent-encoded. For PLAINTEXT this is the key itself.
func (k *Key) Sign(base string) (string, error) {
	sig, err := k.key.AppendSignature(nil, []byte(base))
	return string(sig), err
}

// Verify reports in constant time whether signature is the one that this key makes of base. An RSA key checks it by its
// public half.
func (k *Key) Verify(base, signature string) bool {
	if k, ok := k.key.(*rsaKey); ok {
		return k.verify(base, signature)
	}
	own, err := k.Sign(base)
	return err == nil && ConstantTimeEqual(own, signature)
}

// Format prints the method and a masked key, whatever the verb.
func (k *Key) Format(f fmt.State, _ rune) {
	if k == nil {
		fmt.Fprint(f, "<nil>")
		return
	}
	fmt.Fprintf(f, "%s key %s", k.Method(), k.key.Masked())
}

// ConstantTimeEqual reports whether two texts are equal, taking time that depends on their lengths only.
func ConstantTimeEqual(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// parsePrivateKey reads PKCS#1 and PKCS#8 PEM.
func parsePrivateKey(method, text string) (*rsa.PrivateKey, error) {
	fail := func(r KeyReason) (*rsa.PrivateKey, error) { return nil, &KeyError{Method: method, Reason: r} }
	if strings.TrimSpace(text) == "" {
		return fail(KeyMissing)
	}
	block := decodePEM(text)
	switch {
	case block == nil && strings.Contains(text, "ENCRYPTED"):
		return fail(KeyEncrypted)
	case block == nil:
		return fail(KeyNotPEM)
	case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return fail(KeyEncrypted)
	case block.Type == "EC PRIVATE KEY" || block.Type == "DSA PRIVATE KEY":
		return fail(KeyNotRSA)
	case !strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return fail(KeyNotPrivate)
	}
	key, err := rsakey.Parse(block.Bytes)
	switch {
	case errors.Is(err, rsakey.ErrTooSmall):
		return fail(KeyTooSmall)
	case errors.Is(err, rsakey.ErrTooLarge):
		return fail(KeyTooLarge)
	case errors.Is(err, rsakey.ErrNotRSA):
		return fail(KeyNotRSA)
	case err != nil:
		return fail(KeyUnreadable)
	}
	return key, nil
}

// decodePEM finds the first PEM block, also when line breaks came as the two characters \n, as spaces, or not at all:
// configuration fields and environment variables do that to keys.
func decodePEM(text string) *pem.Block {
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n", "\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Trim(text, " \t\n\"'\ufeff")
	if block := firstKeyBlock(text); block != nil {
		return block
	}
	_, rest, ok := strings.Cut(text, "-----BEGIN ")
	if !ok {
		return nil
	}
	label, rest, ok := strings.Cut(rest, "-----")
	if !ok {
		return nil
	}
	data, _, ok := strings.Cut(rest, "-----END "+label+"-----")
	if !ok || strings.Contains(data, "ENCRYPTED") {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
	if err != nil || len(der) == 0 {
		return nil
	}
	return &pem.Block{Type: label, Bytes: der}
}

// firstKeyBlock prefers a private key among several blocks: a file may begin with its certificate.
func firstKeyBlock(text string) *pem.Block {
	var first *pem.Block
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return first
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
		if first == nil {
			first = block
		}
	}
}
