package form_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// What Validate takes the schema takes, and what it refuses the schema refuses, but for what the comment of Schema
// lists.
func TestSchemaAgreesWithValidate(t *testing.T) {
	tries := 3000
	if testing.Short() {
		tries = 600
	}
	g := &generator{rand.New(rand.NewPCG(1, 2))}
	taken, refused := 0, 0
	for range tries {
		defs := g.definitions(0, "f", "g")
		s := compileSchema(t, defs)
		for range 12 {
			if agree(t, defs, s, g.object(0)) {
				taken++
			} else {
				refused++
			}
		}
	}
	if taken < tries || refused < tries {
		t.Errorf("%d objects were taken and %d refused: the test sees too little", taken, refused)
	}
}

// The schema of every example, of all dialects, is one, and agrees with Validate about what its fields may be given.
func TestSchemaOfExamples(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(3, 4))}
	for _, dialect := range []string{"make", "membrane", "supermetrics", "zapier"} {
		folders, err := os.ReadDir("../../examples/" + dialect)
		if err != nil {
			t.Fatal(err)
		}
		fields := 0
		for _, f := range folders {
			p, problems := imlc.Compile(os.DirFS("../../examples/"+dialect), f.Name(), imlc.Options{})
			if p == nil {
				t.Fatal(problems.Items)
			}
			for _, defs := range [][]plan.Parameter{p.Connection.Parameters, p.Connection.CommonParameters} {
				s := compileSchema(t, defs)
				fields += len(defs)
				for range 50 {
					given := value.NewObject(len(defs))
					for i := range defs {
						if text := g.value(0); !g.of(4) {
							v, err := value.ParseJSON(text, nil)
							if err != nil {
								t.Fatal(err)
							}
							given.Set(defs[i].Name, v)
						}
					}
					agree(t, defs, s, jsonOf(given))
				}
			}
		}
		if fields == 0 {
			t.Errorf("no example of %s has a form", dialect)
		}
	}
}

// agree fails when a schema and Validate are of two minds about an object, and reports whether Validate takes it.
func agree(t *testing.T, defs []plan.Parameter, s *jsonschema.Schema, given string) bool {
	t.Helper()
	wrong := judge(t, defs, given)
	switch err := s.Validate(decoded(t, given)); {
	case wrong == nil && err != nil:
		t.Fatalf("Validate takes %s, and the schema does not: %v\n%s", given, err, schemaText(defs))
	case wrong != nil && err == nil && !givenBefore(defs, map[string]bool{}) && !isExcepted(wrong, given):
		t.Fatalf("the schema takes %s, and Validate does not: %v\n%s", given, wrong, schemaText(defs))
	}
	return wrong == nil
}

// isExcepted reports whether a schema need not refuse what Validate refuses for this.
func isExcepted(wrong *form.Error, given string) bool {
	for _, f := range wrong.Fields {
		switch f.Code {
		case form.CodeTooShort, form.CodeTooLong:
			if !strings.ContainsRune(given, '😀') {
				return false
			}
		case form.CodePattern:
			if f.Args["pattern"] != letter {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// letter is a pattern that means something else in JSON Schema.
const letter = `^\p{L}$`

// givenBefore reports whether a definition has a name for which another one has a default.
func givenBefore(defs []plan.Parameter, given map[string]bool) bool {
	for i := range defs {
		d := &defs[i]
		if d.Visual {
			continue
		}
		if given[d.Name] || givenBefore(d.Spec, map[string]bool{}) {
			return true
		}
		given[d.Name] = given[d.Name] || d.HasDefault
		if givenBefore(d.Nested, given) {
			return true
		}
		for j := range d.Options {
			if givenBefore(d.Options[j].Nested, given) {
				return true
			}
		}
	}
	return false
}
func schemaText(defs []plan.Parameter) string {
	return string(value.AppendJSON(nil, value.Collection(form.Schema(defs))))
}

func compileSchema(t testing.TB, defs []plan.Parameter) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	text := schemaText(defs)
	if err := c.AddResource("s.json", strings.NewReader(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s, err := c.Compile("s.json")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if s.Draft != jsonschema.Draft2020 {
		t.Fatalf("%s is a schema of another dialect", text)
	}
	return s
}

func decoded(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		t.Fatal(text, err)
	}
	return out
}

// judge is what Validate says of an object.
func judge(t testing.TB, defs []plan.Parameter, text string) *form.Error {
	t.Helper()
	_, err := form.Validate(nil, defs, object(t, text))
	var wrong *form.Error
	if err != nil && !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	return wrong
}

// generator makes definitions, and objects that they may be about.
type generator struct{ r *rand.Rand }

func (g *generator) of(n int) bool { return g.r.IntN(n) == 0 }

func pick[T any](g *generator, from ...T) T { return from[g.r.IntN(len(from))] }

func (g *generator) definitions(depth int, names ...string) []plan.Parameter {
	var out []plan.Parameter
	for _, name := range names {
		if g.of(12) {
			out = append(out, plan.Parameter{Name: name, Type: "banner", Visual: true, Required: true, Validate: open})
		}
		out = append(out, g.definition(name, depth))
	}
	if g.of(8) {
		out = append(out, g.definition(names[0], depth))
	}
	return out
}

func (g *generator) definition(name string, depth int) plan.Parameter {
	d := plan.Parameter{Name: name, Required: g.of(3), Validate: open, Static: g.of(20)}
	if g.of(5) {
		d.HasDefault = true
		d.Default = pick(g, value.Null(), value.Text(""), value.Text("a"), value.Number(1), value.Bool(true), value.Bool(false), value.Array(nil))
	}
	d.Kind = pick(g, plan.ParameterAny, plan.ParameterText, plan.ParameterText, plan.ParameterNumber, plan.ParameterBoolean, plan.ParameterList, plan.ParameterObject)
	g.bound(&d)
	g.choose(&d, depth)
	if (d.Kind == plan.ParameterList || d.Kind == plan.ParameterObject || d.Kind == plan.ParameterAny) && depth < 2 {
		switch g.r.IntN(4) {
		case 0:
			d.Spec, d.SpecIsItem = []plan.Parameter{g.definition("", depth+1)}, true
		case 1:
			d.Spec = g.definitions(depth+1, "a", "b")
		}
	}
	if depth < 2 && g.of(4) {
		d.Nested = g.definitions(depth+1, pick(g, "x", "g"))
	}
	return d
}

func (g *generator) bound(d *plan.Parameter) {
	v := &d.Validate
	if d.Kind == plan.ParameterNumber && g.of(2) {
		d.Format = pick(g, plan.FormatInteger, plan.FormatUnsigned, plan.FormatPort)
	}
	if d.Kind != plan.ParameterNumber && g.of(5) {
		d.Format = pick(g, plan.FormatURL, plan.FormatUUID)
	}
	for _, bound := range []*float64{&v.MinLength, &v.MaxLength, &v.Min, &v.Max, &v.MinItems, &v.MaxItems} {
		if g.of(4) {
			*bound = pick(g, -1, 0, 0.5, 1, 1, 1.5, 2, 3)
		}
	}
	if g.of(8) {
		v.Pattern = pick(g, "^[a-z]+$", "^..$", "a", "[", letter)
	}
	if g.of(8) {
		v.Enum = pick(g, []string{"a", "b"}, []string{"1", "true", ""})
	}
}

func (g *generator) choose(d *plan.Parameter, depth int) {
	if !g.of(4) {
		return
	}
	d.Choice, d.Multiple = !g.of(4), g.of(3)
	all := []value.Value{value.Text("1"), value.Text("a"), value.Bool(true), value.Number(2), value.Text(""), value.Null(), value.Undefined, value.Array([]value.Value{value.Number(1)})}
	for range 1 + g.r.IntN(3) {
		o := plan.ParameterOption{Value: pick(g, all...)}
		if depth < 2 && g.of(3) {
			o.Nested = g.definitions(depth+1, pick(g, "x", "y"))
		}
		d.Options = append(d.Options, o)
	}
}

func (g *generator) object(depth int) string {
	var members []string
	for _, name := range []string{"f", "g", "x", "y", "a", "b"} {
		if depth > 0 && name < "c" || depth == 0 && name >= "c" && !g.of(3) {
			members = append(members, fmt.Sprintf("%q:%s", name, g.value(depth)))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (g *generator) value(depth int) string {
	switch n := g.r.IntN(20); {
	case n < 4:
		return pick(g, "null", `""`, "[]", "{}", `" "`)
	case n < 7:
		return pick(g, "0", "1", "-1", "1.5", "2", "65535", "65536", "1e3", "1.0")
	case n < 9:
		return pick(g, "true", "false", `"true"`)
	case n < 12:
		return pick(g, `"1"`, `"a"`, `"b"`, `"c"`, `"2"`, `"1.0"`)
	case n < 14:
		return pick(g, `"😀"`, `"é"`, `"abcd"`, `"ab"`, `"a😀"`, `"{{a}}"`)
	case n < 16:
		return pick(g, `"http://x.y"`, `"https://ex.com/é"`, `"HTTP://a b"`, `"2b2a5d62-8c0f-4f3a-9a9f-0d2f1c5c6f6a"`, `"ftp://a"`)
	case n < 18 && depth < 2:
		var items []string
		for range g.r.IntN(3) {
			items = append(items, g.value(depth+1))
		}
		return "[" + strings.Join(items, ",") + "]"
	case depth < 2:
		return g.object(depth + 1)
	}
	return `"a"`
}
