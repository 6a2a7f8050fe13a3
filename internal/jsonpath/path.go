package jsonpath

import (
	"fmt"
)

// MaxTokens is the largest number of steps of a path, those in its filters included.
const MaxTokens = 64

// ErrTokens says that a path has more than MaxTokens steps.
var ErrTokens = fmt.Errorf("the path has more than %d steps", MaxTokens)

// SyntaxError says where a text is no path.
type SyntaxError struct {
	// Offset is the byte at which the text does not fit.
	Offset  int
	Message string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("at offset %d: %s", e.Offset, e.Message) }

// Path is a path that was read. It is immutable and safe for concurrent use.
type Path struct {
	// Relative says that the path of a filter starts at the item (@) instead of the root ($).
	Relative bool
	Steps    []Step
}

// StepKind tells the steps apart.
type StepKind uint8

// The kinds of steps.
const (
	Name     StepKind = iota // .name or ['name', …]: Names
	Index                    // [0, …]: Indexes
	Wildcard                 // .* or [*]
	Slice                    // [a:b:c]: From, To, By
	Filter                   // [?(…)]: Test
)

// Step is one step of a path.
type Step struct {
	Kind StepKind
	// Deep makes the step look at every node below, too: "..".
	Deep    bool
	Names   []string
	Indexes []int
	// Dotted says that the one name stood behind a dot, so that a number indexes a list.
	Dotted bool
	// From, To and By are the bounds of a slice; nil is absent.
	From, To, By *int
	Test         *Test
}

// Test is a condition of a filter.
type Test struct {
	// Op is "&&", "||", "!", "exists", or the comparison: == != < <= > >= =~.
	Op string
	// X and Y are the tests that && and || join; X is what ! negates.
	X, Y *Test
	// Left and Right are the operands of a comparison; Left is the path that must exist.
	Left, Right Operand
	// Pattern and Flags are the regular expression of =~.
	Pattern, Flags string
}

// Operand is a path or a literal.
type Operand struct {
	Path *Path
	// Literal is a string, a float64, a bool, nil or a []string.
	Literal any
}
