package make

import (
	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
)

// leavesOf lists the values below v that compute, in written order. It accepts nil.
func leavesOf(v ast.Value) []*ast.Template {
	var out []*ast.Template
	switch v := v.(type) {
	case *ast.Template:
		out = append(out, v)
	case *ast.Object:
		for _, x := range v.Entries {
			out = append(out, leavesOf(x.Value)...)
		}
	case *ast.Array:
		for _, x := range v.Items {
			out = append(out, leavesOf(x)...)
		}
	case *ast.Invoke:
		for _, x := range v.Args {
			out = append(out, leavesOf(x)...)
		}
	}
	return out
}

// pathsOf lists every path in the expressions of v.
func pathsOf(v ast.Value) []*grammar.Path {
	var out []*grammar.Path
	walk(v, func(x grammar.Expr) {
		if p, ok := x.(*grammar.Path); ok {
			out = append(out, p)
		}
	})
	return out
}

// bareRoots lists the response's roots that are used without a step, as in {{body}}.
func bareRoots(v ast.Value) []*grammar.Root {
	var out []*grammar.Root
	walk(v, func(x grammar.Expr) {
		if r, ok := x.(*grammar.Root); ok && (r.Name == "body" || r.Name == "temp") {
			out = append(out, r)
		}
	})
	return out
}

func walk(v ast.Value, visit func(grammar.Expr)) {
	for _, leaf := range leavesOf(v) {
		for _, p := range leaf.Parts {
			walkExpr(p.Expr, visit)
		}
	}
}

// walkExpr visits an expression and all below it. Its recursion is bounded by the nesting limit of the grammar.
func walkExpr(x grammar.Expr, visit func(grammar.Expr)) {
	if x == nil {
		return
	}
	visit(x)
	switch x := x.(type) {
	case *grammar.Path:
		walkExpr(x.Base, visit)
		for _, s := range x.Steps {
			walkExpr(s.Index, visit)
		}
	case *grammar.Call:
		for _, a := range x.Args {
			walkExpr(a, visit)
		}
	case *grammar.Unary:
		walkExpr(x.X, visit)
	case *grammar.Binary:
		walkExpr(x.X, visit)
		walkExpr(x.Y, visit)
	case *grammar.Join:
		for _, o := range x.Operands {
			walkExpr(o, visit)
		}
	}
}
