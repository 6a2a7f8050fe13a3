package vm

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
)

// What a host meets of expressions: the limits that it sets, and errors that an operation ends with. Programs that
// evaluate templates use package expr itself.
type (
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
