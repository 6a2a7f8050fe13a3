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
	// Input is the kind of the control, Mode which keys a phone shows for it.
	ID, Input, Mode, Text, Problem string
	Hints                          []string
	Options                        []option
	// Set says that the owner of the spec has given a value, which is not shown; Several that any number of the options may
	// be chosen.
	Set, Several bool
	Nested       []field
	// Under and Option say which option of which field must be chosen for this one to be asked for.
	Under, Option string
}

type option struct {
	Value, Label string
	Chosen       bool
}

// Describes lists the ids of what describes the field.
func (f field) Describes() string {
	var ids []string
	if f.Problem != "" {
		ids = append(ids, f.ID+"-problem")
	}
	if len(f.Hints) > 0 {
		ids = append(ids, f.ID+"-hint")
	}
	return strings.Join(ids, " ")
}

// filling is what a form is shown with.
type filling struct {
	// typed is what was filled in before, nil for a form that is shown first.
	typed url.Values
	// lang is the language of what the form says by itself.
	lang string
	// problems are by the names of the fields.
	problems map[string]string
	// owner says that the form is for the values of the spec, of which set are there.
	owner bool
	set   []string
}

// byField gathers problems by the fields that they are shown at: what is wrong with an item stands at its list.
func byField(problems []fieldProblem) map[string]string {
	out := map[string]string{}
	for _, p := range problems {
		name, rest := p.Path, ""
		if i := strings.IndexAny(p.Path, ".["); i > 0 {
			name, rest = p.Path[:i], p.Path+": "
		}
		out[name] = strings.TrimPrefix(out[name]+"; "+rest+p.Message, "; ")
	}
	return out
}

// fields prepares a form.
func fields(defs []plan.Parameter, with filling) []field {
	var out []field
	for _, d := range defs {
		if d.Type == "hidden" {
			continue // it is for programs
		}
		f := field{Parameter: d, ID: "field-" + d.Name, Input: input(d), Mode: mode(d), Problem: with.problems[d.Name], Set: slices.Contains(with.set, d.Name)}
		f.Label = cmp.Or(d.Label, d.Name)
		f.Several = d.Choice && d.Multiple
		if d.Help != "" && !d.Visual {
			f.Hints = append(f.Hints, d.Help)
		}
		switch f.Input {
		case "lines":
			f.Hints = append(f.Hints, say(with.lang, "One in each line."))
		case "json":
			f.Hints = append(f.Hints, say(with.lang, "As JSON."))
		}
		f.choose(with)
		for _, o := range d.Options {
			for _, n := range fields(o.Nested, with) {
				if n.Under == "" {
					n.Under, n.Option = d.Name, value.ToText(o.Value)
				}
				n.Hints = append([]string{say(with.lang, "Only for %s: %s.", f.Label, cmp.Or(o.Label, value.ToText(o.Value)))}, n.Hints...)
				f.Nested = append(f.Nested, n)
			}
		}
		if f.Input != "json" && f.Input != "lines" {
			f.Nested = append(f.Nested, fields(d.Nested, with)...)
		}
		out = append(out, f)
	}
	return out
}

// choose fills a field in with what was typed, or with its default. A secret is never sent back.
func (f *field) choose(with filling) {
	chosen := with.typed[f.Name]
	if with.typed == nil && f.HasDefault && !with.owner {
		chosen = []string{value.ToText(f.Default)}
		if f.Several && f.Default.Items() != nil {
			chosen = texts(f.Default.Items())
		} else if f.Input == "lines" {
			chosen = []string{strings.Join(texts(f.Default.Items()), "\n")}
		} else if f.Input == "json" {
			chosen = []string{string(value.AppendJSON(nil, f.Default))}
		}
	}
	if len(chosen) > 0 && !f.Secret {
		f.Text = chosen[0]
	}
	for _, o := range f.Parameter.Options {
		text := value.ToText(o.Value)
		f.Options = append(f.Options, option{Value: text, Label: cmp.Or(o.Label, text), Chosen: slices.Contains(chosen, text)})
	}
	if f.Input == "checkbox" && with.owner { // whether users are asked is another question than what the value is
		f.Input, f.Options = "select", []option{{Value: "true", Label: "yes"}, {Value: "false", Label: "no"}}
	}
}

func texts(list []value.Value) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = value.ToText(v)
	}
	return out
}

// input is the kind of control of a parameter.
func input(d plan.Parameter) string {
	switch {
	case d.Visual:
		return "note"
	case d.Choice:
		return "select"
	case d.Kind == plan.ParameterBoolean:
		return "checkbox"
	case d.Kind == plan.ParameterList && simpleItems(&d):
		return "lines"
	case d.Kind == plan.ParameterList || d.Kind == plan.ParameterObject:
		return "json"
	case d.Secret && d.Multiline:
		return "secrets"
	case d.Secret:
		return "password"
	case d.Multiline:
		return "textarea"
	case d.Type == "date":
		return "date"
	}
	return "text"
}

// simpleItems reports whether the items of a list are texts or numbers, so that each goes into a line.
func simpleItems(d *plan.Parameter) bool {
	return d.SpecIsItem && len(d.Spec) == 1 && (d.Spec[0].Kind == plan.ParameterText || d.Spec[0].Kind == plan.ParameterNumber)
}

// mode says which keys a phone shows.
func mode(d plan.Parameter) string {
	switch {
	case d.Format == plan.FormatUnsigned || d.Format == plan.FormatPort:
		return "numeric"
	case d.Kind == plan.ParameterNumber && !d.Choice:
		return "decimal"
	case d.Format == plan.FormatEmail:
		return "email"
	case d.Format == plan.FormatURL:
		return "url"
	}
	return ""
}

// fill reads the values of a form that was sent. What was left empty is not there, and neither is what belongs to an
// option that was not chosen.
func fill(defs []plan.Parameter, r *http.Request) (*value.Object, error) {
	if err := r.ParseForm(); err != nil {
		return nil, problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	out := value.NewObject(8)
	problems := []fieldProblem{}
	var walk func([]plan.Parameter)
	walk = func(defs []plan.Parameter) {
		for i := range defs {
			d := &defs[i]
			typed := r.PostForm[d.Name]
			for _, o := range d.Options {
				if slices.Contains(typed, value.ToText(o.Value)) {
					walk(o.Nested)
				}
			}
			if d.Kind != plan.ParameterList && d.Kind != plan.ParameterObject {
				walk(d.Nested)
			}
			v, err := readField(d, typed)
			if err != nil {
				problems = append(problems, fieldProblem{d.Name, "type", err.Error()})
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
func readField(d *plan.Parameter, typed []string) (value.Value, error) {
	if d.Visual || len(typed) == 0 || len(typed) == 1 && typed[0] == "" {
		return value.Undefined, nil
	}
	if d.Choice {
		return readChoice(d, typed), nil
	}
	text := typed[0]
	switch d.Kind {
	case plan.ParameterBoolean:
		return value.Bool(text == "true"), nil
	case plan.ParameterNumber:
		return readNumber(text)
	case plan.ParameterList, plan.ParameterObject:
		if d.Kind == plan.ParameterList && simpleItems(d) && !strings.HasPrefix(strings.TrimSpace(text), "[") {
			return readLines(d, text)
		}
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			return value.Undefined, errors.New("expected JSON")
		}
		return v, nil
	}
	return value.Text(text), nil
}

// readChoice reads the chosen options; a text that is none of them is left to the validation.
func readChoice(d *plan.Parameter, typed []string) value.Value {
	chosen := make([]value.Value, len(typed))
	for i, text := range typed {
		chosen[i] = value.Text(text)
		for _, o := range d.Options {
			if value.ToText(o.Value) == text {
				chosen[i] = o.Value
			}
		}
	}
	if d.Multiple {
		return value.Array(chosen)
	}
	return chosen[0]
}

func readNumber(text string) (value.Value, error) {
	text = strings.TrimSpace(text)
	if v, ok := value.ParseInteger(text); ok {
		return v, nil
	}
	if n, ok := value.ParseDecimal(text); ok {
		return value.Number(n), nil
	}
	return value.Undefined, errors.New("expected a number")
}

// readLines reads a list of texts or numbers, one in each line.
func readLines(d *plan.Parameter, text string) (value.Value, error) {
	var items []value.Value
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		v := value.Text(line)
		if d.Spec[0].Kind == plan.ParameterNumber {
			var err error
			if v, err = readNumber(line); err != nil {
				return value.Undefined, fmt.Errorf("%d: %w", len(items)+1, err)
			}
		}
		items = append(items, v)
	}
	return value.Array(items), nil
}
