package conformance

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The sizes of the largest files that are read, in bytes.
const (
	maxCaseFile = 64 << 20
	maxYAMLFile = 1 << 20 // whose reader takes a hundred times the text in memory
)

// reason is an error without the operation and the name, which whoever opens a file adds.
func reason(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// acceptable refuses what is neither a folder nor a regular file of at most so many bytes.
func acceptable(info fs.FileInfo, most int64) error {
	switch {
	case info.IsDir():
		return nil
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	case info.Size() > most:
		return fmt.Errorf("has more than %d MiB", most>>20)
	}
	return nil
}

// readFile reads a file of cases. Its size is looked at first, and again while it is read.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = acceptable(info, maxCaseFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxCaseFile+1))
	if err == nil && len(b) > maxCaseFile {
		err = fmt.Errorf("%s: has more than %d MiB", path, maxCaseFile>>20)
	}
	return b, err
}

// staysWithin reports whether what a link in a folder leads to is in the folder too.
func staysWithin(root, path string) bool {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return false
	}
	inside, err := filepath.Rel(root, target)
	info, statErr := os.Stat(target)
	return err == nil && statErr == nil && info.Mode().IsRegular() && inside != ".." && !strings.HasPrefix(inside, ".."+string(filepath.Separator))
}
