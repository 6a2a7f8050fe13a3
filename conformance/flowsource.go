package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// compile compiles the spec of a case and returns its diagnostics as "file:line:col CODE". The plan is nil when the
// spec was refused. The error is about the case itself.
func (c *FlowCase) compile(s *FlowSettings) (*plan.Plan, []string, error) {
	in, problems, err := c.sources()
	if err != nil {
		return nil, nil, err
	}
	var p *plan.Plan
	if !problems.HasErrors() {
		var more *diag.List
		p, more = imlc.Compile(in, s.Compile)
		problems.Items = append(problems.Items, more.Items...)
		problems.Sort()
	}
	diagnostics := []string{}
	for _, d := range problems.Items {
		diagnostics = append(diagnostics, strings.TrimPrefix(fmt.Sprintf("%s %s", d.Span, d.Code), "./"))
	}
	return p, diagnostics, nil
}

// Tree returns the syntax tree of the spec of a case, and what the compiler says of it, "file:line:col CODE": to check
// a spec is no matter of running it. The tree is nil when the spec was refused. The error is about the case itself.
func (c *FlowCase) Tree(s *FlowSettings) (*ast.Connection, []string, error) {
	p, diagnostics, err := c.compile(s)
	if err != nil || p == nil {
		return nil, diagnostics, err
	}
	in, _, err := c.sources()
	if err != nil {
		return nil, nil, err
	}
	in.Options = make.Options{Strict: s.Compile.Strict, DisableAngle: s.Compile.DisableAngle, Lint: s.Compile.Lint}
	tree, _ := make.Parse(in)
	return tree, diagnostics, nil
}

// sources reads the parts of the spec of a case.
func (c *FlowCase) sources() (make.Input, *diag.List, error) {
	if c.Dialect != "" && c.Dialect != "make" {
		return make.Input{}, nil, fmt.Errorf("dialect %s is not supported by this build", c.Dialect)
	}
	if c.Spec == "" {
		in, err := inlineSource(c.Source)
		return in, &diag.List{}, err
	}
	path := filepath.Join(c.Dir, filepath.FromSlash(c.Spec))
	info, err := os.Stat(path)
	if err != nil {
		return make.Input{}, nil, fmt.Errorf("spec: %w", err)
	}
	// Files are named as seen from the spec: the file itself, or what lies in its folder.
	dir, name := filepath.Split(path)
	if info.IsDir() {
		dir, name = path, "."
	}
	in, problems := make.Load(os.DirFS(filepath.Clean(dir)), name)
	return in, problems, nil
}

// inlineSource reads source: a text is a communication file, named spec.jsonc; an object from one file name to a text
// is that file; an object with the key communication holds parts by role or file name; any other object is the
// communication itself. Texts keep their comments and places; objects are written as JSON.
func inlineSource(v value.Value) (make.Input, error) {
	in := make.Input{Parts: map[make.Role]*source.File{}}
	o := v.Object()
	if o.Len() == 1 {
		if name, text := o.At(0); strings.Contains(name, ".") && text.Kind() == value.KindText {
			in.Parts[make.Communication] = source.NewFile(name, text.Str())
			return in, nil
		}
	}
	if o == nil || !slices.ContainsFunc(o.Keys(), func(k string) bool { return roleOf(k) == make.Communication }) {
		f, err := sourceFile("spec.jsonc", v)
		in.Parts[make.Communication] = f
		return in, err
	}
	for i := range o.Len() {
		key, part := o.At(i)
		if roleOf(key) == "calls" {
			if err := inlineCalls(&in, part); err != nil {
				return in, err
			}
			continue
		}
		name := key
		if !strings.Contains(name, ".") {
			name += ".jsonc"
		}
		f, err := sourceFile(name, part)
		if err != nil {
			return in, err
		}
		role := roleOf(key)
		if !slices.Contains(roles, role) {
			return in, fmt.Errorf("source: unknown part %q", key)
		}
		in.Parts[role] = f
	}
	return in, nil
}

var roles = []make.Role{make.Communication, make.Params, make.Common, make.DefaultScope, make.ScopeList, make.InstallSpec,
	make.InstallDirectives, make.Base}

// roleOf takes a role, or a file name as local apps have it: base, base.iml.json, default-scope.json.
func roleOf(key string) make.Role {
	word, _, _ := strings.Cut(key, ".")
	switch word {
	case "oauth-communication", "api":
		return make.Communication
	case "parameters":
		return make.Params
	case "default-scope", "scope":
		return make.DefaultScope
	case "scope-list", "scopes":
		return make.ScopeList
	case "install-spec":
		return make.InstallSpec
	case "install-directives", "install":
		return make.InstallDirectives
	}
	return make.Role(word)
}

func inlineCalls(in *make.Input, v value.Value) error {
	in.Calls = map[string]*source.File{}
	if v.Object() == nil {
		return fmt.Errorf("source.calls: an object from names to requests was expected, found %s", v.Kind())
	}
	for i := range v.Object().Len() {
		name, call := v.Object().At(i)
		f, err := sourceFile(name+".jsonc", call)
		if err != nil {
			return err
		}
		in.Calls[name] = f
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
