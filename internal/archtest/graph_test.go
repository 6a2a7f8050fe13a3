package archtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// imports holds what every package of the module imports, and every package that one of them depends on.
var imports = sync.OnceValues(func() (map[string][]string, error) {
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,ImportMap", module+"/...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	all := map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
			ImportMap  map[string]string // where the standard library brings packages of others along
		}
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		for i, imp := range p.Imports {
			if mapped, ok := p.ImportMap[imp]; ok {
				p.Imports[i] = mapped
			}
		}
		all[p.ImportPath] = p.Imports
	}
	return all, nil
})

func graph(t *testing.T) map[string][]string {
	t.Helper()
	all, err := imports()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// dependencies returns packages and all that they depend on, in the order of their paths.
func dependencies(t *testing.T, packages ...string) []string {
	t.Helper()
	all, seen := graph(t), map[string]bool{}
	for len(packages) > 0 {
		p := packages[len(packages)-1]
		packages = packages[:len(packages)-1]
		if seen[p] {
			continue
		}
		if _, ok := all[p]; !ok && p != "C" && p != "unsafe" {
			t.Fatalf("go list found no package %s", p)
		}
		seen[p] = true
		packages = append(packages, all[p]...)
	}
	return slices.Sorted(maps.Keys(seen))
}

// below returns the packages of the module with this path, and those below it.
func below(t *testing.T, path string) []string {
	t.Helper()
	var found []string
	for p := range graph(t) {
		if p == path || strings.HasPrefix(p, path+"/") {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		t.Fatalf("nothing is below %s", path)
	}
	return found
}
