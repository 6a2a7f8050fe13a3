package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestManual looks up every command, argument and flag in the manual page, and asks a typesetter, where there is one,
// whether it understands all of it.
func TestManual(t *testing.T) {
	x := newTest(t, "")
	if code := x.main([]string{"man"}); code != exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	page := x.out.String()
	var grammar cli
	app, err := x.parser(&grammar)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(node *kong.Node)
	walk = func(node *kong.Node) {
		for _, sub := range commands(node) {
			if len(commands(sub)) > 0 {
				walk(sub)
				continue
			}
			_, section, found := strings.Cut(page, "\n.SS \"imlc "+quoteRoff(usageLine(sub, commandPath(sub)))+"\"\n")
			if !found {
				t.Errorf("no section for imlc %s", commandPath(sub))
				continue
			}
			section, _, _ = strings.Cut(section, "\n.S")
			for _, flag := range ownFlags(sub) {
				if !strings.Contains(section, roff("--"+flag.Name)) {
					t.Errorf("imlc %s: no word of --%s", commandPath(sub), flag.Name)
				}
			}
			if text := examples[commandPath(sub)]; !strings.Contains(section, roff(strings.TrimRight(text, "\n"))) {
				t.Errorf("imlc %s: no examples", commandPath(sub))
			}
		}
	}
	walk(app.Model.Node)
	for _, text := range []string{".TH IMLC 1 \"\"", ".SH \"\"", "IMLC_PASSPHRASE", "130 (Ctrl\\-C"} {
		if strings.Contains(page, text) == (text == ".SH \"\"") {
			t.Errorf("%q: in the page %v", text, !strings.Contains(page, text))
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		return
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-Kutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page)
	if out, err := cmd.CombinedOutput(); len(out) > 0 || err != nil {
		t.Errorf("groff: %v\n%s", err, out)
	}
}

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		".SH injected":        `\&.SH injected`,
		"a\n.b\n'c":           "a\n\\&.b\n\\(aqc",
		`\n`:                  `\en`,
		"--flag ~/x ^ `y`":    `\-\-flag \(ti/x \(ha \(gay\(ga`,
		`imlc eval "{{a}}" …`: `imlc eval "{{a}}" …`,
	} {
		if got := roff(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := quoteRoff(`a "b"`); got != `a \(dqb\(dq` {
		t.Errorf("quoted: %q", got)
	}
}
