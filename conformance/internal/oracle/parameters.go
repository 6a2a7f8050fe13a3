package oracle

import (
	"encoding/pem"
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// validation collects the failures of parameters (spec make.md §17.2).
type validation struct{ failures []string }

// validate returns what is stored: the parameters with their defaults. Those without a definition are stored as given
// (§26.12).
func validate(defs []*ast.Parameter, given *value.Object) (*value.Object, error) {
	if given == nil {
		given = value.NewObject(0)
	}
	v := &validation{}
	out := v.fields("", defs, given)
	if len(v.failures) == 0 {
		return out, nil
	}
	f := fail("ParameterError", "parameters", "%s", strings.Join(v.failures, "; "))
	f.Section = "parameters"
	return nil, f
}

func (v *validation) fail(path, format string, args ...any) bool {
	v.failures = append(v.failures, path+": "+fmt.Sprintf(format, args...))
	return false
}

// fields checks the definitions of one object, also those that belong to a field that is filled or to a chosen option.
func (v *validation) fields(prefix string, defs []*ast.Parameter, o *value.Object) *value.Object {
	o = o.Clone()
	for _, d := range defs {
		if slices.Contains([]string{"banner", "markdown", "html", "separator"}, d.Type) {
			continue
		}
		if _, given := o.Get(d.Name); !given && d.HasDefault {
			o.Set(d.Name, literal(d.Default))
		}
		x := v.field(prefix+d.Name, d, o.Value(d.Name))
		o.Set(d.Name, x)
		if !value.IsEmpty(x) && !value.Equal(x, value.Bool(false)) {
			o = v.fields(prefix, d.Nested, o)
		}
		for _, option := range d.Options {
			chosen := func(c value.Value) bool { return value.Equal(literal(option.Value), c) }
			if chosen(x) || slices.ContainsFunc(x.Items(), chosen) {
				o = v.fields(prefix, option.Nested, o)
			}
		}
	}
	return o
}

// literal is a value as it is written, texts without looking for templates.
func literal(v ast.Value) value.Value {
	switch v := v.(type) {
	case *ast.Literal:
		x, err := Evaluate(v, Env{})
		if err == nil {
			return x
		}
	case *ast.Template:
		return value.Text(v.Text)
	case *ast.Array:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = literal(item)
		}
		return value.Array(items)
	case *ast.Object:
		o := value.NewObject(len(v.Entries))
		for _, e := range v.Entries {
			o.Set(e.Key, literal(e.Value))
		}
		return value.Collection(o)
	}
	return value.Undefined
}

// field applies the checks in the order of the table, the first that fails speaks. It returns x with the defaults of
// the fields within.
func (v *validation) field(path string, d *ast.Parameter, x value.Value) value.Value {
	if value.IsEmpty(x) { // 2
		if d.Required {
			v.fail(path, "Field is mandatory.")
		}
		return x
	}
	if want := wantedType(d); want != "" && typeOf(x) != want { // 3
		v.fail(path, "Expected type '%s', got type '%s'.", want, typeOf(x))
		return x
	}
	if s := x.Str(); d.Static && strings.Contains(s, "{{") && strings.Contains(s, "}}") { // 4
		v.fail(path, "Value contains prohibited IML expression.")
		return x
	}
	ok := true
	switch {
	case x.Kind() == value.KindText:
		ok = v.text(path, d, x.Str())
	case x.IsNumber():
		ok = v.bounds(path, x.Float(), d.Validate.Min, d.Validate.Max, "Value is too small. Minimum value is %s.", "Value is too big. Maximum value is %s.")
	case x.Kind() == value.KindArray && d.Type != "select":
		x, ok = v.array(path, d, x)
	case x.Kind() == value.KindCollection && len(d.Spec) > 0 && !d.SpecIsItem:
		x = value.Collection(v.fields(path+".", d.Spec, x.Object()))
	}
	if ok && v.option(path, d, x) && !wellFormed(d.Type, x) { // 10, 12
		v.fail(path, "Value is not a valid %s.", d.Type)
	}
	return x
}

// wantedType is the JSON type of a parameter type, "" when any will do.
func wantedType(d *ast.Parameter) string {
	switch d.Type {
	case "number", "integer", "uinteger", "port":
		return "number"
	case "boolean":
		return "boolean"
	case "array", "filter":
		return "array"
	case "collection":
		return "object"
	case "any", "hidden", "json", "select", "buffer", "udt", "date", "time", "timestamp":
		return ""
	}
	return "string"
}

func typeOf(x value.Value) string {
	switch x.Kind() {
	case value.KindText:
		return "string"
	case value.KindBool:
		return "boolean"
	case value.KindArray:
		return "array"
	case value.KindCollection:
		return "object"
	case value.KindNumber, value.KindInteger:
		return "number"
	}
	return x.Kind().String()
}

// bounds checks a size against a least and a most, which are absent when nil.
func (v *validation) bounds(path string, n float64, least, most *float64, below, above string) bool {
	switch {
	case least != nil && n < *least:
		return v.fail(path, below, value.AppendNumber(nil, *least))
	case most != nil && n > *most:
		return v.fail(path, above, value.AppendNumber(nil, *most))
	}
	return true
}

// text is 5 to 7.
func (v *validation) text(path string, d *ast.Parameter, s string) bool {
	c := d.Validate
	if c.Pattern != "" {
		if ok, err := builtin.MatchPattern(c.Pattern, s); err != nil || !ok {
			return v.fail(path, "Value doesn't match the pattern: %s", c.Pattern)
		}
	}
	if !v.bounds(path, float64(value.Len16(s)), c.MinLength, c.MaxLength, "Value must be at least %s characters long.", "Value exceeded maximum length of %s characters.") {
		return false
	}
	if len(c.Enum) > 0 && !slices.Contains(c.Enum, s) {
		return v.fail(path, "Value must be one of the following: %s", strings.Join(c.Enum, ", "))
	}
	return true
}

// array is 9; items count from 1.
func (v *validation) array(path string, d *ast.Parameter, x value.Value) (value.Value, bool) {
	c := d.Validate
	if !v.bounds(path, float64(len(x.Items())), c.MinItems, c.MaxItems, "Array has less than %s items.", "Array has more than %s items.") {
		return x, false
	}
	items := slices.Clone(x.Items())
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i+1)
		switch {
		case len(d.Spec) == 0:
		case d.SpecIsItem:
			items[i] = v.field(at, d.Spec[0], item)
		case item.Object() != nil:
			items[i] = value.Collection(v.fields(at+".", d.Spec, item.Object()))
		default:
			v.fail(at, "Expected type 'object', got type '%s'.", typeOf(item))
		}
	}
	return value.Array(items), true
}

// option is 10.
func (v *validation) option(path string, d *ast.Parameter, x value.Value) bool {
	if d.Type != "select" || len(d.Options) == 0 {
		return true
	}
	chosen := []value.Value{x}
	if d.Multiple {
		if x.Kind() != value.KindArray {
			return v.fail(path, "Value is not an array.")
		}
		chosen = x.Items()
	}
	for _, c := range chosen {
		if !slices.ContainsFunc(d.Options, func(p ast.ParameterOption) bool { return value.Equal(literal(p.Value), c) }) {
			return v.fail(path, "Value '%s' not found in options.", value.ToText(c))
		}
	}
	return true
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// wellFormed is 12.
func wellFormed(kind string, x value.Value) bool {
	n, s := x.Float(), x.Str()
	whole := n == math.Trunc(n)
	switch kind {
	case "integer":
		return whole
	case "uinteger":
		return whole && n >= 0
	case "port":
		return whole && n >= 0 && n <= 65535
	case "email":
		a, err := mail.ParseAddress(s)
		return err == nil && a.Address == s
	case "url":
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	case "uuid":
		return uuidForm.MatchString(s)
	case "cert", "pkey":
		block, _ := pem.Decode([]byte(strings.ReplaceAll(s, `\n`, "\n")))
		return block != nil && (kind == "cert") == (block.Type == "CERTIFICATE")
	}
	return true
}
