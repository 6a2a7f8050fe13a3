package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Lift implements outline.Lifter: it says what the functions that curlies were lowered to mean elsewhere.
func (Dialect) Lift(r *outline.Reader, call *ast.Invoke) outline.Expr {
	at := call.At
	arg := func(i int) outline.Expr { return r.Expr(call.Args[i]) }
	switch call.Function {
	case "lookup":
		name, _ := outline.IsText(arg(1))
		return r.Follow(at, liftRoot(r, call.Args[0]), liftPath(call.Args[0], name))
	case "text":
		return liftText(r, call, arg(0))
	case "prunedURL":
		return outline.WithoutEmpty(arg(0))
	case "header", "legacy", "label", "present":
		return arg(0)
	case "known":
		x := arg(0)
		if outline.IsMissing(x) {
			return &outline.Text{At: at}
		}
		if outline.IsConstant(x) || r.IsSure(x) {
			return x
		}
		return &outline.Call{At: at, Name: outline.FuncKnown, Args: []outline.Expr{x}}
	case "encoded":
		return &outline.Encoded{At: at, X: arg(0)}
	case "usesKey":
		return &outline.Call{At: at, Name: "usesKey", Args: []outline.Expr{arg(0)}}
	case "pruned":
		return liftPruned(arg(0))
	}
	return &outline.Opaque{At: at, What: call.Function + "()"}
}

// liftText reads a value inside a text. Where it is unknown a text stands for it.
func liftText(r *outline.Reader, call *ast.Invoke, x outline.Expr) outline.Expr {
	unknown := outline.Expr(nil)
	if len(call.Args) > 1 {
		unknown = r.Expr(call.Args[1])
	}
	text, _ := outline.IsText(unknown)
	if text == "" {
		return x
	}
	if outline.IsMissing(x) {
		return unknown
	}
	if read, ok := x.(*outline.Read); ok && (read.Root == ast.RootInput || read.Root == outline.RootAccessAnswer) {
		code := outline.CodeHeader
		if strings.HasPrefix(text, "%7B") {
			code = outline.CodeURL
		}
		r.Note(code, call.At, "there it is empty", "a name without a value stays as it is written")
	}
	return x
}

// liftRoot reads the root of a lookup: the answers that token requests keep are those answers.
func liftRoot(r *outline.Reader, v ast.Value) outline.Expr { return r.Expr(v) }

// liftPath takes a name of nested values apart. Names of what the owner gives are whole.
func liftPath(root ast.Value, name string) []outline.Step {
	if r, ok := root.(*ast.Root); ok && r.Name == ast.RootCommon {
		return []outline.Step{{Name: name}}
	}
	var out []outline.Step
	for part := range strings.SplitSeq(name, ".") {
		out = append(out, outline.Step{Name: part})
	}
	return out
}

// liftPruned makes parameters that vanish without a value of those that are sent empty.
func liftPruned(x outline.Expr) outline.Expr {
	o, ok := x.(*outline.Object)
	if !ok {
		return x
	}
	out := &outline.Object{At: o.At}
	for _, p := range o.Entries {
		if c, ok := p.Value.(*outline.Call); ok && c.Name == outline.FuncKnown {
			p.Value = c.Args[0]
		}
		if text, ok := outline.IsText(p.Value); ok && text == "" || outline.IsNull(p.Value) || outline.IsMissing(p.Value) {
			continue
		}
		out.Entries = append(out.Entries, p)
	}
	return out
}
