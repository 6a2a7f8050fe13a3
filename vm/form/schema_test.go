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
	const want = `{"type":"object","properties":{"intro":{"title":"Read this","x-type":"banner","x-visual":true},` +
		`"key":{"title":"Key","description":"From the console","x-type":"text","type":"string","minLength":3,"pattern":"^a"},` +
		`"secret":{"x-type":"password","type":"string","writeOnly":true},` +
		`"port":{"x-type":"port","type":"integer","x-advanced":true,"default":80,"minimum":0,"maximum":65535},` +
		`"region":{"x-type":"select","x-labels":["Europe","us"],"enum":["eu","us"]},` +
		`"state":{"type":"string","x-when":{"field":"region","value":"us"}},` +
		`"kinds":{"x-type":"array","type":"array","items":{"type":"string","enum":["a","b"]}},` +
		`"hosts":{"x-type":"array","type":"array","items":{"type":"object","properties":{"name":{"type":"string","format":"uri"}},"required":["name"],"x-order":["name"]}}},` +
		`"required":["key"],"x-order":["intro","key","secret","port","region","state","kinds","hosts"]}`
	if diff := cmp.Diff(want, string(value.AppendJSON(nil, value.Collection(form.Schema(defs))))); diff != "" {
		t.Error(diff)
	}
}
