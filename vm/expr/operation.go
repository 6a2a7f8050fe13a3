package expr

import (
	"context"
	"io"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Open starts an operation of an image, which may evaluate any of its functions, in any order, within one budget. It
// ends with ctx, and at the deadline unless that is zero. Close the frame when done.
func Open(ctx context.Context, m *Image, limits Limits, deadline time.Time) *Frame {
	f := frames.Get().(*Frame)
	f.reset(ctx, m, limits)
	if f.meter.Until(deadline, limits.RunTimeout); ctx.Err() == nil {
		f.meter.Advance() // the first slice, of which the deadline is certainly not over
	}
	f.context.Shapes = m.shapes
	return f
}

// Close ends the operation. The frame must not be used afterwards.
func (f *Frame) Close() { f.leave() }

// At sets what the variables of the language read from now on: the frozen instant, the host zone (nil for UTC), where
// random values come from (nil makes what needs them fail) and executionId.
func (f *Frame) At(now time.Time, zone *time.Location, entropy io.Reader, execution value.Value) {
	f.environment(now, zone, entropy, execution)
}

// Under makes the operation end with ctx instead of the context it was opened with.
func (f *Frame) Under(ctx context.Context) { f.meter.Under(ctx) }

// Set gives a context root its value. Slots are those of Image.Slot; a negative one does nothing.
func (f *Frame) Set(slot int, v value.Value) {
	if slot >= 0 {
		f.roots[slot] = v
	}
}

// Get returns the value of a context root, undefined for a negative slot.
func (f *Frame) Get(slot int) value.Value {
	if slot < 0 {
		return value.Undefined
	}
	return f.roots[slot]
}

// Hide takes all context roots away until restore puts them back.
func (f *Frame) Hide() (restore func()) {
	saved := append([]value.Value(nil), f.roots...)
	clear(f.roots)
	return func() { copy(f.roots, saved) }
}

// Eval evaluates a function of the plan; an absent one is undefined. The text and the JSON of the result are no longer
// than a value may be. The error is an *EvalError or a *builtin.LimitError.
func (f *Frame) Eval(ref plan.Ref) (value.Value, error) {
	if ref == 0 {
		return value.Undefined, nil
	}
	v, err := f.eval(&f.image.funcs[ref-1])
	if err == nil {
		err = f.writable(&v)
	}
	return v, err
}

// EvalEntries evaluates a function of the plan like Eval and passes the entries of its result to each, in their order.
// A result that is no collection is returned instead, an absent function gives undefined. The collection itself is not
// built where the code makes one of constant keys.
func (f *Frame) EvalEntries(ref plan.Ref, each func(name string, v value.Value)) (value.Value, error) {
	if ref == 0 {
		return value.Undefined, nil
	}
	if fn := &f.image.funcs[ref-1]; fn.record != nil {
		return noEntries, f.entries(fn, each)
	}
	v, err := f.Eval(ref)
	if o := v.Object(); o != nil && err == nil {
		for i := range o.Len() {
			each(o.At(i))
		}
	}
	return v, err
}

// noEntries stands for a collection whose entries were passed on.
var noEntries = value.Collection(value.NewObject(0))

func (f *Frame) entries(fn *linkedFunc, each func(name string, v value.Value)) error {
	if err := f.Charge(fn.cost); err != nil {
		return err
	}
	base := len(f.stack)
	f.push(fn.record.evals)
	defer f.drop(base)
	vals := f.stack[base:]
	if f.fault != nil {
		return f.failed()
	}
	if err := f.recordable(fn.record.keys, vals); err != nil {
		return err
	}
	for i, v := range vals {
		if !v.IsUndefined() {
			each(fn.record.keys.names[i], v)
		}
	}
	return nil
}

// recordable charges for a record that is not built, and fails where it could not be written.
func (f *Frame) recordable(k *linkedKeys, vals []value.Value) error {
	size := 0
	for i := range vals {
		size += len(vals[i].Str())
		if vals[i].Kind() >= value.KindArray {
			size = f.limits.ValueBytes // to be looked at
		}
	}
	if size < f.limits.ValueBytes/2 {
		return f.Reserve(builtin.ObjectBytes + int64(len(vals))*builtin.MemberBytes)
	}
	v, err := f.record(k, vals)
	if err == nil {
		err = f.writable(&v)
	}
	return err
}

// EvalJSON evaluates a function of ModeEmit and returns what it wrote, which belongs to the caller.
func (f *Frame) EvalJSON(ref plan.Ref) ([]byte, error) {
	f.out = f.out[:0]
	if _, err := f.eval(&f.image.funcs[ref-1]); err != nil {
		return nil, err
	}
	return append([]byte(nil), f.out...), f.Reserve(int64(len(f.out)))
}

// Call invokes a function of the library outside any code, with all arguments given.
func (f *Frame) Call(fn *builtin.Function, args ...value.Value) (value.Value, error) {
	return builtin.Invoke(fn, &f.context, builtin.MakeArgs(args, 1<<len(args)-1))
}

// Spent returns the steps that the operation has taken.
func (f *Frame) Spent() int64 { return f.meter.Spent() }
