package compiler

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/parser/ast"
)

// plainScope is the scope of single templates: every name stands for the root of that name.
func plainScope(names []string) *ast.Scope {
	s := &ast.Scope{Names: make(map[string]ast.Binding, len(names))}
	for _, name := range names {
		s.Names[name] = ast.Binding{Root: name}
	}
	return s
}

// resolveRoot resolves a name that a path starts with, and the steps that select a member of an object of bindings. It
// returns the steps that are left.
func (c *compiler) resolveRoot(p place, e *grammar.Root, steps []step) node {
	if c.names == nil {
		return pathOf(root{c.pool.root(e.Name)}, steps)
	}
	b, ok := c.names.Names[e.Name]
	if !ok {
		severity, help := diag.Warning, unknownRoot(c.names, e.Name)
		if strings.HasPrefix(help, "did you mean") && len(e.Name) > 3 {
			severity = diag.Error
		}
		c.report(p, severity, "IML210", e.NameAt, help, "unknown root %q", e.Name)
		c.diags.Last().Usable = true
		return constant{}
	}
	return c.bound(b, steps)
}

// bound is the value of a binding, or of what steps find in it.
func (c *compiler) bound(b ast.Binding, steps []step) node {
	if b.Members == nil {
		if b.Key != "" {
			steps = append([]step{{name: b.Key, named: true}}, steps...)
		}
		return pathOf(root{c.pool.root(b.Root)}, steps)
	}
	if len(steps) > 0 && steps[0].named {
		for _, m := range b.Members {
			if m.Name == steps[0].name {
				return c.bound(m.Binding, steps[1:])
			}
		}
		return constant{}
	}
	whole := object{}
	for _, m := range b.Members {
		whole.entries = append(whole.entries, entry{key: m.Name, value: c.bound(m.Binding, nil)})
	}
	return pathOf(whole, steps)
}

func pathOf(base node, steps []step) node {
	if len(steps) == 0 {
		return base
	}
	return path{base: base, steps: steps}
}

// unknownRoot is the advice for a name that a scope does not have.
func unknownRoot(s *ast.Scope, name string) string {
	if where, ok := s.Elsewhere[name]; ok {
		return fmt.Sprintf("%s exists in %s only", name, where)
	}
	names := slices.Sorted(maps.Keys(s.Names))
	near := nearest.Name(name, max(1, len(name)/3), slices.Values(names))
	if near == "" {
		near = nearest.Abbreviated(name, names)
	}
	if near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) == 0 {
		return "nothing is known here"
	}
	return "known here: " + strings.Join(names, ", ")
}
