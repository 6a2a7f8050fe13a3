package make

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Template converts a document whose texts are templates and whose keys may be spreads (spec iml.md §3) to a value of the
// syntax tree, without any directive around it.
func Template(root *document.Node, o parser.Options) (ast.Value, []diag.Diagnostic) {
	t := templates{options: o}
	v := t.value(rootEntry(root))
	return v, t.problems
}

// templates collects what reading a tree of templates finds.
type templates struct {
	options  parser.Options
	problems []diag.Diagnostic
}

func (t *templates) value(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindText:
		out, problems := parser.ParseTemplate(e.node.Text, e.node.Map, t.options)
		t.add(problems, e.pointer)
		if out == nil {
			return nil
		}
		out.At = e.origin()
		return out
	case document.KindObject:
		o := &ast.Object{At: e.origin()}
		for _, m := range e.node.Members {
			f := e.member(m)
			spread, problems := parser.IsSpreadKey(m.Key, m.KeyMap, t.options)
			t.add(problems, f.pointer)
			if v := t.value(f); v != nil {
				o.Entries = append(o.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Spread: spread, Value: v})
			}
		}
		return o
	case document.KindArray:
		a := &ast.Array{At: e.origin()}
		for i := range e.node.Items {
			if v := t.value(e.item(i)); v != nil {
				a.Items = append(a.Items, v)
			}
		}
		return a
	case document.KindInvalid:
		return nil
	}
	return literal(e)
}

func (t *templates) add(problems []diag.Diagnostic, pointer string) {
	for _, d := range problems {
		if d.Pointer == "" {
			d.Pointer = pointer
		}
		t.problems = append(t.problems, d)
	}
}
