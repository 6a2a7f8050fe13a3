package show

import (
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
)

// SyntaxTree writes the syntax tree of a template, one node per line.
func (s *Stream) SyntaxTree(t *ast.Template) {
	for _, part := range t.Parts {
		switch {
		case !part.Hole:
			s.Printf("literal %q\n", part.Text)
		case part.Expr == nil:
			s.Printf("empty hole\n")
		case len(t.Parts) > 1:
			s.Printf("hole\n")
			s.expression(part.Expr, 1)
		default:
			s.expression(part.Expr, 0)
		}
	}
}

// expression writes an expression as an indented tree.
func (s *Stream) expression(x grammar.Expr, depth int) {
	line := func(format string, args ...any) {
		s.Printf(strings.Repeat("  ", depth)+format+"\n", args...)
	}
	all := func(list ...grammar.Expr) {
		for _, e := range list {
			s.expression(e, depth+1)
		}
	}
	switch x := x.(type) {
	case nil:
		line("not given")
	case *grammar.Text:
		line("text %q", x.Value)
	case *grammar.Number:
		line("number %s", grammar.Format(x))
	case *grammar.Keyword:
		line("keyword %s", x.Name)
	case *grammar.Root:
		line("name %s", x.Name)
	case *grammar.Path:
		line("path")
		all(x.Base)
		for _, step := range x.Steps {
			s.step(step, depth+1)
		}
	case *grammar.Call:
		line("call %s", x.Name)
		all(x.Args...)
	case *grammar.Binary:
		line("%s", x.Op)
		all(x.X, x.Y)
	case *grammar.Unary:
		line("unary %s", x.Op)
		all(x.X)
	case *grammar.Join:
		line("join")
		all(x.Operands...)
	default:
		line("%s", grammar.Format(x))
	}
}

func (s *Stream) step(x grammar.Step, depth int) {
	indent := strings.Repeat("  ", depth)
	switch x.Kind {
	case grammar.StepIndex:
		s.Printf("%sindex\n", indent)
		s.expression(x.Index, depth+1)
	case grammar.StepFirst:
		s.Printf("%sfirst item\n", indent)
	default:
		s.Printf("%s.%s\n", indent, x.Name)
	}
}
