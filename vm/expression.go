package vm

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/machine"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The expression machine, for hosts that hold both. A program that evaluates expressions only should use package machine
// itself, which starts faster because it links no HTTP.
type (
	// Program is a compiled template ready to run.
	Program = machine.Program
	// Env is what a run of a Program sees.
	Env = machine.Env
	// Session evaluates one program again and again in one environment.
	Session = machine.Session
	// Limits bounds what one operation may use.
	Limits = machine.Limits
	// LimitError says which limit ended an operation.
	LimitError = machine.LimitError
	// EvalError is a failure of an expression at run time.
	EvalError = machine.EvalError
	// UnsupportedError says what a plan needs and the engine does not have.
	UnsupportedError = machine.UnsupportedError
)

// DefaultLimits are the limits that hold unless the host says otherwise.
var DefaultLimits = machine.DefaultLimits

// NewProgram prepares a verified plan of a single template; see machine.NewProgram.
func NewProgram(p *plan.Plan, host ...*builtin.Function) (*Program, error) {
	return machine.NewProgram(p, host...)
}

// NewPlainProgram is NewProgram without linking; see machine.NewPlainProgram.
func NewPlainProgram(p *plan.Plan, host ...*builtin.Function) (*Program, error) {
	return machine.NewPlainProgram(p, host...)
}
