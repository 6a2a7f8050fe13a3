package oauth1

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// The names of the signature methods that are built in; names are case-sensitive.
const (
	HMACSHA1   = "HMAC-SHA1"
	HMACSHA256 = "HMAC-SHA256"
	HMACSHA512 = "HMAC-SHA512"
	RSASHA1    = "RSA-SHA1"
	RSASHA256  = "RSA-SHA256"
	RSASHA512  = "RSA-SHA512"
	Plaintext  = "PLAINTEXT"
)

// Secrets is the key material that a signature method may use. It prints masked.
type Secrets struct {
	// ConsumerSecret and TokenSecret are the shared secrets, as given.
	ConsumerSecret, TokenSecret string
	// PrivateKey is PEM text, for methods with a key pair.
	PrivateKey string
}

// Format prints no key material, whatever the verb.
func (Secrets) Format(f fmt.State, _ rune) { fmt.Fprint(f, "oauth1.Secrets("+Mask+")") }

// MarshalJSON writes what Secrets print, which json.Unmarshal refuses.
func (s Secrets) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(s)) }

// Method is a signature method: a name and the way to prepare its key. Implementations must be safe for concurrent use.
type Method interface {
	// Name is the value of oauth_signature_method.
	Name() string
	// Prepare does the work that depends on the key only. Its errors must not hold key material.
	Prepare(Secrets) (SigningKey, error)
	// BodyHash names the hash for oauth_body_hash ("sha1", "sha256", "sha512"), or "" when none is defined for this
	// method.
	BodyHash() string
}

// SigningKey is a prepared key. It is safe for concurrent use.
type SigningKey interface {
	// AppendSignature appends the signature text of a base string, not yet percent-encoded, to dst. It must not keep
	// base.
	AppendSignature(dst, base []byte) ([]byte, error)
	// Masked describes how the key is made without any key material.
	Masked() string
}

// MethodError says that a signature method is not registered.
type MethodError struct {
	// Name is the name that was asked for.
	Name string
	// Known are the registered names, sorted.
	Known []string
}

// Error returns what was found and what is known.
func (e *MethodError) Error() string {
	return fmt.Sprintf("signature method %q is not known: use one of %v (names are case-sensitive)", e.Name, e.Known)
}

// Registry is an immutable set of signature methods. The zero Registry knows the built-in ones: HMAC and RSA over
// SHA-1, SHA-256 and SHA-512, and PLAINTEXT.
type Registry struct{ methods map[string]Method }

var builtin = map[string]Method{
	HMACSHA1:   hmacMethod{HMACSHA1, "sha1", sha1.New, appendSHA1, sha1.BlockSize},
	HMACSHA256: hmacMethod{HMACSHA256, "sha256", sha256.New, appendSHA256, sha256.BlockSize},
	HMACSHA512: hmacMethod{HMACSHA512, "sha512", sha512.New, appendSHA512, sha512.BlockSize},
	RSASHA1:    rsaMethod{RSASHA1, "sha1", crypto.SHA1},
	RSASHA256:  rsaMethod{RSASHA256, "sha256", crypto.SHA256},
	RSASHA512:  rsaMethod{RSASHA512, "sha512", crypto.SHA512},
	Plaintext:  plaintextMethod{},
}

// With returns a registry that also knows m; a method of the same name is replaced. The receiver is not changed.
func (r Registry) With(m Method) Registry {
	next := maps.Clone(r.all())
	next[m.Name()] = m
	return Registry{methods: next}
}

func (r Registry) all() map[string]Method {
	if r.methods == nil {
		return builtin
	}
	return r.methods
}

// Lookup returns the method of that exact name; "" means HMAC-SHA1. The error is a *[MethodError].
func (r Registry) Lookup(name string) (Method, error) {
	if name == "" {
		name = HMACSHA1
	}
	if m, ok := r.all()[name]; ok {
		return m, nil
	}
	return nil, &MethodError{Name: name, Known: r.Names()}
}

// Names returns the registered names, sorted.
func (r Registry) Names() []string { return slices.Sorted(maps.Keys(r.all())) }

// sharedKey is enc(consumer secret)&enc(token secret): the "&" is always there (RFC 5849 §3.4.2, pitfall 20).
func sharedKey(s Secrets) []byte {
	b := make([]byte, 0, len(s.ConsumerSecret)+len(s.TokenSecret)+16) // room for a few escapes
	b = append(uri.AppendEncode(b, s.ConsumerSecret), '&')
	return uri.AppendEncode(b, s.TokenSecret)
}

// maskedShared says how a shared key was made. An empty half shows as empty: a forgotten secret is the commonest mistake.
func maskedShared(key []byte) string {
	consumer, token, _ := bytes.Cut(key, []byte{'&'})
	half := func(secret []byte) string {
		if len(secret) == 0 {
			return ""
		}
		return "enc(" + Mask + ")"
	}
	text := half(consumer) + "&" + half(token)
	switch {
	case len(consumer) == 0 && len(token) == 0:
		text += " (no secret at all)"
	case len(consumer) == 0:
		text += " (no consumer secret)"
	case len(token) == 0:
		text += " (no token secret)"
	}
	return text
}

// hmacMethod is RFC 5849 §3.4.2 over any hash.
type hmacMethod struct {
	name, hash string
	new        func() hash.Hash
	sum        func(dst, text []byte) []byte
	block      int // bytes
}

func appendSHA1(dst, text []byte) []byte {
	sum := sha1.Sum(text)
	return append(dst, sum[:]...)
}

func appendSHA256(dst, text []byte) []byte {
	sum := sha256.Sum256(text)
	return append(dst, sum[:]...)
}

func appendSHA512(dst, text []byte) []byte {
	sum := sha512.Sum512(text)
	return append(dst, sum[:]...)
}

// Name implements Method.
func (m hmacMethod) Name() string { return m.name }

// BodyHash implements Method.
func (m hmacMethod) BodyHash() string { return m.hash }

// Prepare implements Method.
func (m hmacMethod) Prepare(s Secrets) (SigningKey, error) {
	if err := needsSharedSecret(m.name, s); err != nil {
		return nil, err
	}
	return &hmacKey{hmacMethod: m, key: sharedKey(s)}, nil
}

// hmacKey pools keyed hash states: after its first reset a state restores the hashed key block instead of hashing it
// again. The first signature does without one, as many keys sign once.
type hmacKey struct {
	hmacMethod
	key    []byte
	signed atomic.Bool
	states sync.Pool // of *hmacState
}

type hmacState struct {
	mac  hash.Hash
	sum  [sha512.Size]byte
	used bool
}

// AppendSignature implements SigningKey.
func (k *hmacKey) AppendSignature(dst, base []byte) ([]byte, error) {
	if !k.signed.Load() {
		k.signed.Store(true)
		return k.appendFirst(dst, base), nil
	}
	st, ok := k.states.Get().(*hmacState)
	if !ok {
		st = &hmacState{mac: hmac.New(k.new, k.key)}
	}
	if st.used {
		st.mac.Reset()
	}
	st.used = true
	st.mac.Write(base)
	dst = base64.StdEncoding.AppendEncode(dst, st.mac.Sum(st.sum[:0]))
	k.states.Put(st)
	return dst, nil
}

// appendFirst appends the first signature. It works behind dst, where nothing of the key stays (RFC 2104 §2).
func (k *hmacKey) appendFirst(dst, base []byte) []byte {
	var sum [sha512.Size]byte
	at, key := len(dst), k.key
	if len(key) > k.block {
		key = k.sum(nil, key)
	}
	pad := func(c byte, text []byte) []byte {
		dst = append(dst[:at], key...)
		for len(dst) < at+k.block {
			dst = append(dst, 0)
		}
		for i := range dst[at:] {
			dst[at+i] ^= c
		}
		dst = append(dst, text...)
		return k.sum(sum[:0], dst[at:])
	}
	mac := pad(0x5c, pad(0x36, base))
	clear(dst[at:cap(dst)])
	return base64.StdEncoding.AppendEncode(dst[:at], mac)
}

// Masked implements SigningKey.
func (k *hmacKey) Masked() string { return maskedShared(k.key) }

// Format prints the key masked, whatever the verb.
func (k *hmacKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.Masked()) }

// rsaMethod is RFC 5849 §3.4.3, PKCS #1 v1.5, over any hash.
type rsaMethod struct {
	name, hash string
	algorithm  crypto.Hash
}

// Name implements Method.
func (m rsaMethod) Name() string { return m.name }

// BodyHash implements Method.
func (m rsaMethod) BodyHash() string { return m.hash }

// Prepare implements Method.
func (m rsaMethod) Prepare(s Secrets) (SigningKey, error) {
	text := s.PrivateKey
	if text == "" {
		text = s.ConsumerSecret
	}
	key, err := parsePrivateKey(m.name, text)
	if err != nil {
		return nil, err
	}
	return &rsaKey{key: key, algorithm: m.algorithm, method: m.name}, nil
}

type rsaKey struct {
	key       *rsa.PrivateKey
	algorithm crypto.Hash
	method    string
}

// AppendSignature implements SigningKey.
func (k *rsaKey) AppendSignature(dst, base []byte) ([]byte, error) {
	h := k.algorithm.New()
	h.Write(base)
	sig, err := rsa.SignPKCS1v15(nil, k.key, k.algorithm, h.Sum(nil))
	if err != nil {
		return nil, &KeyError{Method: k.method, Reason: KeyUnusable}
	}
	return base64.StdEncoding.AppendEncode(dst, sig), nil
}

func (k *rsaKey) verify(base, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	h := k.algorithm.New()
	h.Write([]byte(base))
	return rsa.VerifyPKCS1v15(&k.key.PublicKey, k.algorithm, h.Sum(nil), raw) == nil
}

// Masked implements SigningKey.
func (k *rsaKey) Masked() string {
	return fmt.Sprintf("RSA private key, %d bits (%s)", k.key.N.BitLen(), Mask)
}

// Format prints the key masked, whatever the verb.
func (k *rsaKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.Masked()) }

// plaintextMethod is RFC 5849 §3.4.4: the key text is the signature.
type plaintextMethod struct{}

// Name implements Method.
func (plaintextMethod) Name() string { return Plaintext }

// BodyHash implements Method.
func (plaintextMethod) BodyHash() string { return "" }

// Prepare implements Method.
func (plaintextMethod) Prepare(s Secrets) (SigningKey, error) {
	if err := needsSharedSecret(Plaintext, s); err != nil {
		return nil, err
	}
	return &plaintextKey{sharedKey(s)}, nil
}

type plaintextKey struct{ key []byte }

// AppendSignature implements SigningKey.
func (k *plaintextKey) AppendSignature(dst, _ []byte) ([]byte, error) {
	return append(dst, k.key...), nil
}

// Masked implements SigningKey.
func (k *plaintextKey) Masked() string { return maskedShared(k.key) }

// Format prints the key masked, whatever the verb.
func (k *plaintextKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.Masked()) }

// needsSharedSecret refuses a key pair given to a method with shared secrets: signing with an empty secret would look
// like a wrong secret to the user.
func needsSharedSecret(method string, s Secrets) error {
	if s.PrivateKey != "" && s.ConsumerSecret == "" {
		return &KeyError{Method: method, Reason: KeyNotShared}
	}
	return nil
}
