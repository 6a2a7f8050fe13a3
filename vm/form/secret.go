package form

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// HasSecrets reports whether a definition, at any depth, is one of a secret value.
func HasSecrets(defs []plan.Parameter) bool {
	for i := range defs {
		d := &defs[i]
		if d.Secret || HasSecrets(d.Nested) || HasSecrets(d.Spec) {
			return true
		}
		for j := range d.Options {
			if HasSecrets(d.Options[j].Nested) {
				return true
			}
		}
	}
	return false
}

// Secrets returns a copy of data in which the secret values are marked, and passes the text of each of them to found,
// those inside lists and objects too. It looks at every definition, also those nested in fields that are empty and in
// options that are not chosen: a value that was a secret once stays one.
func Secrets(defs []plan.Parameter, data *value.Object, found func(text string)) *value.Object {
	out := data.Clone()
	markFields(defs, out, found)
	return out
}

// markFields marks the fields of o.
func markFields(defs []plan.Parameter, o *value.Object, found func(string)) {
	for i := range defs {
		d := &defs[i]
		if v, ok := o.Get(d.Name); ok {
			if d.Secret {
				o.Set(d.Name, v.AsSecret())
			}
			texts(d, v, found)
		}
		markFields(d.Nested, o, found)
		for j := range d.Options {
			markFields(d.Options[j].Nested, o, found)
		}
	}
}

// texts passes on the texts of a value that is secret, or holds secret ones.
func texts(d *plan.Parameter, v value.Value, found func(string)) {
	if items := v.Items(); len(items) > 0 {
		for _, item := range items {
			texts(d, item, found)
		}
		return
	}
	if d.Secret {
		found(value.ToText(v))
	}
	for i := range d.Spec {
		if s := &d.Spec[i]; d.SpecIsItem {
			texts(s, v, found)
		} else if item, ok := v.Object().Get(s.Name); ok {
			texts(s, item, found)
		}
	}
}
