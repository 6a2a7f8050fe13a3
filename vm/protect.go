package vm

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// protectParameters marks the values of password parameters as secret and remembers their texts.
func (r *run) protectParameters() {
	if !r.engine.passwords {
		r.bindStore()
		return
	}
	out := r.conn.Data.Clone()
	r.protect(r.engine.plan.Connection.Parameters, out)
	r.conn.Data = out
	r.bindStore()
}

// protect looks at every definition of one object, those nested in fields and options too, whatever was chosen.
func (r *run) protect(defs []plan.Parameter, o *value.Object) {
	for i := range defs {
		d := &defs[i]
		if v, ok := o.Get(d.Name); ok {
			if isPassword(d) {
				o.Set(d.Name, v.AsSecret())
			}
			r.learn(d, v)
		}
		r.protect(d.Nested, o)
		for j := range d.Options {
			r.protect(d.Options[j].Nested, o)
		}
	}
}

// anyPassword reports whether a definition, at any depth, is one of a password.
func anyPassword(defs []plan.Parameter) bool {
	for i := range defs {
		d := &defs[i]
		if isPassword(d) || anyPassword(d.Nested) || anyPassword(d.Spec) {
			return true
		}
		for j := range d.Options {
			if anyPassword(d.Options[j].Nested) {
				return true
			}
		}
	}
	return false
}

func isPassword(d *plan.Parameter) bool { return d.Type == "password" || d.Type == "pkey" }

// learn remembers the texts of a password, and of those inside a collection or a list of them.
func (r *run) learn(d *plan.Parameter, v value.Value) {
	if items := v.Items(); len(items) > 0 {
		for _, item := range items {
			r.learn(d, item)
		}
		return
	}
	if isPassword(d) {
		r.addSecret(value.ToText(v))
	}
	for i := range d.Spec {
		if s := &d.Spec[i]; d.SpecIsItem {
			r.learn(s, v)
		} else if item, ok := v.Object().Get(s.Name); ok {
			r.learn(s, item)
		}
	}
}
