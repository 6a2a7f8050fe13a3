package oracle

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// names are the values that Let and Each gave names to, innermost first.
type names struct {
	name  string
	value value.Value
	outer *names
}

// expression evaluates what front ends build (package ast, expression.go), as it is described there.
func (e *evaluator) expression(t ast.Value) (value.Value, error) {
	switch t := t.(type) {
	case *ast.Root:
		return e.env.Context.Value(t.Name), nil
	case *ast.Local:
		for n := e.names; n != nil; n = n.outer {
			if n.name == t.Name {
				return n.value, nil
			}
		}
		return value.Undefined, fmt.Errorf("nothing is named %q", t.Name)
	case *ast.Let:
		v, err := e.tree(t.Value)
		if err != nil {
			return v, err
		}
		return e.with(t.Body, names{name: t.Name, value: v})
	case *ast.Choose:
		for _, c := range t.Cases {
			if v, err := e.tree(c.Test); err != nil {
				return v, err
			} else if value.IsTruthy(v) {
				return e.tree(c.Then)
			}
		}
		return e.tree(t.Else)
	case *ast.Join:
		return e.join(t)
	case *ast.Invoke:
		return e.invoke(t)
	case *ast.Each:
		return e.each(t)
	}
	return value.Undefined, fmt.Errorf("unknown tree node %T", t)
}

// with evaluates t where names are known.
func (e *evaluator) with(t ast.Value, known ...names) (value.Value, error) {
	outer := e.names
	for i := range known {
		known[i].outer, e.names = e.names, &known[i]
	}
	v, err := e.tree(t)
	e.names = outer
	return v, err
}

func (e *evaluator) join(t *ast.Join) (value.Value, error) {
	var b strings.Builder
	for _, p := range t.Parts {
		v, err := e.tree(p)
		if err != nil {
			return v, err
		}
		b.WriteString(value.ToText(v))
	}
	return value.Text(b.String()), nil
}

func (e *evaluator) invoke(t *ast.Invoke) (value.Value, error) {
	name := cmp.Or(t.Library, e.env.Library, "iml")
	library, ok := builtin.Find(name)
	if !ok {
		return value.Undefined, fmt.Errorf("unknown library %q", name)
	}
	f, ok := library.Lookup(t.Function)
	if !ok {
		return value.Undefined, fmt.Errorf("unknown function %q of %s", t.Function, name)
	}
	args := make([]value.Value, len(t.Args))
	var given uint64
	for i, a := range t.Args {
		if a == nil {
			continue
		}
		v, err := e.tree(a)
		if err != nil {
			return v, err
		}
		args[i], given = v, given|1<<uint(i)
	}
	return builtin.Invoke(f, e.functions, builtin.MakeArgs(args, given))
}

func (e *evaluator) each(t *ast.Each) (value.Value, error) {
	source, err := e.tree(t.Source)
	if err != nil || source.Kind() != value.KindArray {
		return value.Undefined, err
	}
	results := make([]value.Value, 0, len(source.Items()))
	for i, item := range source.Items() {
		var known []names
		if t.Item != "" {
			known = append(known, names{name: t.Item, value: item})
		}
		if t.Index != "" {
			known = append(known, names{name: t.Index, value: value.Int(int64(i))})
		}
		v, err := e.with(t.Body, known...)
		if err != nil {
			return v, err
		}
		results = append(results, v)
	}
	return listOf(results, t.Missing, t.Prune), nil
}

// listOf is the list of evaluated items.
func listOf(items []value.Value, missing ast.Missing, prune bool) value.Value {
	kept := make([]value.Value, 0, len(items))
	for _, v := range items {
		switch {
		case !v.IsUndefined():
			kept = append(kept, v)
		case missing == ast.MissingNull:
			kept = append(kept, value.Null())
		}
	}
	if prune && len(kept) == 0 {
		return value.Undefined
	}
	return value.Array(kept)
}
