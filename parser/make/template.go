package make

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
)

func (o Options) notation() parser.Options {
	return parser.Options{DisableAngle: o.DisableAngle, Strict: o.Strict}
}

func parseTemplate(text string, m *source.Map, o Options) (*ast.Template, []diag.Diagnostic) {
	return parser.ParseTemplate(text, m, o.notation())
}

func spreadKey(key string, m *source.Map, o Options) (bool, []diag.Diagnostic) {
	return parser.IsSpreadKey(key, m, o.notation())
}
