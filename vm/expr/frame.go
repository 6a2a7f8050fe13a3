package expr

import (
	"context"
	"io"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Frame is the state of one operation: the context by slot, the stack, the output, and what is left of the budget. A
// frame belongs to one goroutine. Open makes one, Close ends it.
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

	limits  Limits
	meter   builtin.Meter
	context builtin.Context
	fault   error // the first error of closures
}

// reset readies f for an operation of image m.
func (f *Frame) reset(ctx context.Context, m *Image, limits Limits) {
	f.image, f.limits, f.fault = m, limits, nil
	f.meter.Start(ctx, limits.meter())
	f.out = f.out[:0]
	if cap(f.roots) < len(m.plan.Roots) {
		f.roots = make([]value.Value, len(m.plan.Roots))
	}
	f.roots = f.roots[:len(m.plan.Roots)]
	clear(f.roots)
	f.context.Meter, f.context.StrictEquality = &f.meter, m.plan.Meta.StrictEquality
}

// environment sets what the variables of the language read.
func (f *Frame) environment(now time.Time, zone *time.Location, entropy io.Reader, execution value.Value) {
	f.context.Now, f.context.Zone = now.UnixMilli(), zone
	f.context.Entropy, f.context.ExecutionID = entropy, execution
}

// Charge takes n steps from the budget.
func (f *Frame) Charge(n int) error { return f.meter.Tick(n) }

// Meter returns the budget of the operation, for what a host's engine does between evaluations.
func (f *Frame) Meter() *builtin.Meter { return &f.meter }

// Reserve takes n bytes from the memory budget.
func (f *Frame) Reserve(n int64) error { return f.meter.Memory(n) }

// setRoot sets the value of a context root by its name.
func (f *Frame) setRoot(name string, v value.Value) {
	if i, ok := f.image.slots[name]; ok {
		f.roots[i] = v
	}
}
