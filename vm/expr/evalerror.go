package expr

import (
	"fmt"
	"maps"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
)

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

	said *builtin.Error // what has the words of package message, nil when they are others
}

// Words says the message as data: its id and arguments in package message. Both are empty when its words are not those of
// that package.
func (e *EvalError) Words() (id string, args message.Args) {
	if e.said == nil {
		return "", nil
	}
	return e.said.ID, maps.Clone(e.said.Args)
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
