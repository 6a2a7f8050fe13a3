package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/imlc-lang/imlc/vm/plan"
	_ "github.com/imlc-lang/imlc/vm/plan/sign"
)

// TestSignedPlan signs a plan and reads it with its key, with another one and after a change.
func TestSignedPlan(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	file, err := plan.Encode(&plan.Plan{Connection: &plan.Connection{}}, plan.EncodeOptions{Sign: key})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := key.Public().(ed25519.PublicKey), other.Public().(ed25519.PublicKey)
	p, err := plan.Decode(file, plan.DecodeOptions{TrustedKeys: [][]byte{ours}, RequireSignature: true})
	if err != nil || !bytes.Equal(p.Signature.Key[:], ours) {
		t.Errorf("the trusted key: %v", err)
	}
	if _, err := plan.Decode(file, plan.DecodeOptions{TrustedKeys: [][]byte{theirs}, RequireSignature: true}); !errors.Is(err, plan.ErrUntrusted) {
		t.Errorf("another key: got %v, want ErrUntrusted", err)
	}
	p.Signature.Bytes[5] ^= 1
	again, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if unsigned, err := plan.Decode(again, plan.DecodeOptions{}); err != nil || unsigned.Signature != nil {
		t.Errorf("a signature that does not fit is kept: %v", err)
	}
}
