// Package jsonata is the function library that evaluates expressions of JSONata, for dialects that have them. A program
// that imports it can compile and run them; nothing else links the evaluator.
//
// The evaluator is github.com/blues/jsonata-go, which implements JSONata 1.5. It differs from JSONata 1.8: there are no
// ~> chains of regular-expression results, no $eval, $parseInteger, $formatInteger, $toMillis with pictures, $distinct
// of objects by content, $type, $assert and $error, and the parent operator % is not known. What it does cannot be
// metered, so that a host that imports this package lets the authors of specs use processor time within the bounds
// below.
//
// Bounds: an expression of at most 4 KiB, whose functions cannot call themselves (calls through a variable are
// refused).
package jsonata

import (
	"encoding/json"
	"errors"
	"reflect"

	jsonata "github.com/blues/jsonata-go"
	"github.com/blues/jsonata-go/jparse"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Name is the name of the library in plans.
const Name = "jsonata"

// MaxBytes is the length of the longest expression.
const MaxBytes = 4 << 10

var library = builtin.NewLibrary(Name, false, [][]builtin.Function{{{
	Name: "evaluate", Version: 1, Min: 2, Max: 2, Family: Name,
	Params:    []builtin.Param{{Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}},
	Signature: "evaluate(T; V)", Doc: "Evaluates an expression of JSONata; missing when it is no text, is empty or fails.",
	Call: evaluate,
}}})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

// errRefused says that an expression is not run, whatever it means.
var errRefused = errors.New("the expression is too long, or calls a function through a variable")

// Check says what is wrong with an expression, nil when it can be run.
func Check(expression string) error {
	_, err := compile(expression)
	return err
}

func compile(expression string) (*jsonata.Expr, error) {
	if len(expression) > MaxBytes {
		return nil, errRefused
	}
	node, err := jparse.Parse(expression)
	if err != nil {
		return nil, err
	}
	defined := map[string]bool{}
	inspect(reflect.ValueOf(node), func(n any) {
		switch n := n.(type) {
		case *jparse.AssignmentNode:
			defined[n.Name] = true
		case *jparse.LambdaNode: // also inside a typed one
			for _, name := range n.ParamNames {
				defined[name] = true
			}
		}
	})
	refused := false
	inspect(reflect.ValueOf(node), func(n any) {
		if call, ok := n.(*jparse.FunctionCallNode); ok {
			if v, ok := call.Func.(*jparse.VariableNode); !ok || defined[v.Name] {
				refused = true
			}
		}
		if chain, ok := n.(*jparse.FunctionApplicationNode); ok {
			if v, ok := chain.RHS.(*jparse.VariableNode); ok && defined[v.Name] {
				refused = true
			}
		}
	})
	if refused {
		return nil, errRefused
	}
	return jsonata.Compile(expression)
}

// inspect visits every node below v.
func inspect(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer && v.CanInterface() {
			visit(v.Interface())
		}
		inspect(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				inspect(v.Field(i), visit)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			inspect(v.Index(i), visit)
		}
	}
}

// evaluate implements the function. The data goes in and out as JSON, in whose terms JSONata is defined.
func evaluate(c *builtin.Context, a builtin.Args) (result value.Value, err error) {
	defer func() {
		if recover() != nil { // a defect of the library must not end the process
			result, err = value.Undefined, nil
		}
	}()
	if a.At(0).Kind() != value.KindText || a.At(0).Str() == "" {
		return value.Undefined, nil
	}
	expr, compileErr := compile(a.At(0).Str())
	if compileErr != nil {
		return value.Undefined, nil
	}
	if err := c.CheckJSON(a.At(1)); err != nil {
		return value.Undefined, err
	}
	data := value.AppendJSON(nil, a.At(1))
	if err := c.Text(len(data)); err != nil {
		return value.Undefined, err
	}
	var in any
	if json.Unmarshal(data, &in) != nil {
		return value.Undefined, nil
	}
	out, evalErr := expr.Eval(in)
	if evalErr != nil {
		return value.Undefined, nil
	}
	text, encodeErr := json.Marshal(out)
	if encodeErr != nil {
		return value.Undefined, nil
	}
	if err := c.Text(len(text)); err != nil {
		return value.Undefined, err
	}
	v, parseErr := value.ParseJSON(string(text), &value.JSONOptions{MaxDepth: c.Limits().Nesting, Budget: c.Meter})
	var syntax *value.SyntaxError
	if errors.As(parseErr, &syntax) {
		return value.Undefined, nil
	}
	return v, parseErr
}
