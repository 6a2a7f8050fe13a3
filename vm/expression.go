package vm

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The expression machine, for hosts that hold both. A program that evaluates expressions only should use package
// machine itself, which starts faster because it links no HTTP.
type (
	// Program is a compiled template ready to run.
	Program = expr.Program
	// Env is what a run of a Program sees.
	Env = expr.Env
	// Session evaluates one program again and again in one environment.
	Session = expr.Session
	// Limits bounds what one operation may use.
	Limits = expr.Limits
	// LimitError says which limit ended an operation.
	LimitError = builtin.LimitError
	// EvalError is a failure of an expression at run time.
	EvalError = expr.EvalError
	// UnsupportedError says what a plan needs and the engine does not have.
	UnsupportedError = expr.UnsupportedError
)

// DefaultLimits returns the limits that hold unless the host says otherwise.
func DefaultLimits() Limits { return expr.DefaultLimits() }

// NewProgram prepares a verified plan of a single template; see expr.NewProgram.
func NewProgram(p *plan.Plan, host ...*builtin.Function) (*Program, error) {
	return expr.NewProgram(p, host...)
}

// NewPlainProgram is NewProgram without linking; see expr.NewPlainProgram.
func NewPlainProgram(p *plan.Plan, host ...*builtin.Function) (*Program, error) {
	return expr.NewPlainProgram(p, host...)
}
