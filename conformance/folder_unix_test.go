//go:build unix

package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/imlc-lang/imlc/internal/guarded"
)

const vector = `{"id":"a","template":"{{1}}","context":{},"want":{"type":"number","value":1}}`

// Cases and their specs are read without following links out of their folder, and nothing is opened that is no regular
// file of bounded size.
func TestFoldersAreGuarded(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.jsonl")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write(outside, strings.Replace(vector, `"a"`, `"outside"`, 1))
	dir := t.TempDir()
	write(filepath.Join(dir, "in.jsonl"), vector)
	must(os.Symlink(outside, filepath.Join(dir, "out.jsonl")))
	must(os.Symlink("/dev/zero", filepath.Join(dir, "zero.jsonl")))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe.jsonl"), 0o600))
	cases, err := Load([]string{dir})
	if err != nil || len(cases) != 1 || cases[0].ID != "a" {
		t.Errorf("%d cases of a folder with links out of it, %v", len(cases), err)
	}
	large := filepath.Join(t.TempDir(), "large.jsonl")
	write(large, "")
	must(os.Truncate(large, maxCaseFile+1))
	for _, path := range []string{large, filepath.Join(dir, "pipe.jsonl"), "/dev/zero"} {
		if _, err := readFile(path); err == nil {
			t.Errorf("%s is read", path)
		}
	}
	spec := t.TempDir()
	write(filepath.Join(spec, "good.json"), "{}")
	must(os.Symlink(outside, filepath.Join(spec, "link.json")))
	must(syscall.Mkfifo(filepath.Join(spec, "pipe.json"), 0o600))
	write(filepath.Join(spec, "large.json"), "")
	must(os.Truncate(filepath.Join(spec, "large.json"), guarded.MaxFile+1))
	fsys := guarded.In(spec)
	for name, fits := range map[string]bool{"good.json": true, ".": true, "link.json": false, "pipe.json": false, "large.json": false, "../x": false} {
		f, err := fsys.Open(name)
		if (err == nil) != fits {
			t.Errorf("%s: %v", name, err)
		}
		if f != nil {
			_ = f.Close()
		}
	}
}
