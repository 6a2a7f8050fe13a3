package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every listed line stands once in its file, so that moving one is noticed; names and changes are distinct, and all
// rooms of the product are asked.
func TestEveryLineIsThere(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	names, changes, rooms := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, m := range mutants {
		change := m.file + "\n" + m.line + "\n" + m.with
		if names[m.name] || changes[change] {
			t.Errorf("%s is listed twice", m.name)
		}
		names[m.name], changes[change] = true, true
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		if _, err := m.apply(string(text)); err != nil {
			t.Error(err)
		}
		for _, p := range m.packages() {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(p, "/...")))); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
		}
		room, _, _ := strings.Cut(m.file, "/")
		rooms[room]++
	}
	if len(mutants) < 40 {
		t.Errorf("%d mutants, expected at least 40", len(mutants))
	}
	for _, room := range []string{"grammar", "parser", "schema", "compiler", "vm", "runtime", "conformance", "cmd", "internal"} {
		if rooms[room] == 0 {
			t.Errorf("no mutant asks the tests of %s", room)
		}
	}
}

func TestApply(t *testing.T) {
	const text = "a\n\tif x {\n\t\ty()\n\t}\n\ty()\n"
	if got, err := (mutant{line: "if x {", with: "if !x {"}).apply(text); err != nil || got != "a\n\tif !x {\n\t\ty()\n\t}\n\ty()\n" {
		t.Errorf("%q, %v", got, err)
	}
	for problem, m := range map[string]mutant{"has no line": {line: "if y {", with: "z"}, "lines 3 and 5": {line: "y()", with: "z"}, "changes nothing": {line: "a", with: "a"}} {
		if got, err := m.apply(text); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%+v: %q, %v, expected %q", m, got, err, problem)
		}
	}
}

// The verdicts are told apart on a module of three files: what a test notices, what it does not, and what does not
// compile.
func TestVerdicts(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.test/m\n\ngo 1.26\n", "a.go": "package m\n\nfunc one() int {\n\treturn 1\n}\n\nfunc two() int {\n\treturn 2\n}\n",
		"a_test.go": "package m\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {\n\tif one() != 1 {\n\t\tt.Fatal(two())\n\t}\n}\n"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := runner{root, t.TempDir()}
	for want, m := range map[verdict]mutant{killed: {file: "a.go", line: "return 1", with: "return 3"}, survived: {file: "a.go", line: "return 2", with: "return 3"}, broken: {file: "a.go", line: "return 1", with: `return ""`}} {
		if got, text := r.try(m); got != want {
			t.Errorf("%s became %s, expected %s: %s", m.line, got, want, text)
		}
	}
	if got, text := r.try(mutant{name: "gone", file: "a.go", line: "return 4", with: "return 3"}); got != broken || !strings.Contains(text, "gone: a.go has no line") {
		t.Errorf("%s, %s", got, text)
	}
	if text, err := os.ReadFile(filepath.Join(root, "a.go")); err != nil || !strings.Contains(string(text), "return 1") {
		t.Errorf("the file was changed: %s, %v", text, err)
	}
}
