package outline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Expr is a value of a connection: one of the types of this file, or an *ast.Literal. A nil Expr is a value that is not
// written.
type Expr interface {
	// Origin is the place that the value was read from.
	Origin() ast.Origin
}

// Text is a text as it stands.
type Text struct {
	At   ast.Origin
	Text string
}

// Read is what a path finds in a root, missing when there is nothing.
type Read struct {
	At   ast.Origin
	Root string
	Path []Step
}

// Step is one step of a path: a name, or the position of an item, counted from 0.
type Step struct {
	Name    string
	Index   int
	Indexed bool
}

// The roots beside those of the syntax tree: the fields of the two token answers.
const (
	RootRequestAnswer = "requestAnswer"
	RootAccessAnswer  = "accessAnswer"
)

// ProofAnswer is the root of the answer to a request that proves the credentials, by its place among them.
func ProofAnswer(i int) string { return "proofAnswer" + strconv.Itoa(i) }

// Join is the concatenation of the texts of its parts; what is missing or null is empty.
type Join struct {
	At    ast.Origin
	Parts []Expr
}

// Encoded is the percent-encoded text of a value.
type Encoded struct {
	At ast.Origin
	X  Expr
}

// List is a written list.
type List struct {
	At    ast.Origin
	Items []Expr
}

// Object is a written object.
type Object struct {
	At      ast.Origin
	Entries []Pair
}

// Pair is a name with a value.
type Pair struct {
	Name  string
	Value Expr
	At    ast.Origin
}

// Choose is the value of the first case whose test is truthy, else Else.
type Choose struct {
	At    ast.Origin
	Cases []Case
	Else  Expr
}

// Case is one case of a Choose.
type Case struct{ Test, Then Expr }

// Call applies one of the functions of Functions, which dialects have under names of their own.
type Call struct {
	At   ast.Origin
	Name string
	Args []Expr
}

// Opaque is a value of which only its own dialect knows what it means. What names it for people, unless it is a Formula.
type Opaque struct {
	At      ast.Origin
	What    string
	Formula grammar.Expr
}

// Named names it for people. A formula is written for those that are asked for only: there is one for each part of a long one.
func (x *Opaque) Named() string {
	if x.Formula != nil {
		return grammar.Format(x.Formula)
	}
	return x.What
}

// Origin implements Expr.
func (x *Text) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Read) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Join) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Encoded) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *List) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Object) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Choose) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Call) Origin() ast.Origin { return x.At }

// Origin implements Expr.
func (x *Opaque) Origin() ast.Origin { return x.At }

// The functions whose meaning no dialect owns. A function under any other name is one of the function library that most
// functions come from, and keeps its name there.
const (
	FuncAnd      = "and"      // all arguments are truthy
	FuncOr       = "or"       // any argument is truthy
	FuncNot      = "not"      // the argument is not truthy
	FuncEqual    = "equal"    // the arguments are equal
	FuncIfEmpty  = "ifempty"  // the first argument, the second when that is missing, null or ""
	FuncFirst    = "coalesce" // the first argument that is neither missing nor null
	FuncNotEmpty = "notEmpty" // the argument is not missing, null or ""
	FuncKnown    = "known"    // the argument, "" when it is missing: what is sent although there is nothing
	FuncJoin     = "join"     // the texts of a list with a text between
	FuncMissing  = "isMissing"
	FuncSent     = "sent" // of a parameter in an address: the parameter goes with its value
)

// IsText reports whether a value is a text that is written out, and returns it.
func IsText(x Expr) (string, bool) {
	t, ok := x.(*Text)
	if !ok {
		return "", false
	}
	return t.Text, true
}

// IsMissing reports whether a value is known to be missing.
func IsMissing(x Expr) bool {
	l, ok := x.(*ast.Literal)
	return x == nil || ok && l.Kind == ast.LiteralMissing
}

// IsNull reports whether a value is a written null.
func IsNull(x Expr) bool {
	l, ok := x.(*ast.Literal)
	return ok && l.Kind == ast.LiteralNull
}

// IsRead reports whether a value is that one member of a root.
func IsRead(x Expr, root, name string) bool {
	r, ok := x.(*Read)
	return ok && r.Root == root && len(r.Path) == 1 && r.Path[0] == Step{Name: name}
}

// Computed says what an expression is that is not just the value of a name, for the loss of it where only names can stand.
func Computed(x Expr) string {
	switch x := x.(type) {
	case *Call:
		return "the function " + x.Name + "()"
	case *Choose:
		return "a choice between values"
	case *Opaque:
		return x.Named()
	}
	return "a computed value"
}

// IsConstant reports whether a value needs no run to be known.
func IsConstant(x Expr) bool {
	constant := true
	Walk(x, func(x Expr) {
		switch x.(type) {
		case *Read, *Call, *Opaque:
			constant = false
		}
	})
	return constant
}

// Walk visits a value and those below it, outer ones first.
func Walk(x Expr, visit func(Expr)) {
	if x == nil {
		return
	}
	visit(x)
	for _, y := range below(x) {
		Walk(y, visit)
	}
}

func below(x Expr) []Expr {
	switch x := x.(type) {
	case *Join:
		return x.Parts
	case *Encoded:
		return []Expr{x.X}
	case *List:
		return x.Items
	case *Object:
		out := make([]Expr, len(x.Entries))
		for i, e := range x.Entries {
			out[i] = e.Value
		}
		return out
	case *Choose:
		var out []Expr
		for _, c := range x.Cases {
			out = append(out, c.Test, c.Then)
		}
		return append(out, x.Else)
	case *Call:
		return x.Args
	}
	return nil
}

// parts are the pieces of a text: those of a Join, or the value itself.
func parts(x Expr) []Expr {
	if j, ok := x.(*Join); ok {
		return j.Parts
	}
	if x == nil {
		return nil
	}
	return []Expr{x}
}

// Concat joins values to one text: neighbouring texts become one, and a single part stands for itself.
func Concat(at ast.Origin, values ...Expr) Expr {
	var out []Expr
	var texts []string // that follow each other, and from is the place of the first
	var from ast.Origin
	join := func() {
		if len(texts) > 0 {
			out = append(out, &Text{At: from, Text: strings.Join(texts, "")})
			texts = nil
		}
	}
	for _, v := range values {
		for _, p := range parts(v) {
			t, ok := p.(*Text)
			switch {
			case !ok:
				join()
				out = append(out, p)
			case t.Text != "":
				if len(texts) == 0 {
					from = t.At
				}
				texts = append(texts, t.Text)
			}
		}
	}
	join()
	switch {
	case len(out) == 0:
		return &Text{At: at}
	case len(out) == 1 && isTextual(out[0]):
		return out[0]
	}
	return &Join{At: at, Parts: out}
}

func isTextual(x Expr) bool {
	switch x.(type) {
	case *Text, *Encoded, *Read:
		return true
	}
	return false
}

// Follow returns what a path finds in a value.
func Follow(x Expr, path []Step) Expr {
	if len(path) == 0 || x == nil {
		return x
	}
	switch x := x.(type) {
	case *Read:
		return &Read{At: x.At, Root: x.Root, Path: slices.Concat(x.Path, path)}
	case *Object:
		for _, e := range x.Entries {
			if !path[0].Indexed && e.Name == path[0].Name {
				return Follow(e.Value, path[1:])
			}
		}
		return missing(x.At)
	case *List:
		if path[0].Indexed && path[0].Index < len(x.Items) {
			return Follow(x.Items[path[0].Index], path[1:])
		}
		return missing(x.At)
	case *ast.Literal, *Text:
		return missing(x.Origin())
	}
	return &Opaque{At: x.Origin(), What: "a path into a computed value"}
}

func missing(at ast.Origin) Expr { return &ast.Literal{At: at, Kind: ast.LiteralMissing} }

// Key is a text that two values have in common when they are the same, wherever they were written.
func Key(x Expr) string {
	var b strings.Builder
	writeKey(&b, x)
	return b.String()
}

func writeKey(b *strings.Builder, x Expr) {
	switch x := x.(type) {
	case nil:
		b.WriteString("nil")
	case *Text:
		fmt.Fprintf(b, "%q", x.Text)
	case *ast.Literal:
		fmt.Fprintf(b, "#%d,%t,%v,%v", x.Kind, x.Bool, x.Number, x.Exact)
	case *Read:
		fmt.Fprintf(b, "%s%+v", x.Root, x.Path)
	case *Opaque:
		fmt.Fprintf(b, "?%q", x.Named())
	case *Call:
		b.WriteString(x.Name)
	case *Object:
		for _, e := range x.Entries {
			fmt.Fprintf(b, "%q,", e.Name)
		}
	}
	fmt.Fprintf(b, "%T(", x)
	for _, y := range below(x) {
		writeKey(b, y)
		b.WriteByte(';')
	}
	b.WriteByte(')')
}

// Constant is the value of a document that a value is without a run; nil when it needs one, or is missing.
func Constant(x Expr) *document.Node {
	switch x := x.(type) {
	case *Text:
		return document.NewText(x.Text)
	case *ast.Literal:
		switch x.Kind {
		case ast.LiteralNull:
			return document.NewNull()
		case ast.LiteralBool:
			return document.NewBool(x.Bool)
		case ast.LiteralNumber:
			return document.NewNumber(x.Number, x.Exact)
		}
	case *List:
		out := document.NewArray()
		for _, item := range x.Items {
			n := Constant(item)
			if n == nil {
				return nil
			}
			out.Items = append(out.Items, n)
		}
		return out
	case *Object:
		out := document.NewObject()
		for _, e := range x.Entries {
			n := Constant(e.Value)
			if n == nil {
				return nil
			}
			out.Set(e.Name, n)
		}
		return out
	}
	return nil
}

// Plain is the document of a value of the syntax tree without expressions, such as the default of a parameter; nil when
// it has some.
func Plain(v ast.Value) *document.Node {
	if v == nil {
		return nil
	}
	return Constant((&Reader{locals: map[string]Expr{}}).Expr(v))
}

// Default is the document of the default of a parameter: a text also where a number or a boolean becomes one.
func Default(p *ast.Parameter) *document.Node {
	n := Plain(p.Default)
	if p.DefaultAsText && n != nil && (n.Kind == document.KindNumber || n.Kind == document.KindBool) {
		return document.NewText(strings.TrimSpace(document.WriteJSON(n, false)))
	}
	return n
}
