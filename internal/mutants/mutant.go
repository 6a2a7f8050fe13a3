package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mutant is a change of one line that some test must notice.
type mutant struct {
	name string
	// file is the path of the changed file from the root of the module, with slashes.
	file string
	// line is the whole line without its indentation, which must occur once in the file; with takes its place.
	line, with string
	// tests are the packages whose tests kill the mutant, separated by blanks; "" means the package of the file.
	tests string
}

// apply returns the text of the file with the line changed.
func (m mutant) apply(text string) (string, error) {
	lines := strings.SplitAfter(text, "\n")
	at := -1
	for i, l := range lines {
		if strings.TrimSpace(l) != m.line {
			continue
		}
		if at >= 0 {
			return "", fmt.Errorf("%s: %s has lines %d and %d that read %q, expected one", m.name, m.file, at+1, i+1, m.line)
		}
		at = i
	}
	switch {
	case at < 0:
		return "", fmt.Errorf("%s: %s has no line %q; list the line that took its place", m.name, m.file, m.line)
	case m.with == m.line:
		return "", fmt.Errorf("%s: the replacement changes nothing", m.name)
	}
	lines[at] = strings.Replace(lines[at], m.line, m.with, 1)
	return strings.Join(lines, ""), nil
}

// packages returns the patterns of the packages to test.
func (m mutant) packages() []string {
	if m.tests == "" {
		return []string{m.home()}
	}
	return strings.Fields(m.tests)
}

// home returns the pattern of the package of the file.
func (m mutant) home() string { return "./" + filepath.ToSlash(filepath.Dir(m.file)) }

// verdict is what became of a mutant.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "survived"
	broken   verdict = "broken" // it does not compile, or its line is gone
)

// runner tries mutants on the module whose root is the folder root.
type runner struct {
	root string
	temp string
}

// try applies m and runs its tests. The text says why a mutant is broken, or what the tests printed.
func (r runner) try(m mutant) (verdict, string) {
	original := filepath.Join(r.root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(original)
	if err != nil {
		return broken, err.Error()
	}
	changed, err := m.apply(string(text))
	if err != nil {
		return broken, err.Error()
	}
	overlay, err := r.overlay(original, changed)
	if err != nil {
		return broken, err.Error()
	}
	if out, err := r.tool("build", "-overlay", overlay, m.home()); err != nil {
		return broken, out
	}
	out, err := r.tool(append([]string{"test", "-overlay", overlay, "-vet=off", "-failfast", "-timeout=5m"}, m.packages()...)...)
	if err == nil {
		return survived, out
	}
	return killed, out
}

// overlay writes what go build -overlay reads to put the changed text in place of a file.
func (r runner) overlay(original, changed string) (string, error) {
	replacement, list := filepath.Join(r.temp, "changed.go"), filepath.Join(r.temp, "overlay.json")
	if err := os.WriteFile(replacement, []byte(changed), 0o600); err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": {original: replacement}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, b, 0o600)
}

func (r runner) tool(args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir = r.root
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}

// moduleRoot returns the folder of the go.mod that governs the working directory.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(string(out))
	if mod == "" || mod == os.DevNull {
		return "", fmt.Errorf("there is no go.mod here: run it inside the module")
	}
	return filepath.Dir(mod), nil
}
