package linkcheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goNames is what the Go code of the repository declares: the exported names of each package, and the functions of its
// tests.
type goNames struct {
	exported map[string]map[string]bool // by the name of the package
	tests    map[string]bool
}

func declarations(t *testing.T) goNames {
	t.Helper()
	n := goNames{map[string]map[string]bool{}, map[string]bool{}}
	fset := token.NewFileSet()
	for _, name := range files(t, ".go") {
		file, err := parser.ParseFile(fset, name, read(t, name), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		n.add(file, strings.HasSuffix(name, "_test.go"))
	}
	return n
}

func (n goNames) add(file *ast.File, test bool) {
	pkg := n.exported[file.Name.Name]
	if pkg == nil {
		pkg = map[string]bool{}
		n.exported[file.Name.Name] = pkg
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if test {
				n.tests[d.Name.Name] = true
			} else if d.Recv == nil {
				pkg[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					pkg[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range s.Names {
						pkg[id.Name] = true
					}
				}
			}
		}
	}
}

var (
	repositoryPath = regexp.MustCompile(`^(?:bench|cmd|compiler|conformance|docs|examples|grammar|internal|parser|runtime|schema|spec|vm)/[\w.*/-]+$`)
	testName       = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)[A-Z]\w*$`)
	qualified      = regexp.MustCompile(`^\*?([a-z][a-z0-9]*)\.([A-Z]\w*)`)
)

// missing says what of a code span of a document does not exist, "" when all of it does or when it names nothing of
// ours.
func missing(span string, n goNames) string {
	if repositoryPath.MatchString(span) {
		if found, err := fs.Glob(tree, path.Clean(span)); err != nil || len(found) == 0 {
			return "there is no " + span
		}
	}
	if testName.MatchString(span) && !n.tests[span] {
		return "there is no function " + span
	}
	if m := qualified.FindStringSubmatch(span); m != nil && n.exported[m[1]] != nil && !n.exported[m[1]][m[2]] {
		return "package " + m[1] + " has no " + m[2]
	}
	return ""
}

// TestDocumentsNameWhatExists holds the paths, the tests and the Go names that documents mention. The specifications
// say what must be, also where it is not yet, and are left out.
func TestDocumentsNameWhatExists(t *testing.T) {
	n := declarations(t)
	for _, name := range files(t, ".md") {
		if path.Dir(name) == "spec" {
			continue
		}
		for _, span := range codeSpan.FindAllString(prose(read(t, name)), -1) {
			if why := missing(strings.Trim(span, "`"), n); why != "" {
				t.Errorf("%s: %s", name, why)
			}
		}
	}
}

func TestDocumentNamesCanFail(t *testing.T) {
	n := declarations(t)
	for span, ok := range map[string]bool{
		"vm/plan": true, "vm/nothing": false, "vm/plan/*.go": true, "TestLinksResolve": true, "TestNothing": false,
		"plan.Decode(file)": true, "plan.Nothing": false, "Host.Nothing": true, "body.Nothing": true,
	} {
		if why := missing(span, n); (why == "") != ok {
			t.Errorf("%s: %q", span, why)
		}
	}
}

// TestArchitectureNamesEveryPackage holds the table of docs/architecture.md: a package that is in no row was forgotten.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text := read(t, "docs/architecture.md")
	named := map[string]bool{}
	for _, span := range codeSpan.FindAllString(prose(text), -1) {
		named[strings.Trim(span, "`")] = true
	}
	below := []string{"vm/builtin/iml/", "bench/", "examples/"}
	for _, name := range files(t, ".go") {
		folder := path.Dir(name)
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") || folder == "." || named[folder] ||
			slices.ContainsFunc(below, func(b string) bool { return strings.HasPrefix(folder, b) }) {
			continue
		}
		t.Errorf("docs/architecture.md has no row for %s", folder)
		named[folder] = true
	}
}
