package general

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// whiteLabel are the functions of the platform's white-label edition (spec iml.md §9.9).
var whiteLabel = []builtin.Function{
	{Name: "isBlank", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindBool, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny}},
		Signature: "isBlank(value)",
		Doc:       `Reports whether a value is undefined, null or "".`,
		Example:   `{{isBlank("")}}`,
		Call:      callIsBlank,
	},
	{Name: "in", Version: 1, Min: 2, Max: builtin.AnyNumber, Family: "general", Result: value.KindBool, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamAny, Variadic: true}},
		Signature: "in(value; candidate; …)",
		Doc:       "Reports whether the first argument strictly equals one of the others.",
		Example:   `{{in("2"; 1; 2)}}`,
		Call:      callIn,
	},
	{Name: "ifin", Version: 1, Min: 4, Max: builtin.AnyNumber, Family: "general", Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamAny, Variadic: true}},
		Signature: "ifin(value; candidate; …; then; else)",
		Doc:       "Returns the last argument but one if the first strictly equals one of those between, else the last.",
		Example:   `{{ifin("B"; "A"; "B"; "yes"; "no")}}`,
		Call:      callIfin,
	},
	{Name: "case", Version: 1, Min: 2, Max: builtin.AnyNumber, Family: "general", Nil: builtin.NilSame, Pure: true, Picks: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamInteger}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamAny, Variadic: true}},
		Signature: "case(position; value; …)",
		Doc:       "Returns the n-th of the following arguments, else null.",
		Example:   `{{case(2; "Sun"; "Mon")}}`,
		Call:      callCase,
	},
}
