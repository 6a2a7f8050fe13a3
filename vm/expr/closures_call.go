package expr

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// textFunc writes a text to the end of dst instead of making a value of it. When written is true, out has the text, and
// v is any text that is secret if the written one is; else out is dst and v the value.
type textFunc func(f *Frame, dst []byte) (out []byte, v value.Value, written bool)

// call links a call, in the prepared form of its usual case if there is one.
func (l *linker) call(in plan.Instr, parts []node) node {
	c := &callSite{linkedCall: &l.image.calls[in.A], fn: l.fn}
	if len(parts) == 0 {
		return node{eval: func(f *Frame) value.Value { return f.invoke(c, nil) }}
	}
	prepared := c.linkedCall.fn.Ready(len(parts), func(i int) (value.Value, bool) {
		if i < len(parts) && parts[i].con != nil && len(parts[i].con.Str()) < readAt {
			return *parts[i].con, true
		}
		return value.Undefined, false
	})
	switch {
	case prepared == nil:
	case prepared.View != nil:
		return c.view(parts, prepared.View)
	case prepared.Write != nil:
		return c.write(parts, prepared.Write)
	case prepared.Append != nil:
		return c.append(parts, prepared.Append)
	case prepared.Pluck != nil:
		return c.pluck(parts, prepared.Pluck)
	}
	evals := evalsOf(parts)
	return node{eval: func(f *Frame) value.Value {
		base := len(f.stack)
		f.push(evals)
		v := value.Undefined
		if f.fault == nil {
			v = f.invoke(c, f.stack[base:])
		}
		f.drop(base)
		return v
	}}
}

// callSite is a call with the function that it stands in.
type callSite struct {
	*linkedCall
	fn *linkedFunc
}

// invoke calls the function as the interpreter does.
func (f *Frame) invoke(c *callSite, args []value.Value) value.Value {
	v, err := f.call(c.linkedCall, args)
	if err != nil {
		f.fail(f.located(c.fn, c.linkedCall, err))
		return value.Undefined
	}
	return v
}

// general calls the function as the interpreter does with first as its first argument and the constants of the others.
func (f *Frame) general(c *callSite, first value.Value, others []node) value.Value {
	if f.fault != nil {
		return value.Undefined
	}
	base := len(f.stack)
	f.stack = append(f.stack, first)
	for i := range others {
		f.stack = append(f.stack, *others[i].con)
	}
	v := f.invoke(c, f.stack[base:])
	f.drop(base)
	return v
}

// usual reports whether v is a text that a prepared form takes: one that is not secret, and too short to meet a limit.
func (f *Frame) usual(v value.Value) bool {
	return v.Kind() == value.KindText && !v.IsSecret() && f.fault == nil && len(v.Str()) <= f.limits.ValueBytes/4
}

// spend charges for a text of n bytes that a function read and one that it made, as builtin.Invoke and frame.call do.
func (f *Frame) spend(read, made int) {
	if read >= readAt || made >= readAt {
		f.fail(f.meter.Read(read))
		f.fail(f.meter.Read(made))
	}
	f.fail(f.meter.Text(made))
}

// readAt is the length from which on a text costs something to read.
const readAt = 128

// view links a function that cuts a part out of a text.
func (c *callSite) view(parts []node, view func(string) string) node {
	x := parts[0].eval
	return node{defined: parts[0].defined, eval: func(f *Frame) value.Value {
		v := x(f)
		if !f.usual(v) {
			return f.general(c, v, nil)
		}
		s := view(v.Str())
		f.spend(len(v.Str()), len(s))
		return value.Text(s)
	}}
}

// write links a function that writes one text from another. A long text goes the general way, where the function says
// itself what it takes.
func (c *callSite) write(parts []node, write func([]byte, string) []byte) node {
	x := parts[0].eval
	text := func(f *Frame, dst []byte) ([]byte, value.Value, bool) {
		v := x(f)
		if !f.usual(v) || len(v.Str()) >= readAt {
			return dst, f.general(c, v, nil), false
		}
		out := write(dst, v.Str())
		if len(out)-len(dst) > f.limits.ValueBytes {
			return dst, f.general(c, v, nil), false
		}
		f.spend(len(v.Str()), len(out)-len(dst))
		return out, value.Text(""), true
	}
	return node{defined: parts[0].defined, text: text, eval: textFunc(text).eval}
}

// eval makes a value of a text function.
func (t textFunc) eval(f *Frame) value.Value {
	buf := f.scratch[:0]
	out, v, written := t(f, buf)
	if !written {
		return v
	}
	return f.written(out)
}

// append links a function that writes a short text from one value.
func (c *callSite) append(parts []node, write func([]byte, *builtin.Context, value.Value) ([]byte, bool)) node {
	x, others := parts[0].eval, parts[1:]
	text := func(f *Frame, dst []byte) ([]byte, value.Value, bool) {
		v := x(f)
		if v.IsSecret() || f.fault != nil {
			return dst, f.general(c, v, others), false
		}
		out, ok := write(dst, &f.context, v)
		if !ok || len(out)-len(dst) > f.limits.ValueBytes {
			return dst, f.general(c, v, others), false
		}
		f.spend(len(v.Str()), len(out)-len(dst))
		return out, value.Text(""), true
	}
	return node{defined: parts[0].defined, text: text, eval: textFunc(text).eval}
}

// pluck links map with constant keys.
func (c *callSite) pluck(parts []node, m *builtin.Pluck) node {
	x, others := parts[0].eval, parts[1:]
	return node{eval: func(f *Frame) value.Value {
		v := x(f)
		items := v.Items()
		if v.Kind() != value.KindArray || v.IsSecret() || f.fault != nil || len(items) > f.limits.Items || !f.meter.Allows(len(items)+1) {
			return f.general(c, v, others)
		}
		base := len(f.stack)
		found, ok := value.Pluck(f.stack, items, m.Key, m.Filter)
		if !ok {
			clear(found[base:])
			return f.general(c, v, others)
		}
		f.stack = found
		f.fail(f.meter.Tick(len(items) + len(items)/builtin.PassItems))
		if f.fail(f.meter.List(len(found) - base)); f.fault != nil {
			f.drop(base)
			return value.Undefined
		}
		out := append(make([]value.Value, 0, len(found)-base), found[base:]...)
		f.drop(base)
		return value.Array(out)
	}}
}
