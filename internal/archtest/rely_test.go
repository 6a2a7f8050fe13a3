package archtest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestExampleReliesOnWhatIsPromised holds that a whole host needs no package beyond those that docs/embedding.md lets
// hosts rely on, and that each of those exists.
func TestExampleReliesOnWhatIsPromised(t *testing.T) {
	text, err := os.ReadFile("../../docs/embedding.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## What a host may rely on\n")
	section, _, _ = strings.Cut(section, "All other packages")
	promised := []string{module}
	for _, m := range regexp.MustCompile("`([a-z0-9/]+)`").FindAllStringSubmatch(section, -1) {
		switch p := module + "/" + m[1]; m[1] {
		case "imlc", "otelimlc": // the root, and a module of its own
		case "client", "explain":
			promised = append(promised, module+"/runtime/oauth1/"+m[1])
		default:
			promised = append(promised, p)
		}
	}
	all := graph(t)
	for _, p := range promised {
		if _, ok := all[p]; !ok {
			t.Errorf("docs/embedding.md names %s, which is no package", p)
		}
	}
	used := 0
	for _, imp := range all[module+"/examples/host"] {
		if !strings.HasPrefix(imp, module) {
			continue
		}
		if used++; !slices.Contains(promised, imp) {
			t.Errorf("examples/host imports %s, which hosts are not told to rely on", imp)
		}
	}
	if used == 0 {
		t.Error("examples/host imports nothing of this module")
	}
}
