package make

import (
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

func (p *printer) parameters(list []*ast.Parameter) *document.Node {
	out := document.NewArray()
	for _, q := range list {
		out.Items = append(out.Items, p.parameter(q))
	}
	return out
}

// parameter writes one definition.
func (p *printer) parameter(q *ast.Parameter) *document.Node {
	out := document.NewObject()
	if q.Name != "" {
		out.Set("name", document.NewText(q.Name))
	}
	out.Set("type", document.NewText(typeOf(q)))
	if q.Label != "" {
		out.Set("label", document.NewText(q.Label))
	}
	if q.Help != "" {
		out.Set("help", document.NewText(q.Help))
	}
	flag := func(key string, on bool) {
		if on {
			out.Set(key, document.NewBool(true))
		}
	}
	flag("required", q.Required)
	flag("advanced", q.Advanced)
	flag("multiline", q.Multiline && q.Kind == ast.ParameterText)
	flag("multiple", q.Multiple)
	if q.HasDefault {
		out.Set("default", outline.Default(q))
	}
	if len(q.Options) > 0 {
		options := document.NewArray()
		for _, o := range q.Options {
			item := document.NewObject()
			if o.Label != "" {
				item.Set("label", document.NewText(o.Label))
			}
			options.Items = append(options.Items, item.Set("value", outline.Plain(o.Value)))
		}
		out.Set("options", options)
	}
	switch {
	case len(q.Spec) == 0:
	case q.SpecIsItem:
		out.Set("spec", p.parameter(q.Spec[0]))
	default:
		out.Set("spec", p.parameters(q.Spec))
	}
	if len(q.Nested) > 0 {
		out.Set("nested", p.parameters(q.Nested))
	}
	if v := validation(q.Validate); len(v.Members) > 0 {
		out.Set("validate", v)
	}
	return out
}

// typeOf is the type of a definition.
func typeOf(q *ast.Parameter) string {
	if q.Visual {
		return "markdown"
	}
	if q.Choice && len(q.Options) > 0 {
		return "select"
	}
	formats := map[ast.ParameterFormat]string{ast.FormatEmail: "email", ast.FormatURL: "url", ast.FormatUUID: "uuid", ast.FormatCertificate: "cert",
		ast.FormatPrivateKey: "pkey", ast.FormatInteger: "integer", ast.FormatUnsigned: "uinteger", ast.FormatPort: "port"}
	switch {
	case q.Secret && q.Format != ast.FormatPrivateKey:
		return "password"
	case formats[q.Format] != "":
		return formats[q.Format]
	}
	return map[ast.ParameterKind]string{ast.ParameterText: "text", ast.ParameterNumber: "number", ast.ParameterBoolean: "boolean",
		ast.ParameterList: "array", ast.ParameterObject: "collection", ast.ParameterAny: "any"}[q.Kind]
}

func validation(v ast.Validate) *document.Node {
	out := document.NewObject()
	if v.Pattern != "" {
		out.Set("pattern", document.NewText(v.Pattern))
	}
	for _, b := range []struct {
		key   string
		bound *float64
	}{{"minLength", v.MinLength}, {"maxLength", v.MaxLength}, {"min", v.Min}, {"max", v.Max}, {"minItems", v.MinItems}, {"maxItems", v.MaxItems}} {
		if b.bound != nil {
			out.Set(b.key, document.NewNumber(*b.bound, nil))
		}
	}
	if len(v.Enum) > 0 {
		list := document.NewArray()
		for _, word := range v.Enum {
			list.Items = append(list.Items, document.NewText(word))
		}
		out.Set("enum", list)
	}
	return out
}
