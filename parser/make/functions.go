package make

import (
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// longestFunction bounds the code of a function of an app, in characters (spec dialects.md §1.5).
const longestFunction = 5000

// FunctionFile returns the name of the function whose code a file below a folder of functions holds; path is seen from
// that folder. NAME.js and NAME/code.js, NAME/NAME.js and NAME/index.js are the forms; tests of functions are none.
func FunctionFile(name string) (function string, ok bool) {
	folder, file := path.Split(name)
	stem, ok := strings.CutSuffix(file, ".js")
	folder = strings.TrimSuffix(folder, "/")
	switch {
	case !ok || strings.Contains(folder, "/") || strings.HasSuffix(stem, ".test"):
		return "", false
	case folder == "":
		return stem, true
	case stem == "code" || stem == "index" || stem == folder:
		return folder, true
	}
	return "", false
}

// functionsBeside reads the functions of the app that a connection's folder belongs to: those of functions/ in it, and
// beside the folder connections that it is or lies in.
func (l *loader) functionsBeside(dir string) map[string]*source.File {
	out := l.functions(path.Join(dir, "functions"))
	app := dir
	for range 2 {
		base := path.Base(app)
		if app = path.Dir(app); base != "connections" {
			continue
		}
		for name, f := range l.functions(path.Join(app, "functions")) {
			if out == nil {
				out = map[string]*source.File{}
			}
			if out[name] == nil {
				out[name] = f
			}
		}
		break
	}
	return out
}

// functions reads a folder of functions.
func (l *loader) functions(dir string) map[string]*source.File {
	var out map[string]*source.File
	add := func(name string) {
		if function, ok := FunctionFile(strings.TrimPrefix(name, dir+"/")); ok {
			if out == nil {
				out = map[string]*source.File{}
			}
			if out[function] == nil {
				out[function] = l.file(name)
			}
		}
	}
	for _, d := range l.entries(dir) {
		if !d.IsDir() {
			add(path.Join(dir, d.Name()))
			continue
		}
		for _, inner := range l.entries(path.Join(dir, d.Name())) {
			if !inner.IsDir() {
				add(path.Join(dir, d.Name(), inner.Name()))
			}
		}
	}
	return out
}

// codeFunctions reads the functions that a project file names.
func (l *loader) codeFunctions(dir string, components *document.Node) map[string]*source.File {
	var out map[string]*source.File
	for _, m := range members(components.Get("function")) {
		if f := l.codeFile(dir, m.Value.Get("codeFiles").Get("code")); f != nil {
			if out == nil {
				out = map[string]*source.File{}
			}
			out[m.Key] = f
		}
	}
	return out
}

// WithFunctions adds the functions of the app to a source.
func WithFunctions(s parser.Source, functions map[string]*source.File) parser.Source {
	var names []string
	for name, f := range functions {
		if f != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.Parts = append(s.Parts, parser.Part{Role: Function, Name: name, File: functions[name]})
	}
	return s
}

// cutFunctions takes the functions of the app out of the parts, which are documents.
func cutFunctions(src parser.Source) (parser.Source, []parser.Part) {
	var functions, parts []parser.Part
	for _, p := range src.Parts {
		if p.Role == Function {
			functions = append(functions, p)
		} else {
			parts = append(parts, p)
		}
	}
	src.Parts = parts
	return src, functions
}

// hooks are the functions of the app as scripts. Each comes with the functions that its code names, and those that
// theirs names.
func hooks(files []parser.Part, written []entry) []*ast.Hook {
	modules := map[string]*ast.Module{}
	at := map[string]ast.Origin{}
	var names []string
	add := func(name string, m *ast.Module) {
		if modules[name] == nil {
			names = append(names, name)
		}
		modules[name], at[name] = m, m.At
	}
	for _, p := range files {
		add(p.Name, &ast.Module{At: ast.Origin{Span: source.Span{File: p.File}}, Name: p.File.Name, Text: p.File.Text, Map: source.Identity(p.File, 0)})
	}
	for _, e := range written {
		add(e.name, &ast.Module{At: e.origin(), Name: e.key.File.Name + "#" + e.pointer, Text: e.node.Text, Map: e.node.Map})
	}
	slices.Sort(names)
	mentions := map[string][]string{}
	for _, name := range names {
		mentions[name] = mentioned(modules[name].Text, modules)
	}
	var out []*ast.Hook
	for _, name := range names {
		h := &ast.Hook{At: at[name], Name: name, Title: "function \"" + name + "\"", Entry: name, Library: "iml", MaxSource: longestFunction, Callable: true}
		for _, needed := range closure(name, mentions) {
			h.Modules = append(h.Modules, modules[needed])
		}
		out = append(out, h)
	}
	return out
}

// mentioned returns the functions that a code names.
func mentioned(code string, functions map[string]*ast.Module) []string {
	var out []string
	isWord := func(r rune) bool {
		return r == '_' || r == '$' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0x80
	}
	for word := range strings.FieldsFuncSeq(code, func(r rune) bool { return !isWord(r) }) {
		if functions[word] != nil && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// closure returns a function and all that it needs, in the order of their names.
func closure(name string, mentions map[string][]string) []string {
	found := []string{name}
	for i := 0; i < len(found); i++ {
		for _, next := range mentions[found[i]] {
			if !slices.Contains(found, next) {
				found = append(found, next)
			}
		}
	}
	slices.Sort(found[1:]) // its own code comes first
	return found
}
