package form

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// FieldError is one parameter that did not pass.
type FieldError struct {
	// Path names the field, items counted from 1: "consumerKey", "hosts[2].name".
	Path string
	// Code says what is wrong, CodeRequired and its like; Message says it to the user, in English. MessageID and Args say
	// the same as data, for package message.
	Code, Message string
	MessageID     string
	Args          message.Args
}

// In returns the message in the language of a catalogue, or in English when the catalogue lacks it.
func (f FieldError) In(c message.Catalogue) string {
	if text, ok := c.Text(f.MessageID, f.Args); ok {
		return text
	}
	return f.Message
}

// The codes of fields.
const (
	CodeRequired = "required"  // there is no value
	CodeType     = "type"      // another JSON type is expected
	CodeStatic   = "static"    // the value must not be a template
	CodePattern  = "pattern"   // the text does not match
	CodeTooShort = "too-short" // of a text
	CodeTooLong  = "too-long"
	CodeTooSmall = "too-small" // of a number
	CodeTooBig   = "too-big"
	CodeTooFew   = "too-few" // items of a list
	CodeTooMany  = "too-many"
	CodeOption   = "option" // the value is none of those that may be chosen
	CodeFormat   = "format" // the value is not well formed
)

// Error lists every parameter that did not pass.
type Error struct{ Fields []FieldError }

// Error implements error.
func (e *Error) Error() string { return "parameters are not valid: " + e.List() }

// List says of every field what is wrong with it.
func (e *Error) List() string {
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.Path + ": " + f.Message
	}
	return strings.Join(lines, "; ")
}

// Validate applies the defaults of definitions to a copy of in, which may be nil, and checks it, within the budget of
// an operation; nil is none. Values without a definition are kept as given (§26.12). The error is an *Error with every
// field that did not pass, or that of a limit.
func Validate(budget *builtin.Meter, defs []plan.Parameter, in *value.Object) (*value.Object, error) {
	v := &validator{context: builtin.Context{Meter: budget}}
	if v.take(in.Len()) {
		return nil, v.ended
	}
	out := in.Clone()
	v.fields("", defs, out)
	switch {
	case v.ended != nil:
		return nil, v.ended
	case v.failures != nil:
		return nil, &Error{Fields: v.failures}
	}
	return out, nil
}

// maxFailures is the number of fields that an Error lists at most.
const maxFailures = 1000

type validator struct {
	context  builtin.Context
	failures []FieldError
	ended    error // what ended the whole operation
}

// take takes n units of work, and reports whether the operation has ended.
func (v *validator) take(n int) bool {
	if v.ended == nil {
		v.ended = v.context.Tick(n)
	}
	return v.ended != nil
}

// fail notes a field that did not pass, by the id of the message behind "field/" and its arguments, name by name.
func (v *validator) fail(path, code, id string, named ...string) {
	if len(v.failures) == maxFailures || v.take(1+len(path)/64) {
		return
	}
	args := message.Args{}
	for i := 0; i+1 < len(named); i += 2 {
		args[named[i]] = named[i+1]
	}
	id = "field/" + id
	v.failures = append(v.failures, FieldError{Path: path, Code: code, Message: message.English(id, args), MessageID: id, Args: args})
}

// fields checks the definitions of one object, those nested in chosen options too.
func (v *validator) fields(prefix string, defs []plan.Parameter, o *value.Object) {
	for i := range defs {
		d := &defs[i]
		if d.Visual {
			continue
		}
		if v.take(2) {
			return
		}
		if _, ok := o.Get(d.Name); !ok && d.HasDefault {
			o.Set(d.Name, d.Default)
		}
		x := o.Value(d.Name)
		if len(d.Spec) > 0 && !x.IsNil() {
			if v.take(size(x)) {
				return
			}
			x = unshare(d, x)
			o.Set(d.Name, x)
		}
		v.check(prefix+d.Name, d, x)
		if isFilled(x) {
			v.fields(prefix, d.Nested, o)
		}
		v.options(prefix, d, o)
	}
}

// size is the number of items and members of x and of what is right inside it.
func size(x value.Value) int {
	n := len(x.Items()) + x.Object().Len()
	for _, item := range x.Items() {
		n += item.Object().Len()
	}
	return n
}

// isFilled reports whether the fields that belong to a field appear: it has a value, or it is ticked.
func isFilled(x value.Value) bool {
	if x.Kind() == value.KindBool {
		return x.IsTrue()
	}
	return !value.IsEmpty(x)
}

// unshare copies the collections of x that have fields of their own, so that these can be given their defaults.
func unshare(d *plan.Parameter, x value.Value) value.Value {
	switch x.Kind() {
	case value.KindCollection:
		if !d.SpecIsItem {
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

// options checks the fields that belong to the chosen options, or to that of choosing nothing.
func (v *validator) options(prefix string, d *plan.Parameter, o *value.Object) {
	chosen := o.Value(d.Name)
	for i := range d.Options {
		if len(d.Options[i].Nested) > 0 && v.take(1+len(chosen.Items())) {
			return
		}
		if opt := &d.Options[i]; len(opt.Nested) > 0 && isChosen(opt, chosen) {
			v.fields(prefix, opt.Nested, o)
		}
	}
}

// isChosen reports whether x is an option or one of several that are chosen, or, for that of choosing nothing, is
// empty.
func isChosen(o *plan.ParameterOption, x value.Value) bool {
	is := func(c value.Value) bool { return sameOption(o.Value, c) }
	if o.Value.IsUndefined() {
		is = value.IsEmpty
	}
	return slices.ContainsFunc(x.Items(), is) || is(x)
}

// sameOption reports whether c chooses an option: it is the same, or a number and the text that it prints as, since
// forms send texts. It is no looser, so that Schema can list what chooses an option.
func sameOption(option, c value.Value) bool {
	if !value.Equal(option, c) {
		return false
	}
	return value.StrictEqual(option, c) || isScalar(option) && isScalar(c) && value.ToText(option) == value.ToText(c)
}

func isScalar(x value.Value) bool {
	return x.Kind() != value.KindArray && x.Kind() != value.KindCollection
}

// check applies the checks in their order; the first that fails speaks.
func (v *validator) check(path string, d *plan.Parameter, x value.Value) {
	if v.take(1 + len(x.Str())/readBytes) {
		return
	}
	if value.IsEmpty(x) {
		if d.Required {
			v.fail(path, CodeRequired, "required")
		}
		return
	}
	if want := kindNames[d.Kind]; want != "" && typeName(x) != want {
		v.fail(path, CodeType, "type", "expected", want, "found", typeName(x))
		return
	}
	if d.Static && x.Kind() == value.KindText && strings.Contains(x.Str(), "{{") && strings.Contains(x.Str(), "}}") {
		v.fail(path, CodeStatic, "static")
		return
	}
	if v.content(path, d, x) && v.choice(path, d, x) && !wellFormed(d.Format, x) {
		v.fail(path, CodeFormat, "format", "format", d.Type)
	}
}

// content checks what a value of its kind holds, and reports whether the checks go on.
func (v *validator) content(path string, d *plan.Parameter, x value.Value) bool {
	switch x.Kind() {
	case value.KindText:
		return v.text(path, &d.Validate, x.Str())
	case value.KindNumber, value.KindInteger:
		return v.number(path, &d.Validate, x.Float())
	case value.KindArray:
		return d.Choice || v.array(path, d, x.Items())
	case value.KindCollection:
		if !d.SpecIsItem {
			v.fields(path+".", d.Spec, x.Object())
		}
	}
	return true
}

// kindNames are the JSON types of the kinds, "" when any will do.
var kindNames = [...]string{
	plan.ParameterAny: "", plan.ParameterText: "string", plan.ParameterNumber: "number", plan.ParameterBoolean: "boolean",
	plan.ParameterList: "array", plan.ParameterObject: "object",
}

// typeName is the JSON type of a value.
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

func (v *validator) text(path string, c *plan.Validate, s string) bool {
	if c.Pattern != "" {
		ok, err := v.context.MatchPattern(s, c.Pattern, "")
		if limit := (*builtin.LimitError)(nil); errors.As(err, &limit) {
			v.ended = err
			return false
		}
		if err != nil || !ok {
			v.fail(path, CodePattern, "pattern", "pattern", c.Pattern)
			return false
		}
	}
	n := float64(value.Len16(s))
	switch {
	case n < c.MinLength:
		v.fail(path, CodeTooShort, "too-short", "limit", printNumber(c.MinLength))
	case n > c.MaxLength:
		v.fail(path, CodeTooLong, "too-long", "limit", printNumber(c.MaxLength))
	case len(c.Enum) > 0 && !slices.Contains(c.Enum, s):
		v.failEnum(path, c.Enum)
	default:
		return true
	}
	return false
}

// failEnum notes a value that is none of those allowed.
func (v *validator) failEnum(path string, allowed []string) {
	v.fail(path, CodeOption, "enum", "options", strings.Join(allowed, ", "))
}

func (v *validator) number(path string, c *plan.Validate, n float64) bool {
	switch {
	case n < c.Min:
		v.fail(path, CodeTooSmall, "too-small", "limit", printNumber(c.Min))
	case n > c.Max:
		v.fail(path, CodeTooBig, "too-big", "limit", printNumber(c.Max))
	default:
		return true
	}
	return false
}

func (v *validator) array(path string, d *plan.Parameter, items []value.Value) bool {
	switch n := float64(len(items)); {
	case n < d.Validate.MinItems:
		v.fail(path, CodeTooFew, "too-few", "limit", printNumber(d.Validate.MinItems))
		return false
	case n > d.Validate.MaxItems:
		v.fail(path, CodeTooMany, "too-many", "limit", printNumber(d.Validate.MaxItems))
		return false
	}
	allowed := d.Validate.Enum
	if len(d.Spec) == 0 && len(allowed) == 0 {
		return true
	}
	for i, item := range items {
		if v.take(1 + len(allowed)) {
			return false
		}
		at := path + "[" + strconv.Itoa(i+1) + "]"
		switch {
		case len(allowed) > 0 && !value.IsEmpty(item) && !(isScalar(item) && slices.Contains(allowed, value.ToText(item))):
			v.failEnum(at, allowed)
		case d.SpecIsItem && len(d.Spec) == 1:
			v.check(at, &d.Spec[0], item)
		case len(d.Spec) > 0 && item.Object() != nil:
			v.fields(at+".", d.Spec, item.Object())
		case len(d.Spec) > 0:
			v.fail(at, CodeType, "type", "expected", "object", "found", typeName(item))
		}
	}
	return true
}

// choice checks a value that must be among options, or each of several.
func (v *validator) choice(path string, d *plan.Parameter, x value.Value) bool {
	if !d.Choice {
		return true
	}
	chosen := []value.Value{x}
	if d.Multiple {
		if x.Kind() != value.KindArray {
			v.fail(path, CodeType, "not-array")
			return false
		}
		chosen = x.Items()
	}
	known := knowsOptions(d)
	for _, c := range chosen {
		if known && v.take(1+len(d.Options)) {
			return false
		}
		if known && !hasOption(d.Options, c) {
			v.fail(path, CodeOption, "option", "value", value.ToText(c))
			return false
		}
	}
	switch n := float64(len(chosen)); {
	case !d.Multiple:
	case n < d.Validate.MinItems:
		v.fail(path, CodeTooFew, "selected-too-few", "limit", printNumber(d.Validate.MinItems))
		return false
	case n > d.Validate.MaxItems:
		v.fail(path, CodeTooMany, "selected-too-many", "limit", printNumber(d.Validate.MaxItems))
		return false
	}
	return true
}

// knowsOptions reports whether there are options to be among.
func knowsOptions(d *plan.Parameter) bool {
	return slices.ContainsFunc(d.Options, func(o plan.ParameterOption) bool { return !o.Value.IsUndefined() })
}

func hasOption(options []plan.ParameterOption, c value.Value) bool {
	return slices.ContainsFunc(options, func(o plan.ParameterOption) bool { return sameOption(o.Value, c) })
}

// readBytes is how many bytes of a text are looked at in the time of a step.
const readBytes = 256

func printNumber(f float64) string { return string(value.AppendNumber(nil, f)) }
