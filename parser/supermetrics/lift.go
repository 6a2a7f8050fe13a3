package supermetrics

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Lift implements outline.Lifter: it says what the functions that placeholders were lowered to mean elsewhere.
func (Dialect) Lift(r *outline.Reader, call *ast.Invoke) outline.Expr {
	at := call.At
	arg := func(i int) outline.Expr { return r.Expr(call.Args[i]) }
	text := func(i int) string { s, _ := outline.IsText(arg(i)); return s }
	switch call.Function {
	case "lookup":
		if root, ok := call.Args[0].(*ast.Root); ok && root.Name == ast.RootInput {
			return r.Follow(at, arg(0), stepsOf(text(1)))
		}
		return r.Follow(at, arg(0), []outline.Step{{Name: text(1)}})
	case "required":
		r.MustHave()
		return arg(0)
	case "secret", "document", "identity":
		return arg(0)
	case "encode":
		return &outline.Encoded{At: at, X: arg(0)}
	case "list":
		if text(1) == "$" {
			return arg(0)
		}
		return &outline.Opaque{At: at, What: text(1)}
	case "rows", "firstRow", "scalar":
		steps, ok := plainPath(text(1))
		if !ok {
			return &outline.Opaque{At: at, What: text(1)}
		}
		return r.Follow(at, arg(0), steps)
	}
	return &outline.Opaque{At: at, What: call.Function + "()"}
}

// stepsOf takes the name of what the caller of a report gives apart.
func stepsOf(name string) []outline.Step {
	var out []outline.Step
	for part := range strings.SplitSeq(name, ".") {
		out = append(out, outline.Step{Name: part})
	}
	return out
}

// plainPath reads a path that leads to one place, as every dialect can say it.
func plainPath(text string) ([]outline.Step, bool) {
	p, err := jsonpath.Parse(text)
	if err != nil {
		return nil, false
	}
	var out []outline.Step
	for _, s := range p.Steps {
		switch {
		case s.Deep:
			return nil, false
		case s.Kind == jsonpath.Name && len(s.Names) == 1:
			out = append(out, outline.Step{Name: s.Names[0]})
		case s.Kind == jsonpath.Index && len(s.Indexes) == 1 && s.Indexes[0] >= 0:
			out = append(out, outline.Step{Indexed: true, Index: s.Indexes[0]})
		default:
			return nil, false
		}
	}
	return out, true
}
