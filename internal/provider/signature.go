package provider

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
)

// family is how a signature method uses its hash and keys.
type family int

const (
	plaintext family = iota
	sharedKey
	keyPair
)

// signatureMethod is one row of RFC 5849 §3.4.2 to §3.4.4 and the same constructions over longer hashes.
type signatureMethod struct {
	name   string
	family family
	hash   crypto.Hash
	sum    func() hash.Hash
}

var signatureMethods = []signatureMethod{
	{"HMAC-SHA1", sharedKey, crypto.SHA1, sha1.New},
	{"HMAC-SHA256", sharedKey, crypto.SHA256, sha256.New},
	{"HMAC-SHA512", sharedKey, crypto.SHA512, sha512.New},
	{"RSA-SHA1", keyPair, crypto.SHA1, sha1.New},
	{"RSA-SHA256", keyPair, crypto.SHA256, sha256.New},
	{"RSA-SHA512", keyPair, crypto.SHA512, sha512.New},
	{"PLAINTEXT", plaintext, crypto.SHA1, sha1.New},
}

// SignatureMethods lists the names of the signature methods that the provider verifies.
func SignatureMethods() []string {
	names := make([]string, len(signatureMethods))
	for i, m := range signatureMethods {
		names[i] = m.name
	}
	return names
}

func methodNamed(name string) (signatureMethod, bool) {
	for _, m := range signatureMethods {
		if m.name == name {
			return m, true
		}
	}
	return signatureMethod{}, false
}

// sharedSecret is the key of RFC 5849 §3.4.2 and the signature of §3.4.4: both secrets encoded, always with "&".
func sharedSecret(clientSecret, tokenSecret string) string {
	return escape(clientSecret) + "&" + escape(tokenSecret)
}

// verify judges a signature over a base string. key is the shared secret and is not used by RSA; public is the client's
// RSA key and is used by RSA alone. Comparison takes the same time wherever the difference is.
func (m signatureMethod) verify(base, key string, public *rsa.PublicKey, given string) bool {
	switch m.family {
	case plaintext:
		return equal(key, given)
	case sharedKey:
		mac := hmac.New(m.sum, []byte(key))
		mac.Write([]byte(base))
		return equal(base64.StdEncoding.EncodeToString(mac.Sum(nil)), given)
	case keyPair:
		signature, err := base64.StdEncoding.Strict().DecodeString(given)
		if err != nil || public == nil {
			return false
		}
		digest := m.sum()
		digest.Write([]byte(base))
		return rsa.VerifyPKCS1v15(public, m.hash, digest.Sum(nil), signature) == nil
	}
	return false
}

// equal compares two texts in constant time. Only the length of the expected one can be learnt, and it is no secret: it
// follows from the method, or is hidden behind a digest.
func equal(want, got string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// bodyHashes lists the values of oauth_body_hash that are right for a body: the hash of the signature method, and
// SHA-1, which is all that the draft (draft-eaton-oauth-bodyhash-00 §3.2) defines. It is the plain hash, never the
// HMAC.
func (m signatureMethod) bodyHashes(body []byte) []string {
	digest := m.sum()
	digest.Write(body)
	own := base64.StdEncoding.EncodeToString(digest.Sum(nil))
	if m.hash == crypto.SHA1 {
		return []string{own}
	}
	plain := sha1.Sum(body)
	return []string{own, base64.StdEncoding.EncodeToString(plain[:])}
}
