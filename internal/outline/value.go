package outline

import (
	"math"
	"slices"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Reader reads the values of one connection, in the order of its run: what earlier requests keep is known to later ones.
type Reader struct {
	conn   *ast.Connection
	lifter Lifter
	out    *Connection

	temp   map[string]Expr
	stored map[string]Expr
	all    bool // every field of the answer with the access token is stored
	locals map[string]Expr
	answer string // the root that the answer at hand is
	parts  int    // of expressions, so far
}

// Expr reads a value.
func (r *Reader) Expr(v ast.Value) Expr {
	switch v := v.(type) {
	case nil:
		return nil
	case *ast.Template:
		return r.template(v)
	case *ast.Literal:
		return v
	case *ast.Object:
		return r.object(v)
	case *ast.Array:
		out := &List{At: v.At}
		for _, item := range v.Items {
			out.Items = append(out.Items, r.Expr(item))
		}
		return out
	case *ast.Root:
		return r.read(v.At, v.Name, nil)
	case *ast.Join:
		values := make([]Expr, len(v.Parts))
		for i, p := range v.Parts {
			values[i] = r.Expr(p)
		}
		return Concat(v.At, values...)
	case *ast.Choose:
		return r.choose(v)
	case *ast.Let:
		return r.let(v)
	case *ast.Local:
		if x, ok := r.locals[v.Name]; ok {
			return x
		}
		return &Opaque{At: v.At, What: "the item of a loop"}
	case *ast.Each:
		return &Opaque{At: v.At, What: "a loop over a list"}
	case *ast.Invoke:
		return r.invoke(v)
	}
	return &Opaque{At: v.Origin(), What: "an expression"}
}

func (r *Reader) object(v *ast.Object) Expr {
	out := &Object{At: v.At}
	for _, e := range v.Entries {
		if e.Spread {
			return &Opaque{At: v.At, What: "an object with a spread"}
		}
		out.Entries = append(out.Entries, Pair{Name: e.Key, Value: r.Expr(e.Value), At: entryAt(e, v.At)})
	}
	return out
}

// entryAt is the place of an entry: its key, where it was written.
func entryAt(e ast.Entry, at ast.Origin) ast.Origin {
	if e.Value != nil && e.Value.Origin().Span.File != nil {
		at = e.Value.Origin()
	}
	if e.KeyAt.File != nil {
		at.Key = e.KeyAt
	}
	return at
}

func (r *Reader) choose(v *ast.Choose) Expr {
	out := &Choose{At: v.At, Else: r.Expr(v.Else)}
	if len(v.Cases) == 0 {
		return out.Else
	}
	for _, c := range v.Cases {
		out.Cases = append(out.Cases, Case{Truth(r.Expr(c.Test)), r.Expr(c.Then)})
	}
	return out
}

// let puts the value where its name is used: values are pure. The first value that is there is a form of its own.
func (r *Reader) let(v *ast.Let) Expr {
	x := r.Expr(v.Value)
	before, had := r.locals[v.Name]
	r.locals[v.Name] = x
	body := r.Expr(v.Body)
	delete(r.locals, v.Name)
	if had {
		r.locals[v.Name] = before
	}
	if c, ok := body.(*Choose); ok && len(c.Cases) == 1 && c.Else == x {
		if test, ok := c.Cases[0].Test.(*Call); ok && test.Name == FuncMissing && test.Args[0] == x {
			return r.first(v.At, x, c.Cases[0].Then)
		}
	}
	return body
}

// first is the first of two values that is there. Which one it is can be known: what a parameter is called is a
// parameter, and any other name is a field of an answer.
func (r *Reader) first(at ast.Origin, a, b Expr) Expr {
	if IsMissing(a) {
		return b
	}
	if IsMissing(b) {
		return a
	}
	x, isX := a.(*Read)
	y, isY := b.(*Read)
	switch {
	case isX && isY && len(x.Path) > 0 && len(y.Path) > 0:
		declared := r.declares(x.Path[0].Name) || r.declares(y.Path[0].Name)
		if (x.Root == ast.RootData) == declared {
			return a
		}
		if (y.Root == ast.RootData) == declared {
			return b
		}
		return a
	case isX:
		if _, fallback := b.(*Text); fallback {
			return a // the text that stands for itself where there is no value
		}
	}
	return &Call{At: at, Name: FuncFirst, Args: []Expr{a, b}}
}

func (r *Reader) declares(name string) bool {
	for _, p := range r.conn.Parameters {
		if p.Name == name {
			return true
		}
	}
	return false
}

func (r *Reader) invoke(v *ast.Invoke) Expr {
	if v.Library != "core" {
		if v.Library != "" || r.lifter == nil {
			return &Opaque{At: v.At, What: v.Function + "()"}
		}
		return r.lifter.Lift(r, v)
	}
	switch v.Function {
	case "isMissing", "isNil":
		return &Call{At: v.At, Name: FuncMissing, Args: []Expr{r.Expr(v.Args[0])}}
	case "instant":
		return r.Expr(v.Args[0])
	}
	return &Opaque{At: v.At, What: "a failure that the dialect computes"}
}

// Root reads a path in a root as the run has it at this point.
func (r *Reader) read(at ast.Origin, root string, path []Step) Expr {
	named := len(path) > 0 && !path[0].Indexed
	switch root {
	case ast.RootTemp:
		if named {
			if x, ok := r.temp[path[0].Name]; ok {
				return Follow(x, path[1:])
			}
			return missing(at)
		}
		return &Opaque{At: at, What: "all of what requests keep for later"}
	case ast.RootBody:
		return &Read{at, r.answer, path}
	case ast.RootData:
		switch {
		case !named:
		case r.stored[path[0].Name] != nil:
			return Follow(r.stored[path[0].Name], path[1:])
		case r.all && !r.declares(path[0].Name):
			return &Read{at, RootAccessAnswer, path}
		}
	}
	return &Read{at, root, path}
}

// IsSure reports whether a value is always there: a token, the callback address, or an input that is required or has a default.
func (r *Reader) IsSure(x Expr) bool {
	read, ok := x.(*Read)
	if !ok || len(read.Path) != 1 {
		return false
	}
	switch read.Root {
	case ast.RootRedirect:
		return true
	case RootRequestAnswer, RootAccessAnswer:
		return read.Path[0].Name == "oauth_token"
	case ast.RootData:
		for _, p := range r.conn.Parameters {
			if p.Name == read.Path[0].Name {
				return p.Required || p.HasDefault
			}
		}
	}
	return false
}

// Note tells what is different outside the dialect of the spec.
func (r *Reader) Note(code string, at ast.Origin, why, format string, args ...any) {
	r.out.Losses.Note(code, at, why, format, args...)
}

// MustHave notes that a value without which a request fails was read.
func (r *Reader) MustHave() { r.out.MustHave = true }

// Follow reads on from a value.
func (r *Reader) Follow(at ast.Origin, x Expr, path []Step) Expr {
	if read, ok := x.(*Read); ok {
		switch read.Root {
		case ast.RootTemp, ast.RootData:
			return r.read(at, read.Root, append(read.Path[:len(read.Path):len(read.Path)], path...))
		}
	}
	if o, ok := x.(*Opaque); ok && o.What == "all of what requests keep for later" {
		return r.read(at, ast.RootTemp, path)
	}
	return Follow(x, path)
}

// Truth is a value of which only the truth counts.
func Truth(x Expr) Expr {
	if c, ok := x.(*Call); ok && len(c.Args) == 1 && (c.Name == FuncAnd || c.Name == FuncOr) {
		return Truth(c.Args[0])
	}
	return x
}

// template reads a text with holes.
func (r *Reader) template(t *ast.Template) Expr {
	if t.Whole() {
		return r.hole(t, t.Parts[0].Expr)
	}
	values := make([]Expr, len(t.Parts))
	for i, p := range t.Parts {
		if !p.Hole {
			values[i] = &Text{t.At, p.Text}
			continue
		}
		values[i] = r.hole(t, p.Expr)
	}
	return Concat(t.At, values...)
}

func (r *Reader) hole(t *ast.Template, x grammar.Expr) Expr {
	if x == nil {
		return missing(t.At)
	}
	return r.grammar(t, x)
}

var operators = map[grammar.Op]string{grammar.OpOr: FuncOr, grammar.OpAnd: FuncAnd, grammar.OpEqual: FuncEqual, grammar.OpNot: FuncNot}

// maxParts bounds the parts of all expressions of a connection, each of which takes some hundred bytes.
const maxParts = 200_000

// grammar reads an expression.
func (r *Reader) grammar(t *ast.Template, x grammar.Expr) Expr {
	if r.parts++; r.parts > maxParts {
		if r.parts == maxParts+1 {
			r.out.Losses.Errorf(t.At, "make the expressions shorter", "the expressions have more than %d parts, too many to be converted", maxParts)
		}
		return missing(t.At)
	}
	switch x := x.(type) {
	case *grammar.Text:
		return &Text{t.At, x.Value}
	case *grammar.Number:
		return &ast.Literal{At: t.At, Kind: ast.LiteralNumber, Number: x.Value, Exact: x.Exact}
	case *grammar.Keyword:
		return r.keyword(t, x.Name)
	case *grammar.Root:
		return r.named(t, x.Name, nil)
	case *grammar.Path:
		return r.path(t, x)
	case *grammar.Call:
		return r.call(t, x)
	case *grammar.Unary:
		if x.Op == grammar.OpNot {
			return &Call{t.At, FuncNot, []Expr{Truth(r.grammar(t, x.X))}}
		}
	case *grammar.Binary:
		return r.binary(t, x)
	case *grammar.Join:
		values := make([]Expr, len(x.Operands))
		for i, o := range x.Operands {
			values[i] = r.grammar(t, o)
		}
		return Concat(t.At, values...)
	}
	return &Opaque{At: t.At, Formula: x}
}

func (r *Reader) keyword(t *ast.Template, name string) Expr {
	switch name {
	case "true", "false":
		return &ast.Literal{At: t.At, Kind: ast.LiteralBool, Bool: name == "true"}
	case "null":
		return &ast.Literal{At: t.At, Kind: ast.LiteralNull}
	case "undefined", "ignore":
		return missing(t.At)
	case "emptystring":
		return &Text{t.At, ""}
	case "space":
		return &Text{t.At, " "}
	}
	return &Opaque{At: t.At, What: name}
}

func (r *Reader) binary(t *ast.Template, x *grammar.Binary) Expr {
	if x.Op == grammar.OpAdd {
		return r.sum(t, x)
	}
	a, b := r.grammar(t, x.X), r.grammar(t, x.Y)
	switch {
	case x.Op == grammar.OpNotEqual:
		return &Call{t.At, FuncNot, []Expr{&Call{t.At, FuncEqual, []Expr{a, b}}}}
	case operators[x.Op] != "":
		return &Call{t.At, operators[x.Op], []Expr{a, b}}
	}
	return &Opaque{At: t.At, Formula: x}
}

// sum reads a run of +, which joins from the first text in it on.
func (r *Reader) sum(t *ast.Template, x *grammar.Binary) Expr {
	spine := []*grammar.Binary{x}
	for left, ok := x.X.(*grammar.Binary); ok && left.Op == grammar.OpAdd; left, ok = left.X.(*grammar.Binary) {
		spine = append(spine, left)
	}
	value := r.grammar(t, spine[len(spine)-1].X)
	values, joins := []Expr{value}, isText(value)
	for _, b := range slices.Backward(spine) {
		if value = r.grammar(t, b.Y); joins || isText(value) {
			values, joins = append(values, value), true
		} else {
			values[0] = &Opaque{At: t.At, Formula: b}
		}
	}
	if !joins {
		return values[0]
	}
	return Concat(t.At, values...)
}

func isText(x Expr) bool {
	switch x.(type) {
	case *Text, *Join, *Encoded:
		return true
	}
	return false
}

func (r *Reader) call(t *ast.Template, x *grammar.Call) Expr {
	args := make([]Expr, len(x.Args))
	for i, a := range x.Args {
		if a != nil {
			args[i] = r.grammar(t, a)
		} else {
			args[i] = missing(t.At)
		}
	}
	switch {
	case x.Name == "if" && len(args) >= 2:
		c := &Choose{At: t.At, Cases: []Case{{Truth(args[0]), args[1]}}, Else: missing(t.At)}
		if len(args) > 2 {
			c.Else = args[2]
		}
		return c
	case x.Name == "encodeURL" && len(args) == 1:
		return &Encoded{t.At, args[0]}
	}
	return &Call{t.At, x.Name, args}
}

// path reads the path of an expression.
func (r *Reader) path(t *ast.Template, x *grammar.Path) Expr {
	var steps []Step
	for _, s := range x.Steps {
		switch s.Kind {
		case grammar.StepName:
			steps = append(steps, Step{Name: s.Name})
		case grammar.StepFirst:
			steps = append(steps, Step{Indexed: true})
		default:
			n, ok := s.Index.(*grammar.Number)
			if !ok || n.Value < 1 || n.Value != math.Trunc(n.Value) {
				return &Opaque{At: t.At, Formula: x}
			}
			steps = append(steps, Step{Indexed: true, Index: int(n.Value) - 1})
		}
	}
	if root, ok := x.Base.(*grammar.Root); ok {
		return r.named(t, root.Name, steps)
	}
	return r.Follow(t.At, r.grammar(t, x.Base), steps)
}

// named reads a path that begins with a name of the scope.
func (r *Reader) named(t *ast.Template, name string, steps []Step) Expr {
	if t.Scope == nil {
		return &Read{t.At, name, steps}
	}
	b, ok := t.Scope.Names[name]
	if !ok {
		return missing(t.At)
	}
	for b.Members != nil {
		if len(steps) == 0 {
			return &Opaque{At: t.At, What: "the whole of " + name}
		}
		found := false
		for _, m := range b.Members {
			if m.Name == steps[0].Name && !steps[0].Indexed {
				b, steps, found = m.Binding, steps[1:], true
				break
			}
		}
		if !found {
			return missing(t.At)
		}
	}
	if b.Root == "" {
		return missing(t.At)
	}
	if b.Key != "" {
		steps = append([]Step{{Name: b.Key}}, steps...)
	}
	return r.read(t.At, b.Root, steps)
}
