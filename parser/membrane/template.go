package membrane

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// FormulaOptions say what formulas can rely on.
type FormulaOptions struct {
	// Pattern says what is wrong with a regular expression; nil accepts every one.
	Pattern func(pattern string) error
	// JSONata says that expressions of JSONata can be run; without it $jsonata is an error.
	JSONata bool
}

// Formula lowers a single value with formulas over variables that are roots of the same names.
func Formula(n *document.Node, names []string, o FormulaOptions) (ast.Value, *diag.List) {
	vars := make(variables, len(names))
	for i, name := range names {
		vars[i] = rootVariable(name, name)
	}
	f := &formulas{diags: &diag.List{}, options: o}
	v := f.lower(n, ast.Origin{Span: n.Span, Key: n.Span}, vars)
	for i := range f.diags.Items { // a formula alone has a value also where a spec would rather be corrected
		if d := &f.diags.Items[i]; d.Usable && d.Severity == diag.Error {
			d.Severity = diag.Warning
		}
	}
	f.diags.Sort()
	return v, f.diags
}
