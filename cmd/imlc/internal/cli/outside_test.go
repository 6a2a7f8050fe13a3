package cli

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outsideCase is a line of the inputs that were made from what others report about signing, flows and expressions.
type outsideCase struct {
	ID       string          `json:"id"`
	About    string          `json:"about"`
	Input    json.RawMessage `json:"input"`
	Expected json.RawMessage `json:"expected"`
	Why      string          `json:"why"`
}

// outside reads a file of them. They lie beside the checkout; without them the test is skipped, but never in CI.
func outside(t *testing.T, name string) []outsideCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "..", "shared", "data", "outside", name))
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skip("skipped: the cases of others are not here (../shared/data/outside)")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []outsideCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c outsideCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) == 0 {
		t.Fatalf("%s: %d cases, %v", name, len(cases), err)
	}
	return cases
}

// commandLine is a command with the files that it reads.
type commandLine struct {
	Command []string          `json:"cmd"`
	Files   map[string]string `json:"files"`
}

// run writes the files into a folder of its own and runs the command there.
func (l commandLine) run(t *testing.T) (out, errors string, code int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := make([]string, 0, len(l.Command))
	for _, word := range l.Command[1:] {
		if _, ok := l.Files[word]; ok {
			word = filepath.Join(dir, word)
		}
		args = append(args, word)
	}
	x := newTest(t, "")
	code = x.main(args)
	return x.out.String(), x.err.String(), code
}

var remark = regexp.MustCompile(` ?\([^)]*\)$`)

// names reports whether a list of causes names what is expected: each part of it, a remark at its end left out.
func names(causes, expected string) bool {
	for _, part := range strings.FieldsFunc(remark.ReplaceAllString(expected, ""), func(r rune) bool { return r == ':' || r == ',' }) {
		for _, piece := range strings.Split(part, " and ") {
			if !strings.Contains(causes, strings.TrimSpace(piece)) {
				return false
			}
		}
	}
	return true
}

func TestOutsideExplain(t *testing.T) {
	for _, c := range outside(t, "explain.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			var want struct{ Cause string }
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.Expected, &want); err != nil {
				t.Fatal(err)
			}
			out, errors, code := line.run(t)
			var causes []string
			sure := false
			for _, l := range strings.Split(out, "\n") {
				if l = strings.TrimSpace(l); strings.HasPrefix(l, "cause") || strings.HasPrefix(l, "perhaps") {
					causes, sure = append(causes, l), sure || strings.HasPrefix(l, "cause")
				}
			}
			if code != exitFailed || len(causes) == 0 {
				t.Fatalf("exit %d, no cause\n%s%s", code, out, errors)
			}
			if !sure || !names(strings.Join(causes, "\n"), want.Cause) {
				t.Errorf("%s: %s\nwant %q\ngot  %s", c.ID, c.About, want.Cause, strings.Join(causes, "\n     "))
			}
		})
	}
}

// TestOutsideCurl reads and writes curl commands.
func TestOutsideCurl(t *testing.T) {
	for _, c := range outside(t, "curl.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			out, errors, code := line.run(t)
			var want struct {
				Base string `json:"base_string"`
			}
			if json.Unmarshal(c.Expected, &want) == nil {
				// The pasted signature is a made-up one, so they differ.
				if !strings.Contains(out, "\n   "+want.Base+"\n") {
					t.Errorf("exit %d, lacks %s\n%s%s", code, want.Base, out, errors)
				}
				return
			}
			words := map[string]*regexp.Regexp{"AC-17": regexp.MustCompile(`--path-as-is`), "AC-19": regexp.MustCompile(`curl (-I|--head) `)}[c.ID]
			if words == nil {
				t.Fatalf("nothing is known of what %s expects: %s", c.ID, c.Expected)
			}
			if code != exitGood || !words.MatchString(out) {
				t.Errorf("exit %d, lacks %s\n%s%s", code, words, out, errors)
			}
		})
	}
}
