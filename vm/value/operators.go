package value

import (
	"math"
	"math/big"
)

// Item returns the n-th item of a list, counted from 1 or, when n is negative, from the end; undefined when there is
// none or v is no list (spec iml.md §6).
func Item(v Value, n int) Value {
	items := v.Items()
	if n < 0 {
		n += len(items) + 1
	}
	if n < 1 || n > len(items) {
		return Undefined
	}
	return items[n-1].Under(v)
}

// Index returns x[i]: a number is a position, a text a key, anything else gives undefined (spec iml.md §6).
func Index(x, i Value) Value {
	switch i.kind {
	case KindNumber:
		if n := i.Float(); n == math.Trunc(n) && math.Abs(n) < 1<<31 {
			return Item(x, int(n))
		}
	case KindText:
		return Name(x, i.Str())
	}
	return Undefined
}

// Name returns x.key, undefined when x is no collection or has no such key.
func Name(x Value, key string) Value {
	if o := x.Object(); o != nil {
		return o.Value(key).Under(x)
	}
	return Undefined
}

// Negate is unary minus; an exact integer stays exact (spec iml.md §2.1).
func Negate(x Value) Value {
	if b := x.BigInt(); b != nil {
		return Integer(new(big.Int).Neg(b)).Under(x)
	}
	return Number(-ToNumber(x)).Under(x)
}

// AddsText reports whether x + y is a concatenation: either is text, date, list, collection or buffer (spec iml.md
// §7.1).
func AddsText(x, y Value) bool { return x.kind >= KindText || y.kind >= KindText }

// Sum is x + y for operands of which AddsText is false.
func Sum(x, y Value) Value { return numberOf(number(x)+number(y), x, y) }

// Subtract is x - y; like the two that follow it is the IEEE operation on both operands as numbers (spec iml.md §7.1).
func Subtract(x, y Value) Value { return numberOf(number(x)-number(y), x, y) }

// Multiply is x * y.
func Multiply(x, y Value) Value { return numberOf(number(x)*number(y), x, y) }

// Divide is x / y; division by zero gives an infinity or NaN.
func Divide(x, y Value) Value { return numberOf(number(x)/number(y), x, y) }

// Remainder is x % y with the sign of the dividend, as in ECMAScript.
func Remainder(x, y Value) Value { return numberOf(math.Mod(number(x), number(y)), x, y) }

// number is ToNumber with the usual case first.
func number(v Value) float64 {
	if v.kind == KindNumber {
		return math.Float64frombits(v.n)
	}
	return ToNumber(v)
}

// numberOf is a number that is secret when one of the values that it was made from is.
func numberOf(f float64, x, y Value) Value {
	return Value{kind: KindNumber, n: math.Float64bits(f), flags: (x.flags | y.flags) & flagSecret}
}

// Less reports x < y; false when the two have no order.
func Less(x, y Value) bool {
	if x.kind == KindNumber && y.kind == KindNumber {
		return math.Float64frombits(x.n) < math.Float64frombits(y.n)
	}
	c, ok := Compare(x, y)
	return ok && c < 0
}

// LessEqual reports x <= y; false when the two have no order.
func LessEqual(x, y Value) bool {
	if x.kind == KindNumber && y.kind == KindNumber {
		return math.Float64frombits(x.n) <= math.Float64frombits(y.n)
	}
	c, ok := Compare(x, y)
	return ok && c <= 0
}
