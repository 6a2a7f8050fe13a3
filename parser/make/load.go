package make

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// projectFile is the project file of a local app (spec make.md §2.2).
const projectFile = "makecomapp.json"

// roleNames are the file names of local apps and of the online editor, without extension (spec make.md §2.2).
var roleNames = map[string]Role{
	"communication": Communication, "oauth-communication": Communication, "api": Communication,
	"params": Params, "parameters": Params, "common": Common, "scope-list": ScopeList, "scopes": ScopeList,
	"default-scope": DefaultScope, "scope": DefaultScope, "install-spec": InstallSpec,
	"install-directives": InstallDirectives, "install": InstallDirectives, "base": Base,
}

var extensions = []string{".iml.json", ".imljson", ".jsonc", ".json"}

// Load reads the one connection that a path names: a file with a communication (its siblings by name come along), a folder
// with the parts of one connection, or a local app with one connection. Nothing that cannot be read is an error twice:
// the list holds MAKE100 for what is missing, and Parse reports what is inside the files.
func Load(fsys fs.FS, name string) (Input, *diag.List) {
	all, list := LoadAll(fsys, name)
	switch {
	case len(all) == 1:
		return all[0], list
	case len(all) > 1:
		names := []string{}
		for _, in := range all {
			names = append(names, in.Name)
		}
		list.Errorf("MAKE100", source.Span{}, "%s holds %d connections (%s); name the folder or file of one", name, len(all), strings.Join(names, ", "))
	}
	return Input{}, list
}

// LoadAll reads every connection that a path names, in a fixed order. It returns at least one input or a MAKE100.
func LoadAll(fsys fs.FS, name string) ([]Input, *diag.List) {
	l := &loader{fsys: fsys, files: map[string]*source.File{}}
	name = path.Clean(strings.ReplaceAll(name, "\\", "/"))
	info, err := fs.Stat(fsys, name)
	if err != nil {
		l.missing(name, err)
		return nil, &l.list
	}
	var out []Input
	switch {
	case !info.IsDir() && path.Base(name) == projectFile:
		out = l.project(name)
	case !info.IsDir():
		out = l.single(name)
	default:
		out = l.folder(name)
	}
	if len(out) == 0 && !l.list.HasErrors() {
		l.list.Errorf("MAKE100", source.Span{}, "%s holds no connection; expected %s, a file such as communication.iml.json, or a folder connections", name, projectFile)
	}
	return out, &l.list
}

type loader struct {
	fsys  fs.FS
	files map[string]*source.File
	list  diag.List
}

func (l *loader) missing(name string, err error) {
	reason := "cannot be read: " + err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		reason = "does not exist"
	}
	l.list.Errorf("MAKE100", source.Span{}, "%s %s", name, reason)
}

// file reads a file once, so that every part of every connection points into the same one.
func (l *loader) file(name string) *source.File {
	if f, ok := l.files[name]; ok {
		return f
	}
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		l.missing(name, err)
		return nil
	}
	f := source.NewFile(name, string(data))
	l.files[name] = f
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

// roleOf splits a file name into the prefix of its connection and the role of the part.
func roleOf(file string) (prefix string, role Role, declared string, ok bool) {
	for _, ext := range extensions {
		stem, found := strings.CutSuffix(file, ext)
		if !found {
			continue
		}
		word := stem
		if i := strings.LastIndexByte(stem, '.'); i >= 0 {
			prefix, word = stem[:i], stem[i+1:]
		}
		role, ok = roleNames[word]
		if word == "oauth-communication" {
			declared = "oauth"
		}
		return prefix, role, declared, ok
	}
	return "", "", "", false
}

// single reads one file. A file with a name of its own is a connection by itself; one that is named as a part brings the
// other parts of its folder.
func (l *loader) single(name string) []Input {
	prefix, role, _, ok := roleOf(path.Base(name))
	if ok && role == Communication {
		for _, in := range l.parts(path.Dir(name)) {
			if f := in.Parts[Communication]; f != nil && (f.Name == name || in.Name == prefix) {
				in.Parts[Communication] = l.file(name)
				return []Input{in}
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
	return []Input{{Name: stem, Parts: map[Role]*source.File{Communication: f}}}
}

// parts groups the files of a folder by connection.
func (l *loader) parts(dir string) []Input {
	byPrefix := map[string]*Input{}
	for _, d := range l.entries(dir) {
		prefix, role, declared, ok := roleOf(d.Name())
		if !ok || d.IsDir() {
			continue
		}
		in := byPrefix[prefix]
		if in == nil {
			in = &Input{Name: prefix, Parts: map[Role]*source.File{}}
			byPrefix[prefix] = in
		}
		if declared != "" {
			in.DeclaredType = declared
		}
		if in.Parts[role] == nil {
			in.Parts[role] = l.file(path.Join(dir, d.Name()))
		}
	}
	var out []Input
	for _, prefix := range slices.Sorted(maps.Keys(byPrefix)) {
		in := byPrefix[prefix]
		if in.Parts[Communication] == nil {
			continue
		}
		if in.Name == "" && dir != "." {
			in.Name = path.Base(dir)
		}
		in.Calls = l.calls(path.Join(dir, "calls"))
		if in.Parts[Base] == nil {
			in.Parts[Base] = l.base(dir)
		}
		out = append(out, *in)
	}
	return out
}

// base finds the base of the app that a connection's folder belongs to: connections/<id> lies beside general.
func (l *loader) base(dir string) *source.File {
	root := path.Dir(path.Dir(dir))
	if path.Base(path.Dir(dir)) != "connections" {
		return nil
	}
	for _, ext := range extensions {
		if name := path.Join(root, "general", "base"+ext); l.exists(name) {
			return l.file(name)
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

// deepest bounds how far below a named folder connections are looked for.
const deepest = 16

// folder reads a local app, the folder of one connection, or whatever of these lies below.
func (l *loader) folder(dir string) []Input { return l.below(dir, 0) }

func (l *loader) below(dir string, depth int) []Input {
	if name := path.Join(dir, projectFile); l.exists(name) {
		return l.project(name)
	}
	out := append(l.parts(dir), l.whole(dir)...)
	if len(out) > 0 || depth == deepest {
		return out
	}
	for _, d := range l.entries(dir) {
		if d.IsDir() && !strings.HasPrefix(d.Name(), ".") && d.Name() != "node_modules" {
			out = append(out, l.below(path.Join(dir, d.Name()), depth+1)...)
		}
	}
	return out
}

// whole reads the files of a folder that hold all parts of a connection, our single-file form, under names of their own.
func (l *loader) whole(dir string) []Input {
	var out []Input
	for _, d := range l.entries(dir) {
		_, _, _, isPart := roleOf(d.Name())
		if d.IsDir() || isPart || !slices.ContainsFunc(extensions, func(ext string) bool { return strings.HasSuffix(d.Name(), ext) }) {
			continue
		}
		name := path.Join(dir, d.Name())
		if f := l.file(name); f == nil {
			continue
		} else if doc, _ := document.ParseJSONC(f, document.Options{Code: "MAKE101"}); doc.Root.Member("communication") == nil && doc.Root.Member("api") == nil {
			continue
		}
		out = append(out, l.single(name)...)
	}
	return out
}

// project reads a project file. A project without code files falls back to the folders beside it.
func (l *loader) project(name string) []Input {
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
	base := l.codeFile(dir, doc.Root.Get("generalCodeFiles").Get("base"))
	var out []Input
	for _, m := range members(doc.Root.Get("components").Get("connection")) {
		in := Input{Name: m.Key, Parts: map[Role]*source.File{}}
		if base != nil {
			in.Parts[Base] = base
		}
		if t := m.Value.Get("connectionType"); t != nil {
			in.DeclaredType = t.Text
		}
		for _, c := range members(m.Value.Get("codeFiles")) {
			role, ok := codeFileRoles[c.Key]
			if !ok {
				continue
			}
			if part := l.codeFile(dir, c.Value); part != nil {
				in.Parts[role] = part
				if role == Communication {
					in.Calls = l.calls(path.Join(path.Dir(part.Name), "calls"))
				}
			}
		}
		if in.Parts[Communication] != nil {
			out = append(out, in)
		}
	}
	if len(out) > 0 || l.list.HasErrors() {
		return out
	}
	for _, d := range l.entries(path.Join(dir, "connections")) {
		if d.IsDir() {
			out = append(out, l.parts(path.Join(dir, "connections", d.Name()))...)
		}
	}
	return out
}

// codeFileRoles are the keys of codeFiles: the editor names and API names of spec make.md §2.1.
var codeFileRoles = map[string]Role{
	"communication": Communication, "api": Communication, "params": Params, "parameters": Params, "common": Common,
	"defaultScope": DefaultScope, "scope": DefaultScope, "scopeList": ScopeList, "scopes": ScopeList,
	"installSpec": InstallSpec, "installDirectives": InstallDirectives, "install": InstallDirectives,
}

// codeFile reads the file that a path of the project file names; null means that the part is kept out of the local copy.
// The path must stay inside the project.
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
