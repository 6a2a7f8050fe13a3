package oracle

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestKnowsNoMachine holds the reference apart from what it is compared with.
func TestKnowsNoMachine(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	const module = "github.com/imlc-lang/imlc"
	allowed := []string{"conformance", "grammar", "internal/limit", "parser/ast", "runtime/content", "runtime/media", "runtime/oauth1", "runtime/uri", "runtime/wire", "vm/builtin", "vm/builtin/calendar", "vm/builtin/iml", "vm/value"}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			name, ours := strings.CutPrefix(path, module+"/")
			if path == module || ours && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, which the reference must not know", file, path)
			}
		}
	}
}
