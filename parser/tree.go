package parser

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/document"
)

// Tree is what a path names while its dialect is being recognised: a file with its document, or a folder. It reads each
// file once and is for one goroutine.
type Tree struct {
	// Path is the slash-separated path of the file or folder.
	Path string
	// Root is the document of a file; nil for a folder and for a file that cannot be read.
	Root *document.Node
	// Names are the names of the files of a folder, ascending; nil for a file. Folders are those of the folders in it.
	Names, Folders []string

	fsys      fs.FS
	documents map[string]*document.Node
	problems  []diag.Diagnostic
}

// newTree looks at a path of fsys.
func newTree(fsys fs.FS, name string) (*Tree, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	t := &Tree{Path: name, fsys: fsys, documents: map[string]*document.Node{}}
	if !info.IsDir() {
		t.Root, t.problems, err = read(fsys, name)
		return t, err
	}
	entries, err := fs.ReadDir(fsys, name)
	t.Names = []string{}
	for _, e := range entries {
		if e.IsDir() {
			t.Folders = append(t.Folders, e.Name())
		} else {
			t.Names = append(t.Names, e.Name())
		}
	}
	return t, err
}

// IsFolder reports whether the path names a folder.
func (t *Tree) IsFolder() bool { return t.Names != nil }

// Has reports whether a folder has a file of that name.
func (t *Tree) Has(name string) bool {
	_, ok := slices.BinarySearch(t.Names, name)
	return ok
}

// Document returns the document of a file of the folder; nil when there is none or it cannot be read.
func (t *Tree) Document(name string) *document.Node {
	if !t.Has(name) {
		return nil
	}
	root, ok := t.documents[name]
	if !ok {
		root, _, _ = read(t.fsys, path.Join(t.Path, name))
		t.documents[name] = root
	}
	return root
}

// at returns the tree of a file whose document is at hand.
func at(name string, root *document.Node) *Tree { return &Tree{Path: name, Root: root} }

// file returns the tree of a file of the folder, for a dialect that looks at what a file of a certain name holds; its
// Root is nil when there is none.
func (t *Tree) file(name string) *Tree { return at(path.Join(t.Path, name), t.Document(name)) }

// read reads a file in the notation that its name shows: YAML or JSON. JSON is read with comments and trailing commas,
// so that a dialect that does not have them can say so.
func read(fsys fs.FS, name string) (*document.Node, []diag.Diagnostic, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	parse := document.ParseJSONC
	if IsYAML(name) {
		parse = document.ParseYAML
	}
	doc, problems := parse(file(fsys, name, string(data)), document.Options{Code: CodeUnrecognised})
	return doc.Root, problems, nil
}

// IsYAML reports whether a file is YAML by its name.
func IsYAML(name string) bool { return hasSuffix(name, ".yml", ".yaml") }

// IsJSON reports whether a file is JSON by its name, with or without comments.
func IsJSON(name string) bool { return hasSuffix(name, ".json", ".jsonc", ".imljson") }

func hasSuffix(name string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}
