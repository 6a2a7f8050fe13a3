package linkcheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

var identifier = regexp.MustCompile(`^(?:An? |The )?([A-Za-z_]\w*)`)

// misnamed returns what is wrong with the first words of the comments of a file: a package comment must name the
// package, and the comment of an exported name begins with that name.
func misnamed(file *ast.File) []string {
	var out []string
	check := func(doc *ast.CommentGroup, name string) {
		if text := doc.Text(); doc != nil && ast.IsExported(name) {
			if m := identifier.FindStringSubmatch(text); m == nil || m[1] != name {
				first, _, _ := strings.Cut(text, "\n")
				out = append(out, fmt.Sprintf("the comment of %s begins with %q", name, first))
			}
		}
	}
	if file.Doc != nil && file.Name.Name != "main" && !strings.HasPrefix(file.Doc.Text(), "Package "+file.Name.Name+" ") {
		out = append(out, "the package comment does not begin with Package "+file.Name.Name)
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			check(d.Doc, d.Name.Name)
		case *ast.GenDecl:
			if d.Tok == token.TYPE && !d.Lparen.IsValid() {
				check(d.Doc, d.Specs[0].(*ast.TypeSpec).Name.Name)
			}
		}
	}
	return out
}

func TestCommentsBeginWithTheirName(t *testing.T) {
	fset := token.NewFileSet()
	for _, name := range files(t, ".go") {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".qtpl.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, read(t, name), parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, why := range misnamed(file) {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func TestCommentsCanFail(t *testing.T) {
	text := "// Package other is.\npackage here\n\n// Old does.\nfunc New() {}\n\n// A Thing is.\ntype Thing int\n\n// internal does.\nfunc own() {}\n"
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if got := misnamed(file); len(got) != 2 {
		t.Errorf("found %q, want the package and New", got)
	}
}
