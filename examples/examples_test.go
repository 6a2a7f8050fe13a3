package examples

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/plan"
)

// notes are the diagnostics of the examples that a reader should see: extensions of ours that the service needs.
var notes = map[string][]string{
	"etrade":   {"MAKE401", "MAKE401"},
	"jira":     {"MAKE401", "MAKE401"},
	"netsuite": {"MAKE401", "MAKE401"},
	"tripit":   {"MAKE401"},
}

// names lists the folders of the examples.
func names(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("make")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	if len(out) < 8 {
		t.Fatalf("found %d examples, expected at least 8", len(out))
	}
	return out
}

// specPath returns the file of an example, or its folder when it is a local app.
func specPath(name string) string {
	file := filepath.ToSlash(filepath.Join("make", name, name+".jsonc"))
	if _, err := os.Stat(file); err == nil {
		return file
	}
	return "make/" + name
}

// compile compiles an example and fails the test when it does not.
func compile(t *testing.T, name string) (*plan.Plan, *diag.List) {
	t.Helper()
	p, list := imlc.Compile(os.DirFS("."), specPath(name), imlc.Options{})
	if p == nil {
		t.Fatalf("%s does not compile: %v", name, list.Items)
	}
	return p, list
}

func TestCompileWithoutWarnings(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			_, list := compile(t, name)
			var got []string
			for _, d := range list.Items {
				if d.Severity != diag.Info {
					t.Errorf("%s: %s %s", d.Span, d.Code, d.Message)
				}
				got = append(got, d.Code)
			}
			if diff := cmp.Diff(notes[name], got); diff != "" {
				t.Errorf("notes: -want +got\n%s", diff)
			}
		})
	}
}

func TestEveryExampleHasCases(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t) {
		if _, err := os.Stat(filepath.Join("make", name, name+".cases.yaml")); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(readme, []byte("[make/"+name+"](make/"+name+")")) {
			t.Errorf("README.md does not name make/%s", name)
		}
	}
}

func TestCases(t *testing.T) {
	report, err := conformance.Run(context.Background(), []string{"make"}, conformance.Options{})
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
