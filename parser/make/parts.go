package make

import (
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// longestScope bounds scope names and their descriptions (spec make.md §2.1).
const longestScope = 512

// inputs reads the parts that say what a connection is given: parameters, common data and scopes.
func (r *reader) inputs(c *ast.Connection, parts map[string]entry) {
	if e, ok := parts[Params]; ok {
		c.Parameters = r.definitions(e, "parameters")
	}
	if e, ok := parts[Common]; ok && r.isObject(e, "common data") {
		c.Common = data(e)
	}
	if e, ok := parts[DefaultScope]; ok && r.isRoot(e, "default scope", document.KindArray, "a list of texts") {
		c.DefaultScope = r.defaultScope(e)
	}
	if e, ok := parts[ScopeList]; ok && r.isObject(e, "scope list") {
		c.ScopeList = r.scopeList(e)
	}
	// The install parts make common data out of an administrator's form on the platform; they are only checked here.
	if e, ok := parts[InstallSpec]; ok {
		r.definitions(e, "install spec")
	}
	if e, ok := parts[InstallDirectives]; ok && r.isObject(e, "install directives") {
		r.object(e)
	}
}

// definitions reads a part of parameter definitions; a text is the address of a remote procedure and defines nothing
// (spec make.md §17.1).
func (r *reader) definitions(e entry, part string) []*ast.Parameter {
	if e.is(document.KindText) || !r.isRoot(e, part, document.KindArray, "a list of definitions") {
		return nil
	}
	return r.parameters(e)
}

func (r *reader) defaultScope(e entry) []string {
	out := []string{}
	for i := range e.node.Items {
		item := e.item(i)
		item.name = "the scope"
		if item.is(document.KindInvalid) {
			continue
		}
		if !item.is(document.KindText) {
			r.wrongType(item, "a text")
			continue
		}
		r.length(item, 1, longestScope)
		out = append(out, item.node.Text)
	}
	return out
}

func (r *reader) scopeList(e entry) []ast.ScopeEntry {
	var out []ast.ScopeEntry
	for _, m := range e.node.Members {
		f := e.member(m)
		if f.is(document.KindInvalid) {
			continue
		}
		if !f.is(document.KindText) {
			r.wrongType(f, "a description")
			continue
		}
		r.length(f, 1, longestScope)
		out = append(out, ast.ScopeEntry{Name: m.Key, Description: f.node.Text})
	}
	return out
}
