package cli

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shellWords splits a line of a shell into its commands and their words, without what goes to files. It knows quotes, and no
// expansion.
func shellWords(line string) [][]string {
	commands, word, quote, any := [][]string{{}}, "", rune(0), false
	end := func() {
		if last := &commands[len(commands)-1]; any {
			*last = append(*last, word)
		}
		word, any = "", false
	}
	for _, c := range line {
		switch {
		case c == quote:
			quote = 0
		case quote != 0:
			word += string(c)
		case c == '\'' || c == '"':
			quote, any = c, true
		case c == ' ':
			end()
		case c == '|' || c == '&' || c == '(' || c == ')':
			end()
			commands = append(commands, []string{})
		default:
			word, any = word+string(c), true
		}
	}
	end()
	for i, words := range commands {
		for j, w := range words {
			if w == ">" || w == "<" {
				commands[i] = words[:j]
				break
			}
		}
	}
	return commands
}

// TestExamplesRun takes every line that the help of a command prints as an example: each is a command line that the program
// understands, and what needs no network does what it says with files of those names.
func TestExamplesRun(t *testing.T) {
	offline := map[string]bool{"check": true, "compile": true, "convert": true, "disasm": true, "eval": true, "explain": true, "sign": true,
		"schema": true, "completion": true, "man": true, "test": true, "run": true}
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	exampleFiles(t, root)
	ran := 0
	for _, path := range []string{"compile", "check", "convert", "disasm", "run", "bench", "eval", "connect", "call", "explain", "sign", "provider", "serve",
		"serve start", "serve login", "serve key", "serve doctor", "serve export", "serve import", "demo", "completion", "schema", "man", "test", "conformance run"} {
		for line := range strings.SplitSeq(strings.TrimSpace(examples[path]), "\n") {
			for _, words := range shellWords(strings.TrimSpace(line)) {
				if len(words) == 0 || words[0] != "imlc" {
					continue
				}
				var grammar cli
				app, err := newTest(t, "").parser(&grammar)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := app.Parse(words[1:]); err != nil {
					t.Errorf("%s: %v", line, err)
					continue
				}
				forever := strings.Contains(line, "--watch") || strings.Contains(line, "--repl") || strings.Contains(line, "--connection") || strings.Contains(line, "run desk.imlc")
				if !offline[words[1]] || forever {
					continue
				}
				ran++
				x := newTest(t, "")
				code := x.main(words[1:])
				if code == exitFailed && words[1] == "explain" {
					code = exitGood // it found the difference
				}
				if code != exitGood {
					t.Errorf("%s: exit %d\n%s%s", line, code, x.out.String(), x.err.String())
				}
			}
		}
	}
	if len(examples) < 24 || ran < 20 {
		t.Errorf("%d of the examples of %d commands were run", ran, len(examples))
	}
}

// exampleFiles writes the files that the examples name.
func exampleFiles(t *testing.T, root string) {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spec := read("examples/make/demo/demo.jsonc")
	write("connection.jsonc", spec)
	write("apps/desk/communication.jsonc", read("examples/make/first/communication.jsonc"))
	write("apps/desk/parameters.jsonc", read("examples/make/first/parameters.jsonc"))
	write("apps/desk/base.jsonc", read("examples/make/first/base.jsonc"))
	write("definition.json", read("examples/zapier/provider/provider.json"))
	write("spec.yml", read("examples/membrane/plurk/plurk.yml"))
	write("greeting.txt", "Hi {{upper(name)}}")
	write("data.json", `{"name": "ada"}`)
	write("secret.txt", "cs")
	write("request.txt", read("docs/tryout/request.txt"))
	key, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	write("release.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	write("cases/slips.yaml", read("conformance/cases/make/two-legged.yaml"))
}
