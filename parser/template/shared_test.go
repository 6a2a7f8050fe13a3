package template

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/internal/diag"
)

// sharedLines returns the lines of a file of the specification's data, which stands beside the project.
func sharedLines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("../shared is absent: %v", err)
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// syntaxErrors returns the codes of the errors in all strings of a JSON value.
func syntaxErrors(value any) []string {
	var codes []string
	switch v := value.(type) {
	case string:
		_, diagnostics := Parse(v, nil, Options{})
		for _, d := range diagnostics {
			if d.Severity == diag.Error {
				codes = append(codes, d.Code)
			}
		}
	case []any:
		for _, item := range v {
			codes = append(codes, syntaxErrors(item)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			codes = append(codes, syntaxErrors(v[key])...)
		}
	}
	return codes
}

// checkVector holds that the template of an expression vector has the syntax errors it is said to have, of which the
// first counts.
func checkVector(t *testing.T, line string) {
	t.Helper()
	var v struct {
		ID        string `json:"id"`
		Template  any    `json:"template"`
		WantError string `json:"want_error"`
	}
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	got := append(syntaxErrors(v.Template), "")[0]
	_, text := v.Template.(string) // a document may be too deep or too long as a whole
	switch syntax := strings.HasPrefix(v.WantError, "IML1") || text && (v.WantError == "IML501" || v.WantError == "IML502"); {
	case syntax && got != v.WantError, v.WantError == "" && got != "":
		t.Errorf("%s %v: got %q, want %q", v.ID, v.Template, got, v.WantError)
	}
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "conformance", "cases", "iml", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			checkVector(t, line)
		}
	}
}

// TestSharedVectors is TestVectors for the vectors of the specification.
func TestSharedVectors(t *testing.T) {
	for _, line := range sharedLines(t, "iml-vectors.jsonl") {
		checkVector(t, line)
	}
}

// TestCorpus holds that the templates found in public repositories are read alike each time, and that only those are
// refused that write a collection literal in a hole (IML109) or forget a parenthesis (IML105).
func TestCorpus(t *testing.T) {
	refused := map[string]int{}
	for _, line := range sharedLines(t, "iml-corpus.txt") {
		if line == "" || line[0] == '#' {
			continue
		}
		quoted, _, _ := strings.Cut(line, "\t")
		var text string
		if err := json.Unmarshal([]byte(quoted), &text); err != nil {
			t.Fatal(err)
		}
		tpl, diagnostics := Parse(text, nil, Options{})
		again, diagnosticsAgain := Parse(text, nil, Options{})
		if shape(tpl) != shape(again) || places(diagnostics) != places(diagnosticsAgain) {
			t.Errorf("%q is read in two ways", text)
		}
		for _, d := range diagnostics {
			t.Logf("%s: %s: %q", places([]diag.Diagnostic{d}), d.Message, text)
			if d.Severity == diag.Error {
				refused[d.Code]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"IML105": 1, "IML109": 3}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}
