package make

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// projectFile is the project file of a local app (spec make.md §2.2).
const projectFile = "makecomapp.json"

// Folders of an app, and the file that says what a component of it is.
const (
	connectionsFolder = "connections"
	generalFolder     = "general"
	metadataFile      = "metadata.json"
)

// Load implements parser.Dialect. A path names a file with a communication (its siblings by name come along), a folder
// with the parts of connections, or a local app. Nothing that cannot be read is an error twice: the list holds MAKE100
// for what is missing, and Parse reports what is inside the files.
func (Dialect) Load(fsys fs.FS, name string) ([]parser.Source, *diag.List) {
	l := &loader{fsys: fsys, files: map[string]*source.File{}}
	name = path.Clean(name)
	info, err := fs.Stat(fsys, name)
	if err != nil {
		l.missing(name, err)
		return nil, &l.list
	}
	var found []*connection
	switch {
	case !info.IsDir() && path.Base(name) == projectFile:
		found = l.project(name)
	case !info.IsDir():
		found = l.single(name)
	case l.exists(path.Join(name, projectFile)):
		found = l.project(path.Join(name, projectFile))
	case len(l.list.Items) == 0 && isApp(l.folders(name)):
		found = l.connections(name)
	default:
		found = append(l.parts(name), l.whole(name)...)
	}
	if len(found) == 0 && len(l.list.Items) > 0 {
		return nil, &l.list
	}
	if len(found) == 0 && !l.list.HasErrors() {
		l.list.Errorf("MAKE100", source.Span{}, "%s holds no connection; expected %s, a file such as communication.iml.json, or a folder connections", name, projectFile)
	}
	var out []parser.Source
	for _, c := range found {
		s := WithFunctions(Source(c.name, c.parts, c.calls), c.functions)
		s.Declared, s.Settings = c.declared, c.settings
		out = append(out, s)
	}
	return out, &l.list
}

// connection is what belongs together of the files of a path.
type connection struct {
	name, declared string
	settings       map[string]string
	parts          map[string]*source.File
	calls          map[string]*source.File
	functions      map[string]*source.File
}

type loader struct {
	fsys  fs.FS
	files map[string]*source.File
	list  diag.List
}

func (l *loader) missing(name string, err error) {
	l.list.Errorf("MAKE100", source.Span{}, "%s %s", name, parser.Unreadable(err))
}

// file reads a file once, so that every part of every connection points into the same one.
func (l *loader) file(name string) *source.File {
	if f, ok := l.files[name]; ok {
		return f
	}
	f := parser.ReadFile(l.fsys, name, "MAKE100", &l.list)
	if f != nil {
		l.files[name] = f
	}
	return f
}

func (l *loader) exists(name string) bool {
	info, err := fs.Stat(l.fsys, name)
	return err == nil && !info.IsDir()
}

func (l *loader) entries(dir string) []fs.DirEntry {
	all, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return nil
	}
	return all
}

// single reads one file. A file with a name of its own is a connection by itself; one that is named as a part brings
// the other parts of its folder.
func (l *loader) single(name string) []*connection {
	if prefix, role, _ := RoleOfFile(path.Base(name)); role == Communication {
		for _, c := range l.parts(path.Dir(name)) {
			if c.parts[Communication].Name == name || c.name == prefix {
				c.parts[Communication] = l.file(name)
				return []*connection{c}
			}
		}
	}
	f := l.file(name)
	if f == nil {
		return nil
	}
	stem := path.Base(name)
	for _, ext := range extensions {
		stem = strings.TrimSuffix(stem, ext)
	}
	return []*connection{{name: stem, parts: map[string]*source.File{Communication: f}, functions: l.functionsBeside(path.Dir(name))}}
}

// parts groups the files of a folder by connection.
func (l *loader) parts(dir string) []*connection {
	byPrefix := map[string]*connection{}
	for _, d := range l.entries(dir) {
		prefix, role, declared := RoleOfFile(d.Name())
		if role == "" || d.IsDir() {
			continue
		}
		c := byPrefix[prefix]
		if c == nil {
			c = &connection{name: prefix, parts: map[string]*source.File{}}
			byPrefix[prefix] = c
		}
		c.declared = cmp.Or(declared, c.declared)
		if first := c.parts[role]; first != nil {
			l.list.Warnf("MAKE100", source.Span{}, "%s is left aside: %s is the %s of this folder already", path.Join(dir, d.Name()), first.Name, role)
		} else {
			c.parts[role] = l.file(path.Join(dir, d.Name()))
		}
	}
	var out []*connection
	for _, prefix := range slices.Sorted(maps.Keys(byPrefix)) {
		c := byPrefix[prefix]
		if c.parts[Communication] == nil {
			continue
		}
		if c.name == "" && dir != "." {
			c.name = path.Base(dir)
		}
		if c.declared == "" {
			c.declared = l.declared(dir)
		}
		c.calls = l.calls(path.Join(dir, "calls"))
		c.functions = l.functionsBeside(dir)
		for role, name := range map[string]string{Base: "base", AppCommon: "common"} {
			if shared := byPrefix[""]; c.parts[role] == nil && shared != nil && shared.parts[role] != nil {
				c.parts[role] = shared.parts[role] // of an app of one flat folder
			}
			if c.parts[role] == nil {
				c.parts[role] = l.general(dir, name)
			}
		}
		out = append(out, c)
	}
	return out
}

// declared is the type of connection that the metadata beside its parts state, "" when nothing does.
func (l *loader) declared(dir string) string {
	name := path.Join(dir, metadataFile)
	if !l.exists(name) {
		return ""
	}
	doc, problems := document.ParseJSONC(l.file(name), document.Options{Code: "MAKE101"})
	l.list.Items = append(l.list.Items, problems...)
	if t := doc.Root.Get("type"); t != nil && t.Kind == document.KindText {
		return t.Text
	}
	return ""
}

// general finds a part of the app that a connection's folder belongs to: connections/<id> lies beside general, or beside
// the part itself.
func (l *loader) general(dir, part string) *source.File {
	root := path.Dir(path.Dir(dir))
	if path.Base(path.Dir(dir)) != connectionsFolder {
		return nil
	}
	for _, folder := range []string{path.Join(root, generalFolder), root} {
		for _, ext := range extensions {
			if name := path.Join(folder, part+ext); l.exists(name) {
				return l.file(name)
			}
		}
	}
	return nil
}

// calls reads the request files of a folder: our own addition to the layout.
func (l *loader) calls(dir string) map[string]*source.File {
	var out map[string]*source.File
	for _, d := range l.entries(dir) {
		for _, ext := range extensions {
			stem, ok := strings.CutSuffix(d.Name(), ext)
			if !ok || d.IsDir() {
				continue
			}
			if out == nil {
				out = map[string]*source.File{}
			}
			out[stem] = l.file(path.Join(dir, d.Name()))
			break
		}
	}
	return out
}

// whole reads the files of a folder that hold all parts of a connection, our single-file form, under names of their
// own.
func (l *loader) whole(dir string) []*connection {
	var out []*connection
	for _, d := range l.entries(dir) {
		if _, role, _ := RoleOfFile(d.Name()); d.IsDir() || role != "" || !parser.IsJSON(d.Name()) {
			continue
		}
		f := l.file(path.Join(dir, d.Name()))
		if f == nil {
			continue
		}
		if doc, _ := document.ParseJSONC(f, document.Options{Code: "MAKE101"}); singleFileKey(doc.Root) != nil {
			out = append(out, l.single(f.Name)...)
		}
	}
	return out
}

// project reads a project file. A project without code files falls back to the folders beside it.
func (l *loader) project(name string) []*connection {
	f := l.file(name)
	if f == nil {
		return nil
	}
	doc, problems := document.ParseJSONC(f, document.Options{Code: "MAKE101"})
	for _, d := range problems {
		l.list.Add(d)
	}
	if len(problems) > 0 {
		return nil
	}
	dir := path.Dir(name)
	general := doc.Root.Get("generalCodeFiles")
	base, common := l.codeFile(dir, general.Get("base")), l.codeFile(dir, general.Get("common"))
	settings := map[string]string{} // our own key of the file
	for _, m := range members(doc.Root.Get("imlc")) {
		if m.Value.Kind == document.KindText {
			settings[m.Key] = m.Value.Text
		}
	}
	functions := l.codeFunctions(dir, doc.Root.Get("components"))
	if functions == nil {
		functions = l.functions(path.Join(dir, "functions"))
	}
	var out []*connection
	for _, m := range members(doc.Root.Get("components").Get("connection")) {
		c := &connection{name: m.Key, parts: map[string]*source.File{Base: base, AppCommon: common}, settings: settings}
		if t := m.Value.Get("connectionType"); t != nil {
			c.declared = t.Text
		}
		for _, file := range members(m.Value.Get("codeFiles")) {
			role := roleOf(file.Key)
			if role == "" || role == Base || role == AppCommon {
				continue
			}
			if part := l.codeFile(dir, file.Value); part != nil {
				c.parts[role] = part
			}
		}
		if f := c.parts[Communication]; f != nil {
			c.calls, c.functions = l.calls(path.Join(path.Dir(f.Name), "calls")), functions
			out = append(out, c)
		}
	}
	if len(out) > 0 || l.list.HasErrors() {
		return out
	}
	return l.connections(dir)
}

// connections reads the folder of connections of an app, which may have none.
func (l *loader) connections(dir string) []*connection {
	var out []*connection
	for _, d := range l.entries(path.Join(dir, connectionsFolder)) {
		if d.IsDir() {
			out = append(out, l.parts(path.Join(dir, connectionsFolder, d.Name()))...)
		}
	}
	if len(out) == 0 && !l.list.HasErrors() {
		l.list.Infof("MAKE100", source.Span{}, "%s is an app without a connection", dir).Help = "nothing to do, when its service wants none"
	}
	return out
}

// folders are the names of the folders in a folder.
func (l *loader) folders(dir string) []string {
	var out []string
	for _, d := range l.entries(dir) {
		if d.IsDir() {
			out = append(out, d.Name())
		}
	}
	return out
}

// codeFile reads the file that a path of the project file names; null means that the part is kept out of the local
// copy. The path must stay inside the project.
func (l *loader) codeFile(dir string, n *document.Node) *source.File {
	if n == nil || n.Kind == document.KindNull {
		return nil
	}
	if n.Kind != document.KindText {
		l.list.Errorf("MAKE100", n.Span, "a code file is %s, expected a path or null", kindPhrase(n.Kind))
		return nil
	}
	name := path.Join(dir, strings.ReplaceAll(n.Text, "\\", "/"))
	inside := dir == "." || strings.HasPrefix(name, dir+"/")
	if !inside || !fs.ValidPath(name) || path.IsAbs(n.Text) {
		l.list.Errorf("MAKE100", n.Span, "the path %q leaves the project", clip(n.Text))
		return nil
	}
	if !l.exists(name) {
		l.list.Errorf("MAKE100", n.Span, "the file %q does not exist", clip(n.Text))
		return nil
	}
	return l.file(name)
}

func members(n *document.Node) []document.Member {
	if n == nil {
		return nil
	}
	return n.Members
}
