package broker

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// field is one field of a form as a page shows it.
type field struct {
	plan.Parameter
	ID, Input, Text, Problem string
	Options                  []option
	Set                      bool
	Nested                   []field
	// Under says when the field is asked for, "" always.
	Under string
}

type option struct {
	Value, Label string
	Chosen       bool
}

// fields prepares a form: typed is what was filled in before, problems what was wrong with it.
func fields(defs []plan.Parameter, typed url.Values, problems map[string]string, set []string) []field {
	var out []field
	for _, d := range defs {
		f := field{Parameter: d, ID: "field-" + d.Name, Input: "text", Problem: problems[d.Name], Set: slices.Contains(set, d.Name)}
		f.Label = cmp.Or(d.Label, d.Name)
		switch {
		case d.Visual:
			f.Input = "note"
		case d.Choice:
			f.Input = "select"
		case d.Kind == plan.ParameterBoolean:
			f.Input = "checkbox"
		case d.Kind == plan.ParameterNumber:
			f.Input = "number"
		case d.Kind == plan.ParameterList || d.Kind == plan.ParameterObject:
			f.Input = "json"
		case d.Secret && d.Multiline:
			f.Input = "secrets"
		case d.Secret:
			f.Input = "password"
		case d.Multiline:
			f.Input = "textarea"
		}
		chosen := typed[d.Name]
		if len(chosen) == 0 && d.HasDefault && typed == nil {
			chosen = []string{value.ToText(d.Default)}
			if f.Input == "json" {
				chosen = []string{string(value.AppendJSON(nil, d.Default))}
			}
		}
		if len(chosen) > 0 && !d.Secret { // a secret is never sent back
			f.Text = chosen[0]
		}
		for _, o := range d.Options {
			text := value.ToText(o.Value)
			f.Options = append(f.Options, option{Value: text, Label: cmp.Or(o.Label, text), Chosen: slices.Contains(chosen, text)})
			for _, n := range fields(o.Nested, typed, problems, set) {
				n.Under = fmt.Sprintf("Only for %s: %s.", f.Label, cmp.Or(o.Label, text))
				n.Required = false
				f.Nested = append(f.Nested, n)
			}
		}
		if f.Input != "json" {
			f.Nested = append(f.Nested, fields(d.Nested, typed, problems, set)...)
		}
		out = append(out, f)
	}
	return out
}

// fill reads the values of a form that was sent. What was left empty is not there.
func fill(defs []plan.Parameter, r *http.Request) (*value.Object, error) {
	if err := r.ParseForm(); err != nil {
		return nil, problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	out := value.NewObject(8)
	problems := []FieldProblem{}
	var walk func([]plan.Parameter)
	walk = func(defs []plan.Parameter) {
		for i := range defs {
			d := &defs[i]
			for _, o := range d.Options {
				walk(o.Nested)
			}
			if d.Kind != plan.ParameterList && d.Kind != plan.ParameterObject {
				walk(d.Nested)
			}
			v, err := readField(d, r.PostForm[d.Name])
			if err != nil {
				problems = append(problems, FieldProblem{d.Name, "type", err.Error()})
			} else if !v.IsUndefined() {
				out.Set(d.Name, v)
			}
		}
	}
	walk(defs)
	if len(problems) > 0 {
		p := problem(http.StatusUnprocessableEntity, "parameters-invalid", "some fields cannot be read")
		p.Fields = problems
		return out, p
	}
	return out, nil
}

// readField reads a field as the type of its parameter.
func readField(d *plan.Parameter, texts []string) (value.Value, error) {
	if d.Visual || len(texts) == 0 || len(texts) == 1 && texts[0] == "" {
		return value.Undefined, nil
	}
	if d.Choice {
		var chosen []value.Value
		for _, text := range texts {
			v := value.Text(text)
			for _, o := range d.Options {
				if value.ToText(o.Value) == text {
					v = o.Value
				}
			}
			chosen = append(chosen, v)
		}
		if d.Multiple {
			return value.Array(chosen), nil
		}
		return chosen[0], nil
	}
	text := texts[0]
	switch d.Kind {
	case plan.ParameterBoolean:
		return value.Bool(text == "true"), nil
	case plan.ParameterNumber:
		if v, ok := value.ParseInteger(strings.TrimSpace(text)); ok {
			return v, nil
		}
		if n, ok := value.ParseDecimal(strings.TrimSpace(text)); ok {
			return value.Number(n), nil
		}
		return value.Undefined, errors.New("expected a number")
	case plan.ParameterList, plan.ParameterObject:
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			return value.Undefined, errors.New("expected JSON")
		}
		return v, nil
	}
	return value.Text(text), nil
}
