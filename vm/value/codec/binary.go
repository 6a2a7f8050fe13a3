package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/imlc-lang/imlc/vm/value"
)

// The tags, which are frozen: they lie in plans and in suspended state.
const (
	tagUndefined  = 0
	tagNull       = 1
	tagFalse      = 2
	tagTrue       = 3
	tagNumber     = 4  // 8 bytes, IEEE-754 bits, little endian
	tagInteger    = 5  // 1 if negative, length, magnitude big endian
	tagText       = 6  // length, bytes
	tagDate       = 7  // signed milliseconds
	tagBuffer     = 8  // length, bytes
	tagArray      = 9  // count, items
	tagCollection = 10 // count, pairs of text and value
	tagLast       = tagCollection

	tagCaseless = 0x40 // added to the tag of a collection whose keys have no case
	tagSecret   = 0x80 // added to the tag of a value that is marked as secret
)

// MaxIntegerBytes holds every integer of value.MaxIntegerDigits digits.
const MaxIntegerBytes = 416

// Append appends the binary form of v. Lengths and counts are unsigned varints, signed numbers zigzag varints.
func Append(dst []byte, v value.Value) []byte {
	at := len(dst)
	dst = append(dst, 0)
	tag := byte(tagUndefined)
	switch v.Kind() {
	case value.KindNull:
		tag = tagNull
	case value.KindBool:
		if tag = tagFalse; v.IsTrue() {
			tag = tagTrue
		}
	case value.KindNumber:
		tag, dst = tagNumber, binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Float()))
	case value.KindInteger:
		tag, dst = tagInteger, appendInteger(dst, v.BigInt())
	case value.KindText:
		tag, dst = tagText, appendText(dst, v.Str())
	case value.KindDate:
		tag, dst = tagDate, binary.AppendVarint(dst, v.Millis())
	case value.KindBuffer:
		tag, dst = tagBuffer, append(binary.AppendUvarint(dst, uint64(len(v.Bytes()))), v.Bytes()...)
	case value.KindArray:
		tag, dst = tagArray, AppendList(dst[:at], len(v.Items()))
		for _, item := range v.Items() {
			dst = Append(dst, item)
		}
	case value.KindCollection:
		tag, dst = tagCollection, appendObject(dst, v.Object())
		if v.Object().Caseless() {
			tag |= tagCaseless
		}
	}
	if v.IsSecret() {
		tag |= tagSecret
	}
	dst[at] = tag
	return dst
}

// AppendList appends the beginning of the binary form of a list of n values, which the caller appends behind it.
func AppendList(dst []byte, n int) []byte {
	return binary.AppendUvarint(append(dst, tagArray), uint64(n))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendInteger(dst []byte, n *big.Int) []byte {
	sign := byte(0)
	if n.Sign() < 0 {
		sign = 1
	}
	return appendText(append(dst, sign), string(n.Bytes()))
}

func appendObject(dst []byte, o *value.Object) []byte {
	dst = binary.AppendUvarint(dst, uint64(o.Len()))
	for i := range o.Len() {
		key, v := o.At(i)
		dst = Append(appendText(dst, key), v)
	}
	return dst
}

// Rules say what Read accepts.
type Rules struct {
	// Nesting bounds how deep lists and collections lie in each other; the value itself lies at 0.
	Nesting int
	// Marks accepts values that are marked as secret, and collections whose keys have no case.
	Marks bool
	// Undefined accepts undefined items of lists.
	Undefined bool
	// Shapes, when set, is where collections take their shapes from.
	Shapes *value.Shapes
}

// Error says what is wrong with bytes that Read was given.
type Error struct {
	// At is the offset of the byte.
	At      int
	Problem string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.At, e.Problem) }

// Read reads the value that s starts with and returns it with the number of its bytes. Texts share the memory of s. The
// error is an *Error.
func Read(s string, rules *Rules) (v value.Value, n int, err error) {
	r := reader{s: s, rules: rules}
	v = r.value(0)
	if r.err != nil {
		return value.Undefined, 0, r.err
	}
	return v, r.pos, nil
}

// reader reads values. After its first error it reads nothing any more.
type reader struct {
	s     string
	pos   int
	rules *Rules
	err   *Error
}

func (r *reader) fail(at int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{at, fmt.Sprintf(format, args...)}
	}
	r.pos = len(r.s)
}

func (r *reader) byte() byte {
	if r.pos >= len(r.s) {
		r.fail(r.pos, "it ends in the middle of a value")
		return 0
	}
	r.pos++
	return r.s[r.pos-1]
}

// uint reads a varint of at most 64 bits in its shortest form.
func (r *reader) uint() uint64 {
	at, n := r.pos, uint64(0)
	for shift := uint(0); ; shift += 7 {
		b := r.byte()
		switch {
		case r.err != nil:
			return 0
		case shift == 63 && b > 1:
			r.fail(at, "a number of more than 64 bits")
			return 0
		case b == 0 && shift > 0:
			r.fail(at, "a number that is not in its shortest form")
			return 0
		}
		if n |= uint64(b&0x7f) << shift; b < 0x80 {
			return n
		}
	}
}

// count reads the number of things that follow, of at least size bytes each.
func (r *reader) count(size int) int {
	at := r.pos
	n := r.uint()
	if n > uint64((len(r.s)-r.pos)/size) {
		r.fail(at, "%d announced, %d bytes left", n, len(r.s)-r.pos)
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count(1)
	r.pos += n
	return r.s[r.pos-n : r.pos]
}

func (r *reader) value(depth int) value.Value {
	at := r.pos
	if depth > r.rules.Nesting {
		r.fail(at, "nested deeper than %d", r.rules.Nesting)
		return value.Undefined
	}
	tag := r.byte()
	if tag&(tagSecret|tagCaseless) != 0 && !r.rules.Marks {
		r.fail(at, "a tag of %d, expected 0 to %d", tag, tagLast)
		return value.Undefined
	}
	v := r.tagged(at, tag&^tagSecret, depth)
	if tag&tagSecret == 0 {
		return v
	}
	if v.IsNil() {
		r.fail(at, "nothing that is marked as secret")
	}
	return v.AsSecret()
}

func (r *reader) tagged(at int, tag byte, depth int) value.Value {
	switch tag {
	case tagUndefined:
		if depth > 0 && !r.rules.Undefined {
			r.fail(at, "undefined inside a list or a collection")
		}
	case tagNull:
		return value.Null()
	case tagFalse, tagTrue:
		return value.Bool(tag == tagTrue)
	case tagNumber:
		if len(r.s)-r.pos < 8 {
			r.fail(r.pos, "it ends in the middle of a number")
			return value.Undefined
		}
		r.pos += 8
		return value.Number(math.Float64frombits(binary.LittleEndian.Uint64([]byte(r.s[r.pos-8 : r.pos]))))
	case tagInteger:
		return r.integer(at)
	case tagText:
		return value.Text(r.text())
	case tagDate:
		n := r.uint()
		return value.Date(int64(n>>1) ^ -int64(n&1))
	case tagBuffer:
		return value.Buffer([]byte(r.text()))
	case tagArray:
		return r.array(depth)
	case tagCollection, tagCollection | tagCaseless:
		o := r.object(depth)
		if tag != tagCollection {
			o.SetCaseless()
		}
		return value.Collection(o)
	default:
		r.fail(at, "a tag of %d, expected 0 to %d", tag, tagLast)
	}
	return value.Undefined
}

func (r *reader) integer(at int) value.Value {
	sign := r.byte()
	digits := r.text()
	if sign > 1 || len(digits) > MaxIntegerBytes || digits != "" && digits[0] == 0 {
		r.fail(at, "an integer of %d bytes and sign %d, expected at most %d bytes without a leading zero and sign 0 or 1", len(digits), sign, MaxIntegerBytes)
		return value.Undefined
	}
	n := new(big.Int).SetBytes([]byte(digits))
	if sign == 1 {
		n.Neg(n)
	}
	v := value.Integer(n)
	if r.err == nil && v.Kind() != value.KindInteger {
		r.fail(at, "integer %s, expected one beyond ±(2^53-1)", n)
	}
	return v
}

func (r *reader) array(depth int) value.Value {
	n := r.count(1)
	if n == 0 {
		return value.Array(nil)
	}
	items := make([]value.Value, n)
	for i := 0; i < n && r.err == nil; i++ {
		items[i] = r.value(depth + 1)
	}
	return value.Array(items)
}

// fewKeys is the number of members up to which a collection takes its shape from the table.
const fewKeys = 8

func (r *reader) object(depth int) *value.Object {
	n := r.count(2)
	var o *value.Object
	if r.rules.Shapes != nil && 0 < n && n <= fewKeys {
		var keys [fewKeys]string
		var members [fewKeys]value.Value
		for i := range n {
			keys[i], members[i] = r.member(depth)
		}
		if shape := r.rules.Shapes.Of(keys[:n]...); shape != nil && r.err == nil {
			return value.NewShaped(shape, members[:n])
		}
		o = value.NewObject(n)
		for i := range n {
			o.Set(keys[i], members[i])
		}
	} else {
		o = value.NewObject(n)
		for i := 0; i < n && r.err == nil; i++ {
			o.Set(r.member(depth))
		}
	}
	if r.err == nil && o.Len() != n {
		r.fail(r.pos, "a key twice in a collection")
	}
	return o
}

func (r *reader) member(depth int) (string, value.Value) {
	key, at := r.text(), r.pos
	v := r.value(depth + 1)
	if v.IsUndefined() && r.err == nil {
		r.fail(at, "undefined inside a collection")
	}
	return key, v
}
