package conformance

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/guarded"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// compile compiles the spec of a case and returns its diagnostics as "file:line:col CODE". The plan is nil when the
// spec was refused. The error is about the case itself.
func (c *flowCase) compile(s *flowSettings) (*plan.Plan, []string, error) {
	if c.Syntax != nil {
		p, problems := compiler.Connection(c.Syntax, compiler.Options{Strict: s.Compile.Strict, StrictEquality: s.Compile.StrictEquality})
		return p, listed(problems), nil
	}
	src, problems, err := c.source(s)
	if err != nil {
		return nil, nil, err
	}
	var p *plan.Plan
	if !problems.HasErrors() {
		var more *diag.List
		p, more = imlc.CompileSource(src, s.Compile)
		problems.Items = append(problems.Items, more.Items...)
		problems.Sort()
	}
	return p, listed(problems), nil
}

// listed writes diagnostics as cases list them.
func listed(problems *diag.List) []string {
	out := []string{}
	for _, d := range problems.Items {
		out = append(out, strings.TrimPrefix(fmt.Sprintf("%s %s", d.Span, d.Code), "./"))
	}
	return out
}

// Tree returns the syntax tree of the spec of a case and its plan, which has the parameters, and what the compiler says
// of it, "file:line:col CODE": to check a spec is no matter of running it. Both are nil when the spec was refused. The
// error is about the case itself.
func (c *flowCase) Tree(s *flowSettings) (*ast.Connection, *plan.Plan, []string, error) {
	p, diagnostics, err := c.compile(s)
	if err != nil || p == nil || c.Syntax != nil {
		return c.Syntax, p, diagnostics, err
	}
	src, _, err := c.source(s)
	if err != nil {
		return nil, nil, nil, err
	}
	tree, _ := imlc.ParseSource(src, s.Compile)
	return tree, p, diagnostics, nil
}

// source reads the spec of a case.
func (c *flowCase) source(s *flowSettings) (parser.Source, *diag.List, error) {
	o := s.Compile
	o.Dialect = cmp.Or(o.Dialect, c.Dialect, "make")
	if o.Dialect == "auto" {
		o.Dialect = ""
	}
	if c.Spec == "" && (o.Dialect == "make" || o.Dialect == "") && c.Dialect != "auto" {
		src, err := inlineSource(c.Source)
		return src, &diag.List{}, err
	}
	fsys, name, err := c.files()
	if err != nil {
		return parser.Source{}, nil, err
	}
	sources, problems := imlc.Load(fsys, name, o)
	switch {
	case len(sources) == 1:
		return sources[0], problems, nil
	case problems.HasErrors():
		return parser.Source{}, problems, nil
	}
	return parser.Source{}, nil, fmt.Errorf("spec: %s holds %d connections", name, len(sources))
}

// files returns where the files of a spec are and the path that names it. Files are named as seen from the spec: the
// file itself, or what lies in its folder.
func (c *flowCase) files() (fs.FS, string, error) {
	if c.Spec == "" {
		return inlineFiles(c.Source)
	}
	path := filepath.Join(c.Dir, filepath.FromSlash(c.Spec))
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", fmt.Errorf("spec: %w", err)
	}
	dir, name := filepath.Split(path)
	if info.IsDir() {
		dir, name = path, "."
	}
	return guarded.In(filepath.Clean(dir)), name, nil
}

// inlineFiles makes files of a source: of an object from file names to texts these, of anything else one file.
func inlineFiles(v value.Value) (fs.FS, string, error) {
	o := v.Object()
	if o == nil || o.Len() == 0 || slices.ContainsFunc(o.Keys(), func(k string) bool { return path.Ext(k) == "" }) {
		name := "spec.json"
		if v.Kind() == value.KindText && !strings.HasPrefix(strings.TrimSpace(v.Str()), "{") {
			name = "spec.yml"
		}
		f, err := sourceFile(name, v)
		if err != nil {
			return nil, "", err
		}
		return fstest.MapFS{name: {Data: []byte(f.Text)}}, name, nil
	}
	out := fstest.MapFS{}
	for i := range o.Len() {
		name, text := o.At(i)
		f, err := sourceFile(name, text)
		if err != nil {
			return nil, "", err
		}
		out[name] = &fstest.MapFile{Data: []byte(f.Text)}
	}
	if o.Len() == 1 {
		return out, o.Keys()[0], nil
	}
	return out, ".", nil
}

// inlineSource reads source: a text is a communication file, named spec.jsonc; an object from one file name to a text
// is that file; an object with the key communication holds parts by role or file name; any other object is the
// communication itself. Texts keep their comments and places; objects are written as JSON.
func inlineSource(v value.Value) (parser.Source, error) {
	o := v.Object()
	if o.Len() == 1 {
		if name, text := o.At(0); strings.Contains(name, ".") && text.Kind() == value.KindText {
			return make.Source("", map[string]*source.File{make.Communication: source.NewFile(name, text.Str())}, nil), nil
		}
	}
	if o == nil || !slices.ContainsFunc(o.Keys(), func(k string) bool { return roleOf(k) == make.Communication }) {
		f, err := sourceFile("spec.jsonc", v)
		return make.Source("", map[string]*source.File{make.Communication: f}, nil), err
	}
	parts, calls, functions := map[string]*source.File{}, map[string]*source.File{}, map[string]*source.File{}
	for i := range o.Len() {
		key, part := o.At(i)
		if key == "calls" {
			if err := inlineCalls(calls, part); err != nil {
				return parser.Source{}, err
			}
			continue
		}
		if key == "functions" {
			for i := range part.Object().Len() {
				function, code := part.Object().At(i)
				functions[function] = source.NewFile("functions/"+function+".js", code.Str())
			}
			continue
		}
		name := key
		if !strings.Contains(name, ".") {
			name += ".jsonc"
		}
		role := roleOf(key)
		if role == make.Params && strings.HasPrefix(part.Str(), "rpc://") { // an address, written bare
			part = value.Text(string(value.AppendJSON(nil, part)))
		}
		f, err := sourceFile(name, part)
		if err != nil {
			return parser.Source{}, err
		}
		if role == "" {
			return parser.Source{}, fmt.Errorf("source: unknown part %q", key)
		}
		parts[role] = f
	}
	return make.WithFunctions(make.Source("", parts, calls), functions), nil
}

// roleOf takes a role, or a file name as local apps have it: base, base.iml.json, default-scope.json.
func roleOf(key string) string {
	if !strings.Contains(key, ".") {
		key += ".json"
	}
	_, role, _ := make.RoleOfFile(key)
	return role
}

func inlineCalls(calls map[string]*source.File, v value.Value) error {
	if v.Object() == nil {
		return fmt.Errorf("source.calls: an object from names to requests was expected, found %s", v.Kind())
	}
	for i := range v.Object().Len() {
		name, call := v.Object().At(i)
		f, err := sourceFile(name+".jsonc", call)
		if err != nil {
			return err
		}
		calls[name] = f
	}
	return nil
}

func sourceFile(name string, v value.Value) (*source.File, error) {
	switch v.Kind() {
	case value.KindText:
		return source.NewFile(name, v.Str()), nil
	case value.KindCollection, value.KindArray:
		return source.NewFile(name, string(value.AppendJSON(nil, v))), nil
	}
	return nil, fmt.Errorf("source: %s is a %s; a text, an object or a list was expected", name, v.Kind())
}
