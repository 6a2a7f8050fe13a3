package oracle

import (
	"fmt"
	"math"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

// path applies steps (spec iml.md §6).
func (e *evaluator) path(p *grammar.Path) (value.Value, error) {
	v, err := e.expr(p.Base)
	if err != nil {
		return v, err
	}
	for _, s := range p.Steps {
		switch s.Kind {
		case grammar.StepName:
			v = v.Object().Value(s.Name)
		case grammar.StepFirst:
			v = item(v, 1)
		case grammar.StepIndex:
			// The index is evaluated also when there is nothing to index: it may fail (spec iml.md §5, left to right).
			i, err := e.expr(s.Index)
			if err != nil {
				return i, err
			}
			switch {
			case i.Kind() == value.KindNumber:
				v = item(v, i.Float())
			case i.Kind() == value.KindText:
				v = v.Object().Value(i.Str())
			default:
				v = value.Undefined
			}
		}
	}
	return v, nil
}

// item returns the n-th item, 1-based, negative from the end.
func item(v value.Value, n float64) value.Value {
	items := v.Items()
	if n != math.Trunc(n) || math.Abs(n) > float64(len(items)) || n == 0 {
		return value.Undefined
	}
	if n < 0 {
		return items[len(items)+int(n)]
	}
	return items[int(n)-1]
}

func (e *evaluator) binary(x *grammar.Binary) (value.Value, error) {
	a, err := e.expr(x.X)
	if err != nil {
		return a, err
	}
	switch x.Op {
	case grammar.OpAnd:
		if !value.IsTruthy(a) {
			return a, nil
		}
		return e.expr(x.Y)
	case grammar.OpOr:
		if value.IsTruthy(a) {
			return a, nil
		}
		return e.expr(x.Y)
	}
	b, err := e.expr(x.Y)
	if err != nil {
		return b, err
	}
	switch x.Op {
	case grammar.OpEqual:
		return value.Bool(e.equal(a, b)), nil
	case grammar.OpNotEqual:
		return value.Bool(!e.equal(a, b)), nil
	case grammar.OpLess, grammar.OpLessEqual, grammar.OpGreater, grammar.OpGreaterEqual:
		return value.Bool(relation(x.Op, a, b)), nil
	case grammar.OpAdd:
		if joins(a) || joins(b) {
			return value.Text(value.ToText(a) + value.ToText(b)), nil
		}
		return value.Number(value.ToNumber(a) + value.ToNumber(b)), nil
	case grammar.OpSubtract:
		return value.Number(value.ToNumber(a) - value.ToNumber(b)), nil
	case grammar.OpMultiply:
		return value.Number(value.ToNumber(a) * value.ToNumber(b)), nil
	case grammar.OpDivide:
		return value.Number(value.ToNumber(a) / value.ToNumber(b)), nil
	case grammar.OpModulo:
		return value.Number(math.Mod(value.ToNumber(a), value.ToNumber(b))), nil
	}
	return value.Undefined, fmt.Errorf("unknown operator %v", x.Op)
}

func (e *evaluator) equal(a, b value.Value) bool {
	if e.env.StrictEquality {
		return value.StrictEqual(a, b)
	}
	return value.Equal(a, b)
}

// joins reports whether + makes a text of this operand (spec iml.md §7.1).
func joins(v value.Value) bool {
	switch v.Kind() {
	case value.KindText, value.KindDate, value.KindArray, value.KindCollection, value.KindBuffer:
		return true
	}
	return false
}

func relation(op grammar.Op, a, b value.Value) bool {
	c, ok := value.Compare(a, b)
	if !ok {
		return false
	}
	switch op {
	case grammar.OpLess:
		return c < 0
	case grammar.OpLessEqual:
		return c <= 0
	case grammar.OpGreater:
		return c > 0
	}
	return c >= 0
}

// call evaluates the lazy functions itself and hands the others to the library (spec iml.md §5, §9).
func (e *evaluator) call(c *grammar.Call) (value.Value, error) {
	switch c.Name {
	case "if":
		v, err := e.expr(c.Args[0])
		if err != nil {
			return v, err
		}
		if value.IsTruthy(v) {
			return e.argument(c, 1)
		}
		return e.argument(c, 2)
	case "ifempty":
		v, err := e.expr(c.Args[0])
		if err != nil || !value.IsEmpty(v) {
			return v, err
		}
		return e.argument(c, 1)
	case "switch":
		return e.choose(c)
	}
	f, ok := iml.Library().Lookup(c.Name)
	if !ok {
		return value.Undefined, fmt.Errorf("unknown function %q", c.Name)
	}
	written := c.Args
	if f.Max != builtin.AnyNumber && len(written) > f.Max {
		written = written[:f.Max] // the rest is ignored (spec iml.md §9.1)
	}
	args := make([]value.Value, len(written))
	var given uint64
	for i, a := range written {
		v, err := e.expr(a)
		if err != nil {
			return v, err
		}
		args[i] = v
		if a != nil && i < 64 {
			given |= 1 << uint(i)
		}
	}
	return builtin.Invoke(f, e.functions, builtin.MakeArgs(args, given))
}

func (e *evaluator) argument(c *grammar.Call, i int) (value.Value, error) {
	if i >= len(c.Args) {
		return value.Undefined, nil
	}
	return e.expr(c.Args[i])
}

// choose is switch: value, then pairs, then perhaps the else result (spec iml.md §9.2).
func (e *evaluator) choose(c *grammar.Call) (value.Value, error) {
	subject, err := e.expr(c.Args[0])
	if err != nil {
		return subject, err
	}
	i := 1
	for ; i+1 < len(c.Args); i += 2 {
		candidate, err := e.expr(c.Args[i])
		if err != nil {
			return candidate, err
		}
		if e.equal(subject, candidate) {
			return e.expr(c.Args[i+1])
		}
	}
	return e.argument(c, i)
}
