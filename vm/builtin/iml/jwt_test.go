package iml_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestJWTWithRSA signs with both forms of PEM and verifies with the standard library.
func TestJWTWithRSA(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := value.ParseJSON(`{"sub":"1"}`, nil)
	for _, block := range []*pem.Block{{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}, {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		text := value.Text(string(pem.EncodeToMemory(block)))
		v, err := builtin.Invoke(row("jwt"), testContext(), builtin.MakeArgs([]value.Value{payload, text, value.Text("RS256")}, 7))
		if err != nil {
			t.Fatal(err)
		}
		dot := strings.LastIndexByte(v.Str(), '.')
		sig, err := base64.RawURLEncoding.DecodeString(v.Str()[dot+1:])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(v.Str()[:dot]))
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], sig); err != nil {
			t.Errorf("%s: %v", block.Type, err)
		}
	}
}

// TestJWTMembers checks the order of the members of header and payload.
func TestJWTMembers(t *testing.T) {
	payload, _ := value.ParseJSON(`{"b":1,"iat":100,"a":2}`, nil)
	options, _ := value.ParseJSON(`{"header":{"typ":"at","x":1},"keyid":"k","jwtid":"j","subject":"s","issuer":"i","audience":["x"],"expiresIn":"60","notBefore":-5}`, nil)
	v, err := builtin.Invoke(row("jwt"), testContext(), builtin.MakeArgs([]value.Value{payload, value.Text("key"), value.Text("HS384"), options}, 15))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, part := range strings.Split(v.Str(), ".")[:2] {
		b, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(b))
	}
	want := []string{
		`{"alg":"HS384","typ":"at","kid":"k","x":1}`,
		`{"b":1,"iat":100,"a":2,"nbf":95,"exp":160,"aud":["x"],"iss":"i","sub":"s","jti":"j"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
