package broker_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesHaveTests holds that each promise of docs/serve.md names tests, and that there are tests of these names.
func TestPromisesHaveTests(t *testing.T) {
	doc, err := os.ReadFile("../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	root := os.DirFS("..")
	for _, dir := range []string{"broker", "cmd/imlc/internal/cli", "cmd/imlc/internal/files", "clients", "internal/clientgen", "internal/sqldb", "runtime/wire", "deploy"} {
		if err := fs.WalkDir(root, dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(root, path)
			for _, found := range declared.FindAllSubmatch(text, -1) {
				tests[string(found[1])] = true
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	_, table, _ := strings.Cut(string(doc), "| promise | test |\n|---|---|\n")
	rows, named := 0, regexp.MustCompile("`(Test\\w+)`")
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		rows++
		cells := strings.Split(line, " | ")
		names := named.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 2 || len(names) == 0 {
			t.Errorf("a promise without a test: %s", line)
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("there is no %s", name[1])
			}
		}
	}
	if rows < 30 {
		t.Fatalf("only %d promises", rows)
	}
}
