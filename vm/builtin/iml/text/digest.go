package text

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendMd5(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	b, err := c.Bytes(a.V[0])
	if err != nil {
		return dst, err
	}
	h := md5.New()
	if err := feed(c, h, b); err != nil {
		return dst, err
	}
	return hex.AppendEncode(dst, h.Sum(nil)), nil
}

func appendSha1(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return digest(c, dst, a, sha1.New)
}

func appendSha256(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return digest(c, dst, a, sha256.New)
}

func appendSha512(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return digest(c, dst, a, sha512.New)
}

// The positions of the words for the output of a digest and the form of its key.
const (
	digestHex = iota
	digestBase64
	digestLatin1

	keyText = iota - 3
	keyUTF8
	keyHex
	keyBase64
	keyBinary
)

func digest(c *builtin.Context, dst []byte, a builtin.Args, algorithm func() hash.Hash) ([]byte, error) {
	b, err := c.Bytes(a.V[0])
	if err != nil {
		return dst, err
	}
	h := hash.Hash(nil)
	if a.Given(2) {
		key, err := hmacKey(c, a)
		if err != nil {
			return dst, err
		}
		h = hmac.New(algorithm, key)
	} else {
		h = algorithm()
	}
	if err := feed(c, h, b); err != nil {
		return dst, err
	}
	var scratch [64]byte
	sum := h.Sum(scratch[:0])
	switch a.Word(1) {
	case digestBase64:
		return base64.StdEncoding.AppendEncode(dst, sum), nil
	case digestLatin1:
		return appendLatin1(dst, sum), nil
	}
	return hex.AppendEncode(dst, sum), nil
}

// feed gives the bytes to a hash.
func feed(c *builtin.Context, h hash.Hash, b []byte) error {
	for len(b) > 0 {
		n := min(16*stretch, len(b))
		h.Write(b[:n])
		if err := c.Look(n); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// hmacKey returns the bytes of the key in slot 2. A key that is given but empty is refused, so that a missing secret
// never yields a digest without key (spec iml.md §9.3).
func hmacKey(c *builtin.Context, a builtin.Args) ([]byte, error) {
	v := a.V[2]
	if value.IsEmpty(v) || v.Kind() == value.KindBuffer && len(v.Bytes()) == 0 {
		return nil, builtin.Errorf("IML405", 3, "the key is empty: leave the argument out for a digest without key")
	}
	if v.Kind() == value.KindBuffer {
		return v.Bytes(), nil
	}
	form := a.Word(3)
	if form == keyBinary {
		return nil, builtin.Expected("IML401", 3, "buffer", v)
	}
	s, err := c.ToText(v)
	if err != nil {
		return nil, err
	}
	if err := c.Text(2 * len(s)); err != nil { // the key, and what it is read from
		return nil, err
	}
	key, ok := []byte(s), true
	switch form {
	case keyHex:
		key, ok, err = decodeHex(c, s)
	case keyBase64:
		key, ok, err = decodeBase64(c, s)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, builtin.Errorf("IML407", 3, "the key is not in the form that argument 4 says")
	}
	return key, nil
}
