package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the general functions (spec iml.md §9.2).
var (
	fnIf = Function{Name: "if", Version: 1, Min: 2, Max: 3, Family: "general", Lazy: true, Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}, {Kind: 'V', Optional: true}},
		Signature: "if(V; V; [V])",
		Doc:       "Returns the second argument if the first is truthy, else the third. Only the one that is returned is evaluated.",
		Example:   `{{if(1 = 2; "A"; "B")}}`,
	}
	fnIfempty = Function{Name: "ifempty", Version: 1, Min: 2, Max: 2, Family: "general", Lazy: true, Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}},
		Signature: "ifempty(V; V)",
		Doc:       `Returns the first argument, or the second if the first is undefined, null or "". The second is evaluated only then.`,
		Example:   `{{ifempty(0; "d")}}`,
	}
	fnSwitch = Function{Name: "switch", Version: 1, Min: 3, Max: AnyNumber, Family: "general", Lazy: true, Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "switch(V; V; V; V; …)",
		Doc:       "Compares the first argument with each case in turn and returns the result that follows the first equal one; a lone last argument is the result when none is equal.",
		Example:   `{{switch("X"; "A"; 1; 4)}}`,
	}
	fnGet = Function{Name: "get", Version: 1, Min: 2, Max: 2, Family: "general", Nil: NilUndefined, Pure: true, Picks: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}},
		Signature: "get(V; V)",
		Doc:       "Reads the value at a path such as a.b, a.2 or a[2]; a missing step gives undefined.",
		Example:   `{{get(parameters; "objs.2.v")}}`,
		Call:      callGet,
	}
	fnSet = Function{Name: "set", Version: 1, Min: 3, Max: 3, Family: "general", Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}, {Kind: 'V'}},
		Signature: "set(V; V; V)",
		Doc:       "Copies the first argument with the value stored at the path; missing steps are created, undefined removes the key.",
		Example:   `{{set(parameters; "v"; 9)}}`,
		Call:      callSet,
	}
	fnOmit = Function{Name: "omit", Version: 1, Min: 2, Max: AnyNumber, Family: "general", Result: value.KindCollection, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'C'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "omit(C; V; …)",
		Doc:       "Copies a collection without the named keys; an array names several.",
		Example:   `{{omit(parameters; "k")}}`,
		Call:      callOmit,
	}
	fnPick = Function{Name: "pick", Version: 1, Min: 2, Max: AnyNumber, Family: "general", Result: value.KindCollection, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'C'}, {Kind: 'V'}, {Kind: 'V', Variadic: true}},
		Signature: "pick(C; V; …)",
		Doc:       "Copies a collection with only the named keys, in their original order; an array names several.",
		Example:   `{{pick(parameters; "n"; "a")}}`,
		Call:      callPick,
	}
	fnEqual = Function{Name: "equal", Version: 1, Min: 2, Max: 2, Family: "general", Result: value.KindBool, Pure: true,
		Params:    []Param{{Kind: 'V'}, {Kind: 'V'}},
		Signature: "equal(V; V)",
		Doc:       "Compares like the operator =.",
		Example:   `{{equal("5"; 5)}}`,
		Call:      callEqual,
	}
)
