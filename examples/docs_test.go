package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fences returns the contents of the code blocks that are opened by the line opener.
func fences(text, opener string) []string {
	var out []string
	for _, part := range strings.Split(text, opener+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		out = append(out, block)
	}
	return out
}

// TestLanguageExamples evaluates every example of docs/language.md.
func TestLanguageExamples(t *testing.T) {
	text := document(t, "language.md")
	contexts := fences(text, "```json context")
	if len(contexts) != 1 {
		t.Fatalf("%d contexts, expected one", len(contexts))
	}
	context, err := value.ParseJSON(contexts[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, block := range fences(text, "```iml") {
		for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
			template, want, ok := strings.Cut(line, " => ")
			if !ok {
				t.Errorf("%q: the form TEMPLATE => VALUE was expected", line)
				continue
			}
			count++
			if got := evaluate(t, template, context.Object()); got != want {
				t.Errorf("%s\n got %s\nwant %s", template, got, want)
			}
		}
	}
	if count < 40 {
		t.Errorf("%d examples were found, expected at least 40", count)
	}
}

// evaluate returns the JSON of a template's value, or the word undefined.
func evaluate(t *testing.T, template string, context *value.Object) string {
	t.Helper()
	p, list := imlc.CompileTemplate("example", template, imlc.TemplateOptions{})
	if p == nil {
		t.Fatalf("%s: %v", template, list.Items)
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	v, err := program.Run(&expr.Env{Context: context, Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		t.Fatalf("%s: %v", template, err)
	}
	if v.IsUndefined() {
		return "undefined"
	}
	return string(value.AppendJSON(nil, v))
}

// TestLanguageNamesEveryFunction holds the table of families to the library.
func TestLanguageNamesEveryFunction(t *testing.T) {
	text := document(t, "language.md")
	for _, f := range iml.Library().All(false) {
		if !strings.Contains(text, "`"+f.Name+"`") {
			t.Errorf("docs/language.md does not name %s", f.Name)
		}
	}
}

// TestDirectivesAreComplete looks for every directive and every code of the make dialect.
func TestDirectivesAreComplete(t *testing.T) {
	text := document(t, "directives.md")
	words := strings.Fields(`requestToken authorize accessToken info oauth temp condition url encodeUrl method headers qs body type ca gzip
		followRedirects followRedirect followAllRedirects followAllRedirect rejectUnauthorized shareCookies timeout response log repeat aws
		pagination valid error data uid metadata expires output iterate limit wrapper trigger consumer_key consumer_secret private_key token
		token_secret verifier signature_method transport_method body_hash callback realm baseUrl`)
	for _, w := range words {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("docs/directives.md does not describe %s", w)
		}
	}
	lists, err := filepath.Glob(filepath.Join("..", "parser", "make", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lists {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(MAKE[1-4]\d\d)"`).FindAllStringSubmatch(string(code), -1) {
			if !strings.Contains(text, m[1]) {
				t.Errorf("docs/directives.md does not name %s, which %s reports", m[1], filepath.Base(file))
			}
		}
	}
}
