package conformance

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

var (
	behaviourRow  = regexp.MustCompile("(?m)^\\| ([MZS])B\\d+ \\| `([\\w-]+)`")
	diagnosticRow = regexp.MustCompile(`(?m)^\| ((?:DIA|MEM|ZAP|SUP)\d+) \| (?:e|w|i|run|trace) \|`)
)

var loadOwn = sync.OnceValues(func() ([]*Case, error) {
	return Load([]string{"cases/membrane", "cases/zapier", "cases/supermetrics", "cases/quirks"})
})

// ownCases are the project's own cases of the three dialects that spec/dialects.md describes.
func ownCases(t *testing.T) []*Case {
	t.Helper()
	cases, err := loadOwn()
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// specText is spec/dialects.md.
func specText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../spec/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryBehaviourHasACase holds that each line of spec dialects.md §6 is a case by the id that is stable.
func TestEveryBehaviourHasACase(t *testing.T) {
	var ids []string
	for _, c := range ownCases(t) {
		ids = append(ids, c.ID)
	}
	folders := map[string]string{"M": "membrane", "Z": "zapier", "S": "supermetrics"}
	rows := behaviourRow.FindAllStringSubmatch(specText(t), -1)
	if len(rows) < 108 {
		t.Fatalf("%d behaviours found in the specification, expected at least 108", len(rows))
	}
	for _, row := range rows {
		id := folders[row[1]] + "/" + row[2]
		if !slices.ContainsFunc(ids, func(have string) bool { return have == id || strings.HasPrefix(have, id+"-") }) && id != withoutJSONata {
			t.Errorf("no case is called %s", id)
		}
	}
}

// withoutJSONata is a behaviour of a build without the part that MEM308 tells to be absent. This one has it.
const withoutJSONata = "membrane/jsonata-absent"

// TestEveryDiagnosticHasCases holds that each code of the tables of diagnostics of spec dialects.md is expected by a case, and
// that another case of its dialect compiles without it.
func TestEveryDiagnosticHasCases(t *testing.T) {
	cases := ownCases(t)
	rows := diagnosticRow.FindAllStringSubmatch(specText(t), -1)
	if len(rows) < 100 {
		t.Fatalf("%d diagnostics found in the specification, expected at least 100", len(rows))
	}
	folders := map[string]string{"MEM": "membrane/", "ZAP": "zapier/", "SUP": "supermetrics/"}
	for _, row := range rows {
		code, fires, silent := row[1], false, false
		for _, c := range cases {
			said := mentions(c, code)
			fires = fires || said
			silent = silent || !said && c.Document.Object().Index("want_diagnostics") >= 0 && strings.HasPrefix(c.ID, folders[code[:3]])
		}
		if (!fires || !silent) && code != "MEM308" {
			t.Errorf("%s is expected by a case: %v, and another one is without it: %v", code, fires, silent)
		}
	}
}

// mentions reports whether a case expects a code as a diagnostic, an error or in a trace.
func mentions(c *Case, code string) bool {
	for _, line := range c.Document.Object().Value("want_diagnostics").Items() {
		if strings.HasSuffix(line.Str(), " "+code) {
			return true
		}
	}
	for _, key := range []string{"flow", "want_error", "assert"} {
		if strings.Contains(string(value.AppendJSON(nil, c.Document.Object().Value(key))), code) {
			return true
		}
	}
	return false
}
