package compiler

import (
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// This file resolves the expressions that front ends build (parser/ast/expression.go): their names become locals of
// functions.

// binding is a name that a Let or an Each gave to a value.
type binding struct {
	name string
	slot int32
	// known is the value when it is a constant, which needs no local.
	known node
}

// function is the plan function that a tree is being resolved for: bindings are its locals.
type function struct {
	outer *function // around the Each whose body this is; nil at the top
	// visible are the bindings in scope, innermost last.
	visible []*binding
	// captured are those of outer functions that this one reads, with what the outer function passes on for each.
	captured []*binding
	passed   []node
	// lets are all bindings that are made here.
	lets []*binding
}

// find returns the value of a name, nil when nothing around has it.
func (f *function) find(name string) node {
	if f == nil {
		return nil
	}
	for i := len(f.visible) - 1; i >= 0; i-- {
		if b := f.visible[i]; b.name == name {
			return b.read()
		}
	}
	for _, b := range f.captured {
		if b.name == name {
			return b.read()
		}
	}
	n := f.outer.find(name)
	if n == nil {
		return nil
	}
	if k, ok := n.(constant); ok {
		return k
	}
	b := &binding{name: name}
	f.captured, f.passed = append(f.captured, b), append(f.passed, n)
	return b.read()
}

func (b *binding) read() node {
	if b.known != nil {
		return b.known
	}
	return local{b}
}

// number gives the bindings of a function their locals: parameters first.
func (f *function) number(parameters ...*binding) {
	next := int32(0)
	for _, list := range [][]*binding{parameters, f.captured, f.lets} {
		for _, b := range list {
			b.slot = next
			next++
		}
	}
}

// leafNode resolves a whole directive, which becomes a function of its own.
func (c *compiler) leafNode(v ast.Value) node {
	outer := c.scope
	c.scope = &function{}
	n := c.resolveValue(v)
	c.scope.number()
	c.scope = outer
	return n
}

// bound evaluates resolve with a binding in scope.
func (f *function) bound(b *binding, resolve func() node) node {
	f.visible = append(f.visible, b)
	n := resolve()
	f.visible = f.visible[:len(f.visible)-1]
	return n
}

func (c *compiler) resolveLet(v *ast.Let) node {
	f := c.scope
	b := &binding{name: v.Name}
	x := c.resolveValue(v.Value)
	if k, ok := x.(constant); ok {
		b.known = k
	}
	body := f.bound(b, func() node { return c.resolveValue(v.Body) })
	if b.known != nil {
		return body
	}
	f.lets = append(f.lets, b)
	return let{b, x, body}
}

func (c *compiler) resolveLocal(v *ast.Local) node {
	if n := c.scope.find(v.Name); n != nil {
		return n
	}
	c.misbuilt(v, "nothing around it is named %q", v.Name)
	return constant{}
}

func (c *compiler) resolveEach(v *ast.Each) node {
	source := c.resolveValue(v.Source)
	item, index := &binding{name: v.Item}, &binding{name: v.Index}
	inner := &function{outer: c.scope}
	for _, b := range []*binding{item, index} {
		if b.name != "" {
			inner.visible = append(inner.visible, b)
		}
	}
	c.scope = inner
	body := c.resolveValue(v.Body)
	c.scope = inner.outer
	inner.number(item, index)
	if k, ok := source.(constant); ok && k.v.Kind() != value.KindArray {
		return constant{}
	}
	return each{at: v.At, source: source, captured: inner.passed, body: body, drop: v.Missing == ast.MissingDrop, prune: v.Prune}
}

func (c *compiler) resolveChoose(v *ast.Choose) node {
	n := choose{other: c.resolveValue(v.Else)}
	for _, k := range v.Cases {
		n.arms = append(n.arms, arm{c.resolveValue(k.Test), c.resolveValue(k.Then)})
	}
	return foldChoose(n)
}

// foldChoose leaves out the cases whose test never holds, and all behind one that always does.
func foldChoose(n choose) node {
	var arms []arm
	for _, a := range n.arms {
		k, ok := a.test.(constant)
		if ok && value.IsTruthy(k.v) {
			n.other = a.then
			break
		}
		if !ok {
			arms = append(arms, a)
		}
	}
	if len(arms) == 0 {
		return n.other
	}
	return choose{arms, n.other}
}

// resolveInvoke resolves a call of a front end. Its arguments are the front end's: only their number is looked at.
func (c *compiler) resolveInvoke(v *ast.Invoke) node {
	library := c.library
	if v.Library == ast.LibraryScript {
		return c.resolveScript(v)
	}
	if v.Library != "" {
		l, ok := builtin.Find(v.Library)
		if !ok {
			c.misbuilt(v, "the function library %q is not linked", v.Library)
			return constant{}
		}
		library = l
	}
	f, ok := library.Lookup(v.Function)
	switch {
	case !ok:
		c.misbuilt(v, "the library %q has no function %q", library.Name, v.Function)
		return constant{}
	case f.Lazy || !f.Accepts(len(v.Args)):
		c.misbuilt(v, "%s cannot be called with %d evaluated arguments", f.Signature, len(v.Args))
		return constant{}
	}
	return c.invoked(v, f, library.Name)
}

// resolveScript resolves a call of a hook.
func (c *compiler) resolveScript(v *ast.Invoke) node {
	f, ok := c.hooks[v.Function]
	if !ok {
		c.misbuilt(v, "the connection has no script %q", v.Function)
		return constant{}
	}
	return c.invoked(v, f, builtin.LibraryScript)
}

func (c *compiler) invoked(v *ast.Invoke, f *builtin.Function, library string) node {
	n := call{fn: f, name: builtin.Qualified(library, f.Name), args: make([]node, len(v.Args))}
	for i, a := range v.Args {
		if a != nil {
			n.args[i] = c.resolveValue(a)
		}
	}
	return c.fold(n)
}

func (c *compiler) resolveParts(parts []ast.Value) node {
	n := join{}
	for _, p := range parts {
		n.parts = append(n.parts, c.resolveValue(p))
	}
	return c.fold(n)
}

// misbuilt reports a tree that the front end must not build.
func (c *compiler) misbuilt(v ast.Value, format string, args ...any) {
	c.diags.Errorf("IMLC004", v.Origin().Span, format, args...).Help = "this is a fault of the program that reads the dialect: please report it"
}
