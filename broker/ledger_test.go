package broker_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesHaveTests holds that each promise of docs/serve.md names a test of this package.
func TestPromisesHaveTests(t *testing.T) {
	doc, err := os.ReadFile("../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	_, table, _ := strings.Cut(string(doc), "| promise | test |")
	rows := regexp.MustCompile("(?m)^\\| [^|]+ \\| `(Test\\w+)` \\|$").FindAllStringSubmatch(table, -1)
	if len(rows) < 10 {
		t.Fatalf("only %d promises", len(rows))
	}
	for _, row := range rows {
		if !strings.Contains(tests.String(), "func "+row[1]+"(t *testing.T)") {
			t.Errorf("there is no %s", row[1])
		}
	}
}
