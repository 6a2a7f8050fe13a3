package broker

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPagesAreTranslated holds that what users' pages say has German words, with the same holes, and that none of these is
// left over: each is said by a page, or stands in the code as what is told.
func TestPagesAreTranslated(t *testing.T) {
	said := map[string]bool{}
	names, err := pageFiles.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		text, err := pageFiles.ReadFile("pages/" + n.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`say "([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			said[found[1]] = true
		}
	}
	if len(said) < 18 {
		t.Errorf("the pages say %d things only", len(said))
	}
	for text := range said {
		if german[text] == "" {
			t.Errorf("no German words for %q", text)
		}
	}
	for _, file := range []string{"connect_pages.go", "pages.go", "form.go", "sessions.go", "callback.go", "problem.go", "../vm/internal/run/resume.go"} {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					said[text] = true
				}
			}
			return true
		})
	}
	for text, translated := range german {
		if !said[text] {
			t.Errorf("nobody says %q", text)
		}
		if strings.Count(text, "%") != strings.Count(translated, "%") {
			t.Errorf("%q has other holes than %q", translated, text)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for header, want := range map[string]string{"": "en", "de": "de", "de-CH,de;q=0.9,en;q=0.8": "de", "en-GB,de;q=0.9": "en", "fr": "en", "fr,de;q=0.5": "de", "*": "en", "de;q=0,en": "en", ";;": "en"} {
		if got := languageOf(&http.Request{Header: http.Header{"Accept-Language": {header}}}); got != want {
			t.Errorf("%q gets %s, expected %s", header, got, want)
		}
	}
}
