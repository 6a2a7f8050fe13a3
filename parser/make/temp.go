package make

import (
	"maps"
	"strconv"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
)

// tempWrites collects what temp holds so far; anything may be in it once a computed block was merged.
type tempWrites struct {
	names map[string]bool
	any   bool
}

func (w *tempWrites) add(v ast.Value) {
	switch block := v.(type) {
	case nil:
	case *ast.Object:
		for _, x := range block.Entries {
			w.names[x.Key] = true
			w.any = w.any || x.Spread
		}
	default:
		w.any = true
	}
}

// temps follows temp through the sections in the order they run (spec make.md §6): every expression of a block sees
// the state before that block.
func (r *reader) temps(c *sections) {
	w := &tempWrites{names: map[string]bool{}}
	// The root directive is left out: each request evaluates it anew, against what that request's temp made.
	for _, s := range c.inOrder() {
		for _, req := range s.requests {
			if req.Repeat != nil && req.Response != nil {
				w.add(req.Response.Temp)
			}
			r.readsTemp(w, req.Temp)
			w.add(req.Temp)
			if req.Condition != nil {
				r.readsTemp(w, req.Condition.Expr)
			}
			r.readsTemp(w, req.URL, req.Method, req.Headers, req.Query, req.Body, req.BodyType, req.CA)
			if req.OAuth != nil {
				r.readsTemp(w, oauthValues(req.OAuth)...)
			}
			if req.Response == nil {
				continue
			}
			r.readsTemp(w, req.Response.Temp)
			w.add(req.Response.Temp)
			r.readsTemp(w, responseValues(req.Response)...)
		}
	}
}

func responseValues(res *ast.Response) []ast.Value {
	out := []ast.Value{res.Data, res.UID, res.Expires}
	if res.Valid != nil {
		out = append(out, res.Valid.Condition, res.Valid.Message, res.Valid.Type)
	}
	if res.Error != nil {
		out = append(out, res.Error.Message, res.Error.Type)
		for _, s := range res.Error.Status {
			out = append(out, s.Message, s.Type)
		}
	}
	if res.Metadata != nil {
		out = append(out, res.Metadata.Type)
		if res.Metadata.Value != res.Metadata.Type {
			out = append(out, res.Metadata.Value)
		}
	}
	return out
}

func (r *reader) readsTemp(w *tempWrites, values ...ast.Value) {
	if w.any {
		return
	}
	for _, v := range values {
		for _, leaf := range leavesOf(v) {
			for _, p := range pathsOf(leaf) {
				if name, ok := entryOf(p, "temp"); ok && !w.names[name] {
					r.unwritten(leaf, p, name, w)
				}
			}
		}
	}
}

// entryOf returns the first name behind a root.
func entryOf(p *grammar.Path, root string) (string, bool) {
	base, ok := p.Base.(*grammar.Root)
	if !ok || base.Name != root || len(p.Steps) == 0 || p.Steps[0].Kind != grammar.StepName {
		return "", false
	}
	return p.Steps[0].Name, true
}

// unwritten reports MAKE311.
func (r *reader) unwritten(t *ast.Template, p *grammar.Path, name string, w *tempWrites) {
	r.cannot("MAKE311", t.Origin(), "write it in an earlier temp or response.temp", "temp.%s is read here, but nothing before this writes it", clip(name))
	d := r.list.Last()
	d.Focus = nameOf(t, p.Steps[0])
	if near := misspelt(name, maps.Keys(w.names)); near != "" {
		d.Severity, d.Help = diag.Error, "did you mean "+strconv.Quote(near)+"?"
		if d.Focus.Text() == name {
			d.Fixes = []diag.Fix{{Title: "write " + near, Edits: []diag.Edit{{Span: d.Focus, Text: near}}}}
		}
	}
}
