package expr

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Program is a compiled template ready to run. It is immutable, safe for concurrent use and reusable.
type Program struct {
	image    *Image
	fn       *linkedFunc
	constant bool
	result   value.Value
	box      func() boxFunc // linked when it is asked for
}

// Env is what a run of a Program sees. The zero Env, or nil, has an empty context, zone UTC, the instant 1970-01-01, no
// entropy and the default limits.
type Env struct {
	// Context holds the roots of paths by name.
	Context *value.Object
	// Now is the frozen instant; Timezone is the host zone, nil for UTC.
	Now      time.Time
	Timezone *time.Location
	// Entropy is where random values come from; nil makes every function that needs it fail.
	Entropy io.Reader
	// ExecutionID is the value of executionId.
	ExecutionID value.Value
	// Ctx cancels the run; nil never does.
	Ctx context.Context
	// Limits bounds the run; nil means DefaultLimits.
	Limits *Limits
}

// NewProgram prepares a verified plan of a single template (plan.Decode verifies; the compiler's plans are correct by
// construction). Host functions, if any, are looked up by name before the library.
func NewProgram(p *plan.Plan, host ...*builtin.Function) (*Program, error) {
	if len(p.Functions) == 0 {
		return nil, fmt.Errorf("the plan holds no function: expected the plan of a template")
	}
	byName := make(map[string]*builtin.Function, len(host))
	for _, f := range host {
		byName[f.Name] = f
	}
	m, err := Link(p, byName)
	if err != nil {
		return nil, err
	}
	fn := &m.funcs[0]
	return &Program{image: m, fn: fn, constant: fn.constant, result: fn.result, box: sync.OnceValue(func() boxFunc { return m.box(fn) })}, nil
}

// Shapes returns the table that documents for this program should take their shapes from, so that paths find their keys
// without comparing them; pass it to value.ParseJSON.
func (p *Program) Shapes() *value.Shapes { return p.image.shapes }

var frames = sync.Pool{New: func() any { return &Frame{stack: make([]value.Value, 0, 64)} }}

// Run evaluates the program. The error is an *EvalError or a *builtin.LimitError.
func (p *Program) Run(env *Env) (value.Value, error) {
	if p.constant {
		return p.result, nil
	}
	return p.run(env)
}

func (p *Program) run(env *Env) (value.Value, error) {
	f := frames.Get().(*Frame)
	f.enter(p.image, env)
	v, err := f.eval(p.fn)
	if err == nil {
		err = f.sized(&v)
	}
	f.leave()
	if err != nil {
		return value.Undefined, err
	}
	return v, nil
}

// AppendJSON evaluates the program and appends its JSON to dst; a program of ModeEmit writes it there directly.
func (p *Program) AppendJSON(dst []byte, env *Env) ([]byte, error) {
	f := frames.Get().(*Frame)
	f.enter(p.image, env)
	out, err := f.appendJSON(dst, p.fn)
	f.leave()
	return out, err
}

func (f *Frame) appendJSON(dst []byte, fn *linkedFunc) ([]byte, error) {
	if fn.Mode != plan.ModeEmit {
		v, err := f.eval(fn)
		if err != nil {
			return dst, err
		}
		if err := f.sized(&v); err != nil {
			return dst, err
		}
		return value.WriteJSON(dst, v, &f.meter)
	}
	own, start := f.out, len(dst)
	f.out, f.outStart = dst, start
	_, err := f.eval(fn)
	out := f.out
	f.out, f.outStart = own, 0
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Session evaluates one program again and again in one environment, without preparing it each time: what an engine does
// with the leaves of a request. A Session must not be used concurrently. Each evaluation has the full budget of the
// limits.
type Session struct {
	// constant and result are those of the program.
	constant bool
	result   value.Value

	program *Program
	frame   *Frame
	// fast is the closures when it fits into the first slice of the budget; budget is what it starts with.
	fast   evalFunc
	budget builtin.Balance
	box    boxFunc // that of the program, once RunAny has asked for it
	boxed  any     // the result of a constant program, if it may be shared
}

// Session returns a session for env. Close it when done.
func (p *Program) Session(env *Env) *Session {
	f := frames.Get().(*Frame)
	f.enter(p.image, env)
	s := &Session{constant: p.constant, result: p.result, program: p, frame: f}
	if f.meter.Allows(p.fn.cost) && f.meter.Tick(p.fn.cost) == nil {
		s.fast, s.budget = p.fn.fast, f.meter.Balance()
	}
	return s
}

// Set replaces the value of a context root.
func (s *Session) Set(root string, v value.Value) { s.frame.setRoot(root, v) }

// Run evaluates the program, like Program.Run.
func (s *Session) Run() (value.Value, error) {
	if s.constant {
		return s.result, nil
	}
	return s.run()
}

// RunAny is Run with the result as a plain Go value, as value.ToAny makes it. The result belongs to the caller.
func (s *Session) RunAny() (any, error) {
	if s.boxed != nil {
		return s.boxed, nil
	}
	return s.runAny()
}

func (s *Session) runAny() (any, error) {
	if s.box == nil && s.fast != nil {
		s.box = s.program.box()
	}
	if s.box == nil {
		v, err := s.Run()
		if s.constant && isScalar(v) {
			s.boxed = value.ToAny(v)
		}
		return value.ToAny(v), err
	}
	f := s.frame
	f.meter.Restore(s.budget)
	x, _ := s.box(f)
	if f.fault != nil {
		return nil, f.failed()
	}
	return x, nil
}

// run has the usual case in front: closures that fits into the first slice of the budget.
func (s *Session) run() (value.Value, error) {
	f := s.frame
	if s.fast == nil {
		f.meter.Refill()
		return f.eval(s.program.fn)
	}
	f.meter.Restore(s.budget)
	v := s.fast(f)
	if f.fault != nil {
		return value.Undefined, f.failed()
	}
	return v, nil
}

// failed takes the fault of closures out of the frame.
func (f *Frame) failed() error {
	err := f.fault
	f.fault = nil
	return err
}

// AppendJSON is Program.AppendJSON.
func (s *Session) AppendJSON(dst []byte) ([]byte, error) {
	s.frame.meter.Refill()
	return s.frame.appendJSON(dst, s.program.fn)
}

// Close releases the session, which must not be used afterwards.
func (s *Session) Close() {
	s.frame.leave()
	s.frame = nil
}

func (f *Frame) enter(m *Image, env *Env) {
	limits := DefaultLimits()
	if env == nil {
		f.reset(context.Background(), m, limits)
		return
	}
	if env.Limits != nil {
		limits = env.Limits.WithDefaults()
	}
	f.reset(env.Ctx, m, limits)
	f.environment(env.Now, env.Timezone, env.Entropy, env.ExecutionID)
	if env.Context.Caseless() || env.Context.Len() == 0 {
		return
	}
	for i, name := range m.plan.Roots {
		f.roots[i] = env.Context.Value(name)
	}
}

// leave returns the frame to the pool without anything of the run.
func (f *Frame) leave() {
	clear(f.roots)
	f.image = nil
	f.meter.Stop()
	f.context.Entropy, f.context.ExecutionID, f.context.Shapes = nil, value.Undefined, nil
	f.context.Scripts = nil
	if cap(f.out) > 1<<20 {
		f.out = nil
	}
	frames.Put(f)
}

// eval runs one function of the image: its closures if there are any, else the interpreter. Jumps only go forward, so a
// function costs at most as many steps as it has instructions; they are charged at once.
func (f *Frame) eval(fn *linkedFunc) (value.Value, error) {
	if fn.constant {
		return fn.result, nil
	}
	if err := f.meter.Tick(fn.cost); err != nil {
		return value.Undefined, err
	}
	if fn.fast == nil {
		return f.interpret(fn)
	}
	v := fn.fast(f)
	if f.fault != nil {
		return value.Undefined, f.failed()
	}
	return v, nil
}
