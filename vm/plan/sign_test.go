package plan

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

// The tests of this package cannot import package sign, which imports this one.
func init() {
	RegisterSigning(Signing{
		Sign:   func(privateKey, message []byte) []byte { return ed25519.Sign(privateKey, message) },
		Verify: func(publicKey, message, signature []byte) bool { return ed25519.Verify(publicKey, message, signature) },
	})
}

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func TestSignatures(t *testing.T) {
	ours, theirs := testKey(1), testKey(2)
	trusted := [][]byte{ours.Public().(ed25519.PublicKey)}
	p := connectionPlan(t)
	signed := encode(t, p, EncodeOptions{Sign: ours})
	foreign := encode(t, p, EncodeOptions{Sign: theirs})
	forged := bytes.Clone(signed)
	tamper(forged, sectionSignature, 40)
	changed := bytes.Clone(signed)
	tamper(changed, sectionMeta, 1)
	tests := []struct {
		name string
		data []byte
		opts DecodeOptions
		want error
	}{
		{"required and trusted", signed, DecodeOptions{TrustedKeys: trusted, RequireSignature: true}, nil},
		{"trusted but not required", signed, DecodeOptions{TrustedKeys: trusted}, nil},
		{"unsigned", encode(t, p, EncodeOptions{}), DecodeOptions{TrustedKeys: trusted, RequireSignature: true}, ErrUntrusted},
		{"foreign", foreign, DecodeOptions{TrustedKeys: trusted, RequireSignature: true}, ErrUntrusted},
		{"foreign but not required", foreign, DecodeOptions{TrustedKeys: trusted}, nil},
		{"no trusted key", signed, DecodeOptions{RequireSignature: true}, ErrUntrusted},
		{"forged signature", forged, DecodeOptions{}, ErrUntrusted},
		{"changed plan", changed, DecodeOptions{}, ErrUntrusted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Decode(test.data, test.opts)
			if !errors.Is(err, test.want) {
				t.Fatalf("Decode = %v, want %v", err, test.want)
			}
			if test.want == nil && !bytes.Equal(encode(t, got, EncodeOptions{}), test.data) {
				t.Error("encoding loses the signature")
			}
		})
	}
	stripped := encode(t, decode(t, signed, DecodeOptions{}), EncodeOptions{StripLines: true})
	if decode(t, stripped, DecodeOptions{}).Signature != nil {
		t.Error("the signature of other bytes was kept")
	}
	if _, err := Encode(p, EncodeOptions{Sign: ours[:5]}); err == nil {
		t.Error("a cut signing key was accepted")
	}
}

// TestSigningNotLinked checks that a program without signatures refuses what it cannot judge, and names what is
// missing.
func TestSigningNotLinked(t *testing.T) {
	p := connectionPlan(t)
	signed := encode(t, p, EncodeOptions{Sign: testKey(1)})
	plain := encode(t, p, EncodeOptions{})
	kept := decode(t, signed, DecodeOptions{})
	linked := signing
	defer RegisterSigning(linked)
	RegisterSigning(Signing{})
	if _, err := Decode(plain, DecodeOptions{}); err != nil {
		t.Errorf("a plan that is not signed is refused: %v", err)
	}
	if _, err := Decode(plain, DecodeOptions{RequireSignature: true}); !errors.Is(err, ErrUntrusted) {
		t.Errorf("a signature is required: got %v, want ErrUntrusted", err)
	}
	_, decoding := Decode(signed, DecodeOptions{})
	_, signing := Encode(p, EncodeOptions{Sign: testKey(1)})
	_, keeping := Encode(kept, EncodeOptions{})
	for name, err := range map[string]error{"Decode": decoding, "Encode": signing, "Encode again": keeping} {
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "vm/plan/sign") {
			t.Errorf("%s: got %v, want ErrUnsupported that names the package", name, err)
		}
	}
	if _, err := Hash(kept); err != nil {
		t.Errorf("Hash: %v", err)
	}
}
