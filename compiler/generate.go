package compiler

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// generator writes the code of one function.
type generator struct {
	c         *compiler
	code      []plan.Instr
	positions []plan.PCPosition
	locals    int32
	values    int // so far
}

// valuesAtOnce is how many values code is written for between two looks at whether anybody waits for the plan.
const valuesAtOnce = 256

func (g *generator) op(op plan.Op, a int32) int {
	g.code = append(g.code, plan.Instr{Op: op, A: a})
	return len(g.code) - 1
}

// land makes the jump at pc go to the next instruction.
func (g *generator) land(pc int) { g.code[pc].A = int32(len(g.code)) }

func (g *generator) mark(at plan.Position) {
	if at.Line > 0 {
		g.positions = append(g.positions, plan.PCPosition{PC: int32(len(g.code)), Position: at})
	}
}

// value writes code that leaves the value of n on the stack.
func (g *generator) value(n node) {
	if g.values++; g.values%valuesAtOnce == 0 && g.c.over() {
		n = nil // nobody runs the code
	}
	switch n := n.(type) {
	case nil:
		g.op(plan.OpConst, g.c.pool.constant(value.Undefined))
	case constant:
		g.op(plan.OpConst, g.c.pool.constant(n.v))
	case root:
		g.op(plan.OpRoot, n.slot)
	case variable:
		g.op(plan.OpVar, n.number)
	case path:
		g.path(n)
	case unary:
		g.value(n.x)
		g.op(n.op, 0)
	case infix:
		g.value(n.x)
		g.value(n.y)
		g.op(n.op, 0)
	case shortCircuit:
		g.value(n.x)
		jump := g.op(n.op, 0)
		g.value(n.y)
		g.land(jump)
	case conditional:
		g.value(n.cond)
		other := g.op(plan.OpJumpFalse, 0)
		g.value(n.then)
		end := g.op(plan.OpJump, 0)
		g.land(other)
		g.value(n.other)
		g.land(end)
	case choose:
		g.choose(n)
	case local:
		g.local(plan.OpLocal, n.binding)
	case let:
		g.value(n.value)
		g.local(plan.OpStore, n.binding)
		g.value(n.body)
	case each:
		g.each(n)
	case choice:
		g.choice(n)
	case call:
		g.op(plan.OpCall, g.arguments(n))
	case join:
		for _, p := range n.parts {
			g.value(p)
		}
		g.op(plan.OpJoin, int32(len(n.parts)))
	case list:
		for _, item := range n.items {
			g.value(item)
		}
		op := plan.OpArray
		if n.drop {
			op = plan.OpList
		}
		g.op(op, int32(len(n.items)))
		g.prune(n.prune)
	case object:
		g.object(n)
		g.prune(n.prune)
	}
}

func (g *generator) prune(prune bool) {
	if prune {
		g.op(plan.OpPrune, 0)
	}
}

func (g *generator) local(op plan.Op, b *binding) {
	g.locals = max(g.locals, b.slot+1)
	g.op(op, b.slot)
}

func (g *generator) choose(n choose) {
	var ends []int
	for _, a := range n.arms {
		g.value(a.test)
		next := g.op(plan.OpJumpFalse, 0)
		g.value(a.then)
		ends = append(ends, g.op(plan.OpJump, 0))
		g.land(next)
	}
	g.value(n.other)
	for _, end := range ends {
		g.land(end)
	}
}

func (g *generator) each(n each) {
	g.value(n.source)
	for _, v := range n.captured {
		g.value(v)
	}
	op := plan.OpEachNull
	if n.drop {
		op = plan.OpEach
	}
	g.op(op, g.c.generate(n.at, n.body, plan.ModeValue, int32(2+len(n.captured))))
	g.prune(n.prune)
}

// path writes a root with its leading constant steps as one instruction, then the steps that are left.
func (g *generator) path(n path) {
	steps := n.steps
	if r, ok := n.base.(root); ok {
		k := 0
		for k < len(steps) && steps[k].index == nil {
			k++
		}
		if k > 0 {
			g.op(plan.OpPath, g.c.pool.path(r.slot, steps[:k]))
			steps = steps[k:]
		} else {
			g.op(plan.OpRoot, r.slot)
		}
	} else {
		g.value(n.base)
	}
	for _, s := range steps {
		switch {
		case s.index != nil:
			g.value(s.index)
			g.op(plan.OpIndex, 0)
		case s.named:
			g.op(plan.OpName, g.c.pool.string(s.name))
		default:
			g.op(plan.OpItem, s.item)
		}
	}
}

func (g *generator) choice(n choice) {
	g.value(n.subject)
	var ends []int
	for _, k := range n.cases {
		g.value(k.when)
		next := g.op(plan.OpCase, 0)
		g.value(k.then)
		ends = append(ends, g.op(plan.OpJump, 0))
		g.land(next)
	}
	g.op(plan.OpPop, 0)
	g.value(n.other)
	for _, end := range ends {
		g.land(end)
	}
}

// arguments writes the arguments of a call and returns its call site.
func (g *generator) arguments(n call) int32 {
	for _, a := range n.args {
		g.value(a)
	}
	return g.c.pool.call(n)
}

// object writes a record when its keys are known and different, else the steps that fill an object.
func (g *generator) object(n object) {
	seen := make(map[string]bool, len(n.entries))
	keys := make([]string, 0, len(n.entries))
	for _, e := range n.entries {
		if e.spread || seen[e.key] {
			g.fill(n)
			return
		}
		seen[e.key] = true
		keys = append(keys, e.key)
	}
	for _, e := range n.entries {
		g.value(e.value)
	}
	g.op(plan.OpRecord, g.c.pool.keySet(keys))
}

func (g *generator) fill(n object) {
	g.op(plan.OpObject, 0)
	for _, e := range n.entries {
		g.value(e.value)
		if e.spread {
			g.mark(e.at)
			g.op(plan.OpSpread, 0)
		} else {
			g.op(plan.OpSet, g.c.pool.string(e.key))
		}
	}
}
