package conformance

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/value"
)

// codeRow is a row of a table of diagnostics: | MEM101 | e | meaning | example |.
var codeRow = regexp.MustCompile(`(?m)^\| ((?:MEM|ZAP)\d{3}) \| (\w+) \|`)

// elsewhere are codes that no case of the command can show, and the test that shows them.
var elsewhere = map[string]string{
	"MEM308": "TestJSONataAbsent", // the command links the engine
}

// dialectOf is the folder of the cases of a code or of a behaviour.
var dialectOf = map[byte]string{'M': "membrane", 'Z': "zapier"}

func readSpec(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../spec/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dialectCases are the cases below the folders of the two dialects.
func dialectCases(t *testing.T) []*Case {
	t.Helper()
	cases, err := Load([]string{"cases/membrane", "cases/zapier"})
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestEveryCodeHasCases reads the tables of spec dialects.md §2.9 and §3.8: each code has a case of its dialect that wants
// it, and one that comes near it and does not, whose id ends in -CODE-…-not.
func TestEveryCodeHasCases(t *testing.T) {
	rows := codeRow.FindAllStringSubmatch(readSpec(t), -1)
	if len(rows) < 70 {
		t.Fatalf("found %d codes in the tables, expected all of them", len(rows))
	}
	positive, negative := map[string]bool{}, map[string]bool{}
	near := regexp.MustCompile(`/diagnostics-(?:\w+-)?(\d{3})(?:-[\w-]+)?-not$`)
	for _, c := range dialectCases(t) {
		prefix := map[string]string{"membrane": "MEM", "zapier": "ZAP"}[folderOf(c.ID)]
		wanted := wants(c)
		for _, row := range rows {
			if strings.Contains(wanted, row[1]) {
				positive[row[1]] = true
			}
		}
		if m := near.FindStringSubmatch(c.ID); m != nil {
			code := prefix + m[1]
			negative[code] = true
			if strings.Contains(wanted, code) {
				t.Errorf("%s wants the code that it is no case of", c.ID)
			}
		}
	}
	for _, row := range rows {
		code := row[1]
		if !positive[code] && elsewhere[code] == "" {
			t.Errorf("no case wants %s", code)
		}
		if !negative[code] {
			t.Errorf("no case %s/diagnostics-%s-not comes near %s", dialectOf[code[0]], code[3:], code)
		}
	}
}

func folderOf(id string) string {
	folder, _, _ := strings.Cut(id, "/")
	return folder
}

// wants is everything that a case expects to be told, as text.
func wants(c *Case) string {
	var b strings.Builder
	o := c.Document.Object()
	b.Write(value.AppendJSON(nil, o.Value("want_diagnostics")))
	b.Write(value.AppendJSON(nil, o.Value("want_error")))
	for _, step := range o.Value("flow").Items() {
		b.Write(value.AppendJSON(nil, step.Object().Value("want_error")))
		b.Write(value.AppendJSON(nil, step.Object().Value("want").Object().Value("trace")))
	}
	return b.String()
}

// TestCodesHaveTheirLevel holds the level of every diagnostic of every case against the tables. A key that is certainly a
// known one misspelt is an error where another unknown key is a warning; it says so by being usable.
func TestCodesHaveTheirLevel(t *testing.T) {
	levels := map[string]string{}
	for _, row := range codeRow.FindAllStringSubmatch(readSpec(t), -1) {
		levels[row[1]] = row[2]
	}
	names := map[diag.Severity]string{diag.Error: "e", diag.Warning: "w", diag.Info: "i"}
	seen := 0
	for _, c := range dialectCases(t) {
		if c.Flow == nil || c.Flow.Syntax != nil {
			continue
		}
		s, err := c.Flow.Settings()
		if err != nil {
			t.Fatal(err)
		}
		src, list, err := c.Flow.source(s)
		if err != nil {
			t.Fatal(err)
		}
		if !list.HasErrors() {
			_, list = imlc.CompileSource(src, s.Compile)
		}
		for _, d := range list.Items {
			want, known := levels[d.Code]
			if !known || s.Compile.Strict {
				continue
			}
			seen++
			if got := names[d.Severity]; got != want && !(d.Usable && got == "e") {
				t.Errorf("%s: %s at %s has the level %s, the table says %s", c.ID, d.Code, d.Span, got, want)
			}
		}
	}
	if seen < 150 {
		t.Errorf("looked at %d diagnostics, expected those of all cases", seen)
	}
}
