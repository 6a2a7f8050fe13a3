package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
)

func TestComplete(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"conf"}, "conformance"},
		{[]string{"conformance", ""}, "list run serve"},
		{[]string{"conformance", "run", "ser"}, ""}, // a path is expected
		{[]string{"check", ""}, ""},
		{[]string{"check", "--form"}, "--format"},
		{[]string{"check", "--help", "--form"}, "--format"},
		{[]string{"check", "spec.jsonc", "--format", "s"}, "sarif"},
		{[]string{"check", "--format", "=", "js"}, "json"}, // as bash splits words
		{[]string{"check", "--format", "="}, "github json sarif text"},
		{[]string{"check", "--dialect", "m"}, "make membrane"},
		{[]string{"convert", "--to", "m"}, "make membrane"},
		{[]string{"check", "--format=t"}, "--format=text"},
		{[]string{"check", "--format=sarif", "--stric"}, "--strict --strict-equality"},
		{[]string{"check", "--nonsense=x"}, ""},
		{[]string{"connect", "--step", ""}, "start"},
		{[]string{"compile", "-o", ""}, ""},
		{[]string{"compile", "-o", "x", "--emit", "a"}, "asm"},
		{[]string{"compile", "-ox", "--emit", "a"}, "asm"},
		{[]string{"eval", "--", "--form"}, ""},
		{[]string{"--v"}, "--version"},
		{[]string{"demo", "--h"}, "--help"},
		{[]string{"help", "oauth1/exp"}, "oauth1/expired"},
		{[]string{"help", "exit"}, "exit"},
		{[]string{"help", "disas"}, "disasm"},
		{[]string{"completion", `""`}, "bash fish powershell zsh"}, // an empty word of PowerShell
		{[]string{"completion", "bash", ""}, ""},
		{[]string{"zzz"}, ""},
	} {
		x := newTest(t, "")
		if code := x.main(append([]string{completeWord}, test.words...)); code != exitGood {
			t.Errorf("%v: exit %d, %s", test.words, code, x.err.String())
		}
		var got []string
		for line := range strings.Lines(x.out.String()) {
			text, _, ok := strings.Cut(line, "\t")
			if !ok {
				t.Errorf("%v: line %q has no tab", test.words, line)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%v: %s", test.words, diff)
		}
	}
	x := newTest(t, "")
	x.main([]string{completeWord})
	if !strings.HasPrefix(x.out.String(), "bench\tMeasure how long") || strings.Contains(x.out.String(), completeWord) {
		t.Errorf("all commands: %s", x.out.String())
	}
}

// TestCompletionInBash loads the script and completes as bash does, with words split at "=".
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no bash here")
		}
		t.Skip("there is no bash here")
	}
	dir := t.TempDir()
	var script strings.Builder
	x := newTest(t, "")
	x.Out = show.NewStream(&script, show.Look{})
	if code := x.main([]string{"completion", "bash"}); code != exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	// The test binary answers as imlc.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "imlc"), []byte("#!"+bash+"\nIMLC_TEST_PROCESS=imlc exec "+self+` "$@"`+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	script.WriteString(`
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imlc; echo "${COMPREPLY[*]}"; }
complete_words imlc conf
complete_words imlc check --format = s
complete_words imlc check ''
complete_words imlc help 'oauth1/exp'
complete -p imlc
`)
	cmd := exec.Command(bash, "--norc", "-c", script.String())
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if diff := cmp.Diff("conformance\nsarif\n\noauth1/expired\ncomplete -o default -F _imlc imlc\n", string(out)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// TestCompletionScripts holds that every shell that can be named has a script that asks imlc.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		x := newTest(t, "")
		if code := x.main([]string{"completion", shell}); code != exitGood || !strings.Contains(x.out.String(), "imlc "+completeWord) || !strings.Contains(x.out.String(), "imlc completion "+shell) {
			t.Errorf("%s: exit %d, %s", shell, code, x.out.String())
		}
	}
	if code := newTest(t, "").main([]string{"completion", "csh"}); code != exitUsage {
		t.Errorf("another shell: exit %d", code)
	}
}
