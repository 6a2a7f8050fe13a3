package reference_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	. "github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/schema"
)

var codeForm = regexp.MustCompile(`^([A-Z]{3,4}[0-9]{3}|oauth1/[a-z-]+)$`)

// TestCodesAreThoseOfTheSources reads every Go file outside tests for literals that have the form of a code.
func TestCodesAreThoseOfTheSources(t *testing.T) {
	used := map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root && d.Name() != ".." || d.Name() == "testdata" || name == filepath.Join(root, "bench") || name == filepath.Join(root, "conformance")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && codeForm.MatchString(text) {
					used[text] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, e := range Codes() {
		if listed[e.Code] {
			t.Errorf("%s is listed twice", e.Code)
		}
		listed[e.Code] = true
		if !codeForm.MatchString(e.Code) || e.Meaning == "" || !slices.Contains([]string{"error", "warning", "info", "lint", "run", "limit", "trace"}, e.Severity) {
			t.Errorf("bad entry %+v", e)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(listed))); diff != "" {
		t.Errorf("codes of the sources (-) and of this package (+):\n%s", diff)
	}
}

// TestExamples holds each example to the compiler: it gives the diagnostic that it stands for.
func TestExamples(t *testing.T) {
	n := 0
	for _, e := range Codes() {
		if e.Example == "" || e.Severity == "run" {
			continue
		}
		n++
		o := imlc.TemplateOptions{}
		if e.Code == "IML210" {
			o.Roots = []string{"parameters"}
		}
		_, list := imlc.CompileTemplate("example", e.Example, o)
		if !slices.ContainsFunc(list.Items, func(d diag.Diagnostic) bool { return d.Code == e.Code && d.Severity.String() == e.Severity }) {
			t.Errorf("%s: the example %q gives %v", e.Code, e.Example, list.Items)
		}
	}
	if n < 30 {
		t.Errorf("%d examples, expected more", n)
	}
}

// definitions names the schema definitions of each section of the make dialect.
var definitions = map[string][]string{
	"request": {"target", "exchange", "redirect", "finalRequest"},
	"oauth":   {"oauth", "oauthWithCallback"},
	"response": {"callbackResponse", "answer", "answerWithExpiry", "finalAnswer",
		"moduleAnswer"},
	"parameters": {"parameter"},
}

// also finds further spellings that a meaning mentions.
var also = regexp.MustCompile(`\(also (\w+)\)`)

// TestDirectivesAreThoseOfTheSchema compares names both ways.
func TestDirectivesAreThoseOfTheSchema(t *testing.T) {
	type object struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Defs       map[string]object          `json:"$defs"`
	}
	inSchema := map[string]map[string]bool{}
	add := func(section string, o object) {
		if inSchema[section] == nil {
			inSchema[section] = map[string]bool{}
		}
		for name := range o.Properties {
			inSchema[section][name] = true
		}
	}
	for _, part := range schema.Parts("make") {
		var o object
		if err := json.Unmarshal(schema.Source("make", part), &o); err != nil {
			t.Fatal(err)
		}
		if part == "communication.oauth1" {
			add("connection", o)
		}
		for section, names := range definitions {
			for _, name := range names {
				add(section, o.Defs[name])
			}
		}
	}
	inSchema["parameters"]["default"] = true // of any type, so that the schema has nothing to say
	inText := map[string]map[string]bool{}
	for _, s := range Sections() {
		if s.Dialect != "make" || s.Title == "" || len(s.Directives) == 0 {
			t.Errorf("bad section %+v", s)
		}
		inText[s.Name] = map[string]bool{}
		for _, d := range s.Directives {
			inText[s.Name][d.Name] = true
			if d.Type == "" || d.Meaning == "" {
				t.Errorf("%s: bad entry %+v", s.Name, d)
			}
			for _, m := range also.FindAllStringSubmatch(d.Meaning, -1) {
				inText[s.Name][m[1]] = true
			}
		}
	}
	if diff := cmp.Diff(inSchema, inText); diff != "" {
		t.Errorf("keys of the schema (-) and of this package (+):\n%s", diff)
	}
}

func TestFindCode(t *testing.T) {
	if e, ok := FindCode("iml103"); !ok || e.Code != "IML103" || e.Severity != "error" || e.Example != "{{1 + }}" {
		t.Errorf("found %+v, %v", e, ok)
	}
	if e, ok := FindCode("IML999"); ok {
		t.Errorf("found %+v", e)
	}
	if first := Codes()[0].Code; !strings.HasPrefix(first, "IML") {
		t.Errorf("the first code is %s", first)
	}
}
