package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestPromptParameters(t *testing.T) {
	option := func(label, v string) plan.ParameterOption {
		return plan.ParameterOption{Label: label, Value: value.Text(v)}
	}
	eu := option("Europe", "eu")
	eu.Nested = []plan.Parameter{{Name: "vat", Type: "number", Kind: plan.ParameterNumber, Required: true, Validate: plan.Validate{}}}
	defs := []plan.Parameter{
		{Name: "intro", Type: "banner", Visual: true, Label: "Welcome"},
		{Name: "region", Type: "select", Choice: true, Label: "Region", Required: true, Options: []plan.ParameterOption{option("America", "us"), eu}},
		{Name: "tags", Type: "select", Choice: true, Multiple: true, Options: []plan.ParameterOption{option("A", "a"), option("B", "b")}},
		{Name: "name", Type: "text", HasDefault: true, Default: value.Text("Ada")},
		{Name: "expert", Type: "text", Advanced: true},
		{Name: "given", Type: "text"},
	}
	for i := range defs {
		unbounded(&defs[i])
	}
	unbounded(&defs[1].Options[1].Nested[0])
	x := newTerminalTest(t, "7\n2\nmany\n12\n1,2\n\n")
	o := value.NewObject(4)
	o.Set("given", value.Text("x"))
	if err := x.promptParameters(defs, o); err != nil {
		t.Fatalf("%v\n%s", err, x.err.String())
	}
	want := `{"given":"x","region":"eu","vat":12,"tags":["a","b"]}`
	if diff := cmp.Diff(want, string(value.AppendJSON(nil, value.Collection(o)))); diff != "" {
		t.Errorf("%s\n%s", diff, x.err.String())
	}
	for _, text := range []string{"Welcome", "1) America", "2) Europe", "Value '7' not found in options.", "expected a number", "[Ada] > "} {
		if !strings.Contains(x.err.String(), text) {
			t.Errorf("%q was not shown:\n%s", text, x.err.String())
		}
	}
	if strings.Contains(x.err.String(), "expert") {
		t.Error("an advanced parameter was asked for")
	}
}

// unbounded removes the bounds of a definition.
func unbounded(d *plan.Parameter) {
	nan := value.ToNumber(value.Undefined)
	d.Validate = plan.Validate{MinLength: nan, MaxLength: nan, Min: nan, Max: nan, MinItems: nan, MaxItems: nan}
}
