package vm

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
	image *image
	fn    *linkedFunc
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
	m, err := link(p, byName, value.NewShapes())
	if err != nil {
		return nil, err
	}
	return &Program{image: m, fn: &m.funcs[0]}, nil
}

// Shapes returns the table that documents for this program should take their shapes from, so that paths find their keys
// without comparing them; pass it to value.ParseJSON.
func (p *Program) Shapes() *value.Shapes { return p.image.shapes }

var frames = sync.Pool{New: func() any { return &frame{stack: make([]value.Value, 0, 64)} }}

// Run evaluates the program. The error is an *EvalError or a *LimitError.
func (p *Program) Run(env *Env) (value.Value, error) {
	if p.fn.constant {
		return p.fn.result, nil
	}
	f := frames.Get().(*frame)
	f.enter(p.image, env)
	v, err := f.eval(p.fn)
	f.leave()
	if err != nil {
		return value.Undefined, err
	}
	return v, nil
}

// AppendJSON evaluates a program of ModeEmit and appends its JSON to dst; a program of ModeValue is evaluated and encoded.
func (p *Program) AppendJSON(dst []byte, env *Env) ([]byte, error) {
	f := frames.Get().(*frame)
	f.enter(p.image, env)
	defer f.leave()
	v, err := f.eval(p.fn)
	switch {
	case err != nil:
		return dst, err
	case p.fn.Mode == plan.ModeEmit:
		return append(dst, f.out...), nil
	}
	return value.AppendJSON(dst, v), nil
}

func (f *frame) enter(m *image, env *Env) {
	limits := DefaultLimits
	if env == nil {
		f.reset(nil, m, limits)
		return
	}
	if env.Limits != nil {
		limits = env.Limits.withDefaults()
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
func (f *frame) leave() {
	clear(f.roots)
	f.image, f.ctx = nil, nil
	f.context.Entropy, f.context.ExecutionID = nil, value.Undefined
	if cap(f.out) > 1<<20 {
		f.out = nil
	}
	frames.Put(f)
}

// eval runs one function of the image: its linked form if there is one, else the loop. Jumps only go forward, so a function
// costs at most as many steps as it has instructions; they are charged at once.
func (f *frame) eval(fn *linkedFunc) (value.Value, error) {
	if fn.constant {
		return fn.result, nil
	}
	if f.fuel -= len(fn.Code); f.fuel < 0 {
		if err := f.refuel(); err != nil {
			return value.Undefined, err
		}
	}
	if fn.fast == nil {
		return f.interpret(fn)
	}
	v := fn.fast(f)
	if f.fault != nil {
		err := f.fault
		f.fault = nil
		return value.Undefined, err
	}
	return v, nil
}
