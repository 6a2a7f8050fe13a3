package membrane

import (
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// schema writes what the user is asked for as a JSON Schema.
func (p *printer) schema(list []*ast.Parameter) *document.Node {
	properties, required := document.NewObject(), document.NewArray()
	for _, q := range list {
		if q.Visual {
			p.losses.Note(outline.CodeInput, q.At, "fields that only show something have no place in a schema", "the field %s is left out", q.Name)
			continue
		}
		properties.Set(q.Name, p.property(q))
		if q.Required {
			required.Items = append(required.Items, document.NewText(q.Name))
		}
	}
	out := document.NewObject().Set("type", document.NewText("object")).Set("properties", properties)
	if len(required.Items) > 0 {
		out.Set("required", required)
	}
	return out
}

func (p *printer) property(q *ast.Parameter) *document.Node {
	out := document.NewObject()
	kinds := map[ast.ParameterKind]string{ast.ParameterText: "string", ast.ParameterNumber: "number", ast.ParameterBoolean: "boolean",
		ast.ParameterList: "array", ast.ParameterObject: "object"}
	kind := kinds[q.Kind]
	switch q.Format {
	case ast.FormatInteger, ast.FormatUnsigned, ast.FormatPort:
		kind = "integer"
	}
	if kind == "" && q.Choice && allTexts(q.Options) {
		kind = "string"
	}
	text := func(key, value string) {
		if value != "" {
			out.Set(key, document.NewText(value))
		}
	}
	text("type", kind)
	text("title", q.Label)
	text("description", q.Help)
	switch {
	case q.Secret:
		text("format", "password")
	default:
		text("format", map[ast.ParameterFormat]string{ast.FormatEmail: "email", ast.FormatURL: "uri", ast.FormatUUID: "uuid"}[q.Format])
	}
	if len(q.Options) > 0 && q.Choice {
		list := document.NewArray()
		for _, o := range q.Options {
			if n := outline.Plain(o.Value); n != nil {
				list.Items = append(list.Items, n)
			}
			if label := o.Label; label != "" && outline.Plain(o.Value) != nil && label != outline.Plain(o.Value).Text {
				p.losses.Note(outline.CodeInput, q.At, "an enum has values only", "the label %q of a choice of %s is left out", label, q.Name)
			}
		}
		out.Set("enum", list)
	}
	if q.HasDefault {
		out.Set("default", outline.Default(q))
	}
	p.bounds(out, q)
	switch {
	case len(q.Spec) > 0 && q.SpecIsItem:
		out.Set("items", p.property(q.Spec[0]))
	case len(q.Spec) > 0 && kind == "array":
		out.Set("items", p.schema(q.Spec))
	case len(q.Spec) > 0:
		for _, m := range p.schema(q.Spec).Members {
			out.Set(m.Key, m.Value)
		}
	}
	if len(q.Nested) > 0 {
		p.losses.Note(outline.CodeInput, q.At, "fields do not depend on each other in a schema", "the fields below %s are left out", q.Name)
	}
	return out
}

func allTexts(options []ast.ParameterOption) bool {
	for _, o := range options {
		if n := outline.Plain(o.Value); n == nil || n.Kind != document.KindText {
			return false
		}
	}
	return true
}

func (p *printer) bounds(out *document.Node, q *ast.Parameter) {
	v := q.Validate
	if v.Pattern != "" {
		out.Set("pattern", document.NewText(v.Pattern))
	}
	for _, b := range []struct {
		key   string
		bound *float64
	}{{"minLength", v.MinLength}, {"maxLength", v.MaxLength}, {"minimum", v.Min}, {"maximum", v.Max}, {"minItems", v.MinItems}, {"maxItems", v.MaxItems}} {
		if b.bound != nil {
			out.Set(b.key, document.NewNumber(*b.bound, nil))
		}
	}
}
