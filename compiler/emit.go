package compiler

import (
	"math"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// emittable reports whether n can be written as JSON piece by piece: an object or list whose keys are known and
// different. Scalars and spreads are encoded from their value instead.
func emittable(n node) bool {
	switch n := n.(type) {
	case list:
		return !n.prune
	case object:
		if n.prune {
			return false
		}
		seen := make(map[string]bool, len(n.entries))
		for _, e := range n.entries {
			if e.spread || seen[e.key] {
				return false
			}
			seen[e.key] = true
		}
		return true
	}
	return false
}

// emit writes code that appends the JSON of an emittable node.
func (g *generator) emit(n node) {
	switch n := n.(type) {
	case object:
		g.op(plan.OpEmitOpen, '{')
		for _, e := range n.entries {
			g.emitMember(e)
		}
		g.op(plan.OpEmitClose, '}')
	case list:
		g.op(plan.OpEmitOpen, '[')
		for _, item := range n.items {
			g.emitItem(item, n.drop)
		}
		g.op(plan.OpEmitClose, ']')
	}
}

func (g *generator) emitMember(e entry) {
	key := string(append(value.AppendQuoted(nil, e.key), ':'))
	switch n := e.value.(type) {
	case nil:
		return
	case constant:
		if n.v.IsUndefined() {
			return
		}
		g.op(plan.OpEmitKey, g.c.pool.string(key))
		g.op(plan.OpEmitRaw, g.c.pool.string(string(value.AppendJSON(nil, n.v))))
		return
	case object, list:
		if emittable(n) {
			g.op(plan.OpEmitKey, g.c.pool.string(key))
			g.emit(n)
			return
		}
	case join:
		g.op(plan.OpEmitKey, g.c.pool.string(key))
		g.emitText(n)
		return
	}
	g.value(e.value)
	g.op(plan.OpEmitMember, g.c.pool.string(key))
}

// emitItem writes an item of a list, nothing for a missing one with drop.
func (g *generator) emitItem(item node, drop bool) {
	if item == nil {
		item = constant{}
	}
	switch n := item.(type) {
	case constant:
		if drop && n.v.IsUndefined() {
			return
		}
		g.op(plan.OpEmitSep, 0)
		g.op(plan.OpEmitRaw, g.c.pool.string(string(value.AppendJSON(nil, n.v))))
		return
	case object, list:
		if emittable(n) {
			g.op(plan.OpEmitSep, 0)
			g.emit(n)
			return
		}
	case join:
		g.op(plan.OpEmitSep, 0)
		g.emitText(n)
		return
	}
	g.value(item)
	if drop {
		g.op(plan.OpEmitSome, 0)
	} else {
		g.op(plan.OpEmitItem, 0)
	}
}

// emitText writes a concatenation as one JSON text without building it first.
func (g *generator) emitText(n join) {
	g.op(plan.OpEmitQuote, 0)
	for _, p := range n.parts {
		switch p := p.(type) {
		case constant:
			g.op(plan.OpEmitRaw, g.c.pool.string(string(value.AppendEscaped(nil, value.ToText(p.v)))))
		case call:
			g.op(plan.OpEmitCall, g.arguments(p))
		default:
			g.value(p)
			g.op(plan.OpEmitPart, 0)
		}
	}
	g.op(plan.OpEmitQuote, 0)
}

// itemNumber returns the constant index of a number literal, if it is one that a path step can hold.
func itemNumber(f float64) (int32, bool) {
	if f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int32(f), true
}
