package run

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
)

// choose takes the variant that a grant names, or the one that is enabled, and validates the parameters of its own.
func (r *run) choose(g Grant) error {
	if r.conn.Variant = ""; len(r.plan.Connection.Variants) == 0 {
		if g.Variant != "" {
			return r.wrongVariant(message.NoVariants, message.Args{"variant": g.Variant})
		}
		return nil
	}
	v, err := r.enabled(g.Variant)
	if err != nil {
		return err
	}
	if g.Parameters != nil {
		if r.conn.Data, err = form.Validate(r.frame.Meter(), v.Connection.Parameters, r.conn.Data); err != nil {
			return err
		}
	}
	return r.use(v)
}

// enabled returns the variant of that name, or with "" the one that is enabled, which must be the only one.
func (r *run) enabled(name string) (*plan.Variant, error) {
	var found []*plan.Variant
	var names []string
	for i := range r.plan.Connection.Variants {
		v := &r.plan.Connection.Variants[i]
		if name != "" && v.Name != name {
			continue
		}
		on, err := r.condition(v.Enabled)
		if err != nil {
			return nil, err
		}
		if on {
			found, names = append(found, v), append(names, v.Name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, r.wrongVariant(message.SeveralVariants, message.Args{"enabled": strings.Join(names, ", ")})
	case name != "":
		return nil, r.wrongVariant(message.VariantNotEnabled, message.Args{"variant": name})
	}
	return nil, r.wrongVariant(message.NoVariantEnabled, message.Args{})
}

// resumeVariant goes on with the variant that made the connection.
func (r *run) resumeVariant() error {
	list := r.plan.Connection.Variants
	if r.conn.Variant == "" && len(list) == 0 {
		return nil
	}
	for i := range list {
		if list[i].Name == r.conn.Variant {
			return r.use(&list[i])
		}
	}
	id := message.VariantUnknown
	switch {
	case len(list) == 0:
		id = message.VariantGone
	case r.conn.Variant == "":
		id = message.VariantNotNamed
	}
	return r.wrongVariant(id, message.Args{"variant": r.conn.Variant})
}

// use goes on with a variant.
func (r *run) use(v *plan.Variant) error {
	r.spec, r.conn.Variant = &v.Connection, v.Name
	r.protect(r.spec.Parameters)
	return r.bindCommon()
}

// wrongVariant is the error of a variant that cannot be taken.
func (r *run) wrongVariant(id string, args message.Args) *Error {
	names := make([]string, len(r.plan.Connection.Variants))
	for i := range names {
		names[i] = r.plan.Connection.Variants[i].Name
	}
	args["variants"] = strings.Join(names, ", ")
	e := misconfigured(id, args)
	if e.Class, e.Code = ClassUser, r.word(CodeVariant); len(names) > 0 {
		e.Help = "name the variant to authorise with, or change the parameters that enable it"
	}
	return e
}

// scopeOf returns the scope of an authorisation: that of the connection, or else what the plan asks for by itself, and
// then what is wanted beside.
func (r *run) scopeOf(wanted []string) []string {
	base := r.conn.Scope
	if base == nil {
		base = r.spec.DefaultScope
	}
	out, have := make([]string, 0, len(base)+len(wanted)), map[string]bool{}
	for _, list := range [...][]string{base, wanted} {
		for _, s := range list {
			if !have[s] {
				out, have[s] = append(out, s), true
			}
		}
	}
	return out
}
