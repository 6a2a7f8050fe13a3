package plan

import (
	"encoding/binary"
	"fmt"
	"math"
)

// reader reads the primitive forms of the file format from one section. It never reads past the section, and refuses
// every form but the one that writer writes. The first error stays; from then on all reads yield zero.
type reader struct {
	s       string // the section
	pos     int
	base    int // offset of the section in the file
	section section
	err     *FormatError
}

func (r *reader) left() int { return len(r.s) - r.pos }

func (r *reader) failAt(pos int, format string, args ...any) {
	if r.err == nil {
		r.err = &FormatError{Kind: ErrCorrupt, Section: sectionNames[r.section], Offset: r.base + pos, Detail: fmt.Sprintf(format, args...)}
	}
	r.pos = len(r.s)
}

// end demands that the section was read to its end.
func (r *reader) end() *FormatError {
	if r.err == nil && r.left() > 0 {
		r.failAt(r.pos, "%d bytes after the last record", r.left())
	}
	return r.err
}

func (r *reader) byte() byte {
	if r.pos >= len(r.s) {
		r.failAt(r.pos, "the section ends in the middle of a record")
		return 0
	}
	b := r.s[r.pos]
	r.pos++
	return b
}

func (r *reader) bool() bool {
	at := r.pos
	b := r.byte()
	if b > 1 {
		r.failAt(at, "byte %d where 0 or 1 is expected", b)
	}
	return b == 1
}

// uvarint reads an unsigned LEB128 of at most 64 bits in its shortest form.
func (r *reader) uvarint() uint64 {
	if r.pos < len(r.s) {
		if b := r.s[r.pos]; b < 0x80 {
			r.pos++
			return uint64(b)
		}
	}
	return r.longUvarint()
}

// longUvarint reads a number of two bytes at once, longer and bad ones by the loop.
func (r *reader) longUvarint() uint64 {
	start, n := r.pos, uint64(0)
	if start+1 < len(r.s) {
		if b := r.s[start+1]; b != 0 && b < 0x80 {
			r.pos += 2
			return uint64(r.s[start]&0x7f) | uint64(b)<<7
		}
	}
	for shift := uint(0); ; shift += 7 {
		b := r.byte()
		switch {
		case r.err != nil:
			return 0
		case shift == 63 && b > 1:
			r.failAt(start, "a number of more than 64 bits")
			return 0
		case b == 0 && shift > 0:
			r.failAt(start, "a number that is not in its shortest form")
			return 0
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

func (r *reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// int31 reads an unsigned number up to the largest int32.
func (r *reader) int31() int32 {
	at := r.pos
	n := r.uvarint()
	if n > math.MaxInt32 {
		r.failAt(at, "number %d, expected at most %d", n, math.MaxInt32)
		return 0
	}
	return int32(n)
}

// int32 reads a signed number of 32 bits.
func (r *reader) int32() int32 {
	at := r.pos
	n := r.varint()
	if n < math.MinInt32 || n > math.MaxInt32 {
		r.failAt(at, "number %d, expected one of 32 bits", n)
		return 0
	}
	return int32(n)
}

// count reads the number of records that follow, each of at least size bytes, so that it can be trusted as a capacity.
func (r *reader) count(size int) int {
	at := r.pos
	n := r.uvarint()
	if n > uint64(r.left()/size) {
		r.failAt(at, "%d records announced, %d bytes left", n, r.left())
		return 0
	}
	return int(n)
}

// string reads a text. It shares the memory of the file.
func (r *reader) string() string {
	n := r.count(1)
	s := r.s[r.pos : r.pos+n]
	r.pos += n
	return s
}

func (r *reader) strings() []string {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *reader) fixed(dst []byte) {
	if r.left() < len(dst) {
		r.failAt(r.pos, "the section ends in the middle of a record")
		return
	}
	r.pos += copy(dst, r.s[r.pos:])
}

func (r *reader) double() float64 {
	var b [8]byte
	r.fixed(b[:])
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
}
