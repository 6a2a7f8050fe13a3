package compiler

import (
	"context"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// What folding may cost; the rest is left to run time, which has limits of its own: a small spec must not become a
// large plan.
const (
	foldSteps  = 10_000    // steps of one call
	foldMemory = 1 << 20   // bytes that one call may take up
	foldBytes  = 64 << 10  // bytes of one folded value
	foldTotal  = 1 << 20   // bytes of all folded values of a plan
	foldWork   = 1_000_000 // steps of all calls of a plan
)

// fold computes the value of nodes that need no input. Errors are left to run time, where they have their place.
func (c *compiler) fold(n node) node {
	switch n := n.(type) {
	case unary:
		if x, ok := n.x.(constant); ok {
			if n.op == plan.OpNot {
				return constant{value.Bool(!value.IsTruthy(x.v))}
			}
			return constant{value.Negate(x.v)}
		}
	case infix:
		return c.foldBinary(n)
	case shortCircuit:
		return foldShortCircuit(n)
	case conditional:
		if x, ok := n.cond.(constant); ok {
			if value.IsTruthy(x.v) {
				return n.then
			}
			return n.other
		}
	case path:
		return foldPath(n)
	case call:
		return c.foldCall(n)
	case join:
		return foldJoin(n)
	case list:
		return foldList(n)
	case object:
		return foldObject(n)
	}
	return n
}

func (c *compiler) foldBinary(n infix) node {
	a, ok1 := n.x.(constant)
	b, ok2 := n.y.(constant)
	if !ok1 || !ok2 {
		return n
	}
	x, y := a.v, b.v
	equal := value.Equal
	if c.opts.StrictEquality {
		equal = value.StrictEqual
	}
	switch n.op {
	case plan.OpAdd:
		if value.AddsText(x, y) {
			return foldJoin(join{[]node{a, b}})
		}
		return constant{value.Sum(x, y)}
	case plan.OpSubtract:
		return constant{value.Subtract(x, y)}
	case plan.OpMultiply:
		return constant{value.Multiply(x, y)}
	case plan.OpDivide:
		return constant{value.Divide(x, y)}
	case plan.OpModulo:
		return constant{value.Remainder(x, y)}
	case plan.OpEqual:
		return constant{value.Bool(equal(x, y))}
	case plan.OpNotEqual:
		return constant{value.Bool(!equal(x, y))}
	case plan.OpLess:
		return constant{value.Bool(value.Less(x, y))}
	case plan.OpLessEqual:
		return constant{value.Bool(value.LessEqual(x, y))}
	case plan.OpGreater:
		return constant{value.Bool(value.Less(y, x))}
	case plan.OpGreaterEqual:
		return constant{value.Bool(value.LessEqual(y, x))}
	}
	return n
}

func foldShortCircuit(n shortCircuit) node {
	x, ok := n.x.(constant)
	if !ok {
		return n
	}
	keep := false
	switch n.op {
	case plan.OpAnd:
		keep = !value.IsTruthy(x.v)
	case plan.OpOr:
		keep = value.IsTruthy(x.v)
	case plan.OpIfEmpty:
		keep = !value.IsEmpty(x.v)
	}
	if keep {
		return x
	}
	return n.y
}

func foldPath(n path) node {
	base, ok := n.base.(constant)
	if !ok {
		return n
	}
	v := base.v
	for _, s := range n.steps {
		switch {
		case s.named:
			v = value.Name(v, s.name)
		case s.index == nil:
			v = value.Item(v, int(s.item))
		default:
			i, ok := s.index.(constant)
			if !ok {
				return n
			}
			v = value.Index(v, i.v)
		}
	}
	return constant{v}
}

func (c *compiler) foldCall(n call) node {
	// The time of a regular expression is bounded by a clock, and plans must not depend on one.
	if !n.fn.Pure || n.fn.Needs == builtin.PartPatterns || c.folded > foldTotal || c.foldWork > foldWork {
		return n
	}
	args := make([]value.Value, len(n.args))
	for i, a := range n.args {
		switch a := a.(type) {
		case nil:
		case constant:
			args[i] = a.v
		default:
			return n
		}
	}
	limits := builtin.DefaultLimits()
	limits.Steps, limits.Memory, limits.ValueBytes, limits.Items = foldSteps, foldMemory, foldBytes, foldSteps
	var meter builtin.Meter
	meter.Start(context.Background(), limits)
	v, err := builtin.Invoke(n.fn, &builtin.Context{Meter: &meter, StrictEquality: c.opts.StrictEquality}, builtin.MakeArgs(args, given(n.args)))
	c.foldWork += meter.Spent()
	if err != nil {
		return n
	}
	if short, _ := value.TextWithin(v, foldBytes, nil); !short {
		return n
	}
	c.folded += len(value.AppendJSON(nil, v))
	return constant{v}
}

// foldJoin merges neighbouring constants and drops empty ones.
func foldJoin(n join) node {
	var parts []node
	for _, p := range n.parts {
		x, ok := p.(constant)
		if !ok {
			parts = append(parts, p)
			continue
		}
		text := value.ToText(x.v)
		if text == "" {
			continue
		}
		if len(parts) > 0 {
			if last, ok := parts[len(parts)-1].(constant); ok && len(last.v.Str())+len(text) <= foldBytes {
				parts[len(parts)-1] = constant{value.Text(last.v.Str() + text)}
				continue
			}
		}
		parts = append(parts, constant{value.Text(text)})
	}
	switch len(parts) {
	case 0:
		return constant{value.Text("")}
	case 1:
		if _, ok := parts[0].(constant); ok {
			return parts[0]
		}
	}
	return join{parts}
}

func foldList(n list) node {
	items := make([]value.Value, 0, len(n.items))
	for _, item := range n.items {
		x, ok := item.(constant)
		switch {
		case !ok:
			return n
		case !x.v.IsUndefined():
			items = append(items, x.v)
		case !n.drop:
			items = append(items, value.Null())
		}
	}
	if n.prune && len(items) == 0 {
		return constant{}
	}
	return constant{value.Array(items)}
}

func foldObject(n object) node {
	o := value.NewObject(len(n.entries))
	for _, e := range n.entries {
		x, ok := e.value.(constant)
		if !ok {
			return n
		}
		if !e.spread {
			o.Set(e.key, x.v)
			continue
		}
		src := x.v.Object()
		if src == nil && !x.v.IsNil() {
			return n // IML410 at run time
		}
		for i := range src.Len() {
			k, v := src.At(i)
			o.Set(k, v)
		}
	}
	if n.prune && o.Len() == 0 {
		return constant{}
	}
	return constant{value.Collection(o)}
}

// given returns the mask of the argument slots that hold an expression.
func given(args []node) (mask uint64) {
	for i, a := range args {
		if a != nil && i < 64 {
			mask |= 1 << i
		}
	}
	return mask
}
