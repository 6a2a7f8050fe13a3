package ast

import (
	"math/big"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/source"
)

// Value is a leaf or tree of a spec that may compute: a Template, an Object, an Array, a Literal, or one of the
// expressions that front ends build (expression.go). A nil Value means that the directive is absent.
type Value interface {
	// Origin returns the place and JSON pointer of the value.
	Origin() Origin
}

// Origin says where a node was written.
type Origin struct {
	// Span covers the value in its file.
	Span source.Span
	// Key covers the key of the entry that holds the value (for an item of a list: the item). Diagnostics point here.
	Key source.Span
	// Pointer is the RFC 6901 JSON pointer of the value in its document.
	Pointer string
}

// Template is a text with holes (spec iml.md §3).
type Template struct {
	At Origin
	// Text is the decoded text; Map carries its offsets back to the file.
	Text string
	Map  *source.Map
	// Parts are the pieces in order; a text without holes has one Part or none.
	Parts []Part
	// Roots is set by front ends whose dialect declares other roots than the phase's own; nil means the phase's.
	Roots []string
}

// Part is a stretch of literal text, or a hole.
type Part struct {
	Text string
	// Hole is set for {{…}} and <<…>>; Expr is nil for an empty hole, whose value is undefined.
	Hole bool
	Expr grammar.Expr
	At   grammar.Span
}

// Origin implements Value.
func (t *Template) Origin() Origin { return t.At }

// Whole reports whether the text is exactly one hole, so that its value keeps its type (spec iml.md §3.2).
func (t *Template) Whole() bool { return len(t.Parts) == 1 && t.Parts[0].Hole }

// Literal returns the text of a template without holes.
func (t *Template) Literal() (string, bool) {
	for _, p := range t.Parts {
		if p.Hole {
			return "", false
		}
	}
	return t.Text, true
}

// Object is a written object whose values may compute. A member whose value is missing is left out; one that is null
// stays.
type Object struct {
	At      Origin
	Entries []Entry
	// Prune makes the object missing when it was written with entries and none is left.
	Prune bool
}

// Entry is one key of an object. A Spread entry copies the entries of its value (spec iml.md §3.3).
type Entry struct {
	Key    string
	KeyAt  source.Span
	Spread bool
	Value  Value
}

// Origin implements Value.
func (o *Object) Origin() Origin { return o.At }

// Array is a written list whose items may compute.
type Array struct {
	At    Origin
	Items []Value
	// Missing says what becomes of a missing item, Prune that a list that was written with items and has none left is
	// missing.
	Missing Missing
	Prune   bool
}

// Origin implements Value.
func (a *Array) Origin() Origin { return a.At }

// LiteralKind tells the kinds of literals apart.
type LiteralKind uint8

// The kinds of literals.
const (
	LiteralNull LiteralKind = iota
	LiteralBool
	LiteralNumber
	LiteralMissing // no value at all; it is never written, but front ends may need it
)

// Literal is a null, boolean or number of the document, or missing. Texts are Templates, even without holes.
type Literal struct {
	At     Origin
	Kind   LiteralKind
	Bool   bool
	Number float64
	// Exact is set for an integer outside ±(2^53-1).
	Exact *big.Int
}

// Origin implements Value.
func (l *Literal) Origin() Origin { return l.At }
