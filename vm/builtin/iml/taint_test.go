package iml_test

import (
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestSecretsKeepTheirMarkInside takes values out of secret items of a list that is not marked itself.
func TestSecretsKeepTheirMarkInside(t *testing.T) {
	item := value.NewObject(1)
	item.Set("k", value.Text("hidden"))
	list := value.Array([]value.Value{value.Collection(item).AsSecret()})
	for name, args := range map[string][]value.Value{
		"map": {list, value.Text("k")},
		"get": {list, value.Text("1.k")},
	} {
		f, ok := iml.Library().Lookup(name)
		if !ok {
			t.Fatalf("no function %s", name)
		}
		v, err := builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs(args, 3))
		if err != nil {
			t.Fatal(err)
		}
		if !value.ContainsSecret(v) {
			t.Errorf("%s lost the mark: %s", name, value.AppendJSON(nil, v))
		}
	}
}
