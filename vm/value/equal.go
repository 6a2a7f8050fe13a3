package value

import (
	"bytes"
	"math"
	"strings"
)

// Equal is loose equality, the operator = (spec iml.md §7.3).
func Equal(a, b Value) bool {
	if a.kind == b.kind && (a.kind == KindText || a.kind == KindBool) {
		return sameKindEqual(a, b)
	}
	if a.IsNil() || b.IsNil() {
		return a.IsNil() && b.IsNil()
	}
	if a.kind == b.kind || a.IsNumber() && b.IsNumber() {
		return sameKindEqual(a, b)
	}
	if a.kind > b.kind {
		a, b = b, a
	}
	// From here on a.kind < b.kind in the order of the constants.
	switch {
	case b.kind == KindCollection, b.kind == KindBuffer, a.kind == KindBuffer:
		return false
	case b.kind == KindArray:
		return Equal(a, Text(ToText(b)))
	case b.kind == KindDate:
		return dateEqual(b, a)
	case a.kind == KindBool:
		return Equal(Number(float64(a.n)), b)
	}
	return numberTextEqual(a, b) // all that is left: a number and a text
}

func dateEqual(date, other Value) bool {
	switch other.kind {
	case KindNumber, KindInteger:
		return compareNumbers(Number(float64(date.Millis())), other) == 0
	case KindText:
		return ToText(date) == other.Str()
	}
	return false
}

// numberTextEqual compares an exact integer with an integer text by all digits, and every other pair by ToNumber of the
// text.
func numberTextEqual(num, text Value) bool {
	if num.kind != KindInteger {
		return StringToNumber(text.Str()) == num.Float()
	}
	s := TrimSpace(text.Str())
	if digits, plus := strings.CutPrefix(s, "+"); plus && !strings.HasPrefix(digits, "-") {
		s = digits
	}
	v, ok := ParseInteger(s)
	if !ok {
		v = Number(StringToNumber(text.Str()))
	}
	return compareNumbers(num, v) == 0
}

// StrictEqual is equality without conversion: the types must be the same, undefined is not null (spec iml.md §7.3).
func StrictEqual(a, b Value) bool {
	var c Comparison
	return c.strict(a, b)
}

func sameKindEqual(a, b Value) bool {
	var c Comparison
	return c.sameKind(a, b)
}

// Comparison answers questions of equality. Lists and collections may share what they hold, so that a value of little
// memory has any number of paths; pairs that were found equal are therefore not compared again. The zero Comparison is
// ready to use.
type Comparison struct {
	// Budget, when set, is where memory and work are taken from.
	Budget Budget

	visits int
	equal  map[[2]identity]struct{}
	err    error
}

// Strict is StrictEqual. The error is that of the budget.
func (c *Comparison) Strict(a, b Value) (bool, error) {
	equal := c.strict(a, b)
	return equal && c.err == nil, c.err
}

// visit counts a list or collection that is compared; false when there is no budget for it.
func (c *Comparison) visit(a, b Value) bool {
	c.visits++
	if c.Budget == nil || c.err != nil {
		return c.err == nil
	}
	c.err = c.Budget.Tick(1 + (work(a)+work(b))/visitItems)
	if c.err == nil && c.visits >= rememberFrom {
		c.err = c.Budget.Memory(pairBytes)
	}
	return c.err == nil
}

// look takes the work of looking at two texts or buffers of n and m bytes; false when there is no budget for it.
func (c *Comparison) look(n, m int) bool {
	if n == m && n >= visitBytes && c.Budget != nil && c.err == nil {
		c.err = c.Budget.Tick(n / visitBytes)
	}
	return c.err == nil
}

// work is how many items are looked at to go through a list or collection once. A member takes as long as several: its
// name is looked up, or hashed.
func work(v Value) int {
	if v.kind == KindArray {
		return int(v.n)
	}
	return memberItems * v.Object().Len()
}

const (
	visitItems  = 32   // items that are looked at in a unit of work
	memberItems = 4    // items in the time of a member
	visitBytes  = 1024 // bytes of a text that are looked at in a unit of work
	pairBytes   = 80   // what a remembered pair takes up
)

// rememberFrom is the number of compared lists and collections from which on pairs are remembered. Few values hold
// more.
const rememberFrom = 256

func (c *Comparison) strict(a, b Value) bool {
	if a.kind != b.kind {
		return a.IsNumber() && b.IsNumber() && compareNumbers(a, b) == 0
	}
	return c.sameKind(a, b)
}

func (c *Comparison) sameKind(a, b Value) bool {
	switch a.kind {
	case KindUndefined, KindNull:
		return true
	case KindBool, KindDate:
		return a.n == b.n
	case KindNumber, KindInteger:
		return compareNumbers(a, b) == 0
	case KindText:
		return c.look(len(a.Str()), len(b.Str())) && a.Str() == b.Str() // the runtime knows when they are the same memory
	case KindBuffer:
		return c.look(len(a.Bytes()), len(b.Bytes())) && bytes.Equal(a.Bytes(), b.Bytes())
	}
	if !c.visit(a, b) {
		return false
	}
	if c.visits < rememberFrom {
		return c.contents(a, b)
	}
	pair := [2]identity{a.identity(), b.identity()}
	if _, ok := c.equal[pair]; ok {
		return true
	}
	if !c.contents(a, b) {
		return false // and with it every comparison around it
	}
	if c.equal == nil {
		c.equal = make(map[[2]identity]struct{})
	}
	c.equal[pair] = struct{}{}
	return true
}

func (c *Comparison) contents(a, b Value) bool {
	if a.kind == KindArray {
		return c.arrays(a.Items(), b.Items())
	}
	return c.objects(a.Object(), b.Object())
}

func (c *Comparison) arrays(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !c.goesOn(i, scalarBytes) || !c.strict(a[i], b[i]) {
			return false
		}
	}
	return true
}

// goesOn looks at the budget before every so many items, of which each takes as long as so many bytes.
func (c *Comparison) goesOn(i, bytes int) bool {
	if c.Budget != nil && c.err == nil && i%stretch == stretch-1 {
		c.err = c.Budget.Look(stretch * bytes)
	}
	return c.err == nil
}

func (c *Comparison) objects(a, b *Object) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, k := range a.Keys() {
		if !c.goesOn(i, keyWork) {
			return false
		}
		other, ok := b.Get(k)
		if !ok || !c.strict(a.vals[i], other) {
			return false
		}
	}
	return true
}

// unordered is the result of comparing with NaN.
const unordered = 2

// compareNumbers compares two numbers by exact mathematical value: -1, 0, 1, or unordered when one is NaN.
func compareNumbers(a, b Value) int {
	if a.kind == KindNumber && b.kind == KindNumber {
		return compareFloats(a.Float(), b.Float())
	}
	if a.kind == KindInteger && b.kind == KindInteger {
		return a.BigInt().Cmp(b.BigInt())
	}
	if a.kind == KindNumber {
		if c := compareNumbers(b, a); c != unordered {
			return -c
		}
		return unordered
	}
	f := b.Float()
	switch {
	case math.IsNaN(f):
		return unordered
	case math.IsInf(f, 0):
		return -compareFloats(f, 0)
	}
	return compareInteger(a.BigInt(), f)
}

func compareFloats(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return 0
	}
	return unordered
}

// Compare orders a and b for the relational operators (spec iml.md §7.2). ok is false when they have no order (NaN).
func Compare(a, b Value) (c int, ok bool) {
	if isTextual(a) && isTextual(b) {
		return Compare16(ToText(a), ToText(b)), true
	}
	c = compareNumbers(numeric(a), numeric(b))
	return c, c != unordered
}

// isTextual reports whether the relational operators see v as a text.
func isTextual(v Value) bool { return v.kind == KindText || v.kind == KindArray }

func numeric(v Value) Value {
	if v.IsNumber() {
		return v
	}
	return Number(ToNumber(v))
}
