package make

import (
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

var (
	optionKeys = keySet("label", "value", "nested", "default", "short", "description")
	groupKeys  = keySet("label", "options")
	storeKeys  = keySet("store", "nested", "label", "value", "placeholder", "wildcard", "ids", "grouped", "showRoot", "singleLevel",
		"file", "default", "operators", "logic", "scope", "learning")
)

// properties are the names that the label and the value of an option go by.
type properties struct{ label, value string }

// options reads the options of a select (spec make.md §17.1): a list of options or of groups of them, the address of a
// remote procedure, which does not exist in connections, or an object with one of these as its store.
func (r *reader) options(p *ast.Parameter, e entry, names properties) {
	switch e.node.Kind {
	case document.KindText, document.KindNull:
		r.remote = r.remote || e.is(document.KindText) // its options may have fields of their own
	case document.KindObject:
		r.store(p, e)
	case document.KindArray:
		for i := range e.node.Items {
			r.option(p, e.item(i), names)
		}
	default:
		r.badParameter(e, "\"options\" is %s, expected a list of options", kindPhrase(e.node.Kind))
	}
}

// store reads the object form, which may name the properties of options otherwise.
func (r *reader) store(p *ast.Parameter, e entry) {
	all := r.fields(e, storeKeys)
	names := properties{"label", "value"}
	if f, ok := all.get("label"); ok {
		r.parameterText(&names.label, f)
	}
	if f, ok := all.get("value"); ok {
		r.parameterText(&names.value, f)
	}
	if f, ok := all.get("store"); ok && f.is(document.KindObject) {
		r.badParameter(f, "\"store\" is an object, expected a list of options")
	} else if ok {
		r.options(p, f, names)
	}
	if f, ok := all.get("nested"); ok {
		p.Nested = append(p.Nested, r.nested(f)...)
	}
	if f, ok := all.get("placeholder"); ok {
		r.placeholder(p, f)
	}
}

// placeholder reads what stands for no choice: a text, or an object that may have fields of its own.
func (r *reader) placeholder(p *ast.Parameter, e entry) {
	if !e.is(document.KindObject) {
		return
	}
	if f, ok := r.fields(e, keySet("label", "nested")).get("nested"); ok {
		if nested := r.nested(f); len(nested) > 0 {
			p.Options = append(p.Options, ast.ParameterOption{Nested: nested})
		}
	}
}

// option reads one option, or the group of them that an item with options is.
func (r *reader) option(p *ast.Parameter, e entry, names properties) {
	switch {
	case e.is(document.KindInvalid):
		return
	case !e.is(document.KindObject):
		r.badParameter(e, "an option is %s, expected an object with label and value", kindPhrase(e.node.Kind))
		return
	case e.node.Member("options") != nil && e.node.Member(names.value) == nil:
		if f, ok := r.fields(e, groupKeys).get("options"); ok {
			r.options(p, f, names)
		}
		return
	}
	known := optionKeys
	if names != (properties{"label", "value"}) { // then options are records with more in them
		known = keySet("nested")
		for _, m := range e.node.Members {
			known[m.Key] = true
		}
	}
	var o ast.ParameterOption
	all := r.fields(e, known)
	if f, ok := all.get(names.label); ok {
		r.parameterText(&o.Label, f)
	}
	if f, ok := all.get(names.value); ok {
		o.Value = data(f)
	} else {
		r.badParameter(e, "the option has no %q", names.value)
	}
	if f, ok := all.get("nested"); ok {
		o.Nested = r.nested(f)
	}
	p.Options = append(p.Options, o)
}
