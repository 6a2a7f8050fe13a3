package grammar

import "math/big"

// Span is a half-open range of byte offsets into the decoded text of a template.
type Span struct{ Start, End int }

// Expr is a node of an IML expression (spec iml.md §5). Nodes are immutable once the parser returned them.
type Expr interface {
	// Span returns the bytes of the template that the node was read from.
	Span() Span
	expr()
}

// At is embedded by every node and carries its place.
type At struct{ At Span }

// Span implements Expr.
func (a At) Span() Span { return a.At }
func (At) expr()        {}

// Text is a string literal, decoded.
type Text struct {
	At
	Value string
}

// Number is a number literal. Exact is set for an integer outside ±(2^53-1), which keeps all its digits (spec iml.md
// §2.1).
type Number struct {
	At
	Value float64
	Exact *big.Int
}

// Keyword is a bare word of spec iml.md §8 without a tail: true, null, now, emptyarray, …
type Keyword struct {
	At
	Name string
}

// Root names an entry of the context: a bare name, the digits of a module, or a quoted name. NameAt is the place of the
// name without parentheses around it.
type Root struct {
	At
	Name   string
	NameAt Span
	Quoted bool
}

// Path applies steps to the value of Base, which is a Root, a Call or a parenthesised expression (spec iml.md §6).
type Path struct {
	At
	Base  Expr
	Steps []Step
}

// StepKind tells the three forms of a path step apart.
type StepKind uint8

// The forms of a step.
const (
	StepName  StepKind = iota // .name
	StepIndex                 // [expr]
	StepFirst                 // []
)

// Step is one step of a path.
type Step struct {
	At     Span
	Kind   StepKind
	Name   string // StepName
	Quoted bool   // StepName written in backticks
	Index  Expr   // StepIndex
}

// Call applies a function. A nil argument is an empty slot: not given (spec iml.md §9.1).
type Call struct {
	At
	Name   string
	NameAt Span
	Args   []Expr
}

// Op is an operator.
type Op uint8

// The operators; = == === are one, != !== its negation (spec iml.md §7).
const (
	OpOr Op = iota
	OpAnd
	OpEqual
	OpNotEqual
	OpLess
	OpLessEqual
	OpGreater
	OpGreaterEqual
	OpAdd
	OpSubtract
	OpMultiply
	OpDivide
	OpModulo
	OpNot
	OpNegate
)

var opNames = [...]string{"||", "&&", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "!", "-"}

// String returns the operator as it is usually written.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "?"
}

// Unary is !x or -x.
type Unary struct {
	At
	Op Op // OpNot or OpNegate
	X  Expr
}

// Binary is an operator between two operands. OpAt is the place of the operator itself.
type Binary struct {
	At
	Op   Op
	OpAt Span
	X, Y Expr
}

// Join is a run of adjacent operands without an operator, concatenated as text (spec iml.md §5, lint IML303).
type Join struct {
	At
	Operands []Expr
}
