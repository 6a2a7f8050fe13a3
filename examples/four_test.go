package examples

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/conformance"
)

// TestFour runs one flow on the provider of the folder four in every dialect, and holds that it is one flow: the requests are equal
// down to their base strings.
func TestFour(t *testing.T) {
	cases, err := conformance.Load([]string{"four"})
	if err != nil || len(cases) != 5 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	dialects := map[string]bool{}
	for _, c := range cases {
		dialects[c.Flow.Dialect] = true
		for i, s := range c.Flow.Steps {
			for k, x := range s.HTTP {
				if diff := cmp.Diff(cases[0].Flow.Steps[i].HTTP[k].Expect.BaseString, x.Expect.BaseString); diff != "" || x.Expect.BaseString == "" {
					t.Errorf("%s: request %d of step %d: %s", c.ID, k+1, i+1, diff)
				}
			}
		}
	}
	if len(dialects) != 4 {
		t.Errorf("dialects %v, expected all four", dialects)
	}
	report, err := conformance.RunCases(context.Background(), cases, conformance.Options{})
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
	if readme, err := os.ReadFile("README.md"); err != nil || !bytes.Contains(readme, []byte("[four](four)")) {
		t.Errorf("README.md does not name four: %v", err)
	}
}
