package compiler

import (
	"fmt"
	"slices"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// place is the text that the offsets of an expression refer to, and the way back to its file.
type place struct {
	file    *source.File // the text of the template, in which run-time errors count lines
	m       *source.Map
	pointer string
}

func (p place) span(at grammar.Span) source.Span { return p.m.Span(at.Start, at.End) }

// position converts a byte offset of the template into the line and column that run-time errors show.
func (p place) position(offset int) plan.Position {
	at := p.file.Position(offset)
	return plan.Position{Line: int32(at.Line), Column: int32(at.Column)}
}

// report adds a diagnostic at a part of a template.
func (c *compiler) report(p place, sev diag.Severity, code string, at grammar.Span, help, format string, args ...any) {
	c.diags.Add(diag.Diagnostic{Code: code, Severity: sev, Span: p.span(at), Pointer: p.pointer, Message: fmt.Sprintf(format, args...), Help: help})
}

// over reports whether nobody waits for the plan any more.
func (c *compiler) over() bool { return c.opts.Context != nil && c.opts.Context.Err() != nil }

// resolveValue turns a tree of the spec into a node.
func (c *compiler) resolveValue(v ast.Value) node {
	if c.over() {
		return constant{}
	}
	switch v := v.(type) {
	case nil:
		return constant{}
	case *ast.Literal:
		return constant{literal(v)}
	case *ast.Template:
		return c.resolveTemplate(v)
	case *ast.Root:
		return root{c.pool.root(v.Name)}
	case *ast.Invoke:
		return c.resolveInvoke(v)
	case *ast.Join:
		return c.resolveParts(v.Parts)
	case *ast.Choose:
		return c.resolveChoose(v)
	case *ast.Let:
		return c.resolveLet(v)
	case *ast.Local:
		return c.resolveLocal(v)
	case *ast.Each:
		return c.resolveEach(v)
	case *ast.Array:
		items := make([]node, len(v.Items))
		for i, item := range v.Items {
			items[i] = c.resolveValue(item)
		}
		return c.fold(list{items: items, drop: v.Missing == ast.MissingDrop, prune: v.Prune && len(items) > 0})
	case *ast.Object:
		entries := make([]entry, len(v.Entries))
		for i, e := range v.Entries {
			entries[i] = entry{key: e.Key, spread: e.Spread, value: c.resolveValue(e.Value), at: plan.Position{Line: 1, Column: 1}}
		}
		return c.fold(object{entries: entries, prune: v.Prune && len(entries) > 0})
	}
	c.misbuilt(v, "%T is no part of a spec", v)
	return constant{}
}

func literal(l *ast.Literal) value.Value {
	switch {
	case l.Kind == ast.LiteralMissing:
		return value.Undefined
	case l.Kind == ast.LiteralNull:
		return value.Null()
	case l.Kind == ast.LiteralBool:
		return value.Bool(l.Bool)
	case l.Exact != nil:
		return value.Integer(l.Exact)
	}
	return value.Number(l.Number)
}

// resolveTemplate keeps the type of a text that is exactly one hole and concatenates otherwise (spec iml.md §3.2).
func (c *compiler) resolveTemplate(t *ast.Template) node {
	if text, ok := t.Literal(); ok {
		return constant{value.Text(value.ValidText(text))}
	}
	p := place{source.NewFile("", t.Text), t.Map, t.At.Pointer}
	outer := c.names
	if t.Scope != nil {
		c.names = t.Scope
	}
	parts := make([]node, len(t.Parts))
	for i, part := range t.Parts {
		switch {
		case !part.Hole:
			parts[i] = constant{value.Text(value.ValidText(part.Text))}
		case part.Expr == nil:
			parts[i] = constant{}
		default:
			parts[i] = c.resolveExpr(p, part.Expr)
		}
	}
	c.names = outer
	if t.Whole() {
		return parts[0]
	}
	return c.fold(join{parts})
}

// resolveExpr resolves and folds one expression.
func (c *compiler) resolveExpr(p place, e grammar.Expr) node {
	if c.values++; c.values%valuesAtOnce == 0 && c.over() {
		return constant{}
	}
	switch e := e.(type) {
	case *grammar.Text:
		return constant{value.Text(value.ValidText(e.Value))}
	case *grammar.Number:
		if e.Exact != nil {
			return constant{value.Integer(e.Exact)}
		}
		return constant{value.Number(e.Value)}
	case *grammar.Keyword:
		if n, ok := keyword(e.Name); ok {
			return n
		}
		return constant{}
	case *grammar.Root:
		return c.resolveRoot(p, e, nil)
	case *grammar.Path:
		if base, ok := e.Base.(*grammar.Root); ok {
			return c.fold(c.resolveRoot(p, base, c.resolveSteps(p, e.Steps)))
		}
		return c.fold(path{base: c.resolveExpr(p, e.Base), steps: c.resolveSteps(p, e.Steps)})
	case *grammar.Unary:
		op := plan.OpNegate
		if e.Op == grammar.OpNot {
			op = plan.OpNot
		}
		return c.fold(unary{op, c.resolveExpr(p, e.X)})
	case *grammar.Binary:
		return c.resolveBinary(p, e)
	case *grammar.Join:
		parts := make([]node, len(e.Operands))
		for i, o := range e.Operands {
			parts[i] = c.resolveExpr(p, o)
		}
		return c.fold(join{parts})
	case *grammar.Call:
		return c.resolveCall(p, e)
	}
	return constant{}
}

func (c *compiler) resolveSteps(p place, steps []grammar.Step) []step {
	out := make([]step, len(steps))
	for i, s := range steps {
		switch s.Kind {
		case grammar.StepName:
			out[i] = step{name: s.Name, named: true}
		case grammar.StepFirst:
			out[i] = step{item: 1}
		default:
			out[i] = c.indexStep(c.resolveExpr(p, s.Index))
		}
	}
	return out
}

// indexStep makes a constant step of a constant index: x["name"] is x.name, because a name step on a list is undefined
// too.
func (c *compiler) indexStep(n node) step {
	if k, ok := n.(constant); ok {
		switch k.v.Kind() {
		case value.KindText:
			return step{name: k.v.Str(), named: true}
		case value.KindNumber:
			if item, ok := itemNumber(k.v.Float()); ok {
				return step{item: item}
			}
		}
	}
	return step{index: n}
}

func (c *compiler) resolveBinary(p place, e *grammar.Binary) node {
	c.checkOperator(p, e)
	x, y := c.resolveExpr(p, e.X), c.resolveExpr(p, e.Y)
	switch e.Op {
	case grammar.OpAnd:
		return c.fold(shortCircuit{plan.OpAnd, x, y})
	case grammar.OpOr:
		return c.fold(shortCircuit{plan.OpOr, x, y})
	}
	return c.fold(infix{binaryOps[e.Op], x, y})
}

// lookup finds a function that expressions may call, and its qualified name.
func (c *compiler) lookup(name string) (f *builtin.Function, qualified string, ok bool) {
	if f, ok := c.host[name]; ok && c.library.TakesHost {
		return f, builtin.Qualified(builtin.LibraryHost, name), true
	}
	if f, ok := c.hooks[name]; ok && slices.Contains(c.callable, name) {
		return f, builtin.Qualified(builtin.LibraryScript, name), true
	}
	f, ok = c.library.Lookup(name)
	if !ok || f.WhiteLabel && !c.opts.WhiteLabel {
		return nil, "", false
	}
	return f, builtin.Qualified(c.library.Name, name), true
}

func (c *compiler) resolveCall(p place, e *grammar.Call) node {
	args := make([]node, len(e.Args))
	for i, a := range e.Args {
		if a != nil {
			args[i] = c.resolveExpr(p, a)
		}
	}
	f, name, ok := c.lookup(e.Name)
	if !ok {
		return c.unknownFunction(p, e)
	}
	if !f.Accepts(len(e.Args)) {
		severity := diag.Error
		if surplus := f.Min <= len(e.Args) && len(e.Args) <= builtin.MaxSlots; surplus {
			severity, args = diag.Warning, args[:f.Max] // the rest is not evaluated (spec iml.md §9.1)
		}
		c.report(p, severity, "IML202", e.NameAt, "write "+f.Signature, "%s takes %s, found %d", f.Name, argumentRange(f), len(e.Args))
		if severity == diag.Error {
			return constant{}
		}
	}
	c.checkArguments(p, f, e)
	if f.Lazy {
		return c.lazy(f.Name, args)
	}
	n := call{fn: f, name: name, args: args, positions: make([]plan.Position, len(args)+1)}
	n.positions[0] = p.position(e.NameAt.Start)
	for i, a := range e.Args[:len(args)] {
		n.positions[i+1] = n.positions[0]
		if a != nil {
			n.positions[i+1] = p.position(a.Span().Start)
		}
	}
	return c.fold(n)
}

// lazy turns the functions that evaluate only some arguments into jumps (spec iml.md §9.2).
func (c *compiler) lazy(name string, args []node) node {
	at := func(i int) node {
		if i < len(args) && args[i] != nil {
			return args[i]
		}
		return constant{}
	}
	switch name {
	case "if":
		return c.fold(conditional{at(0), at(1), at(2)})
	case "ifempty":
		return c.fold(shortCircuit{plan.OpIfEmpty, at(0), at(1)})
	}
	n := choice{subject: at(0), other: constant{}}
	i := 1
	for ; i+1 < len(args); i += 2 {
		n.cases = append(n.cases, choiceCase{at(i), at(i + 1)})
	}
	if i < len(args) {
		n.other = at(i)
	}
	return n
}
