package cli

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/builtin"
)

// TestDocumentation holds docs/cli.md to the command line: every command and flag appears there.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	var grammar cli
	app, err := newTest(t, "").parser(&grammar)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(node *kong.Node)
	walk = func(node *kong.Node) {
		for _, sub := range commands(node) {
			path := commandPath(sub)
			_, section, found := strings.Cut(doc, "## imlc "+path+"\n")
			if !found {
				t.Errorf("docs/cli.md has no section \"## imlc %s\"", path)
				continue
			}
			section, _, _ = strings.Cut(section, "\n## ")
			for _, flag := range ownFlags(sub) {
				if !strings.Contains(section, "`--"+flag.Name) {
					t.Errorf("docs/cli.md: section %q lacks `--%s`", path, flag.Name)
				}
				if flag.Help == "" {
					t.Errorf("%s: --%s has no help", path, flag.Name)
				}
			}
			walk(sub)
		}
	}
	walk(app.Model.Node)
	for _, name := range []string{"IMLC_CONSUMER_SECRET", "IMLC_TOKEN_SECRET", "IMLC_PASSPHRASE", "IMLC_KEYRING", "IMLC_PARAM_", "NO_COLOR", "XDG_STATE_HOME"} {
		if !strings.Contains(doc, name) || !strings.Contains(topicEnvironment, name) {
			t.Errorf("%s is not documented in docs/cli.md and imlc help environment", name)
		}
	}
}

func TestExamplesNameCommands(t *testing.T) {
	var grammar cli
	app, err := newTest(t, "").parser(&grammar)
	if err != nil {
		t.Fatal(err)
	}
	for path := range examples {
		if findCommand(app.Model.Node, strings.Fields(path)) == nil {
			t.Errorf("examples for %q, which is no command", path)
		}
	}
}

// TestCodeExamples holds the catalogue to the compiler: each example gives the diagnostic that it stands for.
func TestCodeExamples(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range codes() {
		if seen[e.Code] {
			t.Errorf("%s is listed twice", e.Code)
		}
		seen[e.Code] = true
		if e.Meaning == "" || e.Severity == "" {
			t.Errorf("%s: severity or meaning is missing", e.Code)
		}
		if e.Example == "" || e.Severity == "run" {
			continue
		}
		o := imlc.TemplateOptions{}
		if e.Code == "IML210" {
			o.Roots = []string{"parameters"}
		}
		_, list := imlc.CompileTemplate("example", e.Example, o)
		found := slices.ContainsFunc(list.Items, func(d diag.Diagnostic) bool { return d.Code == e.Code && d.Severity.String() == e.Severity })
		if !found {
			t.Errorf("%s: the example %q gives %v", e.Code, e.Example, list.Items)
		}
	}
}

// TestFunctionHelp shows every function with its example evaluated.
func TestFunctionHelp(t *testing.T) {
	for _, f := range builtin.IML.All(true) {
		x := newTest(t, "")
		if err := x.helpFunction(f.Name); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		out := x.out.String()
		if !strings.Contains(out, f.Signature) || !strings.Contains(out, "→ ") || strings.Contains(out, "→ IML") || strings.Contains(out, "error IML") {
			t.Errorf("%s:\n%s", f.Name, out)
		}
	}
}

func TestDirectiveTable(t *testing.T) {
	for line := range strings.Lines(directivesText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 5 || directiveTitles[f[0]] == "" || f[1] == "" || f[4] == "" {
			t.Errorf("bad row %q", line)
		}
	}
}
