package membrane

import (
	"strconv"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// invoke calls a function of the formulas' own library.
func invoke(at ast.Origin, function string, args ...ast.Value) *ast.Invoke {
	return &ast.Invoke{At: at, Function: function, Args: args}
}

func missing(at ast.Origin) ast.Value { return &ast.Literal{At: at, Kind: ast.LiteralMissing} }

func null(at ast.Origin) ast.Value { return &ast.Literal{At: at, Kind: ast.LiteralNull} }

func boolean(at ast.Origin, b bool) ast.Value {
	return &ast.Literal{At: at, Kind: ast.LiteralBool, Bool: b}
}

// textOf is a text without holes.
func textOf(at ast.Origin, s string) ast.Value {
	t := &ast.Template{At: at, Text: s}
	if s != "" {
		t.Parts = []ast.Part{{Text: s}}
	}
	return t
}

// literal is a scalar of the document.
func literal(n *document.Node, at ast.Origin) ast.Value {
	switch n.Kind {
	case document.KindBool:
		return boolean(at, n.Bool)
	case document.KindNumber:
		return &ast.Literal{At: at, Kind: ast.LiteralNumber, Number: n.Number, Exact: n.Exact}
	case document.KindText:
		return textOf(at, n.Text)
	}
	return null(at)
}

// tree is a value of the document as it is written, whatever it looks like.
func tree(n *document.Node, at ast.Origin) ast.Value {
	switch n.Kind {
	case document.KindArray:
		out := &ast.Array{At: at}
		for i, item := range n.Items {
			out.Items = append(out.Items, tree(item, itemOrigin(at, item, i)))
		}
		return out
	case document.KindObject:
		out := &ast.Object{At: at}
		for _, m := range entries(n) {
			out.Entries = append(out.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: tree(m.Value, memberOrigin(at, m))})
		}
		return out
	}
	return literal(n, at)
}

// memberOrigin is the place of an entry of the object at a place, itemOrigin that of an item of a list.
func memberOrigin(at ast.Origin, m document.Member) ast.Origin {
	return ast.Origin{Span: m.Value.Span, Key: m.KeySpan, Pointer: document.Pointer(at.Pointer, m.Key)}
}

func itemOrigin(at ast.Origin, item *document.Node, i int) ast.Origin {
	return ast.Origin{Span: item.Span, Key: item.Span, Pointer: document.Pointer(at.Pointer, strconv.Itoa(i))}
}

// isFalsy reports whether a written value is null, false, 0 or "".
func isFalsy(n *document.Node) bool {
	switch n.Kind {
	case document.KindNull:
		return true
	case document.KindBool:
		return !n.Bool
	case document.KindNumber:
		return n.Number == 0
	case document.KindText:
		return n.Text == ""
	}
	return false
}

func (f *formulas) warn(code string, m document.Member, message, help string) {
	f.diags.Add(diag.Diagnostic{Code: code, Severity: diag.Warning, Span: m.KeySpan, Message: message, Help: help})
}

func (f *formulas) error(code string, m document.Member, message, help string) {
	f.diags.Add(diag.Diagnostic{Code: code, Severity: diag.Error, Span: m.KeySpan, Message: message, Help: help})
}
