package membrane

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// The roles of the files of a connection.
const (
	roleSpec   = "spec"   // spec.yml, or the one file of the inline form
	roleMethod = "method" // a file that a method may be in, named by its path in the folder
)

// deepest bounds how far below auth/ files are looked for.
const deepest = 4

// Load implements parser.Dialect. Of a folder it reads the spec, everything below auth/, and what filePath names inside it.
func (Dialect) Load(fsys fs.FS, name string) ([]parser.Source, *diag.List) {
	l := loader{fsys: fsys, list: &diag.List{}}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		l.list.Errorf("MEM101", source.Span{}, "%s %s", name, parser.Unreadable(err))
		return nil, l.list
	}
	src := parser.Source{Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), Variant: inline}
	if !info.IsDir() {
		if f := l.read(name); f != nil {
			src.Parts = []parser.Part{{Role: roleSpec, File: f}}
		}
		return []parser.Source{src}, l.list
	}
	src.Name, src.Variant = path.Base(name), files
	for _, spec := range []string{"spec.yml", "spec.yaml"} {
		if _, err := fs.Stat(fsys, path.Join(name, spec)); err != nil {
			continue
		}
		if f := l.read(path.Join(name, spec)); f != nil {
			src.Parts = append(src.Parts, parser.Part{Role: roleSpec, Name: spec, File: f})
		}
		break
	}
	if len(src.Parts) == 0 {
		if !l.list.HasErrors() {
			l.list.Errorf("MEM101", source.Span{}, "%s holds neither spec.yml nor spec.yaml", name)
		}
		return nil, l.list
	}
	l.folder(name, "auth", 0)
	l.named(name, src.Parts[0].File)
	slices.SortFunc(l.parts, func(a, b parser.Part) int { return strings.Compare(a.Name, b.Name) })
	src.Parts = append(src.Parts, l.parts...)
	return []parser.Source{src}, l.list
}

type loader struct {
	fsys  fs.FS
	list  *diag.List
	parts []parser.Part
}

func (l *loader) read(name string) *source.File {
	return parser.ReadFile(l.fsys, name, "MEM101", l.list)
}

// folder reads the files of a folder of the spec and of those below it.
func (l *loader) folder(root, name string, depth int) {
	entries, err := fs.ReadDir(l.fsys, path.Join(root, name))
	if err != nil || depth > deepest {
		return // a spec whose methods are inline has no such folder
	}
	for _, e := range entries {
		inside := path.Join(name, e.Name())
		if e.IsDir() {
			l.folder(root, inside, depth+1)
			continue
		}
		if f := l.read(path.Join(root, inside)); f != nil {
			l.parts = append(l.parts, parser.Part{Role: roleMethod, Name: inside, File: f})
		}
	}
}

// named reads the files that filePath names inside the folder and that are not read yet. What cannot be read is reported where it
// is named.
func (l *loader) named(root string, spec *source.File) {
	doc, _ := document.ParseYAML(spec, document.Options{Code: "MEM102"})
	for _, name := range filePaths(doc.Root, nil) {
		inside, ok := insideFolder(name)
		if !ok || slices.ContainsFunc(l.parts, func(p parser.Part) bool { return p.Name == inside }) {
			continue
		}
		if data, err := fs.ReadFile(l.fsys, path.Join(root, inside)); err == nil && len(data) <= document.MaxBytes {
			l.parts = append(l.parts, parser.Part{Role: roleMethod, Name: inside, File: source.NewFile(path.Join(root, inside), string(data))})
		}
	}
}

// filePaths collects the texts under filePath.
func filePaths(n *document.Node, found []string) []string {
	if n == nil {
		return found
	}
	for _, m := range n.Members {
		if m.Key == "filePath" && m.Value.Kind == document.KindText {
			found = append(found, m.Value.Text)
			continue
		}
		found = filePaths(m.Value, found)
	}
	for _, item := range n.Items {
		found = filePaths(item, found)
	}
	return found
}

// insideFolder returns a path in its shortest form; ok is false when it leaves the folder.
func insideFolder(name string) (string, bool) {
	clean := path.Clean(strings.ReplaceAll(name, "\\", "/"))
	return clean, name != "" && fs.ValidPath(clean) && clean != "."
}
