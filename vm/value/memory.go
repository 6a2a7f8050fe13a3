package value

import (
	"math/big"
	"unsafe"
)

// All use of unsafe is in this file. A Value keeps the pointer and the length of a text, buffer or list in two words,
// as log/slog.Value does for strings, so that the 24 bytes hold them without boxing. It is sound because p is always an
// unsafe.Pointer (the collector sees it), n is the length that the pointer was taken with, and kind says which type p
// has; the three are only ever set together, here. Tests run with -d=checkptr and -race.

// Text returns a text. Invalid UTF-8 is kept as it is; readers of foreign bytes replace it with U+FFFD.
func Text(s string) Value {
	return Value{kind: KindText, p: unsafe.Pointer(unsafe.StringData(s)), n: uint64(len(s))}
}

// TextOf returns a text that keeps b, so that megabytes are not copied; the caller must not change b afterwards. It copies
// b where a third of its memory or more would lie idle.
func TextOf(b []byte) Value {
	if cap(b)-len(b) > len(b)/2 {
		return Text(string(b))
	}
	return Text(ownText(b))
}

// Buffer returns a buffer that keeps b; the caller must not change b afterwards.
func Buffer(b []byte) Value {
	return Value{kind: KindBuffer, p: unsafe.Pointer(unsafe.SliceData(b)), n: uint64(len(b))}
}

// Array returns a list that keeps items; the caller must not change them afterwards. Items that are undefined must have
// been replaced by null before (spec iml.md §2).
func Array(items []Value) Value {
	return array(items, above(items))
}

// array is Array for items of which the depth is known.
func array(items []Value, depth uint16) Value {
	return Value{kind: KindArray, p: unsafe.Pointer(unsafe.SliceData(items)), n: uint64(len(items)), flags: depth << depthShift}
}

// Collection returns a collection that keeps o; nil is an empty one. The caller must not change o afterwards.
func Collection(o *Object) Value {
	if o == nil {
		o = new(Object)
	}
	return Value{kind: KindCollection, p: unsafe.Pointer(o)}
}

func bigValue(i *big.Int) Value { return Value{kind: KindInteger, p: unsafe.Pointer(i)} }

// Str returns the content of a text, and "" for every other kind.
func (v Value) Str() string {
	if v.kind != KindText {
		return ""
	}
	return unsafe.String((*byte)(v.p), int(v.n))
}

// Bytes returns the content of a buffer, which must not be changed, and nil for every other kind.
func (v Value) Bytes() []byte {
	if v.kind != KindBuffer {
		return nil
	}
	return unsafe.Slice((*byte)(v.p), int(v.n))
}

// raw is Bytes as a text.
func (v Value) raw() string { return unsafe.String((*byte)(v.p), int(v.n)) }

// ownText is b as a text; nobody else may have b.
func ownText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Items returns the items of a list, which must not be changed, and nil for every other kind.
func (v Value) Items() []Value {
	if v.kind != KindArray {
		return nil
	}
	return unsafe.Slice((*Value)(v.p), int(v.n))
}

// Same reports whether two lists, or two collections, are one and the same in memory, as JavaScript's === asks. It is false for
// values of other kinds. Empty lists that were made of nil are all the same.
func Same(a, b Value) bool {
	return a.kind >= KindArray && a.kind == b.kind && a.p == b.p && a.n == b.n
}

// Object returns the object of a collection, which must not be changed, and nil for every other kind.
func (v Value) Object() *Object {
	if v.kind != KindCollection {
		return nil
	}
	return (*Object)(v.p)
}

// BigInt returns the integer of an exact integer, which must not be changed, and nil for every other kind.
func (v Value) BigInt() *big.Int {
	if v.kind != KindInteger {
		return nil
	}
	return (*big.Int)(v.p)
}

// identity tells lists and collections apart by the memory that they are in. Equal identities have equal content; the
// reverse need not hold.
type identity struct {
	p unsafe.Pointer
	n uint64
}

func (v Value) identity() identity { return identity{v.p, v.n} }

// sameMemory reports whether two texts are the same bytes of memory.
func sameMemory(a, b string) bool {
	return len(a) == len(b) && unsafe.StringData(a) == unsafe.StringData(b)
}
