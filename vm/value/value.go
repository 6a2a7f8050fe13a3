package value

import (
	"math"
	"math/big"
	"unsafe"
)

// Kind is the type of a value (spec iml.md §2).
type Kind uint8

// The kinds. KindInteger is a number too: an integer outside ±(2^53-1) that keeps all its digits (spec iml.md §2.1).
const (
	KindUndefined Kind = iota
	KindNull
	KindBool
	KindNumber
	KindInteger
	KindText
	KindDate
	KindBuffer
	KindArray
	KindCollection
)

var kindNames = [...]string{"undefined", "null", "boolean", "number", "number", "text", "date", "buffer", "array", "collection"}

// String returns the name that the specification uses: "text", "collection", …; KindInteger is a "number".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Value is one value. The zero Value is undefined. Values may be copied freely and read concurrently. The payload lies
// in n, in the memory that p points to, or in both; only this package's constructors fill them.
//
// It has four fields, as the compiler keeps structs of more than that in memory instead of registers.
type Value struct {
	p    unsafe.Pointer
	n    uint64
	kind Kind
	// flags has the mark of secrets and, of an array, its depth from bit depthShift on (see Depth).
	flags uint16
}

const (
	flagSecret = 1
	depthShift = 1
)

// Undefined is the absent value.
var Undefined Value

// Null returns the explicit empty value.
func Null() Value { return Value{kind: KindNull} }

// Bool returns a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, n: 1}
	}
	return Value{kind: KindBool}
}

// Number returns an IEEE-754 double.
func Number(f float64) Value { return Value{kind: KindNumber, n: math.Float64bits(f)} }

// Int returns the number i, exact when it lies outside ±(2^53-1).
func Int(i int64) Value {
	if i >= -MaxSafeInteger && i <= MaxSafeInteger {
		return Number(float64(i))
	}
	return bigValue(big.NewInt(i))
}

// MaxSafeInteger is 2^53-1, the largest integer up to which doubles hold every integer.
const MaxSafeInteger = 1<<53 - 1

// Integer returns the integer i: a double when that holds it safely, else an exact integer. The value keeps i; the
// caller must not change it afterwards.
func Integer(i *big.Int) Value {
	if i.IsInt64() {
		if n := i.Int64(); n >= -MaxSafeInteger && n <= MaxSafeInteger {
			return Number(float64(n))
		}
	}
	return bigValue(i)
}

// Date returns the instant that lies ms milliseconds after 1970-01-01T00:00:00Z.
func Date(ms int64) Value { return Value{kind: KindDate, n: uint64(ms)} }

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsNil reports whether v is undefined or null.
func (v Value) IsNil() bool { return v.kind <= KindNull }

// IsUndefined reports whether v is undefined.
func (v Value) IsUndefined() bool { return v.kind == KindUndefined }

// IsNumber reports whether v is a double or an exact integer.
func (v Value) IsNumber() bool { return v.kind == KindNumber || v.kind == KindInteger }

// IsSecret reports whether v is marked as secret.
func (v Value) IsSecret() bool { return v.flags&flagSecret != 0 }

// AsSecret returns v with the secret mark. Undefined and null stay as they are.
func (v Value) AsSecret() Value {
	if v.kind > KindNull {
		v.flags |= flagSecret
	}
	return v
}

// Taint returns v, marked as secret when any of from is.
func (v Value) Taint(from ...Value) Value {
	for _, f := range from {
		if f.IsSecret() {
			return v.AsSecret()
		}
	}
	return v
}

// Under returns v as taken out of parent: secret when parent is.
func (v Value) Under(parent Value) Value {
	if parent.flags&flagSecret != 0 {
		return v.AsSecret()
	}
	return v
}

// Part returns v as it is within a list or a collection: of a caseless collection an ordinary copy (spec iml.md §2).
func (v Value) Part() Value {
	if v.kind != KindCollection || !v.Object().Caseless() {
		return v
	}
	return Collection(v.Object().Clone()).Under(v)
}

// IsTrue reports whether v is the boolean true.
func (v Value) IsTrue() bool { return v.kind == KindBool && v.n != 0 }

// Float returns the double of a number, the nearest double of an exact integer, and 0 for every other kind.
func (v Value) Float() float64 {
	switch v.kind {
	case KindNumber:
		return math.Float64frombits(v.n)
	case KindInteger:
		return floatOf(v.BigInt())
	}
	return 0
}

// Millis returns the milliseconds since the epoch of a date, and 0 for every other kind.
func (v Value) Millis() int64 {
	if v.kind == KindDate {
		return int64(v.n)
	}
	return 0
}
