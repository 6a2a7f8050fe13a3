package cli

import (
	"regexp"
	"sort"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

// functionList prints all functions by family.
func (c *command) functionList() {
	families := map[string][]*builtin.Function{}
	for _, f := range iml.Library().All(true) {
		name := f.Family
		if f.WhiteLabel {
			name += " (white-label edition, imlc eval --white-label)"
		}
		families[name] = append(families[name], f)
	}
	names := make([]string, 0, len(families))
	for name := range families {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c.Out.Printf("%s\n", c.Out.Paint(show.Bold, name))
		for _, f := range families[name] {
			c.Out.Describe(f.Signature, f.Doc)
		}
		c.Out.Printf("\n")
	}
	c.Out.Printf("imlc help functions NAME shows the rules of one and runs its example.\n")
}

// parameterKinds says how an argument is converted (spec iml.md §9.1).
var parameterKinds = map[builtin.ParamKind]string{
	builtin.ParamAny: "any value", builtin.ParamText: "text; other values become text", builtin.ParamNumber: "number, or a text that is one",
	builtin.ParamInteger: "number, cut to a whole one", builtin.ParamDate: "date, or a text that is one", builtin.ParamArray: "array",
	builtin.ParamCollection: "collection", builtin.ParamBoolean: "false when falsy or the text false, else true", builtin.ParamOption: "one of",
}

// nilRules says what a nil first argument gives.
var nilRules = map[builtin.NilRule]string{
	builtin.NilSame: "undefined for undefined, null for null", builtin.NilUndefined: "undefined", builtin.NilFalse: "false",
	builtin.NilMinusOne: "-1", builtin.NilZero: "0", builtin.NilEmptyText: "an empty text", builtin.NilEmptyArray: "an empty array",
}

// helpFunction prints signature, rules and a live example of one function.
func (c *command) helpFunction(name string) error {
	name = strings.TrimSuffix(strings.TrimSpace(name), "()")
	f, ok := iml.Library().Lookup(name)
	if !ok {
		if near := iml.Library().Suggest(name, true, nil); near != "" {
			return usagef("there is no function %q; did you mean %s?", name, near)
		}
		return usagef("there is no function %q\nrun \"imlc help functions\" for the list", name)
	}
	c.Out.Printf("%s\n  %s\n", c.Out.Paint(show.Bold, f.Signature), f.Doc)
	if f.WhiteLabel {
		c.Out.Printf("  White-label edition: known only when it is switched on (imlc eval --white-label).\n")
	}
	if len(f.Params) > 0 {
		c.Out.Printf("\nArguments:\n")
	}
	for i, p := range f.Params {
		c.Out.Printf("  %d. %s\n", i+1, parameterRule(p))
	}
	if rule := nilRules[f.Nil]; rule != "" {
		c.Out.Printf("\nAn undefined or null first argument gives %s.\n", rule)
	}
	if f.Lazy {
		c.Out.Printf("\nOnly the arguments that are needed are evaluated.\n")
	}
	c.functionExample(f)
	return nil
}

func parameterRule(p builtin.Param) string {
	s := parameterKinds[p.Kind]
	if p.Kind == builtin.ParamOption {
		words := make([]string, 0, len(p.Words))
		for _, w := range p.Words {
			if w != "" {
				words = append(words, w)
			}
		}
		s += " " + strings.Join(words, ", ")
	}
	switch {
	case p.Variadic:
		s += "; may repeat"
	case p.Optional:
		s += "; may be left out"
	case p.Defaulted:
		s += "; undefined stands for the default"
	}
	return s
}

// exampleData is what examples see: the context of the examples in the language's description.
const exampleData = `{"parameters": {"a": "x", "n": 5, "s": "5", "empty": "", "nul": null, "no": false, "yes": true, "arr": [10, 20, 30],
  "objs": [{"k": "a", "v": 1, "t": "w"}, {"k": "b", "v": 2, "t": "h"}, {"k": "c", "v": 3, "t": "w"}],
  "First Name": "Ann", "when": "2019-03-10T12:00:00.000Z"}, "headers": {"content-type": "text/plain", "X-HOOK-TYPE": "ping"}}`

// functionExample evaluates the example of a function, so that what is shown is what happens.
func (c *command) functionExample(f *builtin.Function) {
	if f.Example == "" {
		return
	}
	flags := ""
	if f.WhiteLabel {
		flags = " --white-label"
	}
	data, err := value.ParseJSON(exampleData, nil)
	if err != nil {
		c.Out.Printf("  → %v\n", err)
		return
	}
	context := neededBy(f.Example, data.Object())
	if context.Len() > 0 {
		flags += " --data " + paste.Quote(show.JSON(value.Collection(context), ""))
	}
	c.Out.Printf("\nExample:\n  imlc eval %s%s\n", paste.Quote(f.Example), flags)
	p, list := imlc.CompileTemplate("example", f.Example, imlc.TemplateOptions{WhiteLabel: true})
	if p == nil {
		c.Out.Printf("  → %s\n", list.Items[0].Error())
		return
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		c.Out.Printf("  → %v\n", err)
		return
	}
	v, err := program.Run(&expr.Env{Context: context, Now: c.Now(), Entropy: c.Entropy, Ctx: c.Context})
	if err != nil {
		c.Out.Printf("  → %v\n", err)
		return
	}
	c.Out.Printf("  → %s\n", show.Literal(v))
}

// neededBy returns of the data what an example reads, so that the command can be run as it is printed.
func neededBy(example string, data *value.Object) *value.Object {
	needed := value.NewObject(0)
	for i := range data.Len() {
		name, group := data.At(i)
		read := value.NewObject(0)
		for j := range group.Object().Len() {
			if key, v := group.Object().At(j); regexp.MustCompile(`\b` + name + `(\.|\["?|\."?\x60)` + regexp.QuoteMeta(key) + `\b`).MatchString(example) {
				read.Set(key, v)
			}
		}
		switch {
		case read.Len() > 0:
			needed.Set(name, value.Collection(read))
		case regexp.MustCompile(`\b` + name + `\b`).MatchString(example):
			needed.Set(name, group)
		}
	}
	return needed
}
