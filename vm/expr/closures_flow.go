package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// one links the code from pc up to end, which must leave exactly one value.
func (l *linker) one(pc, end int) (node, bool) {
	n, at, ok := l.upTo(pc, end, false)
	return n, ok && at == end
}

// upTo links the code from pc up to end, or, where conditionals may stop it, up to one whose value is that of the whole
// code. It returns the value on the stack, the only one, and where it stopped.
func (l *linker) upTo(pc, end int, stops bool) (n node, at int, ok bool) {
	emitted := l.emits.count
	stack, at, ok := l.block(pc, end, nil, stops)
	if !ok || len(stack) != 1 || l.emits.count != emitted {
		return node{}, 0, false
	}
	return stack[0].finished(), at, true
}

// finished returns n as a plain value when it is an object whose construction ended.
func (n node) finished() node {
	if n.build == nil {
		return n
	}
	return node{eval: n.build.eval(), defined: true}
}

// block links the code from pc up to end on top of stack. With stops it ends before a conditional that chooses the
// value of the block.
func (l *linker) block(pc, end int, stack []node, stops bool) (out []node, at int, ok bool) {
	var stores []store // those that come before what is pushed next
	for pc < end {
		in, before := l.fn.Code[pc], len(stack)
		switch in.Op {
		case plan.OpAnd, plan.OpOr, plan.OpIfEmpty:
			stack, pc, ok = l.shortCircuit(in, pc, end, stack)
		case plan.OpJumpFalse:
			if stops && before == 1 && l.joinOf(pc) == end {
				return stack, pc, len(stores) == 0
			}
			stack, pc, ok = l.conditional(pc, end, stack)
		case plan.OpJump, plan.OpCase, plan.OpReturn, plan.OpPop:
			return nil, 0, false
		case plan.OpStore:
			var x []node
			if stack, x, ok = take(stack, 1); ok {
				stores = append(stores, store{int(in.A), x[0].eval})
				pc++
				continue
			}
		default:
			stack, ok = l.step(in, pc, stack)
			pc++
		}
		if !ok || len(stores) > 0 && len(stack) != before+1 {
			return nil, 0, false
		}
		if len(stores) > 0 {
			stack[before], stores = stack[before].behind(stores), nil
		}
	}
	return stack, pc, pc == end && len(stores) == 0
}

// shortCircuit links the operators && and ||, and ifempty.
func (l *linker) shortCircuit(in plan.Instr, pc, end int, stack []node) ([]node, int, bool) {
	target := int(in.A)
	stack, x, ok := take(stack, 1)
	if !ok || target > end {
		return nil, 0, false
	}
	rest, ok := l.one(pc+1, target)
	if !ok {
		return nil, 0, false
	}
	return append(stack, shortCircuit(in.Op, x[0], rest)), target, true
}

// arm is one case of a conditional.
type arm struct {
	test testFunc
	then node
}

// joinOf returns where the branches of the conditional at pc meet, -1 when it is none that can be linked.
func (l *linker) joinOf(pc int) int {
	code, target := l.fn.Code, int(l.fn.Code[pc].A)
	if target-1 <= pc || code[target-1].Op != plan.OpJump {
		return -1
	}
	return int(code[target-1].A)
}

// conditional links if and the chains of cases that front ends make, however long: each case is a test, a jump to the
// next one, and a value with a jump to the end.
func (l *linker) conditional(pc, end int, stack []node) ([]node, int, bool) {
	stack, x, ok := take(stack, 1)
	join := l.joinOf(pc)
	if !ok || join < 0 || join > end {
		return nil, 0, false
	}
	var arms []arm
	cond := x[0]
	for pc != join {
		target := int(l.fn.Code[pc].A)
		then, ok := l.one(pc+1, target-1)
		if !ok {
			return nil, 0, false
		}
		arms = append(arms, arm{cond.truth(), then})
		if cond, pc, ok = l.upTo(target, join, true); !ok {
			return nil, 0, false
		}
	}
	if len(arms) == 1 {
		return append(stack, conditional(arms[0].test, arms[0].then, cond)), join, true
	}
	return append(stack, choose(arms, cond)), join, true
}

func choose(arms []arm, other node) node {
	defined := other.defined
	for i := range arms {
		defined = defined && arms[i].then.defined
	}
	otherwise := other.eval
	return node{defined: defined, eval: func(f *Frame) value.Value {
		for i := range arms {
			if arms[i].test(f) {
				return arms[i].then.eval(f)
			}
		}
		return otherwise(f)
	}}
}

func conditional(test testFunc, then, other node) node {
	a, b := then.eval, other.eval
	out := node{defined: then.defined && other.defined, eval: func(f *Frame) value.Value {
		if test(f) {
			return a(f)
		}
		return b(f)
	}}
	if p, q := then.path, other.con; p != nil && q != nil {
		v := *q
		out.eval = func(f *Frame) value.Value {
			if test(f) {
				return f.walk(p)
			}
			return v
		}
	}
	return out
}

func shortCircuit(op plan.Op, x, y node) node {
	a, b := x.eval, y.eval
	if x.test != nil && y.test != nil && op != plan.OpIfEmpty {
		s, t := x.test, y.test
		if op == plan.OpAnd {
			return node{defined: true, test: func(f *Frame) bool { return s(f) && t(f) },
				eval: func(f *Frame) value.Value { return value.Bool(s(f) && t(f)) }}
		}
		return node{defined: true, test: func(f *Frame) bool { return s(f) || t(f) },
			eval: func(f *Frame) value.Value { return value.Bool(s(f) || t(f)) }}
	}
	switch op {
	case plan.OpAnd:
		return node{defined: x.defined && y.defined, eval: func(f *Frame) value.Value {
			if v := a(f); !value.IsTruthy(v) {
				return v
			}
			return b(f)
		}}
	case plan.OpOr:
		return node{defined: y.defined, eval: func(f *Frame) value.Value {
			if v := a(f); value.IsTruthy(v) {
				return v
			}
			return b(f)
		}}
	}
	return node{defined: y.defined, eval: func(f *Frame) value.Value {
		if v := a(f); !value.IsEmpty(v) {
			return v
		}
		return b(f)
	}}
}
