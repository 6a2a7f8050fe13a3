package oracle

import (
	"fmt"
	"math"
	"math/big"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/iml" // the library of IML
	"github.com/imlc-lang/imlc/vm/value"
)

// expr evaluates an expression of IML (spec iml.md §5 to §9), operands from left to right. nil is an empty slot.
func (e *evaluator) expr(x grammar.Expr) value.Value {
	if !e.step() || x == nil {
		return value.Undefined
	}
	switch x := x.(type) {
	case *grammar.Text:
		return value.Text(x.Value)
	case *grammar.Number:
		if x.Exact != nil {
			return value.Integer(x.Exact)
		}
		return value.Number(x.Value)
	case *grammar.Keyword:
		return e.keyword(x.Name)
	case *grammar.Root:
		return e.named(x.Name)
	case *grammar.Path:
		return e.path(x)
	case *grammar.Unary:
		v := e.expr(x.X)
		switch {
		case x.Op == grammar.OpNot:
			return value.Bool(!value.IsTruthy(v))
		case v.Kind() == value.KindInteger:
			return value.Integer(new(big.Int).Neg(v.BigInt()))
		}
		return value.Number(-value.ToNumber(v))
	case *grammar.Binary:
		return e.binary(x)
	case *grammar.Join:
		return concat(e.exprs(x.Operands))
	case *grammar.Call:
		return e.call(x)
	}
	return e.fail(fmt.Errorf("unknown expression node %T", x))
}

func (e *evaluator) exprs(list []grammar.Expr) []value.Value {
	out := make([]value.Value, len(list))
	for i, x := range list {
		out[i] = e.expr(x)
	}
	return out
}

// constants are the keywords that stand for one value (spec iml.md §8).
var constants = map[string]value.Value{"true": value.Bool(true), "false": value.Bool(false), "null": value.Null(), "erase": value.Null(),
	"undefined": value.Undefined, "ignore": value.Undefined, "emptystring": value.Text(""), "emptyarray": value.Array(nil), "space": value.Text(" "),
	"nbsp": value.Text("\u00a0"), "tab": value.Text("\t"), "newline": value.Text("\n"), "carriagereturn": value.Text("\r"), "pi": value.Number(math.Pi)}

func (e *evaluator) keyword(name string) value.Value {
	if v, ok := constants[name]; ok {
		return v
	}
	switch ms := e.env.Now.UnixMilli(); name {
	case "now":
		return value.Date(ms)
	case "timestamp":
		return value.Number(math.Floor(float64(ms) / 1000))
	case "executionId":
		return e.env.ExecutionID
	case "random":
		f, err := builtin.Random(e.env.Entropy)
		return e.given(value.Number(f), err)
	case "uuid":
		s, err := builtin.UUID(e.env.Entropy)
		return e.given(value.Text(s), err)
	}
	return e.fail(fmt.Errorf("unknown keyword %q", name))
}

// path applies steps (spec iml.md §6). An index is evaluated also when there is nothing to index: it may fail.
func (e *evaluator) path(p *grammar.Path) value.Value {
	v := e.expr(p.Base)
	for _, s := range p.Steps {
		i := value.Number(1)
		switch s.Kind {
		case grammar.StepName:
			i = value.Text(s.Name)
		case grammar.StepIndex:
			i = e.expr(s.Index)
		}
		switch i.Kind() {
		case value.KindNumber:
			v = item(v, i.Float())
		case value.KindText:
			v = v.Object().Value(i.Str())
		default:
			v = value.Undefined
		}
	}
	return v
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

// arithmetic are the operators on numbers (spec iml.md §7.1).
var arithmetic = map[grammar.Op]func(a, b float64) float64{
	grammar.OpAdd: func(a, b float64) float64 { return a + b }, grammar.OpSubtract: func(a, b float64) float64 { return a - b },
	grammar.OpMultiply: func(a, b float64) float64 { return a * b }, grammar.OpDivide: func(a, b float64) float64 { return a / b }, grammar.OpModulo: math.Mod}

// relations say which results of a comparison an operator accepts (spec iml.md §7.2).
var relations = map[grammar.Op]func(c int) bool{
	grammar.OpLess: func(c int) bool { return c < 0 }, grammar.OpLessEqual: func(c int) bool { return c <= 0 },
	grammar.OpGreater: func(c int) bool { return c > 0 }, grammar.OpGreaterEqual: func(c int) bool { return c >= 0 }}

func (e *evaluator) binary(x *grammar.Binary) value.Value {
	a := e.expr(x.X)
	if x.Op == grammar.OpAnd || x.Op == grammar.OpOr {
		if value.IsTruthy(a) == (x.Op == grammar.OpOr) {
			return a
		}
		return e.expr(x.Y)
	}
	b := e.expr(x.Y)
	switch {
	case x.Op == grammar.OpEqual:
		return value.Bool(e.equal(a, b))
	case x.Op == grammar.OpNotEqual:
		return value.Bool(!e.equal(a, b))
	case relations[x.Op] != nil:
		c, ok := value.Compare(a, b)
		return value.Bool(ok && relations[x.Op](c))
	case x.Op == grammar.OpAdd && (joins(a) || joins(b)):
		return value.Text(value.ToText(a) + value.ToText(b))
	case arithmetic[x.Op] != nil:
		return value.Number(arithmetic[x.Op](value.ToNumber(a), value.ToNumber(b)))
	}
	return e.fail(fmt.Errorf("unknown operator %v", x.Op))
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

// call evaluates the functions that choose themselves, and hands the others to the library (spec iml.md §5, §9).
func (e *evaluator) call(c *grammar.Call) value.Value {
	argument := func(i int) value.Value {
		if i >= len(c.Args) {
			return value.Undefined
		}
		return e.expr(c.Args[i])
	}
	switch c.Name {
	case "if":
		if value.IsTruthy(argument(0)) {
			return argument(1)
		}
		return argument(2)
	case "ifempty":
		if v := argument(0); !value.IsEmpty(v) {
			return v
		}
		return argument(1)
	case "switch": // a value, then pairs, then perhaps the result of all others (§9.2)
		subject, i := argument(0), 1
		for ; i+1 < len(c.Args); i += 2 {
			if e.equal(subject, argument(i)) {
				return argument(i + 1)
			}
		}
		return argument(i)
	}
	f, written := e.function("iml", c.Name), c.Args
	if f != nil && f.Max != builtin.AnyNumber && len(written) > f.Max {
		written = written[:f.Max] // the rest is not even evaluated (§9.1)
	}
	return e.invoke(f, e.exprs(written), func(i int) bool { return written[i] != nil })
}
