package zapier

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// The roles of the files of a connection.
const (
	roleDefinition = "definition" // the app or the settings
	roleScript     = "script"     // the script that the settings name
	roleFunction   = "function"   // functions that the definition names by their files
)

// definitions are the names under which a folder holds a definition.
var definitions = []string{"definition.json", "app.json"}

// sourceFiles are the files that a source project begins with.
var sourceFiles = []string{"index.js", "index.ts", "package.json"}

// sources is the beginning of a source project: its first file as a whole, nothing when there is none.
func (l *loader) sources(folder string) source.Span {
	for _, name := range sourceFiles {
		if info, err := fs.Stat(l.fsys, path.Join(folder, name)); err == nil && info.Mode().IsRegular() {
			if f := l.read(path.Join(folder, name)); f != nil {
				return source.Span{File: f}
			}
		}
	}
	return source.Span{}
}

// Load implements parser.Dialect. Of a folder it reads the definition; a source project without one is ZAP102.
func (Dialect) Load(fsys fs.FS, name string) ([]parser.Source, *diag.List) {
	l := loader{fsys: fsys, list: &diag.List{}}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		l.list.Errorf("ZAP101", source.Span{}, "%s %s", name, parser.Unreadable(err))
		return nil, l.list
	}
	file := name
	if info.IsDir() {
		if file = l.definition(name); file == "" {
			l.list.Errorf("ZAP102", l.sources(name), "%s holds no exported definition, only sources", name).Help = exportHelp
			return nil, l.list
		}
	}
	f := l.read(file)
	if f == nil {
		return nil, l.list
	}
	src := parser.Source{Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), Parts: []parser.Part{{Role: roleDefinition, File: f}}}
	if script := l.script(f); script != nil {
		src.Parts = append(src.Parts, parser.Part{Role: roleScript, File: script})
	}
	src.Parts = append(src.Parts, l.functions(f)...)
	return []parser.Source{src}, l.list
}

// functions reads the files of functions that a definition names, in the order of their names.
func (l *loader) functions(definition *source.File) []parser.Part {
	doc, _ := notation(definition)(definition, document.Options{Code: "ZAP101"})
	names := map[string]bool{}
	var walk func(n *document.Node)
	walk = func(n *document.Node) {
		if n == nil {
			return
		}
		if name, ok := requirePath(n.Get("require")); ok {
			names[name] = true
		}
		for _, m := range n.Members {
			walk(m.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(doc.Root)
	var out []parser.Part
	for _, name := range slices.Sorted(maps.Keys(names)) {
		file := path.Join(path.Dir(definition.Name), name)
		data, err := fs.ReadFile(l.fsys, file)
		if err == nil && len(data) <= document.MaxBytes {
			out = append(out, parser.Part{Role: roleFunction, Name: name, File: source.NewFile(file, string(data))})
		}
	}
	return out
}

const exportHelp = "take definition.json out of build/build.zip, which zapier build writes, or let the core package answer the command definition " +
	"(createAppHandler), and name that file"

type loader struct {
	fsys fs.FS
	list *diag.List
}

// definition returns the path of the definition in a folder, "" when there is none.
func (l *loader) definition(folder string) string {
	for _, name := range definitions {
		if _, err := fs.Stat(l.fsys, path.Join(folder, name)); err == nil {
			return path.Join(folder, name)
		}
	}
	return ""
}

func (l *loader) read(name string) *source.File {
	return parser.ReadFile(l.fsys, name, "ZAP101", l.list)
}

// script reads the file that settings name under scripting; nil when they name none, or none that is there.
func (l *loader) script(settings *source.File) *source.File {
	doc, _ := notation(settings)(settings, document.Options{Code: "ZAP101"})
	name, ok := scriptPath(doc.Root.Get("scripting"))
	if !ok {
		return nil
	}
	name = path.Join(path.Dir(settings.Name), name)
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil || len(data) > document.MaxBytes {
		return nil
	}
	return source.NewFile(name, string(data))
}

// scriptPath returns the path that stands for a script; ok is false for a script itself and for a path that leaves the
// folder.
func scriptPath(n *document.Node) (name string, ok bool) {
	if n == nil || n.Kind != document.KindText || !strings.HasSuffix(n.Text, ".js") || strings.ContainsAny(n.Text, "\n;") {
		return "", false
	}
	name = path.Clean(n.Text)
	return name, fs.ValidPath(name)
}

// notation is how a file is read, by its name.
func notation(f *source.File) document.Parser {
	if parser.IsYAML(f.Name) {
		return document.ParseYAML
	}
	return document.ParseJSONC
}

// mostCurlies is how many curlies a definition may have: each is looked up in several places, and takes a kilobyte to say so.
const mostCurlies = 50_000

// Parse implements parser.Dialect.
func (d Dialect) Parse(src parser.Source, o parser.Options) (*ast.Connection, *diag.List) {
	r := &reader{list: &diag.List{}, conn: &ast.Connection{Dialect: d.Name(), Name: src.Name, Library: library, Files: src.Files()},
		script: src.File(roleScript), curlies: o.Settings["zapier-auth-curlies"], scripts: o.Scripts,
		parity: strings.Split(o.Settings["zapier-parity"], ","), required: map[string]*source.File{}, bareTexts: map[source.Span]bool{}}
	for _, p := range src.Parts {
		if p.Role == roleFunction {
			r.required[p.Name] = p.File
		}
	}
	if f := src.File(roleDefinition); f != nil {
		r.conn.At.Span = source.Span{File: f}
		root := r.document(f)
		if n := strings.Count(f.Text, "{{"); n > mostCurlies {
			r.errorf("ZAP206", r.conn.At.Span, "split the definition", "the definition has %d curlies, and at most %d are possible", n, mostCurlies)
		} else if root != nil {
			r.definition(root, src.Variant)
		}
	}
	if len(r.scriptLeft) > 0 {
		r.skipped(r.scriptAt, r.scriptModule.Name, r.scriptLeft)
	}
	if o.Strict {
		r.list.Promote()
	}
	r.list.Sort()
	return r.conn, r.list
}

// library is the name of the function library of the connections.
const library = "zapier"
