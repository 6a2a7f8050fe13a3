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

// Scripts lets code call scripts from now on.
func (f *Frame) Scripts(s builtin.Scripts) { f.context.Scripts = s }

// Like shows what other shows: its roots, which must be of the same image, and its instant.
func (f *Frame) Like(other *Frame) {
	copy(f.roots, other.roots)
	f.context.Now, f.context.Zone, f.context.Entropy = other.context.Now, other.context.Zone, other.context.Entropy
	f.context.ExecutionID, f.context.Scripts = other.context.ExecutionID, other.context.Scripts
}

// Set gives a context root its value. Slots are those of Image.Slot; a negative one does nothing.
func (f *Frame) Set(slot int, v value.Value) {
	if slot >= 0 {
		f.roots[slot] = v
	}
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

// EvalJSON evaluates a function of ModeEmit and returns what it wrote, which belongs to the caller.
func (f *Frame) EvalJSON(ref plan.Ref) ([]byte, error) {
	f.out = f.out[:0]
	if _, err := f.eval(&f.image.funcs[ref-1]); err != nil {
		return nil, err
	}
	return append([]byte(nil), f.out...), f.Reserve(int64(len(f.out)))
}

// Spent returns the steps that the operation has taken.
func (f *Frame) Spent() int64 { return f.meter.Spent() }

// Undefined returns the instructions of a function that read something of the context that is undefined now, but for
// those that have a value to fall back on: a default, or another place where the same name is looked up.
func (f *Frame) Undefined(ref plan.Ref) []int {
	fn := f.image.plan.Function(ref)
	if fn == nil {
		return nil
	}
	var pcs []int
	looked := map[int]bool{} // roots in which a call looks something up
	found := map[string]bool{}
	for pc, in := range fn.Code {
		if at := f.image.plan.LookupAt(fn, pc); at >= 0 && f.image.calls[in.A].fn.Finds {
			looked[at] = true
			if v, err := f.lookup(fn, at, pc); err == nil && !v.IsUndefined() {
				found[f.image.plan.LookedUp(fn, at)] = true
			}
		}
	}
	for pc, in := range fn.Code {
		v := value.Null()
		switch {
		case in.Op == plan.OpRoot && !looked[pc]:
			v = f.roots[in.A]
		case in.Op == plan.OpPath:
			v = f.walk(&f.image.paths[in.A])
		case in.Op == plan.OpCall:
			if at := f.image.plan.LookupAt(fn, pc); looked[at] && !found[f.image.plan.LookedUp(fn, at)] {
				v = value.Undefined
			}
		}
		if v.IsUndefined() && (pc+1 == len(fn.Code) || fn.Code[pc+1].Op != plan.OpIfEmpty) {
			pcs = append(pcs, pc)
		}
	}
	return pcs
}

// lookup makes a call again that finds a name in a root: the root is read at the instruction at, and the call is that at pc.
func (f *Frame) lookup(fn *plan.Function, at, pc int) (value.Value, error) {
	args := []value.Value{f.roots[fn.Code[at].A]}
	for _, in := range fn.Code[at+1 : pc] {
		args = append(args, f.image.plan.Constants[in.A])
	}
	return f.call(&f.image.calls[fn.Code[pc].A], args)
}
