package expr

import "fmt"

// EvalError is a failure of an expression at run time (spec iml.md §12). Its message names types, never values.
type EvalError struct {
	Code     string
	Type     string // the type that the function gave it, see builtin.Error; "" for none
	Function string // "" when no function is involved, or when the message stands for itself
	Arg      int    // 1-based; 0 when no argument is to blame
	// Line and Column are the place in the template; 0 when the plan was stripped.
	Line, Column int
	Message      string
	// Pointer is the JSON pointer of the leaf that failed.
	Pointer string
}

// Error implements error: "IML404 1:7 map(argument 1): array expected, got undefined".
func (e *EvalError) Error() string {
	s := fmt.Sprintf("%s %d:%d ", e.Code, e.Line, e.Column)
	switch {
	case e.Function == "":
		return s + e.Message
	case e.Arg > 0:
		return s + fmt.Sprintf("%s(argument %d): %s", e.Function, e.Arg, e.Message)
	}
	return s + e.Function + ": " + e.Message
}
