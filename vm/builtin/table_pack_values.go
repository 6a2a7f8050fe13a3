package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the extra pack's general functions (spec iml.md §9.9).
var (
	fnMergeCollections = Function{Name: "mergeCollections", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindCollection, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'C', Defaulted: true}, {Kind: 'C', Defaulted: true}},
		Signature: "mergeCollections(C; C)",
		Doc:       "Merges two collections; later values win.",
		Example:   "{{mergeCollections(a.x; a.y)}}",
		Call:      callMergeCollections,
	}
	fnIsBlank = Function{Name: "isBlank", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindBool, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'V'}},
		Signature: "isBlank(V)",
		Doc:       `Reports whether a value is undefined, null or "".`,
		Example:   `{{isBlank("")}}`,
		Call:      callIsBlank,
	}
	fnIn = Function{Name: "in", Version: 1, Min: 2, Max: AnyNumber, Family: "general", Result: value.KindBool, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "in(V; V; …)",
		Doc:       "Reports whether the first argument strictly equals one of the others.",
		Example:   `{{in("2"; 1; 2)}}`,
		Call:      callIn,
	}
	fnIfin = Function{Name: "ifin", Version: 1, Min: 4, Max: AnyNumber, Family: "general", Pure: true, Pack: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}, {Kind: 'V'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "ifin(V; V; …; V; V)",
		Doc:       "Returns the last argument but one if the first strictly equals one of those between, else the last.",
		Example:   `{{ifin("B"; "A"; "B"; "yes"; "no")}}`,
		Call:      callIfin,
	}
	fnCase = Function{Name: "case", Version: 1, Min: 2, Max: AnyNumber, Family: "general", Nil: NilSame, Pure: true, Picks: true, Pack: true,
		Params:    []Param{{Kind: 'I'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "case(I; V; …)",
		Doc:       "Returns the n-th of the following arguments, else null.",
		Example:   `{{case(2; "Sun"; "Mon")}}`,
		Call:      callCase,
	}
	fnArrayElement = Function{Name: "arrayElement", Version: 1, Min: 2, Max: 2, Family: "general", Nil: NilSame, Pure: true, Picks: true, Pack: true,
		Params:    []Param{{Kind: 'A'}, {Kind: 'I'}},
		Signature: "arrayElement(A; I)",
		Doc:       "Returns the n-th item, else null.",
		Example:   "{{arrayElement(parameters.arr; 5)}}",
		Call:      callArrayElement,
	}
	fnArrayDifference = Function{Name: "arrayDifference", Version: 1, Min: 2, Max: 3, Family: "general", Result: value.KindArray, Nil: NilEmptyArray, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'A'}, {Kind: 'A'}, {Kind: 'E', Optional: true, Words: []string{"classic", "symmetric"}}},
		Signature: "arrayDifference(A; A; [E(classic|symmetric)])",
		Doc:       "Returns the items of the first array that equal none of the second; symmetric adds those of the second.",
		Example:   `{{arrayDifference(parameters.arr; split("20,7"; ","); "symmetric")}}`,
		Call:      callArrayDifference,
	}
	fnConcat = Function{Name: "concat", Version: 1, Min: 2, Max: AnyNumber, Family: "general", Result: value.KindText, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T'}, {Kind: 'T'}, {Kind: 'T', Variadic: true}},
		Signature: "concat(T; T; …)",
		Doc:       "Joins the texts with the first as separator.",
		Example:   `{{concat("-"; "a"; "b")}}`,
		Append:    appendConcat,
	}
	fnLeft = Function{Name: "left", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindText, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T'}, {Kind: 'I'}},
		Signature: "left(T; I)",
		Doc:       "Returns the first n characters.",
		Example:   `{{left("Hello"; 3)}}`,
		Call:      callLeft,
	}
	fnRight = Function{Name: "right", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindText, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T'}, {Kind: 'I'}},
		Signature: "right(T; I)",
		Doc:       "Returns the last n characters.",
		Example:   `{{right("Hello"; 3)}}`,
		Call:      callRight,
	}
	fnRemoveAccents = Function{Name: "removeAccents", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindText, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T'}},
		Signature: "removeAccents(T)",
		Doc:       "Removes accents and keeps the base letters.",
		Example:   `{{removeAccents("Héllo wörld")}}`,
		Append:    appendRemoveAccents,
	}
	fnPascal = Function{Name: "pascal", Version: 1, Min: 1, Max: 1, Family: "general", Result: value.KindText, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T'}},
		Signature: "pascal(T)",
		Doc:       "Capitalises the words and joins them.",
		Example:   `{{pascal("foo bar")}}`,
		Append:    appendPascal,
	}
	fnReplacePattern = Function{Name: "replacePattern", Version: 1, Min: 3, Max: 3, Family: "general", Result: value.KindText, Nil: NilSame, Pure: true, Pack: true, Needs: PartPatterns,
		Params:    []Param{{Kind: 'T'}, {Kind: 'T', Pattern: true}, {Kind: 'T'}},
		Signature: "replacePattern(T; T; T)",
		Doc:       "Replaces all matches of a regular expression.",
		Example:   `{{replacePattern("foo123bar"; "\\d+"; "_")}}`,
		Append:    appendReplacePattern,
	}
	fnSortAscString = Function{Name: "sortAscString", Version: 1, Min: 1, Max: AnyNumber, Family: "general", Result: value.KindArray, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T', Variadic: true}},
		Signature: "sortAscString(T; …)",
		Doc:       "Sorts texts, ascending.",
		Example:   `{{sortAscString("b"; "a")}}`,
		Call:      callSortAscString,
	}
	fnSortDescString = Function{Name: "sortDescString", Version: 1, Min: 1, Max: AnyNumber, Family: "general", Result: value.KindArray, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'T', Variadic: true}},
		Signature: "sortDescString(T; …)",
		Doc:       "Sorts texts, descending.",
		Example:   `{{sortDescString("a"; "b")}}`,
		Call:      callSortDescString,
	}
)
