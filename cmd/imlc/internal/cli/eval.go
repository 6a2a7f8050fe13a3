package cli

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zone names must work on machines without a zone database

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// templateFlags are the choices of compiling one template.
type templateFlags struct {
	Strict         bool `help:"Turn warnings into errors."`
	StrictEquality bool `help:"Make = compare without conversion."`
	WhiteLabel     bool `help:"Make the functions of the platform's white-label edition known."`
	DisableAngle   bool `help:"Take << and >> as plain text."`
	Roots          bool `help:"Warn of names that the data does not have."`
	// Functions asks for scripts to run, so that no further flag has to.
	Functions string `help:"Folder with functions of an app in JavaScript, which the template can call: NAME.js or NAME/code.js." placeholder:"DIR"`
}

func (f templateFlags) options(context *value.Object) imlc.TemplateOptions {
	o := imlc.TemplateOptions{Strict: f.Strict, StrictEquality: f.StrictEquality, WhiteLabel: f.WhiteLabel, DisableAngle: f.DisableAngle}
	if f.Roots {
		o.Roots = slices.Clone(context.Keys())
		if o.Roots == nil {
			o.Roots = []string{}
		}
	}
	return o
}

// dataFlags say what a template sees.
type dataFlags struct {
	Data     string   `help:"JSON object with the names that the template sees: the object itself, a file, or - for standard input." placeholder:"JSON|FILE"`
	Set      []string `help:"Give a name that the template sees a value: JSON where it is some, else text; NAME may be a path such as body.id." placeholder:"NAME=VALUE" sep:"none"`
	Timezone string   `help:"IANA name of the zone of dates; UTC by default." placeholder:"ZONE"`
	Now      string   `help:"Freeze the clock at this RFC 3339 instant." placeholder:"TIME"`
}

func (f dataFlags) context(c *command) (*value.Object, error) {
	data := value.NewObject(0)
	var err error
	switch text := strings.TrimSpace(f.Data); {
	case text == "":
	case text[0] == '{':
		v, problem := value.ParseJSON(text, nil)
		if problem != nil || v.Object() == nil {
			return nil, usagef("--data: expected a JSON object: %v", problem)
		}
		data = v.Object()
	default:
		if data, err = c.readObject(f.Data); err != nil {
			return nil, err
		}
	}
	for _, pair := range f.Set {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usagef("--set %s: expected NAME=VALUE", pair)
		}
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			v = value.Text(text)
		}
		data = withPath(data, strings.Split(name, "."), v)
	}
	return data, nil
}

// withPath returns an object with a value at a path, over what was there.
func withPath(o *value.Object, path []string, v value.Value) *value.Object {
	out := value.NewObject(1)
	if o != nil {
		out = o.Clone()
	}
	if len(path) > 1 {
		v = value.Collection(withPath(out.Value(path[0]).Object(), path[1:], v))
	}
	out.Set(path[0], v)
	return out
}

// env returns what a run sees.
func (f dataFlags) env(c *command, context *value.Object) (*expr.Env, error) {
	env := &expr.Env{Context: context, Now: c.Now(), Entropy: c.Entropy, Ctx: c.Context}
	if f.Now != "" {
		t, err := time.Parse(time.RFC3339Nano, f.Now)
		if err != nil {
			return nil, usagef("--now: expected an RFC 3339 instant such as 2024-01-02T03:04:05Z, found %q", f.Now)
		}
		env.Now = t
	}
	zone, err := readZone(f.Timezone)
	env.Timezone = zone
	return env, err
}

func readZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, usagef("--timezone: %q is no IANA zone name; expected one such as Europe/Prague", name)
	}
	return zone, nil
}

// evalCommand evaluates one template.
type evalCommand struct {
	Template string `arg:"" optional:"" help:"Template text such as 'Hi {{upper(name)}}', - to read it from standard input."`
	dataFlags
	templateFlags
	JSON   bool   `name:"json" help:"The template is a JSON document whose texts are templates."`
	Format string `help:"Print the result as text, as json, or typed as {\"type\",\"value\"}." enum:"text,json,typed" default:"text"`
	Repl   bool   `help:"Open an interactive loop."`
}

// Run implements the sub-command.
func (k *evalCommand) Run(c *command) error {
	if k.Repl && (k.Template != "" || k.JSON) {
		return usagef("--repl takes neither a template nor --json")
	}
	context, err := k.context(c)
	if err != nil {
		return err
	}
	if k.Repl || k.Template == "" && k.Data != "-" && c.ReadPassword != nil {
		return c.repl(k, context)
	}
	if k.Template == "-" && k.Data == "-" {
		return usagef("template and data cannot both come from standard input")
	}
	text, err := k.text(c)
	if err != nil {
		return err
	}
	env, err := k.env(c, context)
	if err != nil {
		return err
	}
	o := k.options(context)
	if o.Functions, err = c.readFunctions(k.Functions); err != nil {
		return err
	}
	p, err := c.compileTemplate(text, k.JSON, o)
	if err != nil {
		return err
	}
	c.unset(p, context, k.Set)
	v, err := c.runTemplate(p, text, k.JSON, o, env)
	if err != nil {
		return err
	}
	c.printValue(v, k.Format)
	return nil
}

func (k *evalCommand) text(c *command) (string, error) {
	switch k.Template {
	case "":
		return "", usagef("a template is missing\nrun \"imlc eval 'TEMPLATE'\", or \"imlc eval --repl\" for an interactive loop")
	case "-":
		data, err := c.readInput("-")
		return strings.TrimSuffix(string(data), "\n"), err
	}
	return k.Template, nil
}

// templateName stands for the file name of a template from the command line.
const templateName = "template"

// runTemplate runs a template that is compiled. Problems are shown on Err; the error is then errReported.
func (c *command) runTemplate(p *plan.Plan, text string, isJSON bool, o imlc.TemplateOptions, env *expr.Env) (value.Value, error) {
	program, err := expr.NewProgram(p, o.Functions...)
	if err != nil {
		return value.Undefined, err
	}
	v, err := program.Run(env)
	if err != nil {
		c.Err.EvalError(err, show.Template{Name: templateName, Text: text, Document: isJSON})
		return value.Undefined, errReported
	}
	return v, nil
}

func (c *command) compileTemplate(text string, isJSON bool, o imlc.TemplateOptions) (*plan.Plan, error) {
	compile := imlc.CompileTemplate
	if isJSON {
		compile = imlc.CompileTemplateJSON
	}
	p, list := compile(templateName, text, o)
	c.Err.Problems(list, diag.Warning)
	if p == nil {
		return nil, errReported
	}
	return p, nil
}

// printValue prints a result: text as it is, collections as JSON, nothing for undefined (spec iml.md §2).
func (c *command) printValue(v value.Value, format string) {
	switch format {
	case "json":
		if v.IsUndefined() {
			v = value.Null()
		}
		c.Out.Printf("%s\n", value.AppendJSON(nil, v))
	case "typed":
		typed := conformance.Encode(v)
		o := value.NewObject(2)
		o.Set("type", value.Text(typed.Type))
		o.Set("value", typed.Value)
		c.Out.Printf("%s\n", value.AppendJSON(nil, value.Collection(o)))
	default:
		c.Out.Printf("%s\n", show.Text(v))
	}
}
