package builtin

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/value"
)

// Limits bounds one operation. A zero field means the value of DefaultLimits.
type Limits struct {
	// Steps is the number of units of work: instructions, items looked at, KiB of text made.
	Steps int64
	// Memory is the number of bytes that all values made in the operation may take up.
	Memory int64
	// ValueBytes bounds one text or buffer; Items the items of one list or the keys of one collection; Nesting the
	// depth of values and paths.
	ValueBytes, Items, Nesting int
	// RegexTimeout bounds one call with a regular expression, and ten times as much all calls of an operation together; it
	// is a guard and not deterministic.
	RegexTimeout time.Duration
}

// DefaultLimits returns the limits that hold unless the host says otherwise (spec iml.md §13).
func DefaultLimits() Limits {
	return Limits{Steps: 1_000_000, Memory: 64 << 20, ValueBytes: 8 << 20, Items: 1_000_000, Nesting: 250, RegexTimeout: 100 * time.Millisecond}
}

// The memory that values take up, in bytes, as meters count it.
const (
	ValueBytes  = value.ItemBytes
	ObjectBytes = value.ObjectBytes
	MemberBytes = 48 // a value and a key, with some room to grow
)

// The codes of limits: those of the language (spec iml.md §12), and CodeLimit for all others.
const (
	CodeLimit     = limit.CodeOther
	CodeSize      = "IML503"
	CodeSteps     = "IML504"
	CodeRegex     = "IML505"
	CodeCancelled = limit.CodeCancelled
)

// LimitError says which limit ended an operation.
type LimitError = limit.Error

// Meter is the budget of one operation. Whatever can grow by foreign input takes its memory from the meter before it is
// made, and tells the work it does; the meter looks at the context every thousand units of work. An error of a meter
// ends the operation. A meter belongs to one goroutine. The nil Meter has the sizes of DefaultLimits and all steps and
// memory there are.
type Meter struct {
	limits Limits
	left   Balance
	ctx    context.Context
	// deadline, unless zero, ends the operation like ctx does; runTime is how long it took until then, for the error.
	deadline time.Time
	runTime  time.Duration
	// inPatterns is the time that regular expressions took.
	inPatterns time.Duration
	// unseen is how many bytes were gone through since the last look at whether the operation has ended.
	unseen int
}

// regexTimeouts is how many times RegexTimeout all calls with regular expressions of an operation may take.
const regexTimeouts = 10

// Balance is what is left of a budget.
type Balance struct {
	fuel          int // steps until the next look at the budget
	steps, memory int64
}

// slice is the number of steps after which cancellation is looked at (spec iml.md §13).
const slice = 1000

// Start gives the meter its limits, whose fields must not be zero, and the full budget. It ends with ctx, nil for
// never. The first slice of the budget is taken by the first step, which looks at ctx.
func (m *Meter) Start(ctx context.Context, limits Limits) {
	*m = Meter{limits: limits, ctx: ctx}
	m.Refill()
}

// Refill gives the full budget back.
func (m *Meter) Refill() {
	m.left, m.inPatterns = Balance{steps: m.limits.Steps, memory: m.limits.Memory}, 0
	if m.ctx == nil {
		m.Advance()
	}
}

// Advance takes the first slice of the budget without looking at anything: for callers who know that nothing has ended
// yet.
func (m *Meter) Advance() {
	if m.left.fuel == 0 && m.left.steps >= slice {
		m.left.steps, m.left.fuel = m.left.steps-slice, slice
	}
}

// Until makes the operation end at the deadline too, which is runTime after its start; the zero time is none.
func (m *Meter) Until(deadline time.Time, runTime time.Duration) {
	m.deadline, m.runTime = deadline, runTime
}

// Context returns the context that ends the operation, that of the background when there is none.
func (m *Meter) Context() context.Context {
	if m == nil || m.ctx == nil {
		return context.Background()
	}
	return m.ctx
}

// Stop forgets the context.
func (m *Meter) Stop() { m.ctx = nil }

// Balance returns what is left, for Restore.
func (m *Meter) Balance() Balance { return m.left }

// Restore sets what is left.
func (m *Meter) Restore(b Balance) { m.left = b }

// Allows reports whether n steps can be taken before the context is looked at again.
func (m *Meter) Allows(n int) bool { return n <= m.left.fuel }

// Spent returns the steps that were taken.
func (m *Meter) Spent() int64 { return m.limits.Steps - m.left.steps - int64(max(0, m.left.fuel)) }

// SpentMemory returns the bytes that were taken.
func (m *Meter) SpentMemory() int64 { return m.limits.Memory - m.left.memory }

// Limits returns the limits of the operation.
func (m *Meter) Limits() Limits {
	if m == nil {
		return DefaultLimits()
	}
	return m.limits
}

// Tick takes n units of work from the budget.
func (m *Meter) Tick(n int) error {
	if m == nil {
		return nil
	}
	if m.left.fuel -= n; m.left.fuel < 0 {
		return m.refuel()
	}
	return nil
}

// refuel is called when the fuel went below zero: it takes the next slices from the budget and looks for cancellation.
func (m *Meter) refuel() error {
	if err := m.Ended(); err != nil {
		return err
	}
	short := int64(-m.left.fuel)
	take := min((short+slice-1)/slice*slice, m.left.steps)
	m.left.steps -= take
	if m.left.fuel += int(take); m.left.fuel < 0 {
		return &LimitError{Name: "steps", Limit: m.limits.Steps, Code: CodeSteps}
	}
	return nil
}

// Ended returns the error of an operation whose context has ended or whose time is over, nil when it may go on.
func (m *Meter) Ended() error {
	if m == nil {
		return nil
	}
	if m.ctx != nil && m.ctx.Err() != nil {
		return Cancelled(m.ctx)
	}
	if !m.deadline.IsZero() && !time.Now().Before(m.deadline) {
		return TimedOut(m.runTime)
	}
	return nil
}

// Look implements value.Budget: it looks whether the operation has ended as often as so many bytes were gone through.
func (m *Meter) Look(bytes int) error {
	if m == nil {
		return nil
	}
	if m.unseen += bytes; m.unseen < lookBytes {
		return nil
	}
	m.unseen = 0
	return m.Ended()
}

// lookBytes is how many bytes are gone through between two looks at whether the operation has ended: some hundred
// microseconds of the slowest functions.
const lookBytes = 32 << 10

// Cancelled returns the error of an operation whose context has ended: the limit that ended it, or that the host
// cancelled.
func Cancelled(ctx context.Context) error {
	var limit *LimitError
	if errors.As(context.Cause(ctx), &limit) {
		return limit
	}
	return &LimitError{Name: "cancellation", Code: CodeCancelled}
}

// TimedOut is the error of an operation that took longer than its run time, d.
func TimedOut(d time.Duration) *LimitError {
	return &LimitError{Name: "run time", Limit: int64(d / time.Second), Code: CodeLimit}
}

// memorySlice is the power of two of the bytes after which cancellation is looked at: what makes so much works for about
// as long as a slice of steps does.
const memorySlice = 18

// Memory takes n bytes from the budget.
func (m *Meter) Memory(n int64) error {
	if m == nil {
		return nil
	}
	before := m.SpentMemory()
	if m.left.memory -= n; m.left.memory < 0 || before>>memorySlice != m.SpentMemory()>>memorySlice {
		return m.nextMemory()
	}
	return nil
}

// nextMemory is called when the memory went below a border: it looks whether there is some left, and for cancellation.
func (m *Meter) nextMemory() error {
	if m.left.memory < 0 {
		return &LimitError{Name: "memory", Limit: m.limits.Memory, Code: CodeLimit}
	}
	return m.Ended()
}

// remaining returns the memory that is left, charged what was taken since.
func (m *Meter) remaining() int64 {
	if m == nil {
		return 0
	}
	return m.left.memory
}

func (m *Meter) charged(before int64) int64 { return before - m.remaining() }

// Text takes the memory and the work of a text or buffer of n bytes, before it is made.
func (m *Meter) Text(n int) error {
	if err := m.Fits(n); err != nil {
		return err
	}
	if err := m.Tick(kibibytes(n)); err != nil {
		return err
	}
	return m.Memory(int64(n))
}

// Read takes the work of going once through a text or buffer of n bytes: a step for each readBytes of them.
func (m *Meter) Read(n int) error { return m.Tick(n / readBytes) }

// readBytes is how many bytes of a text the slower functions go through in the time of a step.
const readBytes = 128

// arguments takes the work of looking at the arguments of a call once: texts as a whole, the items of lists and
// collections in passing. Functions that do more with items say so themselves.
func (m *Meter) arguments(args []value.Value) error {
	work := 0
	for _, v := range args {
		switch v.Kind() {
		case value.KindText:
			work += len(v.Str()) / readBytes
		case value.KindInteger:
			work += v.BigInt().BitLen() / integerBits
		case value.KindBuffer:
			work += len(v.Bytes()) / readBytes
		case value.KindArray:
			work += len(v.Items()) / PassItems
		case value.KindCollection:
			work += v.Object().Len() / PassItems
		}
	}
	if work == 0 {
		return nil
	}
	return m.Tick(work)
}

// integerBits is how much of a long integer is converted in the time of a step.
const integerBits = 200

// PassItems is how many items of a list or a collection a call passes in the time of a step, whatever it does with them.
const PassItems = 256

// List takes the memory of a list of n items, before it is made.
func (m *Meter) List(n int) error {
	if err := m.Holds(n); err != nil {
		return err
	}
	return m.Memory(int64(n) * ValueBytes)
}

// Object takes the memory of a collection of n members, before it is made.
func (m *Meter) Object(n int) error {
	if err := m.Holds(n); err != nil {
		return err
	}
	return m.Memory(objectOf(n))
}

// objectOf returns what a collection of n members takes up.
func objectOf(n int) int64 {
	if n > value.IndexAt {
		return ObjectBytes + int64(n)*(MemberBytes+value.IndexBytes)
	}
	return ObjectBytes + int64(n)*MemberBytes
}

// Fits fails when a text or buffer of n bytes is longer than one may be. It takes nothing.
func (m *Meter) Fits(n int) error {
	limit := DefaultLimits().ValueBytes
	if m != nil {
		limit = m.limits.ValueBytes
	}
	if n > limit {
		return &LimitError{Name: "value bytes", Limit: int64(limit), Code: CodeSize}
	}
	return nil
}

// Holds fails when a list or collection of n items is larger than one may be. It takes nothing.
func (m *Meter) Holds(n int) error {
	limit := DefaultLimits().Items
	if m != nil {
		limit = m.limits.Items
	}
	if n > limit {
		return &LimitError{Name: "items", Limit: int64(limit), Code: CodeSize}
	}
	return nil
}

// Nests fails when lists and collections lie deeper in v than they may: as deep as in the deepest document, and as deep
// again as a template can be. It takes nothing. Whoever makes a list or a
// collection asks, so that no value is deeper than the limit and what walks through values needs no limit of its own.
func (m *Meter) Nests(v value.Value) error {
	depth := value.Depth(v)
	if depth <= templateNesting {
		return nil
	}
	if most := m.Limits().Nesting + templateNesting; depth > most {
		return &LimitError{Name: "nesting", Limit: int64(most), Code: limit.CodeNesting}
	}
	return nil
}

// templateNesting is how much deeper than a document may be what a template builds of it (spec iml.md §13).
const templateNesting = 250

// TooLong is the error of a text that is not built because it would be longer than any may be.
func (m *Meter) TooLong() error { return m.Fits(math.MaxInt) }

// kibibytes returns the steps of making n bytes: one for each started KiB.
func kibibytes(n int) int { return (n + kibibyte - 1) / kibibyte }

const kibibyte = 1024

// Shallow returns the memory that v itself takes up, without what its items refer to.
func Shallow(v value.Value) int64 {
	switch v.Kind() {
	case value.KindText:
		return int64(len(v.Str()))
	case value.KindBuffer:
		return int64(len(v.Bytes()))
	case value.KindArray:
		return int64(len(v.Items())) * ValueBytes
	case value.KindCollection:
		return objectOf(v.Object().Len())
	}
	return 0
}
