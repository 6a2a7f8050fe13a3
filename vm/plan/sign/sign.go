package sign

import (
	"crypto/ed25519"

	"github.com/imlc-lang/imlc/vm/plan"
)

func init() { plan.RegisterSigning(plan.Signing{Sign: sign, Verify: verify}) }

func sign(privateKey, message []byte) []byte { return ed25519.Sign(privateKey, message) }

func verify(publicKey, message, signature []byte) bool {
	return ed25519.Verify(publicKey, message, signature)
}
