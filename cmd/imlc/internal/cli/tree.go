package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
)

// printExpr writes an expression as an indented tree.
func printExpr(w io.Writer, x grammar.Expr, depth int) {
	line := func(format string, args ...any) {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
	}
	all := func(list ...grammar.Expr) {
		for _, e := range list {
			printExpr(w, e, depth+1)
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
		for _, s := range x.Steps {
			printStep(w, s, depth+1)
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

func printStep(w io.Writer, s grammar.Step, depth int) {
	indent := strings.Repeat("  ", depth)
	switch s.Kind {
	case grammar.StepIndex:
		fmt.Fprintf(w, "%sindex\n", indent)
		printExpr(w, s.Index, depth+1)
	case grammar.StepFirst:
		fmt.Fprintf(w, "%sfirst item\n", indent)
	default:
		fmt.Fprintf(w, "%s.%s\n", indent, s.Name)
	}
}
