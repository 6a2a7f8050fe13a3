package jshost

import (
	"context"
	"sync/atomic"

	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Host runs scripts inside of this process. It implements script.Host and script.Checker and is safe for concurrent
// use.
type Host struct {
	limits Limits
	// left counts the scripts that were given up and still run.
	left atomic.Int64
	// library calls functions of the library of a script elsewhere; nil: with what the world of the script has.
	library func(name string, args []value.Value, given uint64) (value.Value, error)
}

// New returns a host with limits. Zero fields have the values of DefaultLimits, and a Time beyond MaxTime is that.
func New(l Limits) *Host { return &Host{limits: l.withDefaults()} }

// Check implements script.Checker: it compiles the program.
func (h *Host) Check(p *script.Program) []script.Problem {
	return compiledOf(p, h.limits.SourceBytes).problems
}

// Call implements script.Host.
func (h *Host) Call(ctx context.Context, s script.Script, args []value.Value) (value.Value, error) {
	code := compiledOf(s.Program, h.limits.SourceBytes)
	switch {
	case code.tooLong:
		return value.Undefined, reached(limitSource, int64(code.maxSource))
	case len(code.problems) > 0:
		p := code.problems[0]
		at := script.Frame{File: s.Program.Modules[p.Module].Name, Line: p.Line, Column: p.Column}
		return value.Undefined, &script.Error{Script: s.Name, Message: "is not JavaScript: " + p.Message, Stack: []script.Frame{at}}
	case h.left.Load() >= int64(h.limits.LeftBehind):
		return value.Undefined, reached(limitLeftBehind, int64(h.limits.LeftBehind))
	}
	c := &call{host: h, script: &s, code: code, done: make(chan struct{}), gone: make(chan struct{}), asks: make(chan func()), secrets: secretTexts(args)}
	return c.supervise(ctx, args)
}
