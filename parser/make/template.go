package make

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

// Template reads any document as an object template: its texts are templates and its keys may be spreads (spec iml.md
// §3). The diagnostics are those of the templates and keys, in order of place; the value is nil for a nil or unreadable
// root. Of a key written twice the last counts, without a diagnostic.
func Template(root *document.Node, notation template.Options) (ast.Value, []diag.Diagnostic) {
	if root == nil {
		return nil, nil
	}
	r := &reader{notation: notation}
	e := rootEntry(root)
	e.key = root.Span
	v := r.value(e)
	r.list.Sort()
	return v, r.list.Items
}
