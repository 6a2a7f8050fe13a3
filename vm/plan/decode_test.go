package plan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func TestRefusals(t *testing.T) {
	clean := encode(t, connectionPlan(t), EncodeOptions{})
	// header returns clean with a change in its header or table and the checksums repaired.
	header := func(change func([]byte)) []byte {
		data := bytes.Clone(clean)
		change(data)
		repair(data)
		return data
	}
	body := func(id section, body ...byte) []byte { return replaceSection(clean, id, body) }
	entry := func(id section) int { e, _, _ := find(clean, id); return e }
	constants := func(tail ...byte) []byte { return body(sectionConstants, append([]byte{1}, tail...)...) }
	tests := []struct {
		name string
		data []byte
		opts DecodeOptions
		kind error
		want string
	}{
		{"nothing", nil, DecodeOptions{}, ErrCorrupt, "header at byte 0"},
		{"another file", []byte("PK\x03\x04 and so on"), DecodeOptions{}, ErrCorrupt, "header at byte 0"},
		{"too large", clean, DecodeOptions{MaxBytes: 100}, ErrCorrupt, "expected at most 100"},
		{"later version", header(func(d []byte) { d[4] = 3 }), DecodeOptions{}, ErrStale, "format version 3, this version reads 2"},
		{"later version of another shape", []byte("IMLC\x09\x00"), DecodeOptions{}, ErrCorrupt, "header"},
		{"many sections", header(func(d []byte) { d[7] = 0xff }), DecodeOptions{}, ErrCorrupt, "the file ends within their table"},
		{"unknown section", header(func(d []byte) { d[entry(sectionSource)] = 99 }), DecodeOptions{}, ErrUnsupported, "section 99"},
		{"sections out of order", header(func(d []byte) { d[entry(sectionStrings)] = 1 }), DecodeOptions{}, ErrCorrupt, "ascending ids"},
		{"gap", header(func(d []byte) { d[entry(sectionStrings)+4]++ }), DecodeOptions{}, ErrCorrupt, "section STRINGS at"},
		{"section past the end", header(func(d []byte) { d[entry(sectionSource)+10] = 1 }), DecodeOptions{}, ErrCorrupt, "are left"},
		{"huge section", header(func(d []byte) { d[entry(sectionMeta)+11] = 0xff }), DecodeOptions{}, ErrCorrupt, "are left"},
		{"bytes after the end", append(bytes.Clone(clean), 0), DecodeOptions{}, ErrCorrupt, "1 bytes after the last section"},
		{"damaged section", func() []byte { d := bytes.Clone(clean); d[len(d)-1]++; return d }(), DecodeOptions{}, ErrCorrupt, "SOURCE at byte"},
		{"missing section", dropSection(clean, sectionConstants), DecodeOptions{}, ErrCorrupt, "section CONSTANTS is missing"},
		{"unknown operation", badOperation(t), DecodeOptions{}, ErrUnsupported, "FUNCTIONS at byte"},
		{"missing capability", clean, DecodeOptions{Have: func(c string) bool { return c != "iml/upper@1" }}, ErrUnsupported, "iml/upper@1"},
		{"long number", body(sectionStrings, 0x80, 0), DecodeOptions{}, ErrCorrupt, "shortest form"},
		{"number of 65 bits", body(sectionStrings, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2), DecodeOptions{}, ErrCorrupt, "64 bits"},
		{"more strings than bytes", body(sectionStrings, 9, 0), DecodeOptions{}, ErrCorrupt, "9 records announced, 1 bytes left"},
		{"string past the end", body(sectionStrings, 1, 9), DecodeOptions{}, ErrCorrupt, "9 records announced"},
		{"empty source", body(sectionSource, 0), DecodeOptions{}, ErrCorrupt, "no file"},
		{"constant kind", constants(11), DecodeOptions{}, ErrCorrupt, "a tag of 11"},
		{"undefined item", constants(9, 1, 0), DecodeOptions{}, ErrCorrupt, "undefined inside"},
		{"secret constant", constants(0x81), DecodeOptions{}, ErrCorrupt, "a tag of 129"},
		{"deep constant", constants(bytes.Repeat([]byte{9, 1}, maxNesting+5)...), DecodeOptions{}, ErrCorrupt, "nested deeper"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Decode(test.data, test.opts)
			var e *FormatError
			if !errors.Is(err, test.kind) || !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Decode = %v, want %v with %q", err, test.kind, test.want)
			}
			if e.Offset < 0 {
				t.Errorf("the error tells no offset: %v", err)
			}
		})
	}
}

// dropSection returns data without one section.
func dropSection(data []byte, id section) []byte {
	out := replaceSection(data, id, nil)
	entry, _, _ := find(out, id)
	out = append(bytes.Clone(out[:entry]), out[entry+entrySize:]...)
	n := binary.LittleEndian.Uint16(out[6:]) - 1
	binary.LittleEndian.PutUint16(out[6:], n)
	for i := range int(n) {
		at := headerSize + i*entrySize + 4
		binary.LittleEndian.PutUint32(out[at:], binary.LittleEndian.Uint32(out[at:])-entrySize)
	}
	repair(out)
	return out
}

// badOperation returns a plan whose last operation is one that this version does not know.
func badOperation(t *testing.T) []byte {
	data := encode(t, templatePlan(t), EncodeOptions{})
	_, _, end := find(data, sectionFunctions)
	data[end-1] = byte(opCount)
	repair(data)
	return data
}

func TestConstantsKeepTheirBits(t *testing.T) {
	for _, v := range everyConstant() {
		p := templatePlan(t)
		p.Constants[0] = v
		got := decode(t, encode(t, p, EncodeOptions{}), DecodeOptions{}).Constants[0]
		if !sameValue(v, got) {
			t.Errorf("%#v came back as %#v", v, got)
		}
	}
}

func TestDecodedPlanIsIndependent(t *testing.T) {
	data := encode(t, connectionPlan(t), EncodeOptions{})
	p := decode(t, data, DecodeOptions{})
	want := listing(t, p, DisassembleOptions{})
	clear(data)
	if diff := cmp.Diff(want, listing(t, p, DisassembleOptions{})); diff != "" {
		t.Errorf("the plan changes with the bytes it was read from:\n%s", diff)
	}
}

func TestMissing(t *testing.T) {
	p := &Plan{Meta: Meta{Capabilities: []string{"a@1", "b@1", "c@1"}}}
	got := Missing(p, func(c string) bool { return c == "b@1" })
	if diff := cmp.Diff([]string{"a@1", "c@1"}, got); diff != "" {
		t.Error(diff)
	}
	if got := Missing(p, func(string) bool { return true }); got != nil {
		t.Errorf("Missing = %v, want nil", got)
	}
}

// TestHostilePlansAreCheckedInLinearTime would run for hours if the verifier walked the stack or a text at each
// instruction.
func TestHostilePlansAreCheckedInLinearTime(t *testing.T) {
	const n = 100_000
	objects := Function{File: -1}
	add := func(op Op, a int) { objects.Code = append(objects.Code, Instr{op, int32(a)}) }
	for range n {
		add(OpObject, 0)
	}
	for range n { // each jump leads to code that takes the whole stack
		add(OpConst, 0)
		add(OpJumpFalse, len(objects.Code)+3)
		add(OpArray, n)
		add(OpReturn, 0)
	}
	add(OpArray, n)
	add(OpReturn, 0)
	raw := Function{File: -1, Mode: ModeEmit, Code: []Instr{{OpEmitQuote, 0}}}
	for range n {
		raw.Code = append(raw.Code, Instr{OpEmitRaw, 0})
	}
	raw.Code = append(raw.Code, Instr{OpEmitQuote, 0}, Instr{OpReturn, 0})
	p := &Plan{
		Strings: []string{strings.Repeat("text", n)}, Constants: []value.Value{value.Null()},
		Functions: []Function{objects, raw},
	}
	p.Functions[0].MaxStack = n + 1
	if err := Verify(p); err != nil {
		t.Fatal(err)
	}
	decode(t, encode(t, p, EncodeOptions{}), DecodeOptions{})
}
