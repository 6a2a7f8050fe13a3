package conformance

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCasesNameTheirSubject holds what docs/conformance.md says about the project's own cases: an id begins with its
// folder and, for vectors, with the name of its file, and every case says in words what holds.
func TestCasesNameTheirSubject(t *testing.T) {
	cases, err := Load([]string{"cases"})
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 5000 {
		t.Fatalf("%d cases, expected all of them", len(cases))
	}
	for _, c := range cases {
		folder, subject := filepath.Base(filepath.Dir(c.File)), strings.TrimSuffix(filepath.Base(c.File), ".jsonl")
		want := folder + "/"
		if folder == "iml" || folder == "oauth1" {
			want += subject
		}
		if !strings.HasPrefix(c.ID, want) {
			t.Errorf("%s: the id of %s should begin with %s", c.File, c.ID, want)
		}
		about := c.Document.Object().Value("about").Str()
		if len(strings.Fields(about)) < 3 {
			t.Errorf("%s: %s needs a key about that says what holds, found %q", c.File, c.ID, about)
		}
		for _, key := range []string{"note", "name"} {
			if c.Document.Object().Index(key) >= 0 {
				t.Errorf("%s: %s has the key %s; the project's own cases say it in about", c.File, c.ID, key)
			}
		}
	}
}
