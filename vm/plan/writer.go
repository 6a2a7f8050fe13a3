package plan

import (
	"encoding/binary"
	"math"
)

// writer appends the primitive forms of the file format. The first error stays; what is written after it is not used.
type writer struct {
	buf []byte
	err error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) byte(b byte)      { w.buf = append(w.buf, b) }
func (w *writer) uvarint(n uint64) { w.buf = binary.AppendUvarint(w.buf, n) }
func (w *writer) varint(n int64)   { w.buf = binary.AppendVarint(w.buf, n) }
func (w *writer) count(n int)      { w.uvarint(uint64(n)) }
func (w *writer) double(f float64) {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(f))
}
func (w *writer) bool(b bool)        { w.byte(boolByte(b)) }
func (w *writer) string(s string)    { w.count(len(s)); w.buf = append(w.buf, s...) }
func (w *writer) strings(s []string) { w.count(len(s)); w.eachString(s) }

func (w *writer) eachString(list []string) {
	for _, s := range list {
		w.string(s)
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
