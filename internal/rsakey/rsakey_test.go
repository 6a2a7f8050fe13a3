package rsakey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
)

// oddKey is a key of that many bits whose p and q are odd numbers that need not be primes: such a key is made in no
// time, and to check it takes as long as to check a real one.
func oddKey(bits int) []byte {
	one := big.NewInt(1)
	odd := func(seed byte) *big.Int {
		b := make([]byte, bits/16)
		for i := range b {
			b[i] = seed + byte(i)*7
		}
		b[0] |= 0xc0
		b[len(b)-1] |= 1
		return new(big.Int).SetBytes(b)
	}
	p, q := odd(1), odd(9)
	e := big.NewInt(65537)
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)))
	if d == nil {
		d = new(big.Int).Set(e)
	}
	der, err := asn1.Marshal(struct {
		Version                  int
		N                        *big.Int
		E                        int
		D, P, Q, Dp, Dq, Inverse *big.Int
	}{0, new(big.Int).Mul(p, q), 65537, d, p, q, one, one, one})
	if err != nil {
		panic(err)
	}
	return der
}

func pkcs8(der []byte) []byte {
	out, err := asn1.Marshal(struct {
		Version   int
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue
		}
		Key []byte
	}{0, struct {
		ID     asn1.ObjectIdentifier
		Params asn1.RawValue
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, asn1.NullRawValue}, der})
	if err != nil {
		panic(err)
	}
	return out
}

func TestParse(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"pkcs1": {x509.MarshalPKCS1PrivateKey(key), nil}, "pkcs8": {whole, nil},
		"curve": {other, ErrNotRSA}, "curve, SEC 1": {sec1, ErrUnreadable}, "nothing": {nil, ErrUnreadable}, "text": {[]byte("key"), ErrUnreadable},
		"cut": {whole[:40], ErrUnreadable}, "512 bits": {oddKey(512), ErrTooSmall}, "512 bits, pkcs8": {pkcs8(oddKey(512)), ErrTooSmall},
		"1008 bits": {oddKey(1008), ErrTooSmall}, "8208 bits": {oddKey(8208), ErrTooLarge}, "8208 bits, pkcs8": {pkcs8(oddKey(8208)), ErrTooLarge},
		"16 kbit": {oddKey(16 << 10), ErrTooLarge}, "a million bits": {oddKey(1 << 20), ErrTooLarge},
	} {
		began := cputime.Now()
		got, err := Parse(c.der)
		if !errors.Is(err, c.want) || (got == nil) != (c.want != nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if took := cputime.Since(began); took > 200*time.Millisecond {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(oddKey(1024))
	f.Add(pkcs8(oddKey(1024)))
	f.Fuzz(func(t *testing.T, der []byte) {
		if key, err := Parse(der); err == nil && (key.N.BitLen() < MinBits || key.N.BitLen() > MaxBits) {
			t.Errorf("a key of %d bits", key.N.BitLen())
		}
	})
}
