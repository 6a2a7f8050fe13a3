package explain

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// hashes are those of the built-in methods, by the name of the body hash.
var hashes = map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

// hmacHashes are the hashes of the built-in HMAC methods.
var hmacHashes = map[string]string{oauth1.HMACSHA1: "sha1", oauth1.HMACSHA256: "sha256", oauth1.HMACSHA512: "sha512"}

// hexBodyHash is the body hash of a signer that encodes the hex text of the hash instead of its bytes; given is the
// right value, whose length names the hash.
func hexBodyHash(req *oauth1.Request, given string) string {
	name := map[int]string{28: "sha1", 44: "sha256", 88: "sha512"}[len(given)]
	if name == "" {
		return given
	}
	h := hashes[name]()
	h.Write(req.Body)
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(h.Sum(nil))))
}

// sharedKey is the HMAC key that a signer with these mistakes makes.
func (q *quirks) sharedKey(p *oauth1.Params) string {
	first, second := p.ConsumerSecret, p.TokenSecret
	if q.keyAsSecret {
		first = p.ConsumerKey
	}
	if q.consumerSecret != nil {
		first = q.consumerSecret(first)
	}
	if q.tokenSecret != nil {
		second = q.tokenSecret(second)
	}
	if q.tokenAsSecret {
		second = p.Token
	}
	if q.noTokenSecret {
		second = ""
	}
	if q.noConsumerSecret {
		first = ""
	}
	if q.swapSecrets {
		first, second = second, first
	}
	switch {
	case q.rawSecrets:
	case q.quirkyKey:
		first, second = q.encoder.encode(first), q.encoder.encode(second)
	default:
		first, second = uri.Encode(first), uri.Encode(second)
	}
	key := first + "&" + second
	if q.noAmpersand && second == "" {
		key = first
	}
	if q.key != nil {
		key = q.key(key)
	}
	return key
}

// signature is what a signer with these mistakes sends; "" when this method has no such variant, or when it would take
// too long to make.
func (q *quirks) signature(d *derivation, key *oauth1.Key, p *oauth1.Params) string {
	method := key.Method()
	name, isHMAC := hmacHashes[method]
	if isHMAC || method == oauth1.Plaintext {
		if !d.effort.take(4 * min(maxEffort, len(p.ConsumerSecret)+len(p.TokenSecret))) {
			return ""
		}
		shared := q.sharedKey(p)
		if !isHMAC {
			return shared
		}
		base := q.toSign(d)
		if base == "" {
			return ""
		}
		hash := hashes[cmp.Or(q.hashName, name)]
		if q.digest != nil {
			return q.output(q.digest(hash, shared, base))
		}
		mac := hmac.New(hash, []byte(shared))
		d.signed = append(d.signed[:0], base...)
		mac.Write(d.signed)
		return q.output(mac.Sum(nil))
	}
	base := q.toSign(d)
	if q.hashName != "" || q.digest != nil || base == "" || !d.effort.take(perVerify) {
		return ""
	}
	sig, err := key.Sign(base)
	if err != nil {
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return sig
	}
	return q.output(raw)
}

// toSign is the base string for a signature; "" when it would take too long to make or to sign.
func (q *quirks) toSign(d *derivation) string {
	base := q.base(d)
	if !d.effort.take(len(base)) {
		return ""
	}
	return base
}

func (q *quirks) output(sum []byte) string {
	if q.base64OfHex {
		sum = []byte(hex.EncodeToString(sum))
	}
	text := base64.StdEncoding.EncodeToString(sum)
	if q.hexSignature {
		text = hex.EncodeToString(sum)
	}
	if q.urlSafe {
		text = strings.NewReplacer("+", "-", "/", "_").Replace(text)
	}
	if q.unpadded {
		text = strings.TrimRight(text, "=")
	}
	if q.text != nil {
		text = q.text(text)
	}
	return text
}

// reproduces reports whether a signer with these mistakes would send that signature. An RSA signature is checked by its
// public half, which is much cheaper than making one per guess.
func (q *quirks) reproduces(d *derivation, key *oauth1.Key, p *oauth1.Params, signature string) bool {
	if q.encoder != nil && !q.quirkyKey {
		// Whoever encodes wrongly may do so in the key as well, or not.
		other := *q
		other.quirkyKey = true
		if own := other.signature(d, key, p); own != "" && oauth1.ConstantTimeEqual(own, signature) {
			return true
		}
	}
	if !strings.HasPrefix(key.Method(), "RSA-") || q.hexSignature || q.base64OfHex || q.urlSafe || q.unpadded || q.text != nil || q.digest != nil {
		own := q.signature(d, key, p)
		return own != "" && oauth1.ConstantTimeEqual(own, signature)
	}
	if q.hashName != "" {
		key = d.otherHash(p, q.hashName)
	}
	base := q.toSign(d)
	return key != nil && base != "" && d.effort.take(perVerify) && key.Verify(base, signature)
}

// otherHash prepares the key for another hash; nil when there is no such method.
func (d *derivation) otherHash(p *oauth1.Params, hash string) *oauth1.Key {
	key, ok := d.hashed[hash]
	if !ok {
		as := *p
		as.SignatureMethod = "RSA-" + strings.ToUpper(hash)
		key, _ = oauth1.PrepareKey(&as, oauth1.Registry{})
		d.hashed[hash] = key
	}
	return key
}
