package builtin

import "github.com/imlc-lang/imlc/vm/value"

// ParamKind is the letter that says how an argument is converted (spec iml.md §9.1).
type ParamKind byte

// The conversions of arguments.
const (
	ParamAny        ParamKind = 'V' // any value, unchanged
	ParamText       ParamKind = 'T' // ToText
	ParamNumber     ParamKind = 'N' // number
	ParamInteger    ParamKind = 'I' // number, truncated toward zero
	ParamDate       ParamKind = 'D' // date
	ParamArray      ParamKind = 'A' // array
	ParamCollection ParamKind = 'C' // collection
	ParamBoolean    ParamKind = 'B' // false if falsy or the text "false"
	ParamOption     ParamKind = 'E' // one of a list of words
)

// Param describes one argument slot.
type Param struct {
	Kind ParamKind
	// Optional says that the slot may be left out.
	Optional bool
	// Defaulted says that the slot must be there but may be nil, which stands for a default. Optional implies it.
	Defaulted bool
	// Variadic marks the last parameter as one that repeats.
	Variadic bool
	// Zone marks a text that is the name of a time zone (lint IML307).
	Zone bool
	// Literal, if set, judges a literal text that stands for the argument; its error says in words what is wrong.
	Literal func(s string) error
	// Words are the words of a ParamOption; the first is the default. An empty first word means "no word".
	Words []string
}

// NilRule says what a function returns when its first argument is undefined or null, before anything else is looked at.
type NilRule uint8

// The rules for a nil first argument.
const (
	NilPassed     NilRule = iota // no rule: the function, or the conversion of the argument, decides
	NilSame                      // undefined for undefined, null for null
	NilUndefined                 // undefined
	NilFalse                     // false
	NilMinusOne                  // -1
	NilZero                      // 0
	NilEmptyText                 // ""
	NilEmptyArray                // an empty array
)

// ResultUnknown is the Result of a function whose result type depends on its arguments.
const ResultUnknown = value.KindUndefined

// AnyNumber is the Max of a function that takes as many arguments as a call may have.
const AnyNumber = -1

// MaxSlots is the number of argument slots of one call (spec iml.md §13).
const MaxSlots = 1000

// Function is one function of the language. Functions of the library are shared and must not be changed; they are safe
// for concurrent use as long as every use has a Context of its own.
type Function struct {
	Name string
	// Version counts incompatible changes of the function, from 1.
	Version int
	// Min and Max bound the argument slots; Max is AnyNumber for up to MaxSlots.
	Min, Max int
	// Params describes the slots; the last one repeats if it is variadic.
	Params []Param
	// Result is the type of the result, nil aside, or ResultUnknown (spec iml.md §7.3).
	Result value.Kind
	Nil    NilRule
	// Lazy functions evaluate only some of their arguments. The compiler turns them into jumps; they cannot be invoked.
	Lazy bool
	// Pure functions depend on their arguments only: not on clock, entropy or zone. They may be folded.
	Pure bool
	// Picks says that the result is a part of an argument that keeps its own secret mark.
	Picks bool
	// Finds says that the function follows the name or path in its second argument from its first one. Where it finds nothing,
	// an error tells what was looked for.
	Finds bool
	// WhiteLabel functions are those of the platform's white-label edition, known only when they are asked for (spec
	// iml.md §9.9).
	WhiteLabel bool
	// Needs is the part of the library that must be linked for calls of the function; Missing tells whether it is.
	Needs Part
	// Family is the group of the function: general, text, math, array, runtime, date or host.
	Family string
	// Signature shows name and parameters, Doc says what the function does, Example is a template that uses it.
	Signature, Doc, Example string

	// Call computes the result from converted arguments. It is nil for lazy functions and for those that have only
	// Append.
	Call func(c *Context, a Args) (value.Value, error)
	// Append appends the text of the result to dst. It is set for functions whose result is always a text.
	Append func(c *Context, dst []byte, a Args) ([]byte, error)
	// Prepare, if set, makes the usual case of a call ready, nil when there is none.
	Prepare func(n int, constant Constant) *Prepared
}

// Param returns the description of slot i, counted from 0; ok is false when the function has no such slot.
func (f *Function) Param(i int) (p Param, ok bool) {
	if i < 0 || f.Max != AnyNumber && i >= f.Max || len(f.Params) == 0 {
		return Param{}, false
	}
	if i < len(f.Params) {
		return f.Params[i], true
	}
	if last := f.Params[len(f.Params)-1]; last.Variadic {
		return last, true
	}
	return Param{}, false
}

// Accepts reports whether a call may have n argument slots.
func (f *Function) Accepts(n int) bool {
	if f.Max == AnyNumber {
		return n >= f.Min && n <= MaxSlots
	}
	return n >= f.Min && n <= f.Max
}
