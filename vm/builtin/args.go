package builtin

import "github.com/imlc-lang/imlc/vm/value"

// Args are the argument slots of one call. Slots that are not given hold undefined. The zero Args has no slots.
type Args struct {
	// V has one value for each slot.
	V     []value.Value
	given uint64
}

// MakeArgs returns arguments; bit i of given says that slot i holds an expression. Slots from 64 on count as given.
func MakeArgs(v []value.Value, given uint64) Args { return Args{V: v, given: given} }

// Given reports whether slot i exists and holds an expression (spec iml.md §9.1).
func (a Args) Given(i int) bool {
	return i >= 0 && i < len(a.V) && (i >= 64 || a.given&(1<<uint(i)) != 0)
}

// At returns slot i, undefined when it is missing.
func (a Args) At(i int) value.Value {
	if i < len(a.V) {
		return a.V[i]
	}
	return value.Undefined
}

// Text returns the text of a converted ParamText slot, "" when it is missing or nil.
func (a Args) Text(i int) string { return a.At(i).Str() }

// TextOr returns the text of a converted ParamText slot, or def when it is missing or nil.
func (a Args) TextOr(i int, def string) string {
	if v := a.At(i); !v.IsNil() {
		return v.Str()
	}
	return def
}

// Number returns the number of a converted ParamNumber or ParamInteger slot.
func (a Args) Number(i int) float64 { return a.At(i).Float() }

// IntOr returns the integer of a converted ParamInteger slot, or def when it is missing or nil. It is clamped to ±2^30,
// more than any position or length, so that sums do not overflow where an int has 32 bits.
func (a Args) IntOr(i, def int) int {
	v := a.At(i)
	if v.IsNil() {
		return def
	}
	return clampInt(v.Float())
}

func clampInt(f float64) int {
	const limit = 1 << 30
	return int(max(-limit, min(limit, f)))
}

// Word returns the position of the word of a converted ParamOption slot in its list, 0 when it is missing or nil.
func (a Args) Word(i int) int { return int(a.At(i).Float()) }

// Flag returns a converted ParamBoolean slot, false when it is missing.
func (a Args) Flag(i int) bool { return a.At(i).IsTrue() }
