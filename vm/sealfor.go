package vm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// SealFor returns a sealer of what belongs to one thing, such as a row of a store: the name says what it is ("connection",
// tenant, id). What it seals opens under the same name only, and is ErrSeal under another one, so that texts cannot be
// swapped between rows; nor is any taken for suspended state. The name is sealed with the text, whatever s is. So let s
// itself seal nothing whose beginning others choose.
func SealFor(s Sealer, name ...string) Sealer {
	h := sha256.New()
	for _, part := range name {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return named{s, h.Sum([]byte{0})} // no version of suspended state begins with 0
}

// named is a sealer whose texts begin with a name.
type named struct {
	sealer Sealer
	name   []byte
}

// Seal implements Sealer.
func (n named) Seal(plaintext []byte) (string, error) {
	return n.sealer.Seal(slices.Concat(n.name, plaintext))
}

// Open implements Sealer.
func (n named) Open(sealed string) ([]byte, error) {
	plain, err := n.sealer.Open(sealed)
	if err != nil {
		return nil, err
	}
	text, ok := bytes.CutPrefix(plain, n.name)
	if !ok {
		return nil, ErrSeal
	}
	return text, nil
}
