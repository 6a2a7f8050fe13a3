package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/imlc-lang/imlc/vm/builtin/iml"
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

// TestFunctionHelp shows every function with its example evaluated.
func TestFunctionHelp(t *testing.T) {
	for _, f := range iml.Library().All(true) {
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

func TestHelpDirective(t *testing.T) {
	for _, test := range []struct {
		topic         string
		want, without []string
	}{
		{"", []string{"Sections of a connection", "Keys of a parameter definition"}, nil},
		{"make", []string{"Sections of a connection", "Keys of a parameter definition"}, nil},
		{"oauth", []string{"Sections of a connection", "Keys of oauth", "consumer_key", "text, default HMAC-SHA1: "}, []string{"Directives of response"}},
		{"oauth.token", []string{"Keys of oauth", "request token or access token"}, []string{"token_secret", "Sections"}},
		{"url", []string{"Directives of a request", "text, required: absolute"}, []string{"method"}},
	} {
		x := newTest(t, "")
		if err := x.helpDirective(test.topic); err != nil {
			t.Errorf("%s: %v", test.topic, err)
		}
		for _, text := range test.want {
			if !strings.Contains(x.out.String(), text) {
				t.Errorf("%s: %q is missing in\n%s", test.topic, text, x.out.String())
			}
		}
		for _, text := range test.without {
			if strings.Contains(x.out.String(), text) {
				t.Errorf("%s: found %q in\n%s", test.topic, text, x.out.String())
			}
		}
	}
	if err := newTest(t, "").helpDirective("request.uri"); exitCode(err) != exitUsage {
		t.Errorf("an unknown directive gives %v", err)
	}
}
