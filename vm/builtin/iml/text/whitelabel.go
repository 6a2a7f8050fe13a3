package text

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// whiteLabel are the functions of the platform's white-label edition (spec iml.md §9.9).
var whiteLabel = []builtin.Function{
	{Name: "concat", Version: 1, Min: 2, Max: builtin.AnyNumber, Family: "general", Result: value.KindText, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}, {Kind: builtin.ParamText}, {Kind: builtin.ParamText, Variadic: true}},
		Signature: "concat(text; text; …)",
		Doc:       "Joins the texts with the first as separator.",
		Example:   `{{concat("-"; "a"; "b")}}`,
		Append:    appendConcat,
	},
	{Name: "left", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindText, Nil: builtin.NilSame, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}, {Kind: builtin.ParamInteger}},
		Signature: "left(text; length)",
		Doc:       "Returns the first n characters.",
		Example:   `{{left("Hello"; 3)}}`,
		Call:      callLeft,
	},
	{Name: "right", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindText, Nil: builtin.NilSame, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}, {Kind: builtin.ParamInteger}},
		Signature: "right(text; length)",
		Doc:       "Returns the last n characters.",
		Example:   `{{right("Hello"; 3)}}`,
		Call:      callRight,
	},
	{Name: "removeAccents", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindText, Nil: builtin.NilSame, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}},
		Signature: "removeAccents(text)",
		Doc:       "Removes accents and keeps the base letters.",
		Example:   `{{removeAccents("Héllo wörld")}}`,
		Append:    appendRemoveAccents,
	},
	{Name: "pascal", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindText, Nil: builtin.NilSame, Pure: true, WhiteLabel: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}},
		Signature: "pascal(text)",
		Doc:       "Capitalises the words and joins them.",
		Example:   `{{pascal("foo bar")}}`,
		Append:    appendPascal,
	},
	{Name: "replacePattern", Version: 1, Min: 3, Max: 3, Family: "general", Result: value.KindText, Nil: builtin.NilSame, Pure: true, WhiteLabel: true, Needs: builtin.PartPatterns,
		Params:    []builtin.Param{{Kind: builtin.ParamText}, {Kind: builtin.ParamText, Literal: judgePattern}, {Kind: builtin.ParamText}},
		Signature: "replacePattern(text; pattern; replacement)",
		Doc:       "Replaces all matches of a regular expression.",
		Example:   `{{replacePattern("foo123bar"; "\\d+"; "_")}}`,
		Append:    appendReplacePattern,
	},
}
