package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// walk follows a path of constant steps.
func (f *Frame) walk(p *linkedPath) value.Value { return value.Walk(&f.roots[p.root], p.steps) }

// place is walk that returns where the value lies, for those who only look at it.
func (f *Frame) place(p *linkedPath) *value.Value {
	v, _ := value.At(&f.roots[p.root], p.steps)
	return v
}

// linkPath links a path.
func linkPath(p *linkedPath) evalFunc {
	slot, steps := p.root, p.steps
	return func(f *Frame) value.Value { return value.Walk(&f.roots[slot], steps) }
}

// linkUnary links the operations on one value.
func (l *linker) linkUnary(in plan.Instr, pc int, x node) node {
	eval := x.eval
	switch in.Op {
	case plan.OpName:
		site, name := &l.fn.sites[pc], l.image.plan.Strings[in.A]
		return node{eval: func(f *Frame) value.Value { return site.Step(eval(f), name) }}
	case plan.OpPrune:
		return node{eval: func(f *Frame) value.Value { return prune(eval(f)) }}
	case plan.OpItem:
		n := int(in.A)
		return node{eval: func(f *Frame) value.Value { return value.Item(eval(f), n) }}
	case plan.OpNot:
		test := x.truth()
		return boolean(func(f *Frame) bool { return !test(f) })
	}
	return node{defined: true, eval: func(f *Frame) value.Value {
		v := eval(f)
		f.fail(f.reading(v, value.Undefined))
		return value.Negate(v)
	}}
}
