package compiler

import (
	"math"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func parameters(list []*ast.Parameter) []plan.Parameter {
	var out []plan.Parameter
	for _, p := range list {
		v := p.Validate
		q := plan.Parameter{
			Name: p.Name, Type: p.Type, Label: p.Label, Help: p.Help, Kind: plan.ParameterKind(p.Kind), Format: plan.ParameterFormat(p.Format),
			Secret: p.Secret, Visual: p.Visual, Required: p.Required, Advanced: p.Advanced,
			Editable: p.Editable, Multiline: p.Multiline, Multiple: p.Multiple, HasDefault: p.HasDefault, Choice: p.Choice,
			Default: defaultValue(p), Nested: parameters(p.Nested), Spec: parameters(p.Spec), SpecIsItem: p.SpecIsItem, Static: p.Static,
			Validate: plan.Validate{Pattern: v.Pattern, Enum: v.Enum,
				MinLength: bound(v.MinLength), MaxLength: bound(v.MaxLength), Min: bound(v.Min), Max: bound(v.Max),
				MinItems: bound(v.MinItems), MaxItems: bound(v.MaxItems)},
		}
		for _, o := range p.Options {
			q.Options = append(q.Options, plan.ParameterOption{Label: o.Label, Value: constantTree(o.Value), Nested: parameters(o.Nested)})
		}
		out = append(out, q)
	}
	return out
}

func defaultValue(p *ast.Parameter) value.Value {
	v := constantTree(p.Default)
	if p.DefaultAsText && !v.IsNil() {
		return value.Text(value.ToText(v))
	}
	return v
}

func bound(f *float64) float64 {
	if f == nil {
		return math.NaN()
	}
	return *f
}

// constantTree converts a literal tree of the spec to a value; texts are taken as they are written.
func constantTree(v ast.Value) value.Value {
	switch v := v.(type) {
	case *ast.Literal:
		return literal(v)
	case *ast.Template:
		return value.Text(value.ValidText(v.Text))
	case *ast.Array:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = constantTree(item)
		}
		return value.Array(items)
	case *ast.Object:
		o := value.NewObject(len(v.Entries))
		for _, e := range v.Entries {
			o.Set(e.Key, constantTree(e.Value))
		}
		return value.Collection(o)
	}
	return value.Undefined
}
