package expr

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// eachArgs is the number of values that a call for each item takes: the list, and what is passed on to every item.
func (fn *linkedFunc) eachArgs() int { return int(fn.Params) - 1 }

// each calls body for every item of the list args[0]: its parameters are the item, its position, and the rest of args.
// Each call is charged as an evaluation of the function, and one step more.
func (f *Frame) each(op plan.Op, body *linkedFunc, args []value.Value) (value.Value, error) {
	list := args[0]
	if list.Kind() != value.KindArray {
		return value.Undefined, nil
	}
	if err := f.Reserve(int64(body.Locals+body.MaxStack) * builtin.ValueBytes); err != nil {
		return value.Undefined, err
	}
	var out []value.Value
	for i, item := range list.Items() {
		if err := f.Charge(1); err != nil {
			return value.Undefined, err
		}
		base := len(f.stack)
		f.stack = append(append(f.stack, item.Under(list), value.Int(int64(i))), args[1:]...)
		v, err := f.eval(body)
		f.drop(base)
		if err != nil {
			return value.Undefined, err
		}
		if v.IsUndefined() {
			if op == plan.OpEach {
				continue
			}
			v = value.Null()
		}
		if out, err = f.collect(out, v); err != nil {
			return value.Undefined, err
		}
	}
	return f.made(value.Array(out).Under(list))
}

// collect appends v to a list under construction. Room is charged before it is made.
func (f *Frame) collect(out []value.Value, v value.Value) ([]value.Value, error) {
	if len(out) >= f.limits.Items {
		return nil, f.meter.Holds(f.limits.Items + 1)
	}
	if len(out) == cap(out) {
		room := max(4, 2*cap(out))
		if err := f.Reserve(int64(room-cap(out)) * builtin.ValueBytes); err != nil {
			return nil, err
		}
		out = append(make([]value.Value, 0, room), out...)
	}
	return append(out, v), nil
}

// withLocals gives closures its locals, the parameters among which the caller left on the stack. They are gone
// afterwards.
func withLocals(fn *linkedFunc, code evalFunc) evalFunc {
	params, others := int(fn.Params), make([]value.Value, fn.Locals-fn.Params)
	if fn.Locals == 0 {
		return code
	}
	return func(f *Frame) value.Value {
		outer := f.locals
		f.locals = len(f.stack) - params
		f.stack = append(f.stack, others...)
		v := code(f)
		f.drop(f.locals)
		f.locals = outer
		return v
	}
}

// linkLocal links the reading of a local.
func linkLocal(slot int) node {
	return node{eval: func(f *Frame) value.Value { return f.stack[f.locals+slot] }}
}

// store is a value on its way into a local.
type store struct {
	slot int
	eval evalFunc
}

func (f *Frame) store(stores []store) {
	for i := range stores {
		v := stores[i].eval(f)
		f.stack[f.locals+stores[i].slot] = v
	}
}

// behind returns n with stores in front, which are done when n is evaluated. What is known of n at load time is
// forgotten, so that nothing evaluates it in another way.
func (n node) behind(stores []store) node {
	if n.build != nil {
		n.build.before = stores
		return n
	}
	eval := n.eval
	return node{defined: n.defined, eval: func(f *Frame) value.Value {
		f.store(stores)
		return eval(f)
	}}
}
