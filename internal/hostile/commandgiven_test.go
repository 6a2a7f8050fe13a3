package hostile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// given is where the hostile files are that came with the task.
const given = "../../../shared/data/hostile"

// providerGiven is where those files expect their provider.
const providerGiven = "http://127.0.0.1:18799"

// limitNamed is how the command names a limit.
const limitNamed = `IML50[345]|LIMIT|limit/|the limit on`

// givenCommands are the attacks with those files; the ends of those that are known are held, others must end somehow.
func givenCommands(t *testing.T, provider string) []commandAttack {
	t.Helper()
	if _, err := os.Stat(given); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the hostile files are missing: %v", err)
		}
		t.Logf("only the attacks of this package are run: there is no %s", given)
		return nil
	}
	ends := map[string]string{
		"stack-overflow.jsonc": "limit/nesting", "deep-data.jsonc": "limit/nesting", "fold-dollar.jsonc": limitNamed, "fold-regex.jsonc": "IML505",
		"hostile-objects.jsonc": limitNamed, "hostile-words.jsonc": "••••", "hostile-location.jsonc": "RuntimeError", "expires.jsonc": "9999|RuntimeError",
		"escape.jsonc": `\\u001b`, "parameter-patterns.json": "IML505", "path-secret.json": `connected|error`, "regex-compile-60.json": "connected|error",
	}
	var list []commandAttack
	names, _ := filepath.Glob(given + "/*.json*")
	for _, path := range names {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		if strings.HasSuffix(name, ".data.json") {
			continue
		}
		files := map[string]string{name: strings.ReplaceAll(string(text), providerGiven, provider)}
		end, ok := ends[name]
		if !ok {
			end = "."
		}
		list = append(list,
			commandAttack{name: "check/" + name, args: []string{"check", "@" + name}, files: files, ends: "1 connection checked|error", most: 5 * time.Second},
			commandAttack{name: "connect/" + name, args: []string{"connect", "@" + name, "--allow-private", "--param", "password=hunter2secret", "--param", "x=a"}, files: files, ends: end})
	}
	for _, scale := range []string{"1", "4"} {
		list = append(list, madeCommands(t, scale)...)
	}
	return list
}

// madeCommands are the attacks with what make.py writes.
func madeCommands(t *testing.T, scale string) []commandAttack {
	t.Helper()
	dir := t.TempDir()
	script, err := os.ReadFile(given + "/make.py")
	if err != nil {
		t.Fatal(err)
	}
	maker := filepath.Join(dir, "make.py")
	if err := os.WriteFile(maker, script, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("python3", maker, scale).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	results := map[string]string{"parse-date": `^\d{4}-\d\d-\d\dT|IML402|` + limitNamed, "tocollection-undefined": "^[0-9]+\n$|" + limitNamed}
	templates, _ := filepath.Glob(dir + "/*.tmpl")
	var list []commandAttack
	for _, path := range templates {
		template, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data := strings.TrimSuffix(path, ".tmpl") + ".data.json"
		name := strings.TrimSuffix(filepath.Base(path), ".tmpl")
		end, ok := results[name]
		if !ok {
			end = limitNamed + "|IML202" // or an argument too many
		}
		list = append(list, commandAttack{name: "eval/" + name + "/" + scale, args: []string{"eval", "-", "--data", data}, stdin: string(template), ends: end})
	}
	return list
}
