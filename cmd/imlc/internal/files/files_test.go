//go:build unix

package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func umask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func put(t *testing.T, name, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

func link(t *testing.T, target, name string) string {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

func pipe(t *testing.T, name string) string {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// state is the type, permissions and content of what lies under a name.
func state(t *testing.T, name string) string {
	t.Helper()
	info, err := os.Lstat(name)
	if err != nil {
		return "none"
	}
	if !info.Mode().IsRegular() {
		return info.Mode().Type().String()
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%o %s", info.Mode().Perm(), text)
}

// alone fails when a folder has other entries than these.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Errorf("%v is in the folder, want %v; %v", entries, names, err)
	}
}

func TestWriteKeepsPermissions(t *testing.T) {
	for _, test := range []struct {
		name string
		mask int
		old  fs.FileMode // 0: there is no file
		want string
	}{
		{"new", 0o022, 0, "644 new"},
		{"new under a strict umask", 0o077, 0, "600 new"},
		{"private", 0o022, 0o600, "600 new"},
		{"executable", 0o077, 0o755, "755 new"},
	} {
		t.Run(test.name, func(t *testing.T) {
			umask(t, test.mask)
			dir := t.TempDir()
			name := filepath.Join(dir, "f")
			if test.old != 0 {
				put(t, name, "old", test.old)
			}
			if err := Write(Disk{}, name, []byte("new"), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := state(t, name); got != test.want {
				t.Errorf("the file is %s, want %s", got, test.want)
			}
			alone(t, dir, "f")
		})
	}
}

func TestWriteReplacesNoNode(t *testing.T) {
	umask(t, 0o022)
	dir := t.TempDir()
	target := put(t, filepath.Join(dir, "target"), "old", 0o640)
	through := link(t, "target", filepath.Join(dir, "through"))
	null := link(t, "/dev/null", filepath.Join(dir, "null"))
	fifo := pipe(t, filepath.Join(dir, "fifo"))
	read := make(chan string)
	go func() {
		text, _ := os.ReadFile(fifo)
		read <- string(text)
	}()
	for _, name := range []string{through, null, fifo} {
		if err := Write(Disk{}, name, []byte("new"), 0o644); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := <-read; got != "new" {
		t.Errorf("the pipe gave %q", got)
	}
	for name, want := range map[string]string{through: "L---------", target: "640 new", null: "L---------", fifo: "p---------", "/dev/null": "Dc---------"} {
		if got := state(t, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if err := Write(Disk{}, dir, nil, 0o644); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a folder as output gives %v", err)
	}
}

// TestWriteReplacesNoDevice makes a device of its own, which only root may; the link to /dev/null above needs no rights.
func TestWriteReplacesNoDevice(t *testing.T) {
	device := filepath.Join(t.TempDir(), "device")
	if err := syscall.Mknod(device, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		t.Skipf("no device can be made here: %v", err)
	}
	if err := Write(Disk{}, device, []byte("new"), 0o644); err != nil || state(t, device) != "Dc---------" {
		t.Errorf("the device is %s now, %v", state(t, device), err)
	}
}

func TestOutputIsWhole(t *testing.T) {
	dir := t.TempDir()
	name := put(t, filepath.Join(dir, "f"), "old", 0o644)
	out, err := Disk{}.Create(name, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write([]byte("half")); err != nil || state(t, name) != "644 old" {
		t.Errorf("while it is written the file is %s, %v", state(t, name), err)
	}
	out.Discard()
	if state(t, name) != "644 old" {
		t.Errorf("given up, the file is %s", state(t, name))
	}
	alone(t, dir, "f")
	if out, err = (Disk{}).Create(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := out.Commit(); err == nil || err.(*Error).Name != name {
		t.Errorf("a folder in its place gives %v", err)
	}
	alone(t, dir, "f")
	if _, err := (Disk{}).Create(filepath.Join(dir, "none", "f"), 0o644); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder gives %v", err)
	}
}

func TestPrivate(t *testing.T) {
	umask(t, 0)
	dir := t.TempDir()
	target := put(t, filepath.Join(dir, "target"), "old", 0o644)
	for _, name := range []string{filepath.Join(dir, "new"), put(t, filepath.Join(dir, "open"), "old", 0o666), link(t, "target", filepath.Join(dir, "link"))} {
		if err := (Disk{}).WritePrivate(name, []byte("secret")); err != nil || state(t, name) != "600 secret" {
			t.Errorf("%s is %s, %v", name, state(t, name), err)
		}
	}
	if got := state(t, target); got != "644 old" {
		t.Errorf("the target of the link is %s", got)
	}
	for _, name := range []string{pipe(t, filepath.Join(dir, "fifo")), dir} {
		if err := (Disk{}).WritePrivate(name, []byte("secret")); err == nil || !strings.Contains(err.Error(), "is no regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	made := filepath.Join(dir, "made")
	if err := (Disk{}).CreatePrivate(made, []byte("key")); err != nil || state(t, made) != "600 key" {
		t.Errorf("made %s, %v", state(t, made), err)
	}
	for _, name := range []string{made, link(t, "nowhere", filepath.Join(dir, "dangling"))} {
		if err := (Disk{}).CreatePrivate(name, []byte("other")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if state(t, made) != "600 key" {
		t.Errorf("the file is %s", state(t, made))
	}
	if err := (Disk{}).Remove(made); err != nil {
		t.Error(err)
	}
	if err := (Disk{}).Remove(made); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed again: %v", err)
	}
}

// TestCreatePrivate looks at a file while it is made, as another program would that starts at the same moment, or finds
// it when this one was killed: it is there as a whole or not at all. Of several who make it one does.
func TestCreatePrivate(t *testing.T) {
	dir := t.TempDir()
	data := []byte(strings.Repeat("a key ", 1<<18))
	for i := range 5 {
		name := filepath.Join(dir, fmt.Sprint(i))
		var makers sync.WaitGroup
		var made atomic.Int32
		for range 3 {
			makers.Go(func() {
				switch err := (Disk{}).CreatePrivate(name, data); {
				case err == nil:
					made.Add(1)
				case !errors.Is(err, fs.ErrExist):
					t.Error(err)
				}
			})
		}
		for seen := 0; seen == 0; {
			got, err := os.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if seen = len(got); err != nil || seen != len(data) {
				t.Fatalf("%d of %d bytes, %v", seen, len(data), err)
			}
		}
		makers.Wait()
		if made.Load() != 1 {
			t.Errorf("%d made it", made.Load())
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".imlc-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	name := put(t, filepath.Join(dir, "f"), "12345", 0o644)
	ctx := context.Background()
	if data, err := (Disk{}).Read(ctx, name, 5); string(data) != "12345" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	for limit, want := range map[int64]string{4: "cannot be read: larger than 4 bytes", 0: "larger than 0 bytes"} {
		if _, err := (Disk{}).Read(ctx, name, limit); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if _, err := (Disk{}).Read(ctx, "/dev/zero", 3<<20); err == nil || !strings.HasSuffix(err.Error(), "larger than 3 MiB") {
		t.Errorf("an endless file gives %v", err)
	}
	if _, err := (Disk{}).Read(ctx, filepath.Join(dir, "none"), 1); err == nil || err.Error() != filepath.Join(dir, "none")+": cannot be read: no such file or directory" {
		t.Errorf("no file gives %v", err)
	}
	// A pipe without a writer holds nobody.
	stopped, stop := context.WithCancelCause(ctx)
	time.AfterFunc(20*time.Millisecond, func() { stop(errors.New("interrupted")) })
	if _, err := (Disk{}).Read(stopped, pipe(t, filepath.Join(dir, "fifo")), 1); err == nil || !strings.HasSuffix(err.Error(), "interrupted") {
		t.Errorf("a pipe gives %v", err)
	}
}

// TestSpec reads a folder in which much leads elsewhere.
func TestSpec(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	put(t, filepath.Join(outside, "secret"), "secret", 0o644)
	app := filepath.Join(dir, "app")
	base := filepath.Join(app, "connections", "x")
	put(t, filepath.Join(base, "own"), "own", 0o644)
	put(t, filepath.Join(app, "general", "base"), "base", 0o644)
	link(t, filepath.Join(outside, "secret"), filepath.Join(app, "general", "stolen"))
	link(t, "own", filepath.Join(base, "alias"))
	link(t, "../../general/base", filepath.Join(base, "up"))
	link(t, filepath.Join(outside, "secret"), filepath.Join(base, "absolute"))
	link(t, outside, filepath.Join(base, "folder"))
	link(t, "/dev/zero", filepath.Join(base, "zero"))
	link(t, "nowhere", filepath.Join(base, "dangling"))
	pipe(t, filepath.Join(base, "fifo"))
	put(t, filepath.Join(base, "full"), strings.Repeat("x", MaxSpecFile), 0o644)
	if err := os.Truncate(put(t, filepath.Join(base, "sparse"), "", 0o644), 3<<30); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSpec(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, want string }{
		{"own", "own"},
		{"alias", "own"},
		{"full", strings.Repeat("x", MaxSpecFile)},
		{"../../general/base", "base"},
		{"../../general/stolen", "is a link that leads out of " + app},
		{"up", "is a link that leads out of " + base},
		{"absolute", "is a link that leads out of " + base},
		{"folder/secret", "is a link that leads out of " + base},
		{"zero", "is a link that leads out of " + base},
		{"fifo", "is no regular file"},
		{"sparse", "larger than 1 MiB"},
		{"dangling", "no such file or directory"},
		{"none", "no such file or directory"},
	} {
		full := strings.TrimPrefix(filepath.ToSlash(filepath.Join(base, test.name)), "/")
		data, err := fs.ReadFile(s, full)
		got := string(data)
		if err != nil {
			got = err.(*fs.PathError).Err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %.80q, want %.80q", test.name, got, test.want)
		}
		if info, err := fs.Stat(s, full); (err == nil) != (test.name != "folder/secret" && test.name != "dangling" && test.name != "none") {
			t.Errorf("%s: stat gives %v, %v", test.name, info, err)
		}
	}
	if got := s.UserName(s.Name); got != base {
		t.Errorf("the folder is named %s, want %s", got, base)
	}
	entries, err := fs.ReadDir(s, s.Name)
	if err != nil || len(entries) != 10 || entries[0].Name() != "absolute" {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := fs.ReadDir(s, s.Name+"/own"); err == nil {
		t.Error("a file was listed as a folder")
	}
	if _, err := s.Open("/etc/passwd"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("an absolute name gives %v", err)
	}
}

// TestSpecPath opens paths of every kind; the path itself may be a link.
func TestSpecPath(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "real", "spec.jsonc"), "{}", 0o644)
	link(t, "real", filepath.Join(dir, "linked"))
	put(t, filepath.Join(dir, "work", "x"), "", 0o644)
	link(t, "../real/spec.jsonc", filepath.Join(dir, "work", "spec.jsonc"))
	t.Chdir(filepath.Join(dir, "work"))
	for _, test := range []struct{ given, file, user string }{
		{"spec.jsonc", ".", "spec.jsonc"},
		{"./spec.jsonc", ".", "spec.jsonc"},
		{"../linked", "spec.jsonc", "../linked/spec.jsonc"},
		{"../linked/spec.jsonc", ".", "../linked/spec.jsonc"},
		{filepath.Join(dir, "real"), "spec.jsonc", filepath.Join(dir, "real", "spec.jsonc")},
	} {
		s, err := OpenSpec(test.given)
		if err != nil {
			t.Errorf("%s: %v", test.given, err)
			continue
		}
		name := s.Name
		if test.file != "." {
			name += "/" + test.file
		}
		data, err := fs.ReadFile(s, name)
		if string(data) != "{}" || err != nil || s.UserName(name) != test.user {
			t.Errorf("%s: read %q as %s, want %s; %v", test.given, data, s.UserName(name), test.user, err)
		}
	}
	if s, err := OpenSpec("."); err != nil || s.Name != "." {
		t.Errorf("%v, %v", s, err)
	} else if _, err := fs.ReadFile(s, "spec.jsonc"); err == nil {
		t.Error("a link out of the working directory was followed")
	}
	if s, err := OpenSpec("/"); err != nil || s.Name != "." {
		t.Errorf("%v, %v", s, err)
	}
	pipe(t, "fifo")
	for _, given := range []string{"none", "fifo", "/dev/zero"} {
		if _, err := OpenSpec(given); err == nil || !strings.HasPrefix(err.Error(), given+": cannot be read: ") {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// TestSpecFileThatGrows holds the limit when a file becomes larger than it said.
func TestSpecFileThatGrows(t *testing.T) {
	name := put(t, filepath.Join(t.TempDir(), "f"), "x", 0o644)
	s, err := OpenSpec(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(name, MaxSpecFile+1); err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(f); err == nil || len(data) > MaxSpecFile {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
}
