package membrane

import (
	_ "embed"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// ownScript is what scripts of this dialect have beside their arguments.
//
//go:embed scripts.js
var ownScript string

// own is the module of ownScript.
var own = &ast.Module{Name: "scripts.js", Text: ownScript, Form: ast.ModuleOwn}

// Where the results of scripts are kept among the temporary values of a run.
const (
	keptConfig = "config"
	keptClient = "client"
)

// hook declares the script of a method and returns a call of it with the variables of the method (spec dialects.md
// §1.5).
func (r *reader) hook(m *method, vars variables) ast.Value {
	name := m.key.Key
	h := &ast.Hook{At: ast.Origin{Span: m.key.KeySpan, Key: m.key.KeySpan}, Title: "hook \"" + name + "\"", Entry: "entry"}
	module := &ast.Module{Form: ast.ModuleExport, Bind: "entry"}
	if m.file != nil {
		module.At = ast.Origin{Span: source.Span{File: m.file}}
		module.Name, module.Text, module.Map = m.file.Name, m.file.Text, source.Identity(m.file, 0)
	} else {
		code := m.key.Value.Member("code")
		module.At = memberOrigin(memberOrigin(m.at, m.key), *code)
		module.Name, module.Text, module.Map = fileOf(code.KeySpan)+"#"+module.At.Pointer, code.Value.Text, code.Value.Map
	}
	h.Modules = []*ast.Module{own, module}
	if name == "test" {
		h.Modules = append(h.Modules, &ast.Module{Name: "scripts.js", Text: "globalThis.entry = withClient(globalThis.entry);", Form: ast.ModuleOwn})
	}
	h.Name = name
	if r.option != "" { // hooks of all options stand beside each other
		h.Name = r.option + "/" + name
	}
	r.hooks = append(r.hooks, h)
	m.hook = h.Name
	return r.hookCall(m, vars)
}

// hookCall calls the hook of a method.
func (r *reader) hookCall(m *method, vars variables) ast.Value {
	return &ast.Invoke{At: m.at, Library: ast.LibraryScript, Function: m.hook, Args: []ast.Value{vars.whole(m.at)}}
}

func fileOf(at source.Span) string {
	if at.File == nil {
		return "spec"
	}
	return at.File.Name
}

// kept is a part of what a script gave, which is kept among the temporary values.
func kept(at ast.Origin, where, key string) ast.Value {
	return invoke(at, "walk", &ast.Root{At: at, Name: ast.RootTemp}, textOf(at, escaped(where)+"."+escaped(key)))
}

// keep keeps what a script gives, unless the run has it already.
func keep(at ast.Origin, where string, script ast.Value) ast.Entry {
	there := func() ast.Value {
		return invoke(at, "walk", &ast.Root{At: at, Name: ast.RootTemp}, textOf(at, where))
	}
	return ast.Entry{Key: where, Value: &ast.Choose{At: at, Else: there(), Cases: []ast.ChooseCase{{
		Test: &ast.Invoke{At: at, Library: "core", Function: "isMissing", Args: []ast.Value{there()}}, Then: script}}}}
}

// temp are the results that a request of the connection needs.
func temp(at ast.Origin, entries ...ast.Entry) ast.Value {
	if len(entries) == 0 {
		return nil
	}
	return &ast.Object{At: at, Entries: entries}
}

// scriptTest lowers a test that is a script to the stage that proves the credentials.
func (r *reader) scriptTest(conn *ast.Connection, m *method) {
	condition := invoke(m.at, "truthy", r.hook(m, clientVariables))
	conn.Stages = append(conn.Stages, &ast.Stage{At: m.at, Name: "test", Proof: true, Requests: []*ast.Request{{
		At: m.at, Verdict: proofVerdict, Response: &ast.Response{At: m.at, Valid: &ast.Valid{At: m.at, Condition: condition}},
	}}})
}

// scriptCall lowers a method that the platform calls by itself to a named call.
func (r *reader) scriptCall(conn *ast.Connection, m *method) {
	conn.Calls = append(conn.Calls, &ast.Call{At: m.at, Name: m.key.Key, Requests: []*ast.Request{{
		At: m.at, Apart: true, Response: &ast.Response{At: m.at, Output: r.hook(m, clientVariables)},
	}}})
}
