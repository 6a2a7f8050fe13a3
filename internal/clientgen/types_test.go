package clientgen

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTypes has the compiler of TypeScript check the types of the client, a file that uses them rightly and wrongly, and
// the examples of its README.
func TestTypes(t *testing.T) {
	compiler := os.Getenv("IMLC_TEST_TSC")
	if compiler == "" {
		var err error
		if compiler, err = exec.LookPath("tsc"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("no tsc found: npm install typescript, and say in IMLC_TEST_TSC where it is")
			}
			t.Skip("skipped: no tsc found (npm install -g typescript)")
		}
	}
	if testing.Short() {
		t.Skip("skipped: the compiler is slow")
	}
	dir := t.TempDir()
	write := func(name string, text []byte, err error) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"package.json", "client.js", "client.d.ts"} {
		text, err := os.ReadFile("../../clients/typescript/" + name)
		write("node_modules/imlc-client/"+name, text, err)
	}
	uses, err := os.ReadFile("types_test.ts")
	write("types.ts", uses, err)
	readme, err := os.ReadFile("../../clients/typescript/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```ts\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no example")
	}
	files := []string{"types.ts"}
	for i, b := range blocks {
		name := "readme" + string(rune('0'+i)) + ".ts"
		write(name, b[1], nil)
		files = append(files, name)
	}
	write("package.json", []byte(`{"type": "module"}`), nil)
	cmd := exec.CommandContext(t.Context(), compiler, append([]string{"--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false",
		"--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable"}, files...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
