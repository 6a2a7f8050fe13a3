package files

import (
	"io/fs"
	"strings"
	"time"
)

// Single returns a file system that holds one text.
func Single(name, text string) fs.FS { return single{name, text} }

type single struct{ name, text string }

// Open implements fs.FS.
func (f single) Open(name string) (fs.File, error) {
	switch name {
	case f.name:
		return &openText{f, strings.NewReader(f.text)}, nil
	case ".":
		return openFolder{f}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// textInfo describes the text.
type textInfo struct {
	single
	mode fs.FileMode
}

func (i textInfo) Name() string {
	if i.mode.IsDir() {
		return "."
	}
	return i.name
}
func (i textInfo) Size() int64        { return int64(len(i.text)) }
func (i textInfo) Mode() fs.FileMode  { return i.mode }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return i.mode.IsDir() }
func (i textInfo) Sys() any           { return nil }

type openText struct {
	single
	*strings.Reader
}

func (o *openText) Stat() (fs.FileInfo, error) { return textInfo{o.single, 0o444}, nil }
func (o *openText) Close() error               { return nil }

// openFolder is the folder around the text; it lists nothing, so that no siblings are looked for.
type openFolder struct{ single }

func (o openFolder) Stat() (fs.FileInfo, error) { return textInfo{o.single, fs.ModeDir | 0o555}, nil }
func (o openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fs.ErrInvalid}
}
func (o openFolder) Close() error                       { return nil }
func (o openFolder) ReadDir(int) ([]fs.DirEntry, error) { return nil, nil }
