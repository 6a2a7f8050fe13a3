package form_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// open bounds nothing.
var open = plan.Validate{MinLength: math.NaN(), MaxLength: math.NaN(), Min: math.NaN(), Max: math.NaN(), MinItems: math.NaN(), MaxItems: math.NaN()}

func TestSchema(t *testing.T) {
	bounded := open
	bounded.MinLength, bounded.Pattern = 3, "^a"
	among := open
	among.Enum = []string{"a", "b"}
	defs := []plan.Parameter{
		{Name: "intro", Type: "banner", Label: "Read this", Visual: true, Validate: open},
		{Name: "key", Type: "text", Label: "Key", Help: "From the console", Kind: plan.ParameterText, Required: true, Validate: bounded},
		{Name: "secret", Type: "password", Kind: plan.ParameterText, Secret: true, Required: true, HasDefault: true, Default: value.Text("hidden"), Validate: open},
		{Name: "port", Type: "port", Kind: plan.ParameterNumber, Format: plan.FormatPort, HasDefault: true, Default: value.Int(80), Advanced: true, Validate: open},
		{Name: "region", Type: "select", Choice: true, Validate: open, Options: []plan.ParameterOption{{Label: "Europe", Value: value.Text("eu")},
			{Value: value.Text("us"), Nested: []plan.Parameter{{Name: "state", Kind: plan.ParameterText, Required: true, Validate: open}}}}},
		{Name: "kinds", Type: "array", Kind: plan.ParameterList, Validate: among, SpecIsItem: true, Spec: []plan.Parameter{{Kind: plan.ParameterText, Validate: open}}},
		{Name: "hosts", Type: "array", Kind: plan.ParameterList, Validate: open, Spec: []plan.Parameter{{Name: "name", Kind: plan.ParameterText, Format: plan.FormatURL, Required: true, Validate: open}}},
	}
	const want = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{` +
		`"intro":{"title":"Read this","x-type":"banner","x-visual":true},` +
		`"key":{"title":"Key","description":"From the console","x-type":"text","type":"string","minLength":1,"pattern":"^a",` +
		`"if":{"pattern":"^[\\x00-` + "\uffff" + `]+$"},"then":{"minLength":3}},` +
		`"secret":{"x-type":"password","writeOnly":true,"type":"string","minLength":1},` +
		`"port":{"x-type":"port","x-advanced":true,"default":80,"type":["integer","null","string"],"maxLength":0,"minimum":0,"maximum":65535},` +
		`"region":{"x-type":"select","x-labels":["Europe","us"],"enum":["eu","us",null,""]},` +
		`"kinds":{"x-type":"array","type":["array","null","string"],"maxLength":0,"items":{"type":["string","null"],"enum":["a","b",null,""]}},` +
		`"hosts":{"x-type":"array","type":["array","null","string"],"maxLength":0,"items":{"type":"object","properties":` +
		`{"name":{"type":"string","minLength":1,"format":"uri","pattern":"^[Hh][Tt][Tt][Pp][Ss]?://[^/?# \\t\\r\\n][^ \\t\\r\\n]*$"}},` +
		`"required":["name"],"x-order":["name"]}}},"required":["key"],` +
		`"allOf":[{"if":{"properties":{"region":{"const":"us"}},"required":["region"]},"then":{"properties":` +
		`{"state":{"type":"string","minLength":1,"x-when":{"field":"region","value":"us"}}},"required":["state"],"x-order":["state"]}}],` +
		`"x-order":["intro","key","secret","port","region","state","kinds","hosts"]}`
	if diff := cmp.Diff(want, string(value.AppendJSON(nil, value.Collection(form.Schema(defs))))); diff != "" {
		t.Error(diff)
	}
}

// What belongs to one option is asked for with that option only, also when another option has a field of the same name;
// x-order has the name once.
func TestSchemaOfOptionsWithOneName(t *testing.T) {
	defs := definitions(t, `[{"name":"way","type":"select","required":true,"options":[
		{"label":"Key","value":"key","nested":[{"name":"secret","type":"text","required":true,"validate":{"min":32}}]},
		{"label":"PIN","value":"pin","nested":[{"name":"secret","type":"text","required":true,"validate":{"max":8}}]},
		{"label":"None","value":"none"}]}]`)
	s := compileSchema(t, defs)
	for given, want := range map[string]bool{
		`{"way":"key","secret":"0123456789012345678901234567890123456789"}`: true,
		`{"way":"key","secret":"0123"}`:                                     false,
		`{"way":"key"}`:                                                     false,
		`{"way":"pin","secret":"0123"}`:                                     true,
		`{"way":"pin","secret":"012345678"}`:                                false,
		`{"way":"none"}`:                                                    true,
		`{"way":"none","secret":5}`:                                         true, // left over, and nobody looks at it
		`{}`:                                                                false,
	} {
		if agree(t, defs, s, given) != want {
			t.Errorf("%s passes: %v", given, !want)
		}
	}
	if got := string(value.AppendJSON(nil, form.Schema(defs).Value("x-order"))); got != `["way","secret"]` {
		t.Errorf("x-order is %s", got)
	}
}

// A text is as long as it has units of UTF-16, and an option is chosen by the number or the text that prints as it
// does. A schema refuses neither, nor what is left empty.
func TestSchemaIsNoStricter(t *testing.T) {
	for _, c := range []struct{ definition, given string }{
		{`"type":"text","validate":{"min":2}`, `"😀"`},
		{`"type":"text","validate":{"pattern":"^.$"}`, `"😀"`},
		{`"type":"select","options":[{"label":"A","value":"1"}]`, `1`},
		{`"type":"select","options":[{"label":"A","value":1.5}]`, `"1.5"`},
		{`"type":"select","multiple":true,"options":[{"label":"A","value":"1"}]`, `[1]`},
		{`"type":"array","validate":{"enum":["1","true"]}`, `[1,"1",true,null]`},
		{`"type":"number","validate":{"min":3}`, `null`},
		{`"type":"number","validate":{"min":3}`, `""`},
		{`"type":"email"`, `""`},
		{`"type":"uuid"`, `null`},
		{`"type":"text","validate":{"enum":["a"],"min":1}`, `""`},
		{`"type":"collection","spec":[{"name":"n","type":"text","required":true}]`, `""`},
		{`"type":"text","validate":{"pattern":"^[\\-a]+$"}`, `"-"`}, // no pattern of JSON Schema, which reads it with the flag u
	} {
		defs := definitions(t, `[{"name":"a",`+c.definition+`}]`)
		if !agree(t, defs, compileSchema(t, defs), `{"a":`+c.given+`}`) {
			t.Errorf("Validate refuses %s for %s", c.given, c.definition)
		}
	}
}

// No bound of a plan makes something else than a JSON Schema of it, and none means something else there.
func TestSchemaOfOddBounds(t *testing.T) {
	bounds := []float64{math.Inf(-1), -math.MaxFloat64, -1, -0.5, 0, 0.5, 1, 1.5, 2, 1e300, math.Inf(1), math.NaN()}
	for _, at := range bounds {
		for _, of := range []func(*plan.Validate) *float64{
			func(v *plan.Validate) *float64 { return &v.MinLength }, func(v *plan.Validate) *float64 { return &v.MaxLength },
			func(v *plan.Validate) *float64 { return &v.Min }, func(v *plan.Validate) *float64 { return &v.Max },
			func(v *plan.Validate) *float64 { return &v.MinItems }, func(v *plan.Validate) *float64 { return &v.MaxItems },
		} {
			for _, kind := range []plan.ParameterKind{plan.ParameterAny, plan.ParameterText, plan.ParameterNumber, plan.ParameterList} {
				v := open
				*of(&v) = at
				defs := []plan.Parameter{{Name: "a", Kind: kind, Validate: v}}
				s := compileSchema(t, defs)
				for _, given := range []string{`""`, `"a"`, `"ab"`, `"abc"`, `-2`, `0`, `0.7`, `3`, `[]`, `[1]`, `[1,2]`, `[1,2,3]`} {
					agree(t, defs, s, `{"a":`+given+`}`)
				}
			}
		}
	}
}
