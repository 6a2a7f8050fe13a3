package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the math functions (spec iml.md §9.5).
var (
	fnAbs = Function{Name: "abs", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "abs(N)",
		Doc:       "Returns the absolute value.",
		Example:   "{{abs(-3.7)}}",
		Call:      callAbs,
	}
	fnCeil = Function{Name: "ceil", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "ceil(N)",
		Doc:       "Rounds up to an integer.",
		Example:   "{{ceil(1.2)}}",
		Call:      callCeil,
	}
	fnFloor = Function{Name: "floor", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "floor(N)",
		Doc:       "Rounds down to an integer.",
		Example:   "{{floor(1.9)}}",
		Call:      callFloor,
	}
	fnRound = Function{Name: "round", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "round(N)",
		Doc:       "Rounds to the nearest integer, halves up.",
		Example:   "{{round(-1.5)}}",
		Call:      callRound,
	}
	fnTrunc = Function{Name: "trunc", Version: 1, Min: 1, Max: 2, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}, {Kind: 'I', Optional: true}},
		Signature: "trunc(N; [I=0])",
		Doc:       "Cuts off decimal digits; a negative count zeroes digits left of the point.",
		Example:   "{{trunc(123.456; -2)}}",
		Call:      callTrunc,
	}
	fnMin = Function{Name: "min", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "min(V; …)",
		Doc:       "Returns the smallest of the numbers. Arrays contribute their items; what is no number is skipped.",
		Example:   "{{min(1000; 5)}}",
		Call:      callMin,
	}
	fnMax = Function{Name: "max", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "max(V; …)",
		Doc:       "Returns the largest of the numbers. Arrays contribute their items; what is no number is skipped.",
		Example:   `{{max(1; "x"; 3)}}`,
		Call:      callMax,
	}
	fnSum = Function{Name: "sum", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "sum(V; …)",
		Doc:       "Adds the numbers. Arrays contribute their items; what is no number is skipped.",
		Example:   `{{sum(1; "2"; 4)}}`,
		Call:      callSum,
	}
	fnAverage = Function{Name: "average", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "average(V; …)",
		Doc:       "Returns the mean of the numbers. Arrays contribute their items; what is no number is skipped.",
		Example:   "{{average(1; 2; 4.5)}}",
		Call:      callAverage,
	}
	fnMedian = Function{Name: "median", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "median(V; …)",
		Doc:       "Returns the middle number, or the mean of the middle two. Arrays contribute their items; what is no number is skipped.",
		Example:   "{{median(2; 3; 5; 8)}}",
		Call:      callMedian,
	}
	fnStdevP = Function{Name: "stdevP", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "stdevP(V; …)",
		Doc:       "Returns the standard deviation of a whole population. Arrays contribute their items; what is no number is skipped.",
		Example:   "{{stdevP(1; 2; 3; 4; 5)}}",
		Call:      callStdevP,
	}
	fnStdevS = Function{Name: "stdevS", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Pure: true,
		Params:    []Param{{Kind: 'V', Variadic: true}},
		Signature: "stdevS(V; …)",
		Doc:       "Returns the standard deviation of a sample. Arrays contribute their items; what is no number is skipped.",
		Example:   "{{stdevS(1; 2; 3; 4; 5)}}",
		Call:      callStdevS,
	}
	fnParseNumber = Function{Name: "parseNumber", Version: 1, Min: 1, Max: 2, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'T', Optional: true}},
		Signature: `parseNumber(V; [T="."])`,
		Doc:       "Reads a number with digit groups and the given decimal separator.",
		Example:   `{{parseNumber("1 756,456"; ",")}}`,
		Call:      callParseNumber,
	}
	fnFormatNumber = Function{Name: "formatNumber", Version: 1, Min: 2, Max: 4, Family: "math", Result: value.KindText, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'N'}, {Kind: 'I', Defaulted: true}, {Kind: 'T', Optional: true}, {Kind: 'T', Optional: true}},
		Signature: `formatNumber(N; I=0; [T=","]; [T="."])`,
		Doc:       "Writes a number with that many decimals, a decimal separator and a separator of thousands.",
		Example:   `{{formatNumber(123456789; 3; ","; ".")}}`,
		Append:    appendFormatNumber,
	}
)
