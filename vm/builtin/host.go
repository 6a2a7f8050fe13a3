package builtin

import (
	"errors"
	"fmt"
	"unicode"

	"github.com/imlc-lang/imlc/vm/value"
)

// ErrDeclaration is what every error of Host wraps.
var ErrDeclaration = errors.New("host function cannot be declared")

// familyHost is the family of functions of the host.
const familyHost = "host"

// Host declares a function of the host (spec iml.md §9.8) that takes minimum to maximum arguments; maximum may be
// AnyNumber. call gets evaluated values, undefined and null kept apart, and must be safe for concurrent use. What it
// returns as an error becomes an *Error with the code IML409 that wraps it; an error of the meter stays what it is. It
// is an error when name is no name or that of a built-in function, or when the range is not one.
func Host(name string, minimum, maximum int, call func(c *Context, a Args) (value.Value, error)) (*Function, error) {
	if !isName(name) {
		return nil, fmt.Errorf("%w: %q is not a name: use a letter, _ or $, then letters, digits, _ or $", ErrDeclaration, name)
	}
	if reserved(name) {
		return nil, fmt.Errorf("%w: %s is a built-in function: choose another name", ErrDeclaration, name)
	}
	if minimum < 0 || maximum != AnyNumber && maximum < minimum || maximum > MaxSlots || minimum > MaxSlots {
		return nil, fmt.Errorf("%w: %s has the argument range %d to %d: expected 0 to %d", ErrDeclaration, name, minimum, maximum, MaxSlots)
	}
	if call == nil {
		return nil, fmt.Errorf("%w: %s has no callback", ErrDeclaration, name)
	}
	return &Function{
		Name: name, Version: 1, Min: minimum, Max: maximum, Family: familyHost,
		Params:    []Param{{Kind: ParamAny, Optional: true, Variadic: true}},
		Signature: name + "(value; …)", Doc: "Function of the host.",
		Call: func(c *Context, a Args) (value.Value, error) {
			v, err := call(c, a)
			var limit *LimitError
			switch {
			case errors.As(err, &limit): // what the function did ended the operation, it did not fail
				return value.Undefined, limit
			case err != nil:
				return value.Undefined, &Error{Code: "IML409", Message: "the host function failed", Err: err}
			}
			return v, c.Meter.Ended() // it may have taken any time
		},
	}, nil
}

// isName reports whether s is a bare name (spec iml.md §4).
func isName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_' || r == '$' || unicode.IsLetter(r):
		case i > 0 && unicode.In(r, unicode.M, unicode.Nd):
		default:
			return false
		}
	}
	return s != ""
}
