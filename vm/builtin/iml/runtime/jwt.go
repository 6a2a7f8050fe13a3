package runtime

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// The positions of the algorithms of jwt in its list of words.
const (
	jwtHS256 = iota
	jwtHS384
	jwtHS512
	jwtRS256
)

var jwtAlgorithms = [...]string{"HS256", "HS384", "HS512", "RS256"}

// claimsOfOptions is the number of members that options can add to the header or the payload.
const claimsOfOptions = 8

// signingWork is the work of a signature with an RSA key.
const signingWork = 1000

func appendJwt(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	payload, key, algorithm, options := a.V[0].Object(), a.V[1], a.Word(2), a.At(3).Object()
	if value.IsEmpty(key) || key.Kind() == value.KindBuffer && len(key.Bytes()) == 0 {
		return dst, builtin.Errorf("IML405", 2, "the key is empty")
	}
	keyBytes, err := c.Bytes(key)
	if err != nil {
		return dst, err
	}
	if err := c.Object(payload.Len() + claimsOfOptions); err != nil {
		return dst, err
	}
	if err := c.Object(options.Value("header").Object().Len() + claimsOfOptions); err != nil {
		return dst, err
	}
	header, err := jwtHeader(jwtAlgorithms[algorithm], options)
	if err != nil {
		return dst, err
	}
	claims, err := jwtClaims(c, payload, options)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	for i, part := range []value.Value{header, claims} {
		if err := c.CheckJSON(part); err != nil {
			return dst, err
		}
		if i > 0 {
			dst = append(dst, '.')
		}
		text, err := value.WriteJSON(nil, part, c)
		if err != nil {
			return dst, err
		}
		if err := c.Read(8 * len(text)); err != nil { // with its encoding, and the signature of it
			return dst, err
		}
		if err := c.Text(2 * len(text)); err != nil {
			return dst, err
		}
		dst = base64.RawURLEncoding.AppendEncode(dst, text)
	}
	if algorithm == jwtRS256 {
		if err := c.Tick(signingWork); err != nil {
			return dst, err
		}
	}
	sum, err := jwtSignature(algorithm, keyBytes, dst[start:])
	if err != nil {
		return dst, err
	}
	dst = append(dst, '.')
	return base64.RawURLEncoding.AppendEncode(dst, sum), nil
}

// jwtHeader builds the header: alg, typ, kid, then the members of the option header, which may override.
func jwtHeader(algorithm string, options *value.Object) (value.Value, error) {
	h := value.NewObject(4)
	h.Set("alg", value.Text(algorithm))
	h.Set("typ", value.Text("JWT"))
	if kid := options.Value("keyid"); !kid.IsNil() {
		h.Set("kid", kid)
	}
	extra := options.Value("header")
	if !extra.IsNil() && extra.Kind() != value.KindCollection {
		return value.Undefined, builtin.Errorf("IML405", 4, "option header: collection expected, got %s", extra.Kind())
	}
	o := extra.Object()
	for i := range o.Len() {
		k, v := o.At(i)
		h.Set(k, v)
	}
	return value.Collection(h), nil
}

// jwtClaims builds the payload: the members of p, then iat, nbf, exp, aud, iss, sub and jti as far as they are asked
// for.
func jwtClaims(c *builtin.Context, p, options *value.Object) (value.Value, error) {
	out := p.Clone()
	issued := math.Floor(float64(c.Now) / 1000)
	if iat, ok := p.Get("iat"); ok {
		if f, ok := builtin.ToNumber(iat); ok {
			issued = f
		} else if !options.Value("notBefore").IsNil() || !options.Value("expiresIn").IsNil() {
			return value.Undefined, builtin.Errorf("IML405", 1, "claim iat: number expected, got %s", iat.Kind())
		}
	} else if !value.IsTruthy(options.Value("noTimestamp")) {
		out.Set("iat", value.Number(issued))
	}
	for _, claim := range [...]struct {
		option, name string
		seconds      bool
	}{
		{"notBefore", "nbf", true}, {"expiresIn", "exp", true}, {"audience", "aud", false}, {"issuer", "iss", false},
		{"subject", "sub", false}, {"jwtid", "jti", false},
	} {
		v := options.Value(claim.option)
		if v.IsNil() {
			continue
		}
		if p.Index(claim.name) >= 0 {
			return value.Undefined, builtin.Errorf("IML405", 4, "option %s: the payload already has the claim %s", claim.option, claim.name)
		}
		if claim.seconds {
			f, ok := builtin.ToNumber(v)
			if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
				return value.Undefined, builtin.Errorf("IML405", 4, "option %s: number of seconds expected, got %s", claim.option, v.Kind())
			}
			v = value.Number(issued + f)
		}
		out.Set(claim.name, v)
	}
	return value.Collection(out), nil
}

func jwtSignature(algorithm int, key, signed []byte) ([]byte, error) {
	var h func() hash.Hash
	switch algorithm {
	case jwtRS256:
		sum, err := builtin.SignRS256(key, signed)
		if err != nil {
			return nil, builtin.Errorf("IML408", 2, "%s", err.Error())
		}
		return sum, nil
	case jwtHS384:
		h = sha512.New384
	case jwtHS512:
		h = sha512.New
	default:
		h = sha256.New
	}
	mac := hmac.New(h, key)
	mac.Write(signed)
	return mac.Sum(nil), nil
}
