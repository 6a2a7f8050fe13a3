package examples

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance"
)

// TestMembraneExamples compiles each connection of Membrane without a word, runs the cases beside it, and looks for it in the
// table of README.md.
func TestMembraneExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"demo": "membrane/demo", "plurk": "membrane/plurk/plurk.yml", "smugmug": "membrane/smugmug"} {
		if p, list := imlc.Compile(os.DirFS("."), path, imlc.Options{}); p == nil || len(list.Items) > 0 {
			t.Errorf("%s: plan is nil: %t, with %v", path, p == nil, list.Items)
		}
		if !bytes.Contains(readme, []byte("[membrane/"+name+"](membrane/"+name+")")) {
			t.Errorf("README.md does not name membrane/%s", name)
		}
	}
	report, err := conformance.Run(context.Background(), []string{"membrane"}, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Passed < 4 {
		var b bytes.Buffer
		if err := report.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%d passed, expected at least 4\n%s", report.Passed, b.String())
	}
}
