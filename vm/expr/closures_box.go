package expr

import (
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// boxFunc computes a value as a plain Go value, as value.ToAny makes it; false means that it is undefined.
type boxFunc func(f *Frame) (any, bool)

// composite is what a node that makes a record or a list was linked from.
type composite struct {
	keys  *linkedKeys // nil for a list
	parts []node
}

func compose(keys *linkedKeys, parts []node) *composite {
	return &composite{keys, slices.Clone(parts)}
}

// box returns the boxed form of closures: the same evaluation, with maps and slices made in place of records and lists.
func (m *Image) box(fn *linkedFunc) boxFunc {
	if fn.fast == nil || fn.Mode != plan.ModeValue {
		return nil
	}
	if fn.Locals > 0 {
		return node{eval: fn.fast}.boxed()
	}
	l := &linker{image: m, fn: fn}
	stack, _, ok := l.block(0, len(fn.Code)-1, nil, false)
	if !ok || len(stack) != 1 {
		return nil
	}
	return stack[0].finished().boxed()
}

func (n node) boxed() boxFunc {
	switch {
	case n.made != nil && n.made.keys == nil:
		return boxList(n.made.parts)
	case n.made != nil && n.made.keys.shape != nil: // no key repeats
		return boxRecord(n.made.keys, n.made.parts)
	case n.con != nil && isScalar(*n.con):
		x, defined := value.ToAny(*n.con), !n.con.IsUndefined()
		return func(*Frame) (any, bool) { return x, defined }
	}
	eval := n.eval
	return func(f *Frame) (any, bool) {
		v := eval(f)
		return value.ToAny(v), !v.IsUndefined()
	}
}

// isScalar reports whether the Go form of v can be shared: nobody can change it.
func isScalar(v value.Value) bool { return v.Kind() < value.KindArray && v.Kind() != value.KindBuffer }

func boxesOf(nodes []node) []boxFunc {
	boxes := make([]boxFunc, len(nodes))
	for i := range nodes {
		boxes[i] = nodes[i].boxed()
	}
	return boxes
}

// boxRecord is Frame.record with a map as its result.
func boxRecord(k *linkedKeys, parts []node) boxFunc {
	boxes := boxesOf(parts)
	return func(f *Frame) (any, bool) {
		out := make(map[string]any, len(boxes))
		for i, box := range boxes {
			if x, defined := box(f); defined {
				out[k.names[i]] = x
			}
		}
		if f.fault == nil {
			f.fail(f.Reserve(builtin.ObjectBytes + int64(len(boxes))*builtin.MemberBytes))
		}
		return out, true
	}
}

// boxList is Frame.list with a slice as its result, in which nil stands for what is undefined.
func boxList(parts []node) boxFunc {
	boxes := boxesOf(parts)
	return func(f *Frame) (any, bool) {
		out := make([]any, len(boxes))
		for i, box := range boxes {
			out[i], _ = box(f)
		}
		if f.fault == nil {
			f.fail(f.Reserve(int64(len(boxes)) * builtin.ValueBytes))
		}
		return out, true
	}
}
