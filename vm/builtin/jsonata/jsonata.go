// Package jsonata is the function library that evaluates expressions of JSONata, for dialects that have them. A program
// that imports it can compile and run them; nothing else links the evaluator.
//
// It does what the reference implementation of JSONata 1.8 does, also where that surprises, as far as JSON shows it.
// Different are: regular expressions are those of package regexp, which know neither lookaround nor references to groups;
// a function as a result is missing; and where the reference implementation calculates with what JavaScript makes of a
// value of another type, or never ends, the result is missing or a limit is reached. An expression has at most 64 KiB.
//
// Every step of an evaluation and all that it makes is taken from the budget of the operation. Inside of the package an
// evaluation ends by a panic with a failure, whose result is missing, or with a stop.
package jsonata

import (
	"runtime"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// libraryName is the name of the library in plans.
const libraryName = "jsonata"

// maxBytes is the length of the longest expression.
const maxBytes = 64 << 10

var library = builtin.NewLibrary(libraryName, false, [][]builtin.Function{{{
	Name: "evaluate", Version: 1, Min: 2, Max: 2, Family: libraryName,
	Params:    []builtin.Param{{Kind: builtin.ParamAny}, {Kind: builtin.ParamAny}},
	Signature: "evaluate(T; V)", Doc: "Evaluates an expression of JSONata; missing when it is no text, is empty or fails.",
	Call: evaluate,
}}})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

// failure is what is wrong with an expression or its data. It ends an evaluation, whose result then is missing.
type failure string

// stop ends an evaluation with an error of the operation, such as the end of a limit.
type stop struct{ err error }

// maxSteps bounds the steps of one evaluation, those that turn values into data aside, and maxDepth how deep it nests.
const (
	maxSteps = 200_000
	maxDepth = 10_000
)

// run is one evaluation.
type run struct {
	c     *builtin.Context
	steps int
	depth int
}

// must ends the evaluation when there is an error.
func (r *run) must(err error) {
	if err != nil {
		panic(stop{err})
	}
}

// step takes n steps from the budget.
func (r *run) step(n int) {
	if r.steps += n; r.steps > maxSteps || n < 0 {
		r.must(&builtin.LimitError{Name: "work of an expression of JSONata", Limit: maxSteps, Code: builtin.CodeSteps})
	}
	r.must(r.c.Tick(n))
}

// read takes from the budget what reading n bytes of text takes, and made what making them takes.
func (r *run) read(n int) { r.step(n / 256) }

func (r *run) made(n int) {
	r.read(n)
	r.must(r.c.Text(n))
}

// list takes from the budget what making a list of n items takes.
func (r *run) list(n int) {
	r.step(1 + n/8)
	r.must(r.c.List(n))
}

// evaluate implements the function.
func evaluate(c *builtin.Context, a builtin.Args) (result value.Value, err error) {
	source := a.At(0).Str()
	if a.At(0).Kind() != value.KindText || source == "" || len(source) > maxBytes {
		return value.Undefined, nil
	}
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case failure:
			result, err = value.Undefined, nil
		case stop:
			result, err = value.Undefined, cause.err
		case runtime.Error: // a value of another type than a function knows, as in JavaScript
			result, err = value.Undefined, nil
		default:
			panic(cause)
		}
	}()
	r := &run{c: c}
	r.step(len(source) / 4)
	tree := parse(source)
	data := r.data(a.At(1))
	root := &frame{names: map[string]any{"$": data}, outer: library18}
	if l, ok := data.(*list); ok {
		data = &list{items: []any{l}, sequence: true, outer: true}
	}
	return r.result(r.evaluate(tree, data, root), 0), nil
}
