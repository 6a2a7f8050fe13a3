package plan

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// signedMessage is what a signature covers: a word that keeps it from being mistaken for another protocol's, the version of
// the format, and the id, the length and the SHA-256 of every section but SIGNATURE, in the order of the file.
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

func sign(key ed25519.PrivateKey, parts []part) *Signature {
	s := new(Signature)
	copy(s.Key[:], key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	copy(s.Bytes[:], ed25519.Sign(key, signedMessage(parts)))
	return s
}

// fits reports whether s is a signature of these sections.
func (s *Signature) fits(parts []part) bool {
	return ed25519.Verify(s.Key[:], signedMessage(parts), s.Bytes[:])
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

// checkSignature judges the signature of a file. One that does not fit its bytes is refused even where none is required.
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
	if !s.fits(parts) {
		return untrusted("the signature does not fit the plan, which was changed after it was signed")
	}
	trusted := slices.ContainsFunc(opts.TrustedKeys, func(k ed25519.PublicKey) bool { return bytes.Equal(k, s.Key[:]) })
	if opts.RequireSignature && !trusted {
		return untrusted("the plan is signed by a key that is not among the trusted ones")
	}
	return nil
}
