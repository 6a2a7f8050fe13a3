package form

import (
	"math"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// formats are the names of JSON Schema for the formats that it knows.
var formats = map[plan.ParameterFormat]string{plan.FormatEmail: "email", plan.FormatURL: "uri", plan.FormatUUID: "uuid"}

// shapes are patterns of all texts that are well formed, of URLs and UUIDs of these only. They mean the same in all
// dialects of regular expressions.
var shapes = map[plan.ParameterFormat]string{
	plan.FormatEmail:       `^[^@ ]+@[^@ ]+$`,
	plan.FormatURL:         `^[Hh][Tt][Tt][Pp][Ss]?://[^/?# \t\r\n][^ \t\r\n]*$`,
	plan.FormatUUID:        `^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`,
	plan.FormatCertificate: `-----BEGIN CERTIFICATE-----`,
	plan.FormatPrivateKey:  `-----BEGIN `,
}

// shortCharacters is a pattern of the texts that are not empty and whose characters are one unit of UTF-16 each.
// Validate counts these units, JSON Schema characters.
const shortCharacters = "^[\\x00-\uffff]+$"

// field is the schema of the values of one field.
func field(d *plan.Parameter) *value.Object {
	out := described(d)
	if d.Visual {
		return out
	}
	typ, possible := jsonType(d)
	if !possible {
		none(out, d)
		return out
	}
	empty(out, d, typ)
	if typ == "string" || typ == "" {
		text(out, d, typ)
	}
	if typ == "number" || typ == "integer" || typ == "" {
		number(out, d)
	}
	if typ == "array" || typ == "" {
		list(out, d)
	}
	if d.Choice {
		options(out, d)
	}
	if len(d.Spec) > 0 && !d.SpecIsItem && (typ == "object" || typ == "") {
		merge(out, members(d.Spec, nil, map[string]bool{}))
	}
	return out
}

// described says what a form shows of a field.
func described(d *plan.Parameter) *value.Object {
	out := value.NewObject(8)
	for _, text := range []struct{ key, text string }{{"title", d.Label}, {"description", d.Help}, {"x-type", d.Type}} {
		if text.text != "" {
			out.Set(text.key, value.Text(text.text))
		}
	}
	if d.Visual {
		out.Set("x-visual", value.Bool(true))
		return out
	}
	for _, flag := range []struct {
		key string
		on  bool
	}{{"writeOnly", d.Secret}, {"x-advanced", d.Advanced}, {"x-editable", d.Editable}, {"x-multiline", d.Multiline}} {
		if flag.on {
			out.Set(flag.key, value.Bool(true))
		}
	}
	if d.HasDefault && !d.Secret {
		out.Set("default", d.Default)
	}
	return out
}

// jsonType is the type of the values that are not empty, "" for any; false when the definition lets none pass.
func jsonType(d *plan.Parameter) (string, bool) {
	wanted := []string{kindNames[d.Kind]}
	if d.Format >= plan.FormatEmail {
		wanted = append(wanted, "string")
	}
	if d.Choice && d.Multiple {
		wanted = append(wanted, "array")
	}
	typ := ""
	for _, w := range wanted {
		if typ != "" && w != "" && w != typ {
			return "", false
		}
		typ = max(typ, w)
	}
	if typ == "number" && d.Format != plan.FormatNone {
		typ = "integer"
	}
	return typ, true
}

// none lets nothing pass but what is empty, if that may be.
func none(out *value.Object, d *plan.Parameter) {
	if d.Required {
		also(out, "not", value.Collection(value.NewObject(0)))
		return
	}
	also(out, "enum", value.Array(empties))
}

// empties are the values that are empty.
var empties = []value.Value{value.Null(), value.Text("")}

// empty says the type, and whether a value may be empty.
func empty(out *value.Object, d *plan.Parameter, typ string) {
	switch types := []value.Value{value.Text(typ), value.Text("null"), value.Text("string")}; {
	case typ == "" && d.Choice && knowsOptions(d): // what is listed says it
	case typ == "" && d.Required:
		also(out, "not", value.Collection(with("enum", value.Array(empties))))
	case typ == "":
	case d.Required:
		out.Set("type", types[0])
	case typ == "string":
		out.Set("type", value.Array(types[:2]))
	default:
		out.Set("type", value.Array(types))
		out.Set("maxLength", value.Int(0))
	}
}

// text bounds the values that are texts.
func text(out *value.Object, d *plan.Parameter, typ string) {
	v := &d.Validate
	if limit := atMost(v.MaxLength); limit >= 0 {
		out.Set("maxLength", value.Number(limit))
	}
	if d.Static {
		template := value.Array([]value.Value{value.Collection(with("pattern", value.Text(`\{\{`))), value.Collection(with("pattern", value.Text(`\}\}`)))})
		static := with("type", value.Text("string"))
		static.Set("allOf", template)
		also(out, "not", value.Collection(static))
	}
	if len(v.Enum) > 0 {
		allowed := listed(d, v.Enum)
		if typ == "string" {
			also(out, "enum", allowed)
		} else {
			also(out, "allOf", value.Array([]value.Value{value.Collection(when(with("type", value.Text("string")), with("enum", allowed)))}))
		}
	}
	if typ == "string" && d.Required {
		out.Set("minLength", value.Int(1))
	}
	strict, length := asked(out, d), value.NewObject(2)
	if n := math.Ceil(d.Validate.MinLength); n > 1 {
		length = when(with("pattern", value.Text(shortCharacters)), with("minLength", value.Number(min(n, maxLength))))
	}
	if strict.Len() > 0 && !d.Required {
		merge(strict, length)
		strict, length = value.NewObject(0), when(with("minLength", value.Int(1)), strict)
	}
	merge(out, strict)
	merge(out, length)
}

// asked is what the texts must be that are not empty. A pattern that means something else in JSON Schema, which reads
// all with the flag u, is noted only.
func asked(out *value.Object, d *plan.Parameter) *value.Object {
	strict := value.NewObject(4)
	if format := formats[d.Format]; format != "" {
		strict.Set("format", value.Text(format))
	}
	if pattern := d.Validate.Pattern; pattern != "" {
		_, wrong := builtin.CompilePattern(pattern, "")
		_, unreadable := builtin.CompilePattern(pattern, "u")
		switch {
		case wrong != nil: // as no text matches
			strict.Set("not", value.Collection(with("type", value.Text("string"))))
		case unreadable != nil || strings.Contains(pattern, `\p`) || strings.Contains(pattern, `\P`) || strings.Contains(pattern, `\u{`):
			out.Set("x-pattern", value.Text(pattern))
		default:
			strict.Set("pattern", value.Text(pattern))
		}
	}
	if shape := shapes[d.Format]; shape != "" {
		also(strict, "pattern", value.Text(shape))
	}
	return strict
}

// maxLength is more than any text has characters and any list items, and still an integer in every program.
const maxLength = 1 << 52

// atMost is the largest count within a bound, -1 when everything is.
func atMost(bound float64) float64 {
	if math.IsNaN(bound) || bound > maxLength {
		return -1
	}
	return max(0, math.Floor(bound))
}

// number bounds the values that are numbers.
func number(out *value.Object, d *plan.Parameter) {
	low, high := d.Validate.Min, d.Validate.Max
	if (d.Format == plan.FormatUnsigned || d.Format == plan.FormatPort) && !(low >= 0) {
		low = 0
	}
	if d.Format == plan.FormatPort && !(high <= 65535) {
		high = 65535
	}
	if !math.IsNaN(low) && !math.IsInf(low, -1) {
		out.Set("minimum", value.Number(min(low, math.MaxFloat64)))
	}
	if !math.IsNaN(high) && !math.IsInf(high, 1) {
		out.Set("maximum", value.Number(max(high, -math.MaxFloat64)))
	}
}

// list bounds the values that are lists, and describes their items.
func list(out *value.Object, d *plan.Parameter) {
	v := &d.Validate
	if !d.Choice || d.Multiple {
		if n := math.Ceil(v.MinItems); n > 0 {
			out.Set("minItems", value.Number(min(n, maxLength)))
		}
		if n := atMost(v.MaxItems); n >= 0 {
			out.Set("maxItems", value.Number(n))
		}
		if v.MaxItems < 0 { // not even the list without items
			out.Set("minItems", value.Int(1))
			out.Set("maxItems", value.Int(0))
		}
	}
	if d.Choice {
		return
	}
	items := value.NewObject(4)
	switch {
	case d.SpecIsItem && len(d.Spec) == 1:
		items = field(&d.Spec[0])
	case len(d.Spec) > 0:
		items.Set("type", value.Text("object"))
		merge(items, members(d.Spec, nil, map[string]bool{}))
	}
	if len(v.Enum) > 0 {
		var allowed []value.Value
		for _, s := range v.Enum {
			allowed = appendNew(allowed, forms(value.Text(s))...)
			if s == "true" || s == "false" {
				allowed = appendNew(allowed, value.Bool(s == "true"))
			}
		}
		also(items, "enum", value.Array(appendNew(allowed, empties...)))
	}
	if items.Len() > 0 {
		out.Set("items", value.Collection(items))
	}
}

// listed are texts that a value may be, the empty ones if it may be empty.
func listed(d *plan.Parameter, texts []string) value.Value {
	var values []value.Value
	for _, s := range texts {
		if s != "" {
			values = appendNew(values, value.Text(s))
		}
	}
	if !d.Required {
		values = appendNew(values, empties...)
	}
	return value.Array(values)
}

// options lists what can be chosen, when the plan knows it.
func options(out *value.Object, d *plan.Parameter) {
	if !knowsOptions(d) {
		return
	}
	var values, others, labels []value.Value
	for i := range d.Options {
		o := &d.Options[i]
		if o.Value.IsUndefined() {
			others = append(others, value.Null())
			continue
		}
		passing := slices.DeleteFunc(forms(o.Value), func(v value.Value) bool {
			if d.Multiple {
				return false
			}
			want := kindNames[d.Kind]
			return value.IsEmpty(v) && d.Required || !value.IsEmpty(v) && want != "" && want != typeName(v)
		})
		if len(passing) == 0 || contains(values, passing[0]) {
			continue
		}
		values, others = append(values, passing[0]), append(others, passing[1:]...)
		label := o.Label
		if label == "" {
			label = value.ToText(o.Value)
		}
		labels = append(labels, value.Text(label))
	}
	if len(values) == 0 {
		none(out, d)
		return
	}
	out.Set("x-labels", value.Array(labels))
	if !d.Multiple {
		others = slices.DeleteFunc(others, value.IsEmpty)
		if !d.Required {
			others = append(others, empties...)
		}
		also(out, "enum", value.Array(appendNew(values, others...)))
		return
	}
	out.Set("items", value.Collection(with("enum", value.Array(appendNew(values, others...)))))
}

// forms are the values that choose an option, as sameOption has it: it, and as a number the text of it or as a text the
// number that prints so.
func forms(option value.Value) []value.Value {
	out := []value.Value{option}
	switch {
	case option.IsNumber():
		out = append(out, value.Text(value.ToText(option)))
	case option.Kind() == value.KindText && option.Str() != "":
		n, ok := value.ParseInteger(option.Str())
		if !ok {
			n = value.Number(value.StringToNumber(option.Str()))
		}
		if !math.IsInf(n.Float(), 0) && sameOption(option, n) {
			out = append(out, n)
		}
	}
	return out
}

func contains(list []value.Value, v value.Value) bool {
	return slices.ContainsFunc(list, func(w value.Value) bool { return value.StrictEqual(v, w) })
}

// appendNew appends the values that a list does not have.
func appendNew(list []value.Value, values ...value.Value) []value.Value {
	for _, v := range values {
		if !contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}
