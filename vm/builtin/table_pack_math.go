package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the extra pack's math functions (spec iml.md §9.9).
var (
	fnSortAscNum = Function{Name: "sortAscNum", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindArray, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N', Variadic: true}},
		Signature: "sortAscNum(N; …)",
		Doc:       "Sorts numbers, ascending.",
		Example:   "{{sortAscNum(3; 1; 2)}}",
		Call:      callSortAscNum,
	}
	fnSortDescNum = Function{Name: "sortDescNum", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindArray, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N', Variadic: true}},
		Signature: "sortDescNum(N; …)",
		Doc:       "Sorts numbers, descending.",
		Example:   "{{sortDescNum(3; 1; 2)}}",
		Call:      callSortDescNum,
	}
	fnDiv = Function{Name: "div", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N', Variadic: true}},
		Signature: "div(N; …)",
		Doc:       "Divides from left to right.",
		Example:   "{{div(100; 5; 4)}}",
		Call:      callDiv,
	}
	fnProd = Function{Name: "prod", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N', Variadic: true}},
		Signature: "prod(N; …)",
		Doc:       "Multiplies.",
		Example:   "{{prod(2; 3; 4)}}",
		Call:      callProd,
	}
	fnSub = Function{Name: "sub", Version: 1, Min: 1, Max: AnyNumber, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N', Variadic: true}},
		Signature: "sub(N; …)",
		Doc:       "Subtracts from left to right.",
		Example:   "{{sub(10; 3; 2)}}",
		Call:      callSub,
	}
	fnPower = Function{Name: "power", Version: 1, Min: 2, Max: 2, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N'}, {Kind: 'N'}},
		Signature: "power(N; N)",
		Doc:       "Raises the first number to the power of the second.",
		Example:   "{{power(2; 3)}}",
		Call:      callPower,
	}
	fnSqrt = Function{Name: "sqrt", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "sqrt(N)",
		Doc:       "Returns the square root.",
		Example:   "{{sqrt(9)}}",
		Call:      callSqrt,
	}
	fnLn = Function{Name: "ln", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "ln(N)",
		Doc:       "Returns the natural logarithm.",
		Example:   "{{ln(1)}}",
		Call:      callLn,
	}
	fnLog = Function{Name: "log", Version: 1, Min: 2, Max: 2, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N'}, {Kind: 'N'}},
		Signature: "log(N; N)",
		Doc:       "Returns the logarithm of the second number to the base of the first.",
		Example:   "{{log(2; 8)}}",
		Call:      callLog,
	}
	fnNumber = Function{Name: "number", Version: 1, Min: 1, Max: 1, Family: "math", Result: value.KindNumber, Nil: NilSame, Pure: true, Pack: true,
		Params:    []Param{{Kind: 'N'}},
		Signature: "number(N)",
		Doc:       "Converts to a number.",
		Example:   `{{number("42")}}`,
		Call:      callNumber,
	}
)
