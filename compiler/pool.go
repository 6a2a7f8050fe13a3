package compiler

import (
	"fmt"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// pool interns what the functions of a plan share.
type pool struct {
	plan      *plan.Plan
	strings   map[string]int32
	constants map[string]int32
	paths     map[string]int32
	keySets   map[string]int32
	roots     map[string]int32
}

func newPool(p *plan.Plan) *pool {
	return &pool{plan: p, strings: map[string]int32{}, constants: map[string]int32{}, paths: map[string]int32{},
		keySets: map[string]int32{}, roots: map[string]int32{}}
}

// intern returns the index of key, appending with add when it is new.
func intern(m map[string]int32, key string, add func() int) int32 {
	if i, ok := m[key]; ok {
		return i
	}
	i := int32(add())
	m[key] = i
	return i
}

func (p *pool) string(s string) int32 {
	return intern(p.strings, s, func() int {
		p.plan.Strings = append(p.plan.Strings, s)
		return len(p.plan.Strings) - 1
	})
}

func (p *pool) root(name string) int32 {
	return intern(p.roots, name, func() int {
		p.plan.Roots = append(p.plan.Roots, name)
		return len(p.plan.Roots) - 1
	})
}

func (p *pool) constant(v value.Value) int32 {
	return intern(p.constants, string(codec.Append(nil, v)), func() int {
		p.plan.Constants = append(p.plan.Constants, v)
		return len(p.plan.Constants) - 1
	})
}

func (p *pool) path(slot int32, steps []step) int32 {
	out := plan.Path{Root: slot, Steps: make([]plan.PathStep, len(steps))}
	for i, s := range steps {
		if s.named {
			out.Steps[i] = plan.PathStep{Name: p.string(s.name)}
		} else {
			out.Steps[i] = plan.PathStep{Name: -1, Item: s.item}
		}
	}
	return intern(p.paths, fmt.Sprint(out), func() int {
		p.plan.Paths = append(p.plan.Paths, out)
		return len(p.plan.Paths) - 1
	})
}

func (p *pool) keySet(keys []string) int32 {
	set := make([]int32, len(keys))
	for i, k := range keys {
		set[i] = p.string(k)
	}
	return intern(p.keySets, fmt.Sprint(set), func() int {
		p.plan.KeySets = append(p.plan.KeySets, set)
		return len(p.plan.KeySets) - 1
	})
}

// call adds a call site; sites are not shared because each has positions of its own.
func (p *pool) call(n call) int32 {
	p.plan.Calls = append(p.plan.Calls, plan.CallSite{
		Function: p.string(n.name), Version: int32(n.fn.Version), Args: int32(len(n.args)), Given: given(n.args), Positions: n.positions,
	})
	return int32(len(p.plan.Calls) - 1)
}
