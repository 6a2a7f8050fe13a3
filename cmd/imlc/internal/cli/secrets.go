package cli

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// secretWords are parts of names whose values are not shown.
var secretWords = []string{"secret", "password", "passwd", "passphrase", "private", "token", "credential", "apikey", "api_key", "session", "verifier"}

// secretTypes are the parameter types whose values are not shown (spec make.md §17.1).
var secretTypes = []string{"password", "pkey", "cert"}

func secretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) })
}

// masked returns a copy of v as it may be shown: what is secret by mark, by the name of its key or by the type of its
// parameter is replaced.
func masked(v value.Value, defs []plan.Parameter) value.Value {
	if v.IsSecret() {
		return value.Text(value.Mask)
	}
	switch v.Kind() {
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = masked(item, defs)
		}
		return value.Array(items)
	case value.KindCollection:
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			if !value.IsEmpty(item) && (secretName(k) || secretParameter(defs, k)) {
				item = value.Text(value.Mask)
			}
			o.Set(k, masked(item, defs))
		}
		return value.Collection(o)
	}
	return v
}

func secretParameter(defs []plan.Parameter, name string) bool {
	for i := range defs {
		d := &defs[i]
		if d.Name == name && slices.Contains(secretTypes, d.Type) || secretParameter(d.Nested, name) || secretParameter(d.Spec, name) {
			return true
		}
		for j := range d.Options {
			if secretParameter(d.Options[j].Nested, name) {
				return true
			}
		}
	}
	return false
}

// secretTexts returns the texts of v that masked would hide.
func secretTexts(v value.Value, defs []plan.Parameter) []string {
	var out []string
	var walk func(v value.Value, secret bool)
	walk = func(v value.Value, secret bool) {
		secret = secret || v.IsSecret()
		if v.Kind() == value.KindText && secret {
			out = append(out, v.Str())
		}
		for _, item := range v.Items() {
			walk(item, secret)
		}
		o := v.Object()
		for i := range o.Len() {
			k, item := o.At(i)
			walk(item, secret || secretName(k) || secretParameter(defs, k))
		}
	}
	walk(v, false)
	return out
}
