package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
)

// EncodeOptions choose what Encode writes. The zero value writes everything and signs nothing.
type EncodeOptions struct {
	// StripLines leaves the positions out, StripSource the sources.
	StripLines, StripSource bool
	// Sign is the ed25519 private key that signs the file, in the form of crypto/ed25519.PrivateKey; nil signs nothing.
	// The program must link package vm/plan/sign.
	Sign []byte
}

// Encode returns the file form of p: the same bytes on every platform for the same plan and options. It refuses a plan
// that Verify refuses and one that holds a secret. A signature that p was decoded with is kept when it still fits.
func Encode(p *Plan, opts EncodeOptions) ([]byte, error) {
	if err := Verify(p); err != nil {
		return nil, err
	}
	if err := p.checkClear(); err != nil {
		return nil, err
	}
	sections, err := p.sections(opts)
	if err != nil {
		return nil, err
	}
	signature, err := p.signatureOf(sections, opts)
	if err != nil {
		return nil, err
	}
	if signature != nil {
		sections = append(sections, signatureSection(signature))
	}
	return assemble(sections)
}

// signatureOf returns the signature that the file gets: a new one, that of the plan when it still fits, or nil.
func (p *Plan) signatureOf(sections []part, opts EncodeOptions) (*Signature, error) {
	if opts.Sign != nil {
		return sign(opts.Sign, sections)
	}
	if p.Signature == nil {
		return nil, nil
	}
	fits, err := p.Signature.fits(sections)
	if err != nil || !fits {
		return nil, err
	}
	return p.Signature, nil
}

// Hash returns the SHA-256 of the file form of p without positions, sources and signature: it changes with what the
// plan does, not with how it is shipped. It fails where Encode fails.
func Hash(p *Plan) ([32]byte, error) {
	stripped := *p
	stripped.Signature = nil
	data, err := Encode(&stripped, EncodeOptions{StripLines: true, StripSource: true})
	if err != nil {
		return [32]byte{}, err
	}
	return sha256.Sum256(data), nil
}

// part is one section on its way to the file.
type part struct {
	id   section
	data []byte
}

func (p *Plan) sections(opts EncodeOptions) ([]part, error) {
	var w writer
	var parts []part
	add := func(id section, write func()) {
		start := len(w.buf)
		write()
		parts = append(parts, part{id, w.buf[start:len(w.buf):len(w.buf)]})
	}
	add(sectionMeta, func() { w.meta(&p.Meta) })
	add(sectionStrings, func() { w.strings(p.Strings) })
	add(sectionConstants, func() { w.constants(p) })
	add(sectionFunctions, func() {
		w.strings(p.Roots)
		w.paths(p.Paths)
		w.calls(p.Calls)
		w.keySets(p.KeySets)
		w.functions(p.Functions)
	})
	if p.Connection != nil {
		add(sectionConnection, func() { walkConnection(&connectionWriter{writer: &w}, p.Connection) })
	}
	if !p.Stripped && !opts.StripLines {
		add(sectionLines, func() { w.lines(p) })
	}
	if len(p.Files) > 0 && !opts.StripSource {
		add(sectionSource, func() { w.source(p.Files) })
	}
	return parts, w.err
}

// assemble puts header, table and sections together.
func assemble(parts []part) ([]byte, error) {
	offset := headerSize + len(parts)*entrySize + checksumSize
	size := offset
	for _, s := range parts {
		if len(s.data) > math.MaxInt32-size {
			return nil, fmt.Errorf("a plan of more than %d bytes, expected a smaller one: split the spec or strip it", math.MaxInt32)
		}
		size += len(s.data)
	}
	out := append(make([]byte, 0, size), magic...)
	out = binary.LittleEndian.AppendUint16(out, FormatVersion)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(parts)))
	for _, s := range parts {
		out = binary.LittleEndian.AppendUint32(out, uint32(s.id))
		out = binary.LittleEndian.AppendUint32(out, uint32(offset))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(s.data)))
		out = binary.LittleEndian.AppendUint32(out, checksum(s.data))
		offset += len(s.data)
	}
	out = binary.LittleEndian.AppendUint32(out, checksum(out))
	for _, s := range parts {
		out = append(out, s.data...)
	}
	return out, nil
}
