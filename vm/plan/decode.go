package plan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// DecodeOptions bound what Decode accepts. The zero value accepts any sound plan of up to 16 MiB.
type DecodeOptions struct {
	// MaxBytes is the largest file that is read; 0 is 16 MiB. A hostile file can make Decode take about 25
	// times as much memory as it has bytes, for a moment.
	MaxBytes int
	// TrustedKeys are the ed25519 public keys whose signatures count when RequireSignature is set, each in the form of
	// crypto/ed25519.PublicKey.
	TrustedKeys      [][]byte
	RequireSignature bool
	// Have reports whether the engine has a capability; nil accepts all, and the engine asks Missing itself.
	Have func(capability string) bool
}

// Decode reads a plan file and verifies it. A plan that Decode returns can be run without further checks. Its errors
// are of type *FormatError, of kind ErrStale, ErrCorrupt, ErrUnsupported or ErrUntrusted. A program that does not link
// package vm/plan/sign refuses signed plans with ErrUnsupported. The plan does not share memory with data.
func Decode(data []byte, opts DecodeOptions) (*Plan, error) {
	limit := opts.MaxBytes
	if limit <= 0 {
		limit = defaultMaxBytes
	}
	if len(data) > limit {
		return nil, corruptAt(sectionHeader, 0, "a file of %d bytes, expected at most %d", len(data), limit)
	}
	parts, err := readTable(data)
	if err != nil {
		return nil, err
	}
	p, offsets, err := readSections(string(data), parts)
	if err != nil {
		return nil, err
	}
	if p.Signature != nil {
		parts = parts[:len(parts)-1]
	}
	if err := checkSignature(p.Signature, parts, opts); err != nil {
		return nil, err
	}
	if err := Verify(p); err != nil {
		return nil, locate(err, offsets)
	}
	if opts.Have != nil {
		if missing := Missing(p, opts.Have); len(missing) > 0 {
			return nil, locate(unsupported(sectionMeta, "the plan needs %s, which this engine does not have", missing[0]), offsets)
		}
	}
	return p, nil
}

func corruptAt(s section, offset int, format string, args ...any) *FormatError {
	return &FormatError{Kind: ErrCorrupt, Section: sectionNames[s], Offset: offset, Detail: fmt.Sprintf(format, args...)}
}

// locate gives an error of the verifier the offset of the section that it is about.
func locate(err error, offsets [sectionEnd]int) error {
	var e *FormatError
	if errors.As(err, &e) && e.Offset < 0 {
		if i := slices.Index(sectionNames[:], e.Section); i >= 0 {
			located := *e
			located.Offset = offsets[i]
			return &located
		}
	}
	return err
}

// readTable reads header and section table and checks that the sections fill the file, in order and without gaps.
func readTable(data []byte) ([]part, error) {
	if len(data) < headerSize || string(data[:len(magic)]) != magic {
		return nil, corruptAt(sectionHeader, 0, "the file does not start as a plan does, with %s: expected a file that imlc compile wrote", magic)
	}
	if v := binary.LittleEndian.Uint16(data[4:]); v != FormatVersion {
		return nil, &FormatError{Kind: ErrStale, Section: sectionNames[sectionHeader], Offset: 4,
			Detail: fmt.Sprintf("format version %d, this version reads %d: compile the spec again", v, FormatVersion)}
	}
	n := int(binary.LittleEndian.Uint16(data[6:]))
	end := headerSize + n*entrySize
	if len(data) < end+checksumSize {
		return nil, corruptAt(sectionHeader, 6, "%d sections announced, the file ends within their table", n)
	}
	if sum := binary.LittleEndian.Uint32(data[end:]); sum != checksum(data[:end]) {
		return nil, corruptAt(sectionHeader, end, "the checksum of the section table does not fit")
	}
	parts := make([]part, n)
	offset := end + checksumSize
	for i := range parts {
		at := headerSize + i*entrySize
		id := section(binary.LittleEndian.Uint32(data[at:]))
		if i > 0 && id <= parts[i-1].id {
			return nil, corruptAt(sectionHeader, at, "section %d after section %d, expected ascending ids", id, parts[i-1].id)
		}
		part, err := readPart(data, id, at, offset)
		if err != nil {
			return nil, err
		}
		parts[i] = part
		offset += len(part.data)
	}
	if offset != len(data) {
		return nil, corruptAt(sectionHeader, offset, "%d bytes after the last section", len(data)-offset)
	}
	return parts, nil
}

// readPart cuts out the section whose entry lies at the offset at and that must start at the offset start.
func readPart(data []byte, id section, at, start int) (part, error) {
	if id == sectionHeader || id >= sectionEnd {
		return part{}, &FormatError{Kind: ErrUnsupported, Section: sectionNames[sectionHeader], Offset: at,
			Detail: fmt.Sprintf("section %d, this version knows 1 to %d", id, sectionEnd-1)}
	}
	if offset := binary.LittleEndian.Uint32(data[at+4:]); uint64(offset) != uint64(start) {
		return part{}, corruptAt(sectionHeader, at+4, "section %s at %d, expected %d", sectionNames[id], offset, start)
	}
	length := binary.LittleEndian.Uint32(data[at+8:])
	if uint64(length) > uint64(len(data)-start) {
		return part{}, corruptAt(sectionHeader, at+8, "section %s of %d bytes, %d are left", sectionNames[id], length, len(data)-start)
	}
	body := data[start : start+int(length)]
	if sum := binary.LittleEndian.Uint32(data[at+12:]); sum != checksum(body) {
		return part{}, corruptAt(id, start, "the checksum does not fit: the file was damaged or cut")
	}
	return part{id, body}, nil
}

// readSections reads the plan out of file, whose sections are parts, and returns where each section starts.
func readSections(file string, parts []part) (*Plan, [sectionEnd]int, error) {
	p := &Plan{Stripped: true}
	var offsets [sectionEnd]int
	offset := headerSize + len(parts)*entrySize + checksumSize
	for _, s := range parts {
		offsets[s.id] = offset
		r := &reader{s: file[offset : offset+len(s.data)], base: offset, section: s.id}
		r.into(p)
		if err := r.end(); err != nil {
			return nil, offsets, err
		}
		offset += len(s.data)
	}
	for id := sectionHeader; id < sectionEnd; id++ {
		if id.required() && offsets[id] == 0 {
			return nil, offsets, corruptAt(sectionHeader, 6, "section %s is missing", sectionNames[id])
		}
	}
	return p, offsets, nil
}

// into reads the section into its part of the plan. Sections come in the order of their ids.
func (r *reader) into(p *Plan) {
	switch r.section {
	case sectionMeta:
		r.meta(&p.Meta)
	case sectionStrings:
		p.Strings = r.strings()
	case sectionConstants:
		r.constants(p)
	case sectionFunctions:
		p.Roots = r.strings()
		p.Paths = r.paths()
		p.Calls = r.calls()
		p.KeySets = r.keySets()
		p.Functions = r.functions()
	case sectionConnection:
		p.Connection = new(Connection)
		c := &connectionReader{reader: r, compiler: p.Meta.Compiler}
		walkConnection(c, p.Connection)
		c.known()
	case sectionLines:
		p.Stripped = false
		r.lines(p)
	case sectionSource:
		p.Files = r.source()
	case sectionSignature:
		p.Signature = r.signature()
	}
}
