package builtin

import (
	"math"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/value"
)

// core is the library of the functions that belong to no language: front ends make calls of them where their language
// does by itself what its expressions cannot say. Every program has it.
var core = NewLibrary("core", false, [][]Function{coreFunctions})

const familyCore = "core"

var coreFunctions = []Function{
	{Name: "instant", Version: 1, Min: 1, Max: 1, Family: familyCore, Result: value.KindDate,
		Params:    []Param{{Kind: ParamAny}},
		Signature: "instant(V)",
		Doc:       "Reads a date, Unix seconds, or a text of either; undefined for undefined, null and the empty text.",
		Call:      callInstant,
	},
	{Name: "isMissing", Version: 1, Min: 1, Max: 1, Family: familyCore, Result: value.KindBool, Pure: true,
		Params:    []Param{{Kind: ParamAny}},
		Signature: "isMissing(V)",
		Doc:       "Reports whether a value is undefined; null is not.",
		Call: func(_ *Context, a Args) (value.Value, error) {
			return value.Bool(a.V[0].IsUndefined()), nil
		},
	},
	{Name: "isNil", Version: 1, Min: 1, Max: 1, Family: familyCore, Result: value.KindBool, Pure: true,
		Params:    []Param{{Kind: ParamAny}},
		Signature: "isNil(V)",
		Doc:       "Reports whether a value is undefined or null.",
		Call: func(_ *Context, a Args) (value.Value, error) {
			return value.Bool(a.V[0].IsNil()), nil
		},
	},
	{Name: "raise", Version: 1, Min: 3, Max: 3, Family: familyCore,
		Params:    []Param{{Kind: ParamText}, {Kind: ParamText}, {Kind: ParamText}},
		Signature: "raise(T; T; T)",
		Doc:       "Fails with a code, the type of the error, and a message.",
		Call:      callRaise,
	},
}

// callInstant reads a text as parseDate does without a format, and one of digits as Unix seconds when that is no date.
func callInstant(c *Context, a Args) (value.Value, error) {
	v := a.V[0]
	switch {
	case value.IsEmpty(v):
		return value.Undefined, nil
	case v.Kind() == value.KindDate:
		return v, nil
	}
	seconds := v.Kind() == value.KindNumber
	if !seconds {
		text, err := c.ToText(v)
		if err != nil {
			return value.Undefined, err
		}
		if ms, ok := calendar.ParseText(text, c.Location()); ok {
			return value.Date(ms), nil
		}
		v, seconds = value.ParseInteger(text)
	}
	if ms := v.Float() * 1000; seconds && math.Abs(ms) <= calendar.MaxMillis {
		return value.Date(int64(ms)), nil
	}
	return value.Undefined, Errorf("IML402", 1, "not a date, Unix seconds, or a text of either")
}

// callRaise makes the error of its arguments. What is secret in the message is not told.
func callRaise(_ *Context, a Args) (value.Value, error) {
	message := a.Text(2)
	if a.V[2].IsSecret() {
		message = value.Mask
	}
	return value.Undefined, &Error{Code: a.Text(0), Type: a.Text(1), Message: message}
}
