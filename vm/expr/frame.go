package expr

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Frame is the state of one operation: the context by slot, the stack, the output, and what is left of the budget. A frame
// belongs to one goroutine. Open makes one, Close ends it.
type Frame struct {
	image *Image
	roots []value.Value
	stack []value.Value
	// locals is where those of the running function begin in stack.
	locals int
	out    []byte

	scratch []byte
	// outStart is where the output of the running function begins in out.
	outStart int

	limits Limits
	fuel   int   // steps until the next look at the budget
	steps  int64 // steps left after that
	memory int64 // bytes left
	ctx    context.Context
	// deadline, when set, ends the operation like ctx does.
	deadline time.Time
	context  builtin.Context
	fault    error // the first error of linked code
}

// slice is the number of steps after which cancellation is looked at (spec iml.md §13).
const slice = 1000

// reset readies f for an operation of image m.
func (f *Frame) reset(ctx context.Context, m *Image, limits Limits) {
	f.image, f.ctx, f.limits, f.deadline = m, ctx, limits, time.Time{}
	f.fault = nil
	f.refill()
	f.out = f.out[:0]
	if cap(f.roots) < len(m.plan.Roots) {
		f.roots = make([]value.Value, len(m.plan.Roots))
	}
	f.roots = f.roots[:len(m.plan.Roots)]
	clear(f.roots)
	charge := f.context.Charge
	f.context = builtin.Context{
		Charge: charge, MaxBytes: limits.ValueBytes, MaxItems: limits.Items, MaxDepth: limits.Nesting, RegexTimeout: limits.RegexTimeout,
		StrictEquality: m.plan.Meta.StrictEquality,
	}
	if charge == nil {
		f.context.Charge = f.Charge
	}
}

// refill gives the full budget back. With a context that may be cancelled the first slice is taken later, by the first step.
func (f *Frame) refill() {
	f.steps, f.memory, f.fuel = f.limits.Steps, f.limits.Memory, 0
	if f.ctx == nil && f.steps >= slice {
		f.steps, f.fuel = f.steps-slice, slice
	}
}

// environment sets what the variables of the language read.
func (f *Frame) environment(now time.Time, zone *time.Location, entropy io.Reader, execution value.Value) {
	f.context.Now, f.context.Zone = now.UnixMilli(), zone
	f.context.Entropy, f.context.ExecutionID = entropy, execution
}

// refuel is called when the fuel went below zero: it takes the next slice from the budget and looks for cancellation.
func (f *Frame) refuel() error {
	if f.ctx != nil {
		if err := f.ctx.Err(); err != nil {
			return Cancelled(f.ctx)
		}
	}
	if !f.deadline.IsZero() && !time.Now().Before(f.deadline) {
		return TimedOut(f.limits.RunTimeout)
	}
	for f.fuel < 0 {
		take := min(slice, f.steps)
		if take <= 0 {
			return &LimitError{Name: "steps", Limit: f.limits.Steps, Code: codeSteps}
		}
		f.steps -= take
		f.fuel += int(take)
	}
	return nil
}

// Cancelled returns the error of an operation whose context has ended: the limit that ended it, or that the host cancelled.
func Cancelled(ctx context.Context) error {
	var limit *LimitError
	if errors.As(context.Cause(ctx), &limit) {
		return limit
	}
	return &LimitError{Name: "cancellation", Code: CodeCancelled}
}

// Charge takes n steps from the budget.
func (f *Frame) Charge(n int) error {
	f.fuel -= n
	if f.fuel < 0 {
		return f.refuel()
	}
	return nil
}

// claim takes n bytes of text from the budgets of steps and memory before they are allocated.
func (f *Frame) claim(n int) error {
	if n > f.limits.ValueBytes {
		return &LimitError{Name: "value bytes", Limit: int64(f.limits.ValueBytes), Code: codeResultSize}
	}
	if err := f.Charge((n + 1023) / 1024); err != nil {
		return err
	}
	return f.Reserve(int64(n))
}

// Reserve takes n bytes from the memory budget.
func (f *Frame) Reserve(n int64) error {
	f.memory -= n
	if f.memory < 0 {
		return &LimitError{Name: "memory", Limit: f.limits.Memory, Code: CodeLimit}
	}
	return nil
}

// setRoot sets the value of a context root by its name.
func (f *Frame) setRoot(name string, v value.Value) {
	if i, ok := f.image.slots[name]; ok {
		f.roots[i] = v
	}
}

// The memory that values take up, in bytes, as limits count it.
const (
	ValueBytes  = 24
	ObjectBytes = 64
	MemberBytes = 48
)

// ShallowBytes estimates the memory that v itself takes up, without what its items refer to.
func ShallowBytes(v value.Value) int64 {
	switch v.Kind() {
	case value.KindText:
		return int64(len(v.Str()))
	case value.KindBuffer:
		return int64(len(v.Bytes()))
	case value.KindArray:
		return int64(len(v.Items())) * ValueBytes
	case value.KindCollection:
		return ObjectBytes + int64(v.Object().Len())*MemberBytes
	}
	return 0
}
