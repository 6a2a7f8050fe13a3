package form

import (
	"math"
	"slices"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Schema describes the form of definitions as a JSON Schema (2020-12) of the object that Validate takes, with the keys
// "x-order" (the names of the fields in the order of the spec, the visual ones included), and at a field "x-type" (its
// type in the spec), "x-advanced", "x-editable", "x-multiline", "x-visual", "writeOnly" for secrets, "x-labels" (those of
// the options) and "x-when" (for a field that belongs to another: the name of that, and which values of it make the
// field appear). A value that is computed, and what a schema cannot say, is left to Validate.
//
// value.AppendJSON writes it.
func Schema(defs []plan.Parameter) *value.Object {
	s := &schema{properties: value.NewObject(len(defs))}
	s.fields(defs, nil)
	return s.object()
}

// schema collects the fields of one object.
type schema struct {
	properties *value.Object
	required   []value.Value
	order      []value.Value
}

func (s *schema) object() *value.Object {
	out := value.NewObject(4)
	out.Set("type", value.Text("object"))
	out.Set("properties", value.Collection(s.properties))
	if len(s.required) > 0 {
		out.Set("required", value.Array(s.required))
	}
	out.Set("x-order", value.Array(s.order))
	return out
}

// fields adds definitions, which appear when the field that when speaks of has one of its values; nil is always.
func (s *schema) fields(defs []plan.Parameter, when *value.Object) {
	for i := range defs {
		d := &defs[i]
		f := field(d)
		if when != nil {
			f.Set("x-when", value.Collection(when))
		}
		s.properties.Set(d.Name, value.Collection(f))
		s.order = append(s.order, value.Text(d.Name))
		if d.Required && !d.HasDefault && !d.Visual && when == nil {
			s.required = append(s.required, value.Text(d.Name))
		}
		if len(d.Nested) > 0 {
			s.fields(d.Nested, appears(d.Name, value.Undefined))
		}
		for j := range d.Options {
			if o := &d.Options[j]; len(o.Nested) > 0 {
				v := o.Value
				if v.IsUndefined() {
					v = value.Null()
				}
				s.fields(o.Nested, appears(d.Name, v))
			}
		}
	}
}

// appears says which field makes others appear: by any value, or by one, where null is that of choosing nothing.
func appears(name string, v value.Value) *value.Object {
	out := value.NewObject(2)
	out.Set("field", value.Text(name))
	if !v.IsUndefined() {
		out.Set("value", v)
	}
	return out
}

// jsonTypes are the JSON types of the kinds, "" when any will do.
var jsonTypes = [...]string{
	plan.ParameterAny: "", plan.ParameterText: "string", plan.ParameterNumber: "number", plan.ParameterBoolean: "boolean",
	plan.ParameterList: "array", plan.ParameterObject: "object",
}

// formats are the names of JSON Schema for the formats that it knows.
var formats = map[plan.ParameterFormat]string{plan.FormatEmail: "email", plan.FormatURL: "uri", plan.FormatUUID: "uuid"}

// field is the schema of one field.
func field(d *plan.Parameter) *value.Object {
	out := value.NewObject(8)
	text := func(key, s string) {
		if s != "" {
			out.Set(key, value.Text(s))
		}
	}
	flag := func(key string, on bool) {
		if on {
			out.Set(key, value.Bool(true))
		}
	}
	text("title", d.Label)
	text("description", d.Help)
	text("x-type", d.Type)
	flag("x-visual", d.Visual)
	if d.Visual {
		return out
	}
	typ := jsonTypes[d.Kind]
	switch d.Format {
	case plan.FormatInteger, plan.FormatUnsigned, plan.FormatPort:
		typ = "integer"
	}
	text("type", typ)
	text("format", formats[d.Format])
	flag("writeOnly", d.Secret)
	flag("x-advanced", d.Advanced)
	flag("x-editable", d.Editable)
	flag("x-multiline", d.Multiline)
	if d.HasDefault && !d.Secret {
		out.Set("default", d.Default)
	}
	bounds(out, d)
	options(out, d)
	if len(d.Spec) > 0 {
		inner(out, d)
	}
	if d.Kind == plan.ParameterList && len(d.Validate.Enum) > 0 {
		items := out.Value("items").Object().Clone()
		items.Set("enum", textsOf(d.Validate.Enum))
		out.Set("items", value.Collection(items))
	}
	return out
}

// bounds adds what bounds the values.
func bounds(out *value.Object, d *plan.Parameter) {
	v := &d.Validate
	number := func(key string, n float64) {
		if !math.IsNaN(n) && !math.IsInf(n, 0) {
			out.Set(key, value.Number(n))
		}
	}
	switch d.Format {
	case plan.FormatUnsigned, plan.FormatPort:
		number("minimum", 0)
	}
	if d.Format == plan.FormatPort {
		number("maximum", 65535)
	}
	number("minLength", v.MinLength)
	number("maxLength", v.MaxLength)
	number("minimum", v.Min)
	number("maximum", v.Max)
	number("minItems", v.MinItems)
	number("maxItems", v.MaxItems)
	if v.Pattern != "" {
		out.Set("pattern", value.Text(v.Pattern))
	}
	if len(v.Enum) > 0 && d.Kind == plan.ParameterText {
		out.Set("enum", textsOf(v.Enum))
	}
}

// options adds what can be chosen, when the plan knows it.
func options(out *value.Object, d *plan.Parameter) {
	if !d.Choice {
		return
	}
	var values, labels []value.Value
	for i := range d.Options {
		o := &d.Options[i]
		if o.Value.IsUndefined() {
			continue
		}
		label := o.Label
		if label == "" {
			label = value.ToText(o.Value)
		}
		values, labels = append(values, o.Value), append(labels, value.Text(label))
	}
	if len(values) == 0 {
		return
	}
	out.Set("x-labels", value.Array(labels))
	if !d.Multiple {
		out.Set("enum", value.Array(values))
		return
	}
	item := value.NewObject(1)
	item.Set("enum", value.Array(values))
	out.Set("type", value.Text("array"))
	out.Set("items", value.Collection(item))
}

// inner adds the fields of an object, or those of the items of a list.
func inner(out *value.Object, d *plan.Parameter) {
	if d.SpecIsItem && len(d.Spec) == 1 {
		out.Set("items", value.Collection(field(&d.Spec[0])))
		return
	}
	of := Schema(d.Spec)
	if d.Kind == plan.ParameterList {
		out.Set("items", value.Collection(of))
		return
	}
	for _, key := range slices.Clone(of.Keys()) {
		out.Set(key, of.Value(key))
	}
}

func textsOf(list []string) value.Value {
	items := make([]value.Value, len(list))
	for i, s := range list {
		items[i] = value.Text(s)
	}
	return value.Array(items)
}
