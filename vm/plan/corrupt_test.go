package plan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// find returns the entry of a section in the table and where the section lies.
func find(data []byte, id section) (entry, start, end int) {
	for i := range int(binary.LittleEndian.Uint16(data[6:])) {
		entry = headerSize + i*entrySize
		if section(binary.LittleEndian.Uint32(data[entry:])) == id {
			start = int(binary.LittleEndian.Uint32(data[entry+4:]))
			return entry, start, start + int(binary.LittleEndian.Uint32(data[entry+8:]))
		}
	}
	return 0, 0, 0
}

// repair makes the checksums fit again.
func repair(data []byte) {
	n := int(binary.LittleEndian.Uint16(data[6:]))
	if len(data) < headerSize+n*entrySize+checksumSize {
		return
	}
	for i := range n {
		entry := headerSize + i*entrySize
		start, size := binary.LittleEndian.Uint32(data[entry+4:]), binary.LittleEndian.Uint32(data[entry+8:])
		if uint64(start)+uint64(size) <= uint64(len(data)) {
			binary.LittleEndian.PutUint32(data[entry+12:], checksum(data[start:start+size]))
		}
	}
	end := headerSize + n*entrySize
	binary.LittleEndian.PutUint32(data[end:], checksum(data[:end]))
}

// tamper changes one byte of a section and repairs the checksums.
func tamper(data []byte, id section, offset int) {
	_, start, _ := find(data, id)
	data[start+offset] ^= 1
	repair(data)
}

// replaceSection puts other bytes in the place of a section.
func replaceSection(data []byte, id section, body []byte) []byte {
	entry, start, end := find(data, id)
	out := append(bytes.Clone(data[:start]), body...)
	out = append(out, data[end:]...)
	delta := len(body) - (end - start)
	binary.LittleEndian.PutUint32(out[entry+8:], uint32(len(body)))
	for i := range int(binary.LittleEndian.Uint16(data[6:])) {
		if e := headerSize + i*entrySize; e > entry {
			binary.LittleEndian.PutUint32(out[e+4:], uint32(int(binary.LittleEndian.Uint32(out[e+4:]))+delta))
		}
	}
	repair(out)
	return out
}

func sectionBytes(data []byte, id section) []byte {
	_, start, end := find(data, id)
	return data[start:end]
}

// checkDecoded demands of any bytes that Decode either refuses them with a typed error or yields a plan of the same
// bytes.
func checkDecoded(t *testing.T, data []byte) {
	t.Helper()
	p, err := Decode(data, DecodeOptions{})
	if err != nil {
		var e *FormatError
		if !errors.As(err, &e) || e.Kind == nil || e.Section == "" || e.Detail == "" {
			t.Fatalf("Decode fails with %#v, want a complete *FormatError", err)
		}
		return
	}
	again, err := Encode(p, EncodeOptions{})
	if err != nil {
		t.Fatalf("Encode of what was decoded: %v", err)
	}
	if !bytes.Equal(data, again) {
		t.Fatalf("other bytes are accepted than written:\n%x\n%x", data, again)
	}
}

func TestEveryFlippedByte(t *testing.T) {
	for name, p := range samplePlans(t) {
		t.Run(name, func(t *testing.T) {
			clean := encode(t, p, EncodeOptions{Sign: testKey(1)})
			for i := range clean {
				data := bytes.Clone(clean)
				data[i] ^= 0xff
				if _, err := Decode(data, DecodeOptions{}); err == nil {
					t.Errorf("byte %d flipped: no error", i)
				}
			}
		})
	}
}

func TestEveryFlippedByteWithChecksum(t *testing.T) {
	for name, p := range samplePlans(t) {
		t.Run(name, func(t *testing.T) {
			clean := encode(t, p, EncodeOptions{})
			for i := range clean {
				for _, mask := range []byte{1, 2, 0x80, 0xff} {
					data := bytes.Clone(clean)
					data[i] ^= mask
					repair(data)
					checkDecoded(t, data)
				}
			}
		})
	}
}

func TestEveryCut(t *testing.T) {
	clean := encode(t, connectionPlan(t), EncodeOptions{})
	for i := range clean {
		if _, err := Decode(clean[:i], DecodeOptions{}); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: Decode = %v, want ErrCorrupt", i, err)
		}
	}
	for id := sectionMeta; id < sectionSignature; id++ {
		body := sectionBytes(clean, id)
		for i := range body {
			cut := replaceSection(clean, id, body[:i])
			p, err := Decode(cut, DecodeOptions{})
			switch {
			case err != nil:
			case id != sectionConnection:
				t.Fatalf("section %s cut at %d: no error", sectionNames[id], i)
			case !bytes.Equal(encode(t, p, EncodeOptions{}), cut): // between two fields a record may end
				t.Fatalf("section %s cut at %d is read as something else", sectionNames[id], i)
			}
		}
		longer := append(bytes.Clone(body), 0)
		if _, err := Decode(replaceSection(clean, id, longer), DecodeOptions{}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("section %s with a byte too many: Decode = %v, want ErrCorrupt", sectionNames[id], err)
		}
	}
}
