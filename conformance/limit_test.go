package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLargeFiles holds that files of cases are bounded by what they become, and that what is left out counts as failed.
func TestLargeFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads some MiB")
	}
	for _, c := range []struct{ name, text, problem string }{
		{"lines.jsonl", strings.Repeat("-\n", maxCases+2), "at most 50000 cases"},
		{"list.json", "[" + strings.Repeat("1,", maxCases+1) + "1]", "at most 50000 cases"},
		{"objects.json", "[" + strings.Repeat("{},", 1_500_000) + "1]", "the limit on memory"},
		{"long.yaml", "a: " + strings.Repeat("b", maxYAMLFile), "at most 1 MiB"},
		{"items.yaml", strings.Repeat("- &a b\n", 100_000), "at most 50000 cases"},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		cases, err := Load([]string{path})
		if err != nil || len(cases) == 0 || len(cases) > maxCases+1 || !strings.Contains(cases[len(cases)-1].Problem, c.problem) {
			t.Errorf("%s: got %d cases, %v, expected %q", c.name, len(cases), err, c.problem)
		}
	}
}

// TestIDLines finds the line of an id however it is written.
func TestIDLines(t *testing.T) {
	lines := idLines("# c\n- id: a/b\r\n  x: 1\n- \"id\": \"c d\", # why\n{\n  'id': 'e' }\nid: a/b\n[{\"id\":\"f\",\n")
	for id, want := range map[string]int{"a/b": 2, "c d": 4, "f": 8, "x": 0} {
		if lines[id] != want {
			t.Errorf("%s: got line %d, want %d", id, lines[id], want)
		}
	}
}
