package grammar

// Error is the first syntax error of an expression. Code is one of IML102 to IML117 or IML502 (spec iml.md §11); At is
// its exact place, empty at the end of the expression. Message and Help are for people and never contain the text of a
// string.
type Error struct {
	Code          string
	At            Span
	Message, Help string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Help == "" {
		return e.Code + ": " + e.Message
	}
	return e.Code + ": " + e.Message + " (" + e.Help + ")"
}

// Lint is a warning that needs nothing but the syntax: IML302, 303, 304, 305, 306, 309 or 311 (spec iml.md §11).
type Lint struct {
	Code          string
	At            Span
	Message, Help string
}

// The default limits of spec iml.md §13.
const (
	defaultDepth       = 250  // nested parentheses, calls, indexes and unary operators
	defaultExactDigits = 1000 // digits of an exact integer
)

// Limits bound what Parse accepts; zero fields mean the defaults of spec iml.md §13.
type Limits struct {
	// Depth is the number of parentheses, calls, indexes and unary operators that may be open at once; one more is
	// IML502.
	Depth int
	// ExactDigits is the number of digits up to which a large integer literal is kept exactly; longer ones become the
	// nearest double (spec iml.md §2.1).
	ExactDigits int
}

func (l Limits) orDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.ExactDigits <= 0 {
		l.ExactDigits = defaultExactDigits
	}
	return l
}
