package zapier

import (
	_ "embed"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// ownScript is what functions of this dialect have beside their arguments, and what turns requests and answers of an
// engine into those of the platform.
//
//go:embed scripts.js
var ownScript string

// own is the module of ownScript.
var own = &ast.Module{Name: "scripts.js", Text: ownScript, Form: ast.ModuleOwn}

// glue is a module of the dialect that says what is called.
func glue(text string) *ast.Module {
	return &ast.Module{Name: "scripts.js", Text: text, Form: ast.ModuleOwn}
}

// runnable reports whether a function is one whose source is there, where scripts run.
func (r *reader) runnable(e entry) bool {
	return r.scripts && !isMarker(e.node) && r.module(e, "") != nil
}

// module is the code of a function, under the global name bind; nil when its source is not there.
func (r *reader) module(e entry, bind string) *ast.Module {
	m := &ast.Module{At: e.origin(), Bind: bind}
	if text, ok := e.get("source"); ok && text.is(document.KindText) {
		m.At = text.origin()
		m.Name, m.Text, m.Map, m.Form = r.file(text)+"#"+e.name, text.node.Text, text.node.Map, ast.ModuleBody
		if args, ok := e.get("args"); ok {
			for _, a := range args.node.Items {
				m.Parameters = append(m.Parameters, a.Text)
			}
		}
		return m
	}
	name, ok := requirePath(e.node.Get("require"))
	if f := r.required[name]; ok && f != nil {
		m.At = ast.Origin{Span: source.Span{File: f}}
		m.Name, m.Text, m.Map, m.Form = f.Name, f.Text, source.Identity(f, 0), ast.ModuleExport
		return m
	}
	return nil
}

// requirePath returns the path of a function in a file of its own; ok is false for one that leaves the folder.
func requirePath(n *document.Node) (name string, ok bool) {
	if n == nil || n.Kind != document.KindText {
		return "", false
	}
	name = path.Clean(n.Text)
	if path.Ext(name) == "" {
		name += ".js"
	}
	return name, fs.ValidPath(name) && strings.HasSuffix(name, ".js")
}

// call declares a hook and returns a call of it. what is the expression that the platform's part gives for it.
func (r *reader) call(at ast.Origin, title, what string, input *ast.Object, modules ...*ast.Module) ast.Value {
	h := &ast.Hook{At: at, Name: title + "/" + strconv.Itoa(len(r.conn.Hooks)), Title: "hook \"" + title + "\"", Entry: "entry"}
	h.Modules = append(append([]*ast.Module{own}, modules...), glue("globalThis.entry = "+what+";"))
	r.conn.Hooks = append(r.conn.Hooks, h)
	return &ast.Invoke{At: at, Library: ast.LibraryScript, Function: h.Name, Args: []ast.Value{input}}
}

// step calls a function that stands in the place of a request.
func (r *reader) stepCall(e entry, hook string, s step) ast.Value {
	modules := append([]*ast.Module{r.module(e, "step")}, r.around...)
	return r.call(e.origin(), hook, "platform.step(globalThis.step)", r.bundle(e.origin(), s), modules...)
}

// bundle is what a function of a step sees.
func (r *reader) bundle(at ast.Origin, s step) *ast.Object {
	data := &ast.Root{At: at, Name: ast.RootData}
	spread := func(v ast.Value) ast.Entry { return ast.Entry{Spread: true, Value: v} }
	answer := spread(lookup(at, ast.RootTemp, requestAnswer, true))
	input := &ast.Object{At: at}
	switch s {
	case inRequestToken:
		input.Entries = []ast.Entry{spread(data)}
	case inAuthorize:
		input.Entries = []ast.Entry{spread(data), answer}
	case inAccessToken:
		input.Entries = []ast.Entry{spread(data), spread(&ast.Root{At: at, Name: ast.RootCallback}), answer}
	case inCall:
		input.Entries = []ast.Entry{spread(&ast.Root{At: at, Name: ast.RootInput})}
	}
	if s < inTest {
		input.Entries = append(input.Entries, ast.Entry{Key: "redirect_uri", Value: lookup(at, ast.RootRedirect, ast.DefaultRedirect, false)})
	}
	out := &ast.Object{At: at, Entries: []ast.Entry{{Key: "inputData", Value: input}, {Key: "authData", Value: data},
		{Key: "env", Value: &ast.Root{At: at, Name: ast.RootCommon}}}}
	return out
}

// wrap puts beforeRequest and afterResponse around a request of the definition.
func (r *reader) wrap(req *ast.Request, s step) {
	if len(r.around) == 0 || r.legacy {
		return
	}
	if r.befores > 0 {
		in := r.bundle(req.At, s)
		in.Entries = append(in.Entries, ast.Entry{Key: "request", Value: &ast.Root{At: req.At, Name: ast.RootRequest}})
		req.Rewrite = r.call(req.At, "beforeRequest", "platform.before", in, r.around...)
	}
	if r.befores < len(r.around) {
		if req.Response == nil {
			req.Response = &ast.Response{At: req.At}
		}
		req.Response.Rewrite = r.call(req.At, "afterResponse", "platform.after", r.answer(req.At, s), r.around...)
	}
}

// answer is what a function sees that gets an answer.
func (r *reader) answer(at ast.Origin, s step) *ast.Object {
	in := r.bundle(at, s)
	in.Entries = append(in.Entries, ast.Entry{Key: "status", Value: &ast.Root{At: at, Name: ast.RootStatus}},
		ast.Entry{Key: "headers", Value: &ast.Root{At: at, Name: ast.RootHeaders}}, ast.Entry{Key: "body", Value: &ast.Root{At: at, Name: ast.RootBody}})
	return in
}

// collect takes the functions of a list for what goes around requests; false when one of them cannot be run.
func (r *reader) collect(e entry, bind string) bool {
	if !r.scripts {
		return false
	}
	list := []entry{e}
	if e.is(document.KindArray) {
		list = nil
		for _, item := range e.node.Items {
			list = append(list, entry{e.name, item.Span, item})
		}
	}
	var modules []*ast.Module
	for i, f := range list {
		if !isFunction(f.node) || !r.runnable(f) {
			return false
		}
		m := r.module(f, bind+strconv.Itoa(i))
		if m.Form == ast.ModuleBody {
			m.Name += "/" + strconv.Itoa(i)
		}
		modules = append(modules, m)
	}
	r.around = append(r.around, modules...)
	if bind == "before" {
		r.befores += len(modules)
	}
	return true
}

// kindHooks are how the names of the hooks of a kind of call end: before and after its request.
var kindHooks = map[string][2]string{"triggers": {"_pre_poll", "_post_poll"}, "searches": {"_pre_search", "_post_search"}, "creates": {"_pre_write", "_post_write"}}

// scripted puts the hooks of the script around the request of a call of the older form.
func (r *reader) scripted(req *ast.Request, kind, name string) {
	if r.scriptModule == nil {
		return
	}
	before, after := name+kindHooks[kind][0], name+kindHooks[kind][1]
	if r.takes(before) {
		in := r.bundle(req.At, inCall)
		in.Entries = append(in.Entries, ast.Entry{Key: "request", Value: &ast.Root{At: req.At, Name: ast.RootRequest}})
		req.Rewrite = r.call(req.At, before, "platform.pre("+strconv.Quote(before)+")", in, r.scriptModule)
	}
	if r.takes(after) {
		if req.Response == nil {
			req.Response = &ast.Response{At: req.At}
		}
		req.Response.Rewrite = r.call(req.At, after, "platform.post("+strconv.Quote(after)+")", r.answer(req.At, inCall), r.scriptModule)
	}
}

// takes reports whether the script has a hook, which is no longer one that is left out then.
func (r *reader) takes(hook string) bool {
	i := slices.Index(r.scriptLeft, hook)
	if i >= 0 {
		r.scriptLeft = slices.Delete(r.scriptLeft, i, i+1)
	}
	return i >= 0
}
