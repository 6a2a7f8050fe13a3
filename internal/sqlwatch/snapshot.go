package sqlwatch

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Folders are copies of a folder with a database of SQLite as its files were at points of a test: what a process leaves
// that is killed there. Their Take is the After of a Watch; it does not wait for other writers, so there must be none.
type Folders struct {
	// Taken are the copies, each of other files than the one before.
	Taken []Folder

	t    testing.TB
	from string
	last map[string][]byte
}

// Folder is one copy.
type Folder struct {
	// Dir is the folder, Behind what the process did last.
	Dir, Behind string
}

// Snapshots takes copies of a folder.
func Snapshots(t testing.TB, from string) *Folders { return &Folders{t: t, from: from} }

// Take copies the folder, unless it is as it was.
func (f *Folders) Take(s Statement) error {
	names, err := filepath.Glob(filepath.Join(f.from, "*"))
	if err != nil {
		return err
	}
	files, same := map[string][]byte{}, f.last != nil
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		base := filepath.Base(name)
		files[base] = data
		same = same && bytes.Equal(data, f.last[base])
	}
	if same && len(files) == len(f.last) {
		return nil
	}
	dir := f.t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	f.last = files
	f.Taken = append(f.Taken, Folder{dir, s.Text})
	return nil
}
