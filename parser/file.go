package parser

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// ReadFile reads a file of a spec, of at most [document.MaxBytes]. Otherwise it returns nil, and list has an error of
// the code that says why.
func ReadFile(fsys fs.FS, name, code string, list *diag.List) *source.File {
	data, err := fs.ReadFile(fsys, name)
	switch {
	case err != nil:
		list.Errorf(code, source.Span{}, "%s %s", name, Unreadable(err))
		return nil
	case len(data) > document.MaxBytes:
		list.Errorf(code, source.Span{}, "%s is larger than 1 MiB", name)
		return nil
	}
	return file(fsys, name, strings.TrimPrefix(string(data), "\ufeff")) // of which an editor shows nothing
}

// file returns a file whose reading ends with the file system, for one that says when.
func file(fsys fs.FS, name, text string) *source.File {
	f := source.NewFile(name, text)
	if e, ok := fsys.(interface{ Ended() bool }); ok {
		f.Ended = e.Ended
	}
	return f
}

// Unreadable says behind the name of a file why it cannot be read.
func Unreadable(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "does not exist"
	}
	return "cannot be read: " + err.Error()
}
