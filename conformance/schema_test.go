package conformance

import (
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/schema"
)

// TestSchemasAccept checks the settings of every example and of every case that compiles against the schema of its dialect:
// an editor must not underline what the compiler takes.
func TestSchemasAccept(t *testing.T) {
	checked := map[string]int{}
	cases, err := Load([]string{"cases"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Flow == nil || c.Flow.Syntax != nil || c.Flow.Dialect == "make" || c.Flow.Dialect == "" {
			continue
		}
		s, err := c.Flow.Settings()
		if err != nil {
			t.Fatal(err)
		}
		src, problems, err := c.Flow.source(s)
		if err != nil || problems.HasErrors() || len(src.Parts) == 0 {
			continue
		}
		if _, list := imlc.CompileSource(src, s.Compile); !list.HasErrors() {
			schemaAccepts(t, c.ID, src, checked)
		}
	}
	examples := os.DirFS("../examples")
	err = fs.WalkDir(examples, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || path.Dir(path.Dir(name)) != "." || path.Dir(name) == "." {
			return err
		}
		sources, list := imlc.Load(examples, name, imlc.Options{})
		if list.HasErrors() {
			t.Errorf("%s: %v", name, list.Items)
		}
		for _, src := range sources {
			schemaAccepts(t, name, src, checked)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"membrane/spec", "zapier/definition", "zapier/legacy", "supermetrics/config"} {
		if checked[part] < 3 {
			t.Errorf("%d documents of %s were checked", checked[part], part)
		}
	}
	t.Log(checked)
}

// schemaAccepts checks the first document of a connection.
func schemaAccepts(t *testing.T, id string, src parser.Source, checked map[string]int) {
	t.Helper()
	if src.Dialect == "make" {
		return // its schemas have a test of their own
	}
	f := src.Parts[0].File
	if !parser.IsJSON(f.Name) && !parser.IsYAML(f.Name) {
		return
	}
	root := documentOf(f)
	part := schema.Main(src.Dialect, root)
	problems, err := schema.Validate(src.Dialect, part, root, schema.Codes{Root: "X", Value: "X"})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range problems {
		t.Errorf("%s: %s", id, d.Error())
	}
	checked[src.Dialect+"/"+part]++
}

func documentOf(f *source.File) *document.Node {
	parse := document.ParseJSONC
	if parser.IsYAML(f.Name) {
		parse = document.ParseYAML
	}
	doc, _ := parse(f, document.Options{})
	return doc.Root
}
