// Package jsonata is the function library that evaluates expressions of JSONata, for dialects that have them. A program
// that imports it can compile and run them; nothing else links the evaluator.
//
// The evaluator is github.com/blues/jsonata-go, which implements JSONata 1.5. It differs from JSONata 1.8: there are no
// ~> chains of regular-expression results, no $eval, $parseInteger, $formatInteger, $toMillis with pictures, $distinct
// of objects by content, $type, $assert and $error, and the parent operator % is not known.
//
// The evaluator can be neither metered nor stopped. Therefore what an expression may cost on the data at hand is
// computed before it is evaluated, from the weights of values instead of the values (type bound), and is taken from the
// budget of the operation; an evaluation that may cost more than a hundred thousand values looked at is not begun. What
// has no such bound is refused: functions that are called through variables or get to call themselves, numbers computed
// from data as the ends of ranges and the widths of texts, the operator of transformation, partial application. An
// expression has at most 4 KiB.
package jsonata

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"sync"

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
var errRefused = errors.New("the expression is too long, or nothing bounds what it makes")

// Check says what is wrong with an expression, nil when it can be run.
func Check(expression string) error {
	_, node, err := compile(expression)
	if err == nil {
		if work, _ := estimate(node, map[string]any{}, nil); math.IsInf(work, 1) {
			err = errRefused
		}
	}
	return err
}

// repetition is a counted repetition of a regular expression, which multiplies what stands before it.
var repetition = regexp.MustCompile(`\{(\d+)(?:,(\d*))?\}`)

// maxPattern bounds what the regular expressions of an expression become when their repetitions are written out.
const maxPattern = 100_000

// parse reads an expression that is short enough.
func parse(expression string) (jparse.Node, error) {
	if len(expression) > MaxBytes {
		return nil, errRefused
	}
	written := float64(len(expression))
	for _, m := range repetition.FindAllStringSubmatch(expression, -1) {
		least, _ := strconv.ParseFloat(m[1], 64)
		most, _ := strconv.ParseFloat(m[2], 64)
		written *= max(1, least, most)
	}
	if written > maxPattern && written > float64(len(expression)) {
		return nil, errRefused
	}
	return jparse.Parse(expression)
}

func compile(expression string) (*jsonata.Expr, jparse.Node, error) {
	node, err := parse(expression)
	if err != nil {
		return nil, nil, err
	}
	expr, err := jsonata.Compile(expression)
	return expr, node, err
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

// What an evaluation may cost, in weights. A step of the budget stands for workInStep; an evaluation cannot be
// interrupted, so that none may work longer than a cancelled operation may go on.
const (
	workInStep    = 4
	memoryOfValue = 16
	maxWork       = 100_000
)

// take takes from the budget what an evaluation may cost. What is refused, or too much for one evaluation, ends like an
// operation whose steps are used up.
func take(c *builtin.Context, work weight) error {
	if !(work <= maxWork) {
		return &builtin.LimitError{Name: "work of an expression of JSONata", Limit: maxWork, Code: builtin.CodeSteps}
	}
	if err := c.Tick(int(work / workInStep)); err != nil {
		return err
	}
	return c.Memory(int64(work) * memoryOfValue)
}

// evaluator is held by who evaluates: the functions of the library keep the context of a call in one place for all.
var evaluator sync.Mutex

func run(expr *jsonata.Expr, in any) (any, error) {
	evaluator.Lock()
	defer evaluator.Unlock()
	return expr.Eval(in)
}

// mapBytes is what a map takes up beyond a collection of the same members.
const mapBytes = 320

// plain returns a value as package encoding/json would read its JSON.
func plain(c *builtin.Context, v value.Value) (any, error) {
	if err := c.Tick(1); err != nil {
		return nil, err
	}
	switch v.Kind() {
	case value.KindText:
		return v.Str(), nil
	case value.KindArray:
		if err := c.List(len(v.Items())); err != nil {
			return nil, err
		}
		items := make([]any, 0, len(v.Items()))
		for _, item := range v.Items() {
			x, err := plain(c, item)
			if err != nil {
				return nil, err
			}
			items = append(items, x)
		}
		return items, nil
	case value.KindCollection:
		if err := c.Object(v.Object().Len()); err != nil {
			return nil, err
		}
		if err := c.Memory(mapBytes); err != nil {
			return nil, err
		}
		members := make(map[string]any, v.Object().Len())
		for i := range v.Object().Len() {
			key, member := v.Object().At(i)
			x, err := plain(c, member)
			if err != nil {
				return nil, err
			}
			members[key] = x
		}
		return members, nil
	case value.KindUndefined:
		return nil, nil
	}
	if err := c.CheckJSON(v); err != nil {
		return nil, err
	}
	var x any
	err := json.Unmarshal(value.AppendJSON(nil, v), &x)
	return x, err
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
	expr, node, compileErr := compile(a.At(0).Str())
	if compileErr != nil {
		return value.Undefined, nil
	}
	in, err := plain(c, a.At(1))
	if err != nil {
		return value.Undefined, err
	}
	work, err := estimate(node, in, c.Meter)
	if err == nil {
		err = take(c, work)
	}
	if err != nil {
		return value.Undefined, err
	}
	out, evalErr := run(expr, in)
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
