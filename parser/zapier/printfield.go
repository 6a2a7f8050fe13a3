package zapier

import (
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// fields writes what the user is asked for.
func (p *printer) fields(list []*ast.Parameter) *document.Node {
	out := document.NewArray()
	for _, q := range list {
		out.Items = append(out.Items, p.field(q))
	}
	return out
}

func (p *printer) field(q *ast.Parameter) *document.Node {
	out := document.NewObject().Set("key", document.NewText(q.Name))
	if q.Label != "" {
		out.Set("label", document.NewText(q.Label))
	}
	if q.Help != "" {
		out.Set("helpText", document.NewText(q.Help))
	}
	kind := map[ast.ParameterKind]string{ast.ParameterNumber: "number", ast.ParameterBoolean: "boolean"}[q.Kind]
	switch {
	case q.Visual:
		kind = "copy"
	case q.Format == ast.FormatInteger, q.Format == ast.FormatUnsigned, q.Format == ast.FormatPort:
		kind = "integer"
	case q.Secret:
		kind = "password"
	case q.Multiline:
		kind = "text"
	}
	if kind != "" {
		out.Set("type", document.NewText(kind))
	}
	if q.Required {
		out.Set("required", document.NewBool(true))
	}
	if q.HasDefault {
		switch n := outline.Default(q); {
		case n == nil || n.Kind == document.KindObject || n.Kind == document.KindArray:
			p.losses.Note(outline.CodeInput, q.At, "defaults are scalars there", "the default of %s is left out", q.Name)
		default:
			out.Set("default", n)
		}
	}
	if len(q.Options) > 0 {
		choices := document.NewArray()
		for _, o := range q.Options {
			if v := outline.Plain(o.Value); v != nil {
				label := o.Label
				if label == "" {
					label = v.Text
				}
				choices.Items = append(choices.Items, document.NewObject().Set("value", v).Set("sample", v).Set("label", document.NewText(label)))
			}
		}
		out.Set("choices", choices)
	}
	switch {
	case q.Kind == ast.ParameterObject:
		out.Set("dict", document.NewBool(true))
	case q.Kind == ast.ParameterList && q.SpecIsItem:
		out.Set("list", document.NewBool(true))
	case q.Kind == ast.ParameterList && len(q.Spec) > 0:
		out.Set("children", p.fields(q.Spec))
	}
	if outline.IsBounded(q.Validate) {
		p.losses.Note(outline.CodeInput, q.At, "fields have no bounds there", "the bounds of %s are left out", q.Name)
	}
	if len(q.Nested) > 0 {
		p.losses.Note(outline.CodeInput, q.At, "fields do not depend on each other there", "the fields below %s are left out", q.Name)
	}
	return out
}
