package files

import (
	"errors"
	"io/fs"
	"testing"
)

func TestSingle(t *testing.T) {
	f := Single("a.jsonc", "{}")
	data, err := fs.ReadFile(f, "a.jsonc")
	if string(data) != "{}" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := f.Open("b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	entries, err := fs.ReadDir(f, ".")
	if len(entries) != 0 || err != nil {
		t.Errorf("%v, %v", entries, err)
	}
}
