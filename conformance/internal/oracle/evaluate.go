package oracle

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Env is what an evaluation sees.
type Env struct {
	// Context holds the roots that scopes speak of, and the names of templates without a scope; nil is empty.
	Context *value.Object
	// Now is the frozen instant; Timezone the host zone, nil for UTC.
	Now      time.Time
	Timezone *time.Location
	// Entropy is where random values come from.
	Entropy io.Reader
	// ExecutionID is the value of executionId.
	ExecutionID value.Value
	// Library names the functions that expressions call; "" is "iml".
	Library string
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// Meter, when set, is the budget of an operation: every evaluated node takes a step. nil means the default limits
	// for this evaluation alone.
	Meter *builtin.Meter
}

// Evaluate returns the value of a tree of templates. Holes must have been parsed without errors. A failure of a
// function is a *builtin.Error.
func Evaluate(tree ast.Value, env Env) (value.Value, error) {
	if env.Meter == nil {
		env.Meter = new(builtin.Meter)
		env.Meter.Start(context.Background(), builtin.DefaultLimits())
	}
	e := &evaluator{env: env}
	e.functions = &builtin.Context{Now: env.Now.UnixMilli(), Zone: env.Timezone, Entropy: env.Entropy,
		ExecutionID: env.ExecutionID, StrictEquality: env.StrictEquality, Meter: env.Meter}
	return e.tree(tree), e.err
}

// evaluator walks a tree. Behind its first error it evaluates nothing any more.
type evaluator struct {
	env       Env
	functions *builtin.Context
	names     *names
	scope     *ast.Scope // of the template that is being evaluated
	err       error
}

// names are the values that Let and Each gave names to, innermost first.
type names struct {
	name  string
	value value.Value
	outer *names
}

func (e *evaluator) fail(err error) value.Value {
	if e.err == nil {
		e.err = err
	}
	return value.Undefined
}

// given passes a value on unless there is an error.
func (e *evaluator) given(v value.Value, err error) value.Value {
	if err != nil {
		return e.fail(err)
	}
	return v
}

// step takes a step of the budget; false means that nothing must be evaluated any more.
func (e *evaluator) step() bool {
	if e.err == nil {
		e.err = e.env.Meter.Tick(1)
	}
	return e.err == nil
}

// tree evaluates a value of a tree as package ast describes it (template.go, expression.go).
func (e *evaluator) tree(t ast.Value) value.Value {
	if t == nil || !e.step() {
		return value.Undefined
	}
	switch t := t.(type) {
	case *ast.Template:
		return e.template(t)
	case *ast.Literal:
		return literal(t)
	case *ast.Array:
		return listOf(e.all(t.Items), t.Missing, t.Prune && len(t.Items) > 0)
	case *ast.Object:
		return e.object(t)
	case *ast.Root:
		return e.env.Context.Value(t.Name)
	case *ast.Local:
		for n := e.names; n != nil; n = n.outer {
			if n.name == t.Name {
				return n.value
			}
		}
		return e.fail(fmt.Errorf("nothing is named %q", t.Name))
	case *ast.Let:
		return e.with(t.Body, names{name: t.Name, value: e.tree(t.Value)})
	case *ast.Choose:
		for _, c := range t.Cases {
			if value.IsTruthy(e.tree(c.Test)) {
				return e.tree(c.Then)
			}
		}
		return e.tree(t.Else)
	case *ast.Join:
		return concat(e.all(t.Parts))
	case *ast.Invoke:
		return e.invoke(e.function(t.Library, t.Function), e.all(t.Args), func(i int) bool { return t.Args[i] != nil })
	case *ast.Each:
		return e.each(t)
	}
	return e.fail(fmt.Errorf("unknown tree node %T", t))
}

func (e *evaluator) all(list []ast.Value) []value.Value {
	out := make([]value.Value, len(list))
	for i, x := range list {
		out[i] = e.tree(x)
	}
	return out
}

func literal(t *ast.Literal) value.Value {
	switch {
	case t.Kind == ast.LiteralMissing:
		return value.Undefined
	case t.Kind == ast.LiteralBool:
		return value.Bool(t.Bool)
	case t.Kind == ast.LiteralNumber && t.Exact != nil:
		return value.Integer(t.Exact)
	case t.Kind == ast.LiteralNumber:
		return value.Number(t.Number)
	}
	return value.Null()
}

// object evaluates entries in document order (spec iml.md §3.3).
func (e *evaluator) object(t *ast.Object) value.Value {
	o := value.NewObject(len(t.Entries))
	for _, entry := range t.Entries {
		v := e.tree(entry.Value)
		switch {
		case !entry.Spread:
			o.Set(entry.Key, v.Part())
		case v.Kind() == value.KindCollection:
			o = over(o, v.Object())
		case !v.IsNil():
			return e.fail(&builtin.Error{Code: "IML410", Message: "the value of a spread key must be a collection, got " + v.Kind().String()})
		}
	}
	if t.Prune && len(t.Entries) > 0 && o.Len() == 0 {
		return value.Undefined
	}
	return value.Collection(o)
}

// listOf is the list of evaluated items.
func listOf(items []value.Value, missing ast.Missing, prune bool) value.Value {
	kept := make([]value.Value, 0, len(items))
	for _, v := range items {
		switch {
		case !v.IsUndefined():
			kept = append(kept, v.Part())
		case missing == ast.MissingNull:
			kept = append(kept, value.Null())
		}
	}
	if prune && len(kept) == 0 {
		return value.Undefined
	}
	return value.Array(kept)
}

// concat is the text of values one behind the other.
func concat(parts []value.Value) value.Value {
	var b strings.Builder
	for _, v := range parts {
		b.WriteString(value.ToText(v))
	}
	return value.Text(b.String())
}

// with evaluates t where names are known.
func (e *evaluator) with(t ast.Value, known ...names) value.Value {
	outer := e.names
	for i := range known {
		known[i].outer, e.names = e.names, &known[i]
	}
	v := e.tree(t)
	e.names = outer
	return v
}

func (e *evaluator) each(t *ast.Each) value.Value {
	source := e.tree(t.Source)
	if source.Kind() != value.KindArray {
		return value.Undefined
	}
	results := make([]value.Value, len(source.Items()))
	for i, item := range source.Items() {
		var known []names
		if t.Item != "" {
			known = append(known, names{name: t.Item, value: item})
		}
		if t.Index != "" {
			known = append(known, names{name: t.Index, value: value.Int(int64(i))})
		}
		results[i] = e.with(t.Body, known...)
	}
	return listOf(results, t.Missing, t.Prune)
}

// function finds a function of a library, "" for that of the connection.
func (e *evaluator) function(library, name string) *builtin.Function {
	l, known := builtin.Find(cmp.Or(library, e.env.Library, "iml"))
	if !known {
		e.fail(fmt.Errorf("unknown library %q", library))
		return nil
	}
	f, known := l.Lookup(name)
	if !known {
		e.fail(fmt.Errorf("unknown function %q of library %s", name, l.Name))
	}
	return f
}

// invoke calls a function; given tells which arguments are written.
func (e *evaluator) invoke(f *builtin.Function, args []value.Value, given func(int) bool) value.Value {
	if e.err != nil {
		return value.Undefined
	}
	var bits uint64
	for i := range min(len(args), 64) {
		if given(i) {
			bits |= 1 << uint(i)
		}
	}
	return e.given(builtin.Invoke(f, e.functions, builtin.MakeArgs(args, bits)))
}

// template keeps the type of a lone hole and joins everything else as text (spec iml.md §3.2).
func (e *evaluator) template(t *ast.Template) value.Value {
	e.scope = t.Scope
	if t.Whole() {
		return e.expr(t.Parts[0].Expr)
	}
	parts := make([]value.Value, len(t.Parts))
	for i, p := range t.Parts {
		if parts[i] = value.Text(p.Text); p.Hole {
			parts[i] = e.expr(p.Expr)
		}
	}
	return concat(parts)
}

// named is the value of a name that an expression begins with (ast.Scope); one that is not known is undefined.
func (e *evaluator) named(name string) value.Value {
	if e.scope == nil {
		return e.env.Context.Value(name)
	}
	if b, known := e.scope.Names[name]; known {
		return e.bound(b)
	}
	return value.Undefined
}

func (e *evaluator) bound(b ast.Binding) value.Value {
	if len(b.Members) > 0 {
		o := value.NewObject(len(b.Members))
		for _, m := range b.Members {
			o.Set(m.Name, e.bound(m.Binding))
		}
		return value.Collection(o)
	}
	v := e.env.Context.Value(b.Root)
	if b.Key != "" {
		v = v.Object().Value(b.Key)
	}
	return v
}
