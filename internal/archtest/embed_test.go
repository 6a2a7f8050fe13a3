package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// brokerLibraries are what only the broker and the command link.
var brokerLibraries = regexp.MustCompile(`^(modernc\.org|github\.com/(jackc|pressly|danielgtaylor|prometheus|standard-webhooks|coreos|go-jose|imlc-lang/imlc/broker|alecthomas/kong|aws|zalando)|filippo\.io|go\.opentelemetry\.io|golang\.org/x/oauth2)(/|$)`)

// TestBrokerStaysApart holds that whoever compiles and runs specs links nothing of the broker.
func TestBrokerStaysApart(t *testing.T) {
	hosts := slices.Concat([]string{module}, below(t, module+"/compiler"), below(t, module+"/vm"), below(t, module+"/runtime"))
	for _, dep := range dependencies(t, hosts...) {
		if brokerLibraries.MatchString(dep) {
			t.Errorf("a program that embeds the engine links %s", dep)
		}
	}
}

// TestEmbeddingNeedsFewModules builds a program that embeds vm, in a module of its own whose go.sum has the modules of
// the engine alone.
func TestEmbeddingNeedsFewModules(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	engine := regexp.MustCompile(`^(github\.com/dlclark/regexp2|golang\.org/x/(net|text|sys|crypto|term))[ /]`)
	var kept, versions []string
	for line := range strings.Lines(string(sums)) {
		if engine.MatchString(line) {
			kept = append(kept, line)
		}
	}
	requirements, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(requirements)) {
		line = strings.TrimSpace(strings.Split(line, "//")[0])
		if engine.MatchString(line) {
			versions = append(versions, "\t"+line+" // indirect\n")
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/host\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n\nrequire (\n" + strings.Join(versions, "") + ")\n\nreplace " + module + " => " + root + "\n",
		"go.sum": strings.Join(kept, ""),
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"" + module + "/vm\"\n\t_ \"" + module + "/vm/builtin/full\"\n)\n\n" +
			"func main() { fmt.Println(vm.DefaultLimits()) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", os.DevNull, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("a program that embeds vm does not build by these modules alone: %v\n%s", err, out)
	}
}
