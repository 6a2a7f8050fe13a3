package examples

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance"
)

// TestZapier compiles every example of the dialect without a word, and runs its cases.
func TestZapier(t *testing.T) {
	entries, err := os.ReadDir("zapier")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]int{}
	for _, e := range entries {
		specs, _ := filepath.Glob(filepath.Join("zapier", e.Name(), e.Name()+".*"))
		for _, spec := range specs {
			if ext := path.Ext(spec); ext == ".json" || ext == ".yml" {
				forms[ext]++
				p, list := imlc.Compile(os.DirFS("."), filepath.ToSlash(spec), imlc.Options{})
				if p == nil || len(list.Items) > 0 {
					t.Errorf("%s: plan %v, diagnostics %v", spec, p != nil, list.Items)
				}
			}
		}
		if _, err := os.Stat(filepath.Join("zapier", e.Name(), e.Name()+".cases.yaml")); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(readme, []byte("[zapier/"+e.Name()+"](zapier/"+e.Name()+")")) {
			t.Errorf("README.md does not name zapier/%s", e.Name())
		}
	}
	if forms[".json"] < 3 || forms[".yml"] < 3 {
		t.Errorf("examples by form: %v, expected 3 of each", forms)
	}
	report, err := conformance.Run(context.Background(), []string{"zapier"}, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		var b bytes.Buffer
		if err := report.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		t.Errorf("\n%s", b.String())
	}
}
