package form

import (
	"slices"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// draft is the dialect of JSON Schema in which Schema writes, its "$schema".
const draft = "https://json-schema.org/draft/2020-12/schema"

// Schema describes the form of definitions as a JSON Schema (2020-12) of the object that Validate takes;
// value.AppendJSON(nil, value.Collection(s)) writes it. Without definitions any object passes.
//
// An object has "properties", "required" and "allOf". In "allOf" are the fields that belong to another, which stand in
// the "then" of a condition on that, as an object of the same form, and each further definition of a name. The key
// "x-order" has the names of all of them, each once, in the order of the spec, the visual ones included.
//
// A field has its "type", "enum" and bounds at the top. Where it may be left empty, that is null or "", a list stands
// for the type, of which the first is that of the values, and "enum" ends with what is empty; "pattern" and "format" of
// texts stand in a "then" behind the condition that there is a text, and so does a "minLength" above 1 in any case, as
// Validate counts units of UTF-16: behind the condition that these are as many as the characters. Of a choice of
// several "enum" is in "items". Further keys are "writeOnly" for secrets, "x-type" (the type in the spec),
// "x-advanced", "x-editable", "x-multiline", "x-visual" (it is shown, and takes no value), "x-labels" (of the first
// values in "enum", one each; what follows is taken besides), "x-pattern" (a pattern that JSON Schema, which reads
// patterns with the flag u, cannot say) and "x-when" (for a field that belongs to another: the name of that as "field",
// and as "value" the option that makes it appear, null for that of choosing nothing; without "value" it appears when
// the other is filled in, or ticked).
//
// What Validate takes the schema takes, with one exception: "format" is an annotation, as 2020-12 has it by default,
// and a validator that asserts it may refuse some addresses and URLs, such as those beyond ASCII. It says less than
// Validate where JSON Schema cannot say more: the length of texts with characters beyond U+FFFF, of which each counts
// as two; an "x-pattern"; what exactly is an e-mail address, a certificate or a key; texts of more than 1 MiB; and a
// default of one definition that another definition of the same name then judges.
func Schema(defs []plan.Parameter) *value.Object {
	out := value.NewObject(6)
	out.Set("$schema", value.Text(draft))
	out.Set("type", value.Text("object"))
	merge(out, members(defs, nil, map[string]bool{}))
	return out
}

// fields collects what is said about the members of one object.
type fields struct {
	properties           *value.Object
	required, order, all []value.Value
	// given are the names for which a definition before has a default: absent is no value then that is known here. It is
	// shared with the fields that belong to others.
	given map[string]bool
}

// members describes definitions of one object, which appear as because says; nil is always.
func members(defs []plan.Parameter, because *value.Object, given map[string]bool) *value.Object {
	s := &fields{properties: value.NewObject(len(defs)), given: given}
	for i := range defs {
		s.add(&defs[i], because)
	}
	out := value.NewObject(4)
	out.Set("properties", value.Collection(s.properties))
	for _, list := range []struct {
		key   string
		items []value.Value
	}{{"required", s.required}, {"allOf", s.all}, {"x-order", s.order}} {
		if list.key == "x-order" || len(list.items) > 0 {
			out.Set(list.key, value.Array(list.items))
		}
	}
	return out
}

// add adds a definition, and those that belong to it.
func (s *fields) add(d *plan.Parameter, because *value.Object) {
	f := field(d)
	if because != nil {
		f.Set("x-when", value.Collection(because))
	}
	known := !s.given[d.Name] // what an absent value is
	var required []value.Value
	if known && !d.Visual && !passes(d, d.Default) {
		required = []value.Value{value.Text(d.Name)}
	}
	s.place(d.Name)
	if _, twice := s.properties.Get(d.Name); twice {
		s.all = append(s.all, value.Collection(where(d.Name, f, required)))
	} else {
		s.properties.Set(d.Name, value.Collection(f))
		s.required = append(s.required, required...)
	}
	if d.Visual {
		return
	}
	s.given[d.Name] = s.given[d.Name] || d.HasDefault
	s.below(d, d.Nested, filled(d), known && isFilled(d.Default), appears(d.Name, value.Undefined))
	for i := range d.Options {
		o, v := &d.Options[i], d.Options[i].Value
		if v.IsUndefined() {
			v = value.Null()
		}
		s.below(d, o.Nested, chosen(d, o), known && isChosen(o, d.Default), appears(d.Name, v))
	}
}

// below adds the definitions that belong to d and appear when its value is as condition says; absent tells whether they
// do when there is none.
func (s *fields) below(d *plan.Parameter, defs []plan.Parameter, condition *value.Object, absent bool, because *value.Object) {
	if len(defs) == 0 {
		return
	}
	var present []value.Value
	if !absent {
		present = []value.Value{value.Text(d.Name)}
	}
	then := members(defs, because, s.given)
	s.all = append(s.all, value.Collection(when(where(d.Name, condition, present), then)))
	for _, name := range then.Value("x-order").Items() {
		s.place(name.Str())
	}
}

// place notes a name in the order of the spec.
func (s *fields) place(name string) {
	if !slices.ContainsFunc(s.order, func(v value.Value) bool { return v.Str() == name }) {
		s.order = append(s.order, value.Text(name))
	}
}

// where is the schema of an object whose member has a schema.
func where(name string, member *value.Object, required []value.Value) *value.Object {
	properties := value.NewObject(1)
	properties.Set(name, value.Collection(member))
	out := value.NewObject(2)
	out.Set("properties", value.Collection(properties))
	if len(required) > 0 {
		out.Set("required", value.Array(required))
	}
	return out
}

// passes reports whether Validate takes a default, undefined for none, when a value is absent.
func passes(d *plan.Parameter, x value.Value) bool {
	var v validator
	v.check("", d, unshare(d, x))
	return v.failures == nil
}

// filled is the schema of the values with which the fields that belong to d appear, as isFilled has it.
func filled(d *plan.Parameter) *value.Object {
	if d.Kind == plan.ParameterBoolean {
		return with("const", value.Bool(true))
	}
	return with("not", value.Collection(with("enum", value.Array([]value.Value{value.Null(), value.Text(""), value.Bool(false)}))))
}

// chosen is the schema of the values that choose an option, as isChosen has it.
func chosen(d *plan.Parameter, o *plan.ParameterOption) *value.Object {
	values := []value.Value{value.Null(), value.Text("")}
	if !o.Value.IsUndefined() {
		values = forms(o.Value)
	}
	one := with("enum", value.Array(values))
	if len(values) == 1 {
		one = with("const", values[0])
	}
	if d.Kind != plan.ParameterAny && d.Kind != plan.ParameterList || d.Choice && !d.Multiple && knowsOptions(d) && !hasList(d.Options) {
		return one
	}
	among := with("type", value.Text("array"))
	among.Set("contains", value.Collection(one))
	return with("anyOf", value.Array([]value.Value{value.Collection(one), value.Collection(among)}))
}

// hasList reports whether a list may be one choice.
func hasList(options []plan.ParameterOption) bool {
	return slices.ContainsFunc(options, func(o plan.ParameterOption) bool { return o.Value.Kind() == value.KindArray })
}

// appears says which field makes others appear: by any value, or by one, where null is that of choosing nothing.
func appears(name string, v value.Value) *value.Object {
	out := with("field", value.Text(name))
	if !v.IsUndefined() {
		out.Set("value", v)
	}
	return out
}

// when is a schema that asks for something under a condition.
func when(condition, then *value.Object) *value.Object {
	out := value.NewObject(2)
	out.Set("if", value.Collection(condition))
	out.Set("then", value.Collection(then))
	return out
}

// with is an object with one member.
func with(key string, v value.Value) *value.Object {
	out := value.NewObject(1)
	out.Set(key, v)
	return out
}

// also asks for one thing more: where the keyword is taken already, in a schema of its own.
func also(out *value.Object, key string, v value.Value) {
	if _, taken := out.Get(key); taken && key != "allOf" {
		key, v = "allOf", value.Array([]value.Value{value.Collection(with(key, v))})
	}
	if key == "allOf" {
		v = value.Array(slices.Concat(out.Value(key).Items(), v.Items()))
	}
	out.Set(key, v)
}

// merge asks for all that another schema does.
func merge(out, of *value.Object) {
	for _, key := range of.Keys() {
		also(out, key, of.Value(key))
	}
}
