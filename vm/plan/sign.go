package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// signedMessage is what a signature covers: a word that keeps it from being mistaken for another protocol's, the
// version of the format, and the id, the length and the SHA-256 of every section but SIGNATURE, in the order of the
// file.
func signedMessage(parts []part) []byte {
	msg := append(make([]byte, 0, 16+len(parts)*40), "IMLC signature"...)
	msg = binary.LittleEndian.AppendUint16(msg, FormatVersion)
	for _, s := range parts {
		sum := sha256.Sum256(s.data)
		msg = binary.LittleEndian.AppendUint32(msg, uint32(s.id))
		msg = binary.LittleEndian.AppendUint32(msg, uint32(len(s.data)))
		msg = append(msg, sum[:]...)
	}
	return msg
}

// The sizes of keys and signatures (RFC 8032 §5.1).
const (
	publicKeySize  = 32
	privateKeySize = 64 // seed and public key
)

// Signing is how signatures of plan files are made and checked: ed25519 (RFC 8032 §5.1), with keys in the forms of
// crypto/ed25519. Package vm/plan/sign has it. It is not part of this package, because a process that runs unsigned
// plans starts faster without it.
type Signing struct {
	// Sign returns the 64 bytes of the signature of message by a private key of 64 bytes.
	Sign func(privateKey, message []byte) []byte
	// Verify reports whether signature is that of message by the owner of a public key of 32 bytes.
	Verify func(publicKey, message, signature []byte) bool
}

var signing Signing

// RegisterSigning makes s the way in which Encode signs and Decode checks signatures. It is for the init function of
// package vm/plan/sign and must not be called later. Without it Decode refuses every signed plan and Encode signs none.
func RegisterSigning(s Signing) { signing = s }

// errNoSigning is the error where a signature has to be made or checked in a program that does not link how.
func errNoSigning() *FormatError {
	return &FormatError{Kind: ErrUnsupported, Section: sectionNames[sectionSignature], Offset: -1,
		Detail: "this program cannot make or check signatures: import github.com/imlc-lang/imlc/vm/plan/sign in it"}
}

// sign signs the sections with an ed25519 private key.
func sign(key []byte, parts []part) (*Signature, error) {
	if len(key) != privateKeySize {
		return nil, fmt.Errorf("a signing key of %d bytes, expected an ed25519 private key of %d", len(key), privateKeySize)
	}
	if signing.Sign == nil {
		return nil, errNoSigning()
	}
	s := new(Signature)
	copy(s.Key[:], key[privateKeySize-publicKeySize:]) // crypto/ed25519 keeps the public key behind the seed
	copy(s.Bytes[:], signing.Sign(key, signedMessage(parts)))
	return s, nil
}

// fits reports whether s is a signature of these sections.
func (s *Signature) fits(parts []part) (bool, error) {
	if signing.Verify == nil {
		return false, errNoSigning()
	}
	return signing.Verify(s.Key[:], signedMessage(parts), s.Bytes[:]), nil
}

func signatureSection(s *Signature) part {
	return part{sectionSignature, slices.Concat(s.Key[:], s.Bytes[:])}
}

func (r *reader) signature() *Signature {
	s := new(Signature)
	r.fixed(s.Key[:])
	r.fixed(s.Bytes[:])
	return s
}

// checkSignature judges the signature of a file. One that does not fit its bytes is refused even where none is
// required.
func checkSignature(s *Signature, parts []part, opts DecodeOptions) error {
	untrusted := func(detail string) error {
		return &FormatError{Kind: ErrUntrusted, Section: sectionNames[sectionSignature], Offset: -1, Detail: detail}
	}
	if s == nil {
		if opts.RequireSignature {
			return untrusted("the plan is not signed, expected a signature by a trusted key: sign it when compiling")
		}
		return nil
	}
	fits, err := s.fits(parts)
	if err != nil {
		return err
	}
	if !fits {
		return untrusted("the signature does not fit the plan, which was changed after it was signed")
	}
	trusted := slices.ContainsFunc(opts.TrustedKeys, func(k []byte) bool { return bytes.Equal(k, s.Key[:]) })
	if opts.RequireSignature && !trusted {
		return untrusted("the plan is signed by a key that is not among the trusted ones")
	}
	return nil
}
