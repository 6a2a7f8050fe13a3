package vm

import (
	"encoding/pem"
	"fmt"
	"math"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// FieldError is one parameter that did not pass.
type FieldError struct {
	// Path names the field: "consumerKey", "hosts[2].name".
	Path string
	// Message is the platform's text (spec make.md §17.2).
	Message string
}

// ParameterError lists every parameter that did not pass.
type ParameterError struct{ Fields []FieldError }

// Error implements error.
func (e *ParameterError) Error() string {
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.Path + ": " + f.Message
	}
	return "parameters are not valid: " + strings.Join(lines, "; ")
}

// validateParameters applies defaults, checks every definition and returns what is stored. Parameters without a
// definition are stored as given (spec make.md §26.12).
func (e *Engine) validateParameters(in *value.Object) (*value.Object, error) {
	out, fields := ValidateParameters(e.plan.Connection.Parameters, in)
	if len(fields) > 0 {
		return nil, &ParameterError{Fields: fields}
	}
	return out, nil
}

// ValidateParameters applies the defaults of definitions to a copy of in and checks it (spec make.md §17). The fields
// are empty when everything passed.
func ValidateParameters(defs []plan.Parameter, in *value.Object) (*value.Object, []FieldError) {
	v := &validator{}
	out := in.Clone()
	v.fields("", defs, out)
	return out, v.failures
}

type validator struct{ failures []FieldError }

func (v *validator) fail(path, format string, args ...any) {
	v.failures = append(v.failures, FieldError{Path: path, Message: fmt.Sprintf(format, args...)})
}

// fields checks the definitions of one object, those nested in chosen options too.
func (v *validator) fields(prefix string, defs []plan.Parameter, o *value.Object) {
	for i := range defs {
		d := &defs[i]
		if slices.Contains(visualTypes, d.Type) {
			continue
		}
		if _, ok := o.Get(d.Name); !ok && d.HasDefault {
			o.Set(d.Name, d.Default)
		}
		x := o.Value(d.Name)
		if len(d.Spec) > 0 && !x.IsNil() {
			x = unshare(d, x)
			o.Set(d.Name, x)
		}
		v.check(prefix+d.Name, d, x)
		if !value.IsEmpty(x) && !value.Equal(x, value.Bool(false)) { // fields that appear once the field is filled or ticked
			v.fields(prefix, d.Nested, o)
		}
		v.options(prefix, d, o)
	}
}

// unshare copies the collections of x that have fields of their own, so that these can be given their defaults.
func unshare(d *plan.Parameter, x value.Value) value.Value {
	switch x.Kind() {
	case value.KindCollection:
		if len(d.Spec) > 0 && !d.SpecIsItem {
			return value.Collection(x.Object().Clone()).Under(x)
		}
	case value.KindArray:
		items := slices.Clone(x.Items())
		for i, item := range items {
			if d.SpecIsItem && len(d.Spec) == 1 {
				items[i] = unshare(&d.Spec[0], item)
			} else if item.Object() != nil {
				items[i] = value.Collection(item.Object().Clone()).Under(item)
			}
		}
		return value.Array(items).Under(x)
	}
	return x
}

var visualTypes = []string{"banner", "markdown", "html", "separator"}

// options checks the fields that belong to the chosen option of a select.
func (v *validator) options(prefix string, d *plan.Parameter, o *value.Object) {
	chosen := o.Value(d.Name)
	for i := range d.Options {
		opt := &d.Options[i]
		is := func(c value.Value) bool { return value.Equal(opt.Value, c) }
		if len(opt.Nested) > 0 && (slices.ContainsFunc(chosen.Items(), is) || is(chosen)) {
			v.fields(prefix, opt.Nested, o)
		}
	}
}

// check applies the checks of spec make.md §17.2 in their order; the first that fails speaks.
func (v *validator) check(path string, d *plan.Parameter, x value.Value) {
	if value.IsEmpty(x) {
		if d.Required {
			v.fail(path, "Field is mandatory.")
		}
		return
	}
	if want := expectedType(d); want != "" && !hasType(x, want) {
		v.fail(path, "Expected type '%s', got type '%s'.", want, typeName(x))
		return
	}
	if d.Static && x.Kind() == value.KindText && strings.Contains(x.Str(), "{{") && strings.Contains(x.Str(), "}}") {
		v.fail(path, "Value contains prohibited IML expression.")
		return
	}
	switch x.Kind() {
	case value.KindText:
		if !v.text(path, d, x.Str()) {
			return
		}
	case value.KindNumber, value.KindInteger:
		if !v.number(path, d, x.Float()) {
			return
		}
	case value.KindArray:
		if !v.array(path, d, x.Items()) {
			return
		}
	case value.KindCollection:
		if len(d.Spec) > 0 && !d.SpecIsItem {
			v.fields(path+".", d.Spec, x.Object())
		}
	}
	if !v.choice(path, d, x) {
		return
	}
	v.form(path, d, x)
}

// expectedType is the JSON type of a parameter type, "" when any will do.
func expectedType(d *plan.Parameter) string {
	if d.Multiple && d.Type == "select" {
		return ""
	}
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

func hasType(x value.Value, want string) bool { return typeName(x) == want }

// typeName is the JSON type of a value as the platform's messages name it.
func typeName(x value.Value) string {
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

func (v *validator) text(path string, d *plan.Parameter, s string) bool {
	c, n := d.Validate, float64(value.Len16(s))
	if c.Pattern != "" {
		if ok, err := builtin.MatchPattern(c.Pattern, s); err != nil || !ok {
			v.fail(path, "Value doesn't match the pattern: %s", c.Pattern)
			return false
		}
	}
	switch {
	case n < c.MinLength:
		v.fail(path, "Value must be at least %s characters long.", printNumber(c.MinLength))
	case n > c.MaxLength:
		v.fail(path, "Value exceeded maximum length of %s characters.", printNumber(c.MaxLength))
	case len(c.Enum) > 0 && !slices.Contains(c.Enum, s):
		v.fail(path, "Value must be one of the following: %s", strings.Join(c.Enum, ", "))
	default:
		return true
	}
	return false
}

func (v *validator) number(path string, d *plan.Parameter, n float64) bool {
	switch {
	case n < d.Validate.Min:
		v.fail(path, "Value is too small. Minimum value is %s.", printNumber(d.Validate.Min))
	case n > d.Validate.Max:
		v.fail(path, "Value is too big. Maximum value is %s.", printNumber(d.Validate.Max))
	default:
		return true
	}
	return false
}

func (v *validator) array(path string, d *plan.Parameter, items []value.Value) bool {
	if d.Type == "select" {
		return true
	}
	n := float64(len(items))
	switch {
	case n < d.Validate.MinItems:
		v.fail(path, "Array has less than %s items.", printNumber(d.Validate.MinItems))
		return false
	case n > d.Validate.MaxItems:
		v.fail(path, "Array has more than %s items.", printNumber(d.Validate.MaxItems))
		return false
	}
	for i, item := range items {
		at := path + "[" + strconv.Itoa(i+1) + "]"
		switch {
		case d.SpecIsItem && len(d.Spec) == 1:
			v.check(at, &d.Spec[0], item)
		case len(d.Spec) > 0 && item.Object() != nil:
			v.fields(at+".", d.Spec, item.Object())
		case len(d.Spec) > 0:
			v.fail(at, "Expected type 'object', got type '%s'.", typeName(item))
		}
	}
	return true
}

// choice checks the value of a select.
func (v *validator) choice(path string, d *plan.Parameter, x value.Value) bool {
	if d.Type != "select" || len(d.Options) == 0 {
		return true
	}
	chosen := []value.Value{x}
	if d.Multiple {
		if x.Kind() != value.KindArray {
			v.fail(path, "Value is not an array.")
			return false
		}
		chosen = x.Items()
	}
	for _, c := range chosen {
		if !hasOption(d.Options, c) {
			v.fail(path, "Value '%s' not found in options.", value.ToText(c))
			return false
		}
	}
	return true
}

func hasOption(options []plan.ParameterOption, c value.Value) bool {
	return slices.ContainsFunc(options, func(o plan.ParameterOption) bool { return value.Equal(o.Value, c) })
}

// form checks that a value is well formed for its type.
func (v *validator) form(path string, d *plan.Parameter, x value.Value) {
	ok, n, s := true, x.Float(), x.Str()
	switch d.Type {
	case "integer":
		ok = n == math.Trunc(n)
	case "uinteger":
		ok = n == math.Trunc(n) && n >= 0
	case "port":
		ok = n == math.Trunc(n) && n >= 0 && n <= 65535
	case "email":
		a, err := mail.ParseAddress(s)
		ok = err == nil && a.Address == s
	case "url":
		rest, https := strings.CutPrefix(strings.ToLower(s), "https://")
		if !https {
			rest, ok = strings.CutPrefix(strings.ToLower(s), "http://")
		}
		ok = ok && rest != "" && !strings.ContainsAny(rest[:1], "/?#") && !strings.ContainsAny(s, " \t\r\n")
	case "uuid":
		ok = isUUID(s)
	case "cert", "pkey":
		block, _ := pem.Decode([]byte(strings.ReplaceAll(s, `\n`, "\n")))
		ok = block != nil && (d.Type == "cert") == (block.Type == "CERTIFICATE")
	}
	if !ok {
		v.fail(path, "Value is not a valid %s.", d.Type)
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

func printNumber(f float64) string { return string(value.AppendNumber(nil, f)) }
