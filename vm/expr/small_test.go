package expr

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/plan"
)

// TestSmallProgram runs plans in a program that links the machine alone: what needs more is refused when it is loaded.
func TestSmallProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "small")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/small").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for template, want := range map[string]string{
		`{{upper(ifempty(x; "straße"))}}`: "STRASSE <nil>",
		`{{replace(x; "a"; "b")}}`:        `load: the plan needs what this program does not have: ["fn/iml.replace@1 (import github.com/imlc-lang/imlc/vm/builtin/full)"]`,
		`{{jwt(x; "k")}}`:                 `load: the plan needs what this program does not have: ["fn/iml.jwt@1 (import github.com/imlc-lang/imlc/vm/builtin/full)"]`,
	} {
		p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		file, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(program)
		c.Stdin = bytes.NewReader(file)
		out, err := c.Output()
		if got := strings.TrimSpace(string(out)); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, %v, expected %q", template, got, err, want)
		}
	}
}
