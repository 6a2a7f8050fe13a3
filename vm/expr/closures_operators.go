package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// testFunc computes a boolean, numberFunc a number and whether it is secret: what conditions and arithmetic pass on
// without making values of it.
type (
	testFunc   func(f *Frame) bool
	numberFunc func(f *Frame) (n float64, secret bool)
)

// boolean is the node of a test.
func boolean(test testFunc) node {
	return node{test: test, defined: true, eval: func(f *Frame) value.Value { return value.Bool(test(f)) }}
}

// truth returns the truthiness of n.
func (n node) truth() testFunc {
	switch {
	case n.test != nil:
		return n.test
	case n.path != nil:
		p := n.path
		return func(f *Frame) bool { return value.IsTruthy(*f.place(p)) }
	}
	eval := n.eval
	return func(f *Frame) bool { return value.IsTruthy(eval(f)) }
}

// asNumber returns n as an operand of arithmetic.
func (n node) asNumber() numberFunc {
	switch {
	case n.number != nil:
		return n.number
	case n.con != nil:
		x, secret := value.ToNumber(*n.con), n.con.IsSecret()
		return func(*Frame) (float64, bool) { return x, secret }
	case n.path != nil:
		p := n.path
		return func(f *Frame) (float64, bool) {
			v, secret := value.At(&f.roots[p.root], p.steps)
			if x, ok := v.Double(); ok {
				return x, secret
			}
			return f.number(f.walk(p))
		}
	}
	eval := n.eval
	return func(f *Frame) (float64, bool) { return f.number(eval(f)) }
}

// number returns v as an operand of arithmetic, and whether it is secret.
func (f *Frame) number(v value.Value) (float64, bool) {
	x, ok := v.Double()
	if !ok {
		f.fail(f.reading(v, value.Undefined))
		x = value.ToNumber(v)
	}
	return x, v.IsSecret()
}

// numeric is the node of a number.
func numeric(number numberFunc) node {
	return node{number: number, defined: true, eval: func(f *Frame) value.Value {
		x, secret := number(f)
		if secret {
			return value.Number(x).AsSecret()
		}
		return value.Number(x)
	}}
}

// linkBinary links a binary operator, with short forms for numbers and constants.
func linkBinary(op plan.Op, x, y node) node {
	a, b := x.eval, y.eval
	switch op {
	case plan.OpIndex:
		return node{eval: func(f *Frame) value.Value {
			v := a(f)
			return value.Index(v, b(f))
		}}
	case plan.OpLess, plan.OpLessEqual, plan.OpGreater, plan.OpGreaterEqual:
		return boolean(linkOrder(op, x, y))
	case plan.OpEqual, plan.OpNotEqual:
		return boolean(linkEqual(op == plan.OpEqual, x, y))
	case plan.OpAdd:
		return linkAdd(x, y)
	case plan.OpSubtract, plan.OpMultiply, plan.OpDivide:
		return linkArithmetic(op, x, y)
	}
	return node{defined: true, eval: func(f *Frame) value.Value {
		v := a(f)
		w := b(f)
		f.fail(f.reading(v, w))
		return arithmetic(op, v, w)
	}}
}

// linkOrder links < <= > >=.
func linkOrder(op plan.Op, x, y node) testFunc {
	a, b := x.eval, y.eval
	if y.con != nil && x.path != nil {
		if limit, ok := y.con.Double(); ok {
			return linkOrderLimit(op, x.path, *y.con, limit)
		}
	}
	return func(f *Frame) bool {
		v := a(f)
		return f.compareOrder(op, v, b(f))
	}
}

// compareOrder is inOrder with the usual case first.
func (f *Frame) compareOrder(op plan.Op, v, w value.Value) bool {
	n, ok1 := v.Double()
	m, ok2 := w.Double()
	if !ok1 || !ok2 {
		return f.inOrder(op, v, w)
	}
	switch op {
	case plan.OpLess:
		return n < m
	case plan.OpLessEqual:
		return n <= m
	case plan.OpGreater:
		return n > m
	}
	return n >= m
}

// linkOrderLimit links the comparison of a path with a constant number.
func linkOrderLimit(op plan.Op, p *linkedPath, con value.Value, limit float64) testFunc {
	slot, steps := p.root, p.steps
	switch op {
	case plan.OpGreater:
		return func(f *Frame) bool {
			v, _ := value.At(&f.roots[slot], steps)
			if n, ok := v.Double(); ok {
				return n > limit
			}
			return f.inOrder(op, *v, con)
		}
	case plan.OpLess:
		return func(f *Frame) bool {
			v, _ := value.At(&f.roots[slot], steps)
			if n, ok := v.Double(); ok {
				return n < limit
			}
			return f.inOrder(op, *v, con)
		}
	}
	return func(f *Frame) bool { return f.compareOrder(op, f.walk(p), con) }
}

// linkEqual links = and != (want is false).
func linkEqual(want bool, x, y node) testFunc {
	a, b := x.eval, y.eval
	if y.con == nil || x.path == nil {
		return func(f *Frame) bool {
			v := a(f)
			return f.same(v, b(f)) == want
		}
	}
	p, con := x.path, *y.con
	slot, steps := p.root, p.steps
	switch con.Kind() {
	case value.KindNumber:
		n := con.Float()
		return func(f *Frame) bool {
			v, _ := value.At(&f.roots[slot], steps)
			if m, ok := v.Double(); ok {
				return (m == n) == want
			}
			return f.same(*v, con) == want
		}
	case value.KindBool:
		is := con.IsTrue() == want
		return func(f *Frame) bool {
			v, _ := value.At(&f.roots[slot], steps)
			if v.Kind() == value.KindBool {
				return v.IsTrue() == is
			}
			return f.same(*v, con) == want
		}
	case value.KindText:
		s := con.Str()
		return func(f *Frame) bool {
			v, _ := value.At(&f.roots[slot], steps)
			if v.Kind() == value.KindText {
				return (v.Str() == s) == want
			}
			return f.same(*v, con) == want
		}
	}
	return func(f *Frame) bool { return f.same(f.walk(p), con) == want }
}

// linkAdd links +, which is a sum or a concatenation.
func linkAdd(x, y node) node {
	a, b := x.eval, y.eval
	sum := func(f *Frame) value.Value {
		v := a(f)
		w := b(f)
		if !value.AddsText(v, w) {
			return value.Sum(v, w)
		}
		s, err := f.add(v, w)
		f.fail(err)
		return s
	}
	n := node{defined: true, eval: sum}
	if x.path == nil || y.path == nil {
		n.number = func(f *Frame) (float64, bool) { return f.number(sum(f)) }
		return n
	}
	p, q := x.path, y.path
	n.number = func(f *Frame) (float64, bool) {
		v, hidden := value.At(&f.roots[p.root], p.steps)
		w, also := value.At(&f.roots[q.root], q.steps)
		if n, ok := v.Double(); ok {
			if m, ok := w.Double(); ok {
				return n + m, hidden || also
			}
		}
		s, err := f.add(f.walk(p), f.walk(q))
		f.fail(err)
		return f.number(s)
	}
	return n
}

// linkArithmetic links - * /.
func linkArithmetic(op plan.Op, x, y node) node {
	a := x.asNumber()
	if y.con != nil && !y.con.IsSecret() {
		c := value.ToNumber(*y.con)
		switch op {
		case plan.OpSubtract:
			return numeric(func(f *Frame) (float64, bool) { n, s := a(f); return n - c, s })
		case plan.OpMultiply:
			return numeric(func(f *Frame) (float64, bool) { n, s := a(f); return n * c, s })
		}
		return numeric(func(f *Frame) (float64, bool) { n, s := a(f); return n / c, s })
	}
	b := y.asNumber()
	return numeric(func(f *Frame) (float64, bool) {
		n, s := a(f)
		m, t := b(f)
		switch op {
		case plan.OpSubtract:
			n -= m
		case plan.OpMultiply:
			n *= m
		default:
			n /= m
		}
		return n, s || t
	})
}
