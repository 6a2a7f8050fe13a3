package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imlc-lang/imlc/vm/value"
)

// maxInput is the largest file or stream that a command reads, in bytes.
const maxInput = 64 << 20

// workTree is the file system as the user names it: relative to the working directory, absolute, or with "..", so that
// positions show the names that the user typed.
type workTree struct{}

// Open implements fs.FS.
func (workTree) Open(name string) (fs.File, error) { return os.Open(filepath.FromSlash(name)) }

// readInput reads a file, or the standard input when the name is "-".
func (c *command) readInput(name string) ([]byte, error) {
	var r io.Reader = c.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(data) > maxInput:
		return nil, usagef("%s: larger than %d MiB", name, maxInput>>20)
	}
	return data, nil
}

func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usagef("%s: cannot be read: %v", name, err)
}

// readJSON reads a file that holds one JSON value.
func (c *command) readJSON(name string) (value.Value, error) {
	data, err := c.readInput(name)
	if err != nil {
		return value.Undefined, err
	}
	v, err := value.ParseJSON(string(data), nil)
	if err != nil {
		return value.Undefined, usagef("%s: expected JSON: %v", name, err)
	}
	return v, nil
}

// readObject reads a file that holds one JSON object.
func (c *command) readObject(name string) (*value.Object, error) {
	v, err := c.readJSON(name)
	if err != nil {
		return nil, err
	}
	if v.Object() == nil {
		return nil, usagef("%s: expected a JSON object, found %s", name, v.Kind())
	}
	return v.Object(), nil
}

// writeFile writes a file as a whole: readers see the old or the new content, never a part.
func writeFile(name string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".imlc-*")
	if err != nil {
		return unwritable(name, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return unwritable(name, err)
	}
	return nil
}

func unwritable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usagef("%s: cannot be written: %v", name, err)
}
