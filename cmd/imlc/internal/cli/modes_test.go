//go:build unix

package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/peterh/liner"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
)

// Whatever a command writes that holds a credential, a key, a state or what the user typed is readable by the user
// alone, also when it takes the place of a file that others could read.
func TestFilesWithSecretsArePrivate(t *testing.T) {
	dir, url, spec := t.TempDir(), startProvider(t), writeDemo(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	run := func(args ...string) {
		t.Helper()
		x := newTest(t, "")
		if code := x.main(args); code != exitGood {
			t.Fatalf("%v: exit %d: %s", args, code, x.err.String())
		}
	}
	connect := []string{"connect", spec, "--param", "baseUrl=" + url, "--param", "consumerKey=ck-hmac", "--param", "consumerSecret=cs-hmac", "--allow-private"}
	for _, name := range []string{"again.age", "again.json"} {
		if err := os.WriteFile(at(name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"new", "again"} {
		run(append(connect, "--headless", "--save", at(name+".age"))...)
		run(append(connect, "--step", "start", "--state-file", at(name+".json"))...)
	}
	history := filepath.Join(dir, "state", "imlc", "history")
	state := liner.NewLiner()
	state.AppendHistory("secret")
	(&loop{c: newTest(t, "").command}).saveHistory(state, history)
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	seen, marks := map[string]bool{}, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, expected 0600", d.Name(), info.Mode().Perm())
		}
		seen[d.Name()] = true
		if strings.HasSuffix(path, ".waiting") {
			marks++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"new.age", "again.age", "new.json", "again.json", "history", "new.age" + vault.KeyFileSuffix, "new.json" + vault.KeyFileSuffix}
	for _, name := range want {
		if !seen[name] {
			t.Errorf("%s was not written; there are %v", name, seen)
		}
	}
	if marks != 2 {
		t.Errorf("%d marks of pending authorisations, expected 2: %v", marks, seen)
	}
	if info, err := os.Stat(filepath.Dir(history)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the history: %v, %v", info.Mode().Perm(), err)
	}
}
