package builtin

import "github.com/imlc-lang/imlc/vm/value"

// LibraryScript is the name under which plans call the scripts of a spec. No Library has it.
const LibraryScript = "script"

// FamilyScript is the family of the functions that scripts are.
const FamilyScript = "script"

// Scripts runs the scripts of a plan. It is asked from the goroutine of the Context.
type Scripts interface {
	// CallScript runs the script of that name. The error is an *Error or a *LimitError.
	CallScript(c *Context, name string, args []value.Value) (value.Value, error)
}

// CodeScript is the code of the failure of a script.
const CodeScript = "IML411"

// Script returns the function that runs a script of the plan, with any number of arguments, by Context.Scripts.
func Script(name string) *Function {
	return &Function{
		Name: name, Version: 1, Max: AnyNumber, Family: FamilyScript,
		Params:    []Param{{Kind: ParamAny, Optional: true, Variadic: true}},
		Signature: name + "(V; …)", Doc: "Function of the spec in JavaScript.",
		Call: func(c *Context, a Args) (value.Value, error) {
			if c.Scripts == nil {
				return value.Undefined, Errorf(CodeScript, 0, "nothing here runs scripts")
			}
			return c.Scripts.CallScript(c, name, a.V)
		},
	}
}
