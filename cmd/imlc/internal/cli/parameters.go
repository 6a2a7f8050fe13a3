package cli

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// parameterFlags give the values of a connection's parameters.
type parameterFlags struct {
	Param     []string `help:"Set a parameter; what its definition calls a number, boolean or list is read as one. Give secrets by file, environment or prompt." placeholder:"NAME=VALUE" sep:"none"`
	ParamFrom []string `help:"Set a parameter to the content of a file, without the line break at its end." placeholder:"NAME=FILE" sep:"none"`
	ParamFile string   `help:"JSON object with parameters, - for standard input." placeholder:"FILE"`
	Common    string   `help:"JSON object with the connection's common data." placeholder:"FILE"`
}

// read returns the parameters that were given, in the order environment, file, flags; the last one wins.
func (f parameterFlags) read(c *command, defs []plan.Parameter) (*value.Object, error) {
	out := value.NewObject(8)
	for i := range defs {
		if text := c.Env("IMLC_PARAM_" + defs[i].Name); text != "" {
			v, err := parameterValue(defs, defs[i].Name, text)
			if err != nil {
				return nil, err
			}
			out.Set(defs[i].Name, v)
		}
	}
	if f.ParamFile != "" {
		o, err := c.readObject(f.ParamFile)
		if err != nil {
			return nil, err
		}
		for i := range o.Len() {
			k, v := o.At(i)
			out.Set(k, v)
		}
	}
	for _, s := range f.ParamFrom {
		name, file, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usagef("--param-from: expected NAME=FILE")
		}
		data, err := c.readInput(file)
		if err != nil {
			return nil, err
		}
		if err := setParameter(out, defs, name, trimLineBreak(string(data))); err != nil {
			return nil, err
		}
	}
	for _, s := range f.Param {
		name, text, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usagef("--param: expected NAME=VALUE")
		}
		if err := setParameter(out, defs, name, text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func trimLineBreak(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

func setParameter(o *value.Object, defs []plan.Parameter, name, text string) error {
	v, err := parameterValue(defs, name, text)
	if err == nil {
		o.Set(name, v)
	}
	return err
}

// common returns the connection's common data: from the environment and a file, and asked for where the spec describes it and
// ask allows. nil when there is none and nothing is described.
func (f parameterFlags) common(c *command, p *plan.Plan, ask bool) (*value.Object, error) {
	defs := p.Connection.CommonParameters
	reads := p.Reads(ast.RootCommon)
	out := value.NewObject(len(defs))
	if len(defs) == 0 {
		for _, name := range reads {
			if text := c.Env("IMLC_COMMON_" + name); text != "" {
				out.Set(name, value.Text(text))
			}
		}
		if f.Common == "" && out.Len() == 0 {
			if len(reads) > 0 {
				c.Err.Printf("note: the spec reads the common data %s, and none are given: put them into a JSON object for --common FILE, or into the environment as IMLC_COMMON_NAME\n", strings.Join(reads, ", "))
			}
			return nil, nil
		}
	}
	for i := range defs {
		if text := c.Env("IMLC_COMMON_" + defs[i].Name); text != "" {
			if err := setParameter(out, defs, defs[i].Name, text); err != nil {
				return nil, err
			}
		}
	}
	if f.Common != "" {
		o, err := c.readObject(f.Common)
		if err != nil {
			return nil, err
		}
		for i := range o.Len() {
			k, v := o.At(i)
			out.Set(k, v)
		}
		if err := c.unread(p, "common value", o, defs); err != nil {
			return nil, err
		}
	}
	if ask {
		if err := c.promptParameters(defs, out); err != nil {
			return nil, err
		}
	}
	if list := missing(defs, out); len(list) > 0 {
		return nil, missingError("common value", list, "give them in a JSON object with --common FILE, or in the environment variable IMLC_COMMON_NAME")
	}
	return out, nil
}

// findParameter returns the definition of a name, those nested in others too; nil when there is none.
func findParameter(defs []plan.Parameter, name string) *plan.Parameter {
	for i := range defs {
		if defs[i].Name == name {
			return &defs[i]
		}
		if d := findParameter(defs[i].Nested, name); d != nil {
			return d
		}
		for j := range defs[i].Options {
			if d := findParameter(defs[i].Options[j].Nested, name); d != nil {
				return d
			}
		}
	}
	return nil
}

// parameterValue reads a text as the type of a parameter. Errors do not repeat the text, which may be a secret.
func parameterValue(defs []plan.Parameter, name, text string) (value.Value, error) {
	d := findParameter(defs, name)
	if d == nil {
		return value.Text(text), nil
	}
	return readAs(d, text)
}

func readAs(d *plan.Parameter, text string) (value.Value, error) {
	bad := func(want string) error {
		return usagef("parameter %s is a %s: expected %s", d.Name, d.Type, want)
	}
	switch d.Kind {
	case plan.ParameterNumber:
		if v, ok := value.ParseInteger(strings.TrimSpace(text)); ok {
			return v, nil
		}
		if n, ok := value.ParseDecimal(strings.TrimSpace(text)); ok {
			return value.Number(n), nil
		}
		return value.Undefined, bad("a number")
	case plan.ParameterBoolean:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "yes", "y", "1":
			return value.Bool(true), nil
		case "false", "no", "n", "0":
			return value.Bool(false), nil
		}
		return value.Undefined, bad("true or false")
	case plan.ParameterList, plan.ParameterObject:
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			return value.Undefined, bad("JSON")
		}
		return v, nil
	}
	if d.Choice {
		return chosen(d, text), nil
	}
	return value.Text(text), nil
}

// chosen returns the option that a text names by value or label, for a multiple choice a list of them. An unknown one
// stays a text, which the validation refuses with the platform's words.
func chosen(d *plan.Parameter, text string) value.Value {
	one := func(s string) value.Value {
		s = strings.TrimSpace(s)
		for _, o := range d.Options {
			if value.ToText(o.Value) == s {
				return o.Value
			}
		}
		for _, o := range d.Options {
			if o.Label == s {
				return o.Value
			}
		}
		return value.Text(s)
	}
	if !d.Multiple {
		return one(text)
	}
	var items []value.Value
	for s := range strings.SplitSeq(text, ",") {
		items = append(items, one(s))
	}
	return value.Array(items)
}

// missing lists required parameters without value and default, those of chosen options too.
func missing(defs []plan.Parameter, o *value.Object) []*plan.Parameter {
	var out []*plan.Parameter
	for i := range defs {
		d := &defs[i]
		if d.Visual {
			continue
		}
		v := o.Value(d.Name)
		if v.IsUndefined() && d.HasDefault {
			v = d.Default
		}
		if d.Required && value.IsEmpty(v) {
			out = append(out, d)
		}
		out = append(out, missing(d.Nested, o)...)
		for j := range d.Options {
			if value.StrictEqual(d.Options[j].Value, v) {
				out = append(out, missing(d.Options[j].Nested, o)...)
			}
		}
	}
	return out
}

// missingParameters is the refusal of parameters that lack required ones.
func missingParameters(list []*plan.Parameter) error {
	return missingError("parameter", list, "give them with --param NAME=VALUE, --param-file FILE, --param-from NAME=FILE, or the environment variable IMLC_PARAM_NAME")
}

// missingError lists what has to be given, with what the spec says of it and how it is given.
func missingError(what string, list []*plan.Parameter, how string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s missing:", counted(len(list), "required "+what))
	for _, d := range list {
		fmt.Fprintf(&b, "\n%s (%s)", d.Name, d.Type)
		if d.Label != "" {
			fmt.Fprintf(&b, " %s", d.Label)
		}
		if d.Help != "" {
			fmt.Fprintf(&b, ": %s", d.Help)
		}
	}
	b.WriteString("\n" + how)
	return usagef("%s", b.String())
}

// parameterProblem turns the engine's refusal of parameters into an error of usage.
func parameterProblem(e *form.Error) error {
	var b strings.Builder
	b.WriteString("the parameters are not valid:")
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "\n%s: %s", f.Path, f.Message)
	}
	return usagef("%s", b.String())
}
