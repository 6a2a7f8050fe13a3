package compiler

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
)

// scripts declares the hooks of a connection: as functions where something runs scripts, else as what is left out.
func (c *compiler) scripts(conn *ast.Connection) {
	if c.opts.Scripts == nil {
		c.refuse(conn.Hooks)
		return
	}
	modules := map[*ast.Module]int32{}
	checked := map[*ast.Module]bool{}
	for _, h := range conn.Hooks {
		if c.hooks[h.Name] != nil {
			c.diags.Errorf("IMLC004", hookSpan(h.At), "two scripts are named %q", h.Name).Help = "this is a fault of the program that reads the dialect: please report it"
			continue
		}
		c.hooks[h.Name] = builtin.Script(h.Name)
		if h.Callable {
			c.callable = append(c.callable, h.Name)
		}
		c.check(h, checked)
		s := plan.Script{Name: h.Name, Title: h.Title, Entry: h.Entry, Library: h.Library, MaxSource: int32(h.MaxSource)}
		for _, m := range h.Modules {
			n, ok := modules[m]
			if !ok {
				c.plan.Connection.Modules = append(c.plan.Connection.Modules, plan.Module{
					Name: m.Name, Text: m.Text, Form: plan.ModuleForm(m.Form), Bind: m.Bind, Parameters: m.Parameters})
				n = int32(len(c.plan.Connection.Modules))
				modules[m] = n
			}
			s.Modules = append(s.Modules, plan.ScriptModule{Number: n})
		}
		c.plan.Connection.Scripts = append(c.plan.Connection.Scripts, s)
	}
}

// refuse reports the scripts, which nothing here can run.
func (c *compiler) refuse(hooks []*ast.Hook) {
	for _, h := range hooks {
		if h.Needed {
			c.diags.Errorf("IMLC004", hookSpan(h.At), "the script %q cannot be run, and the connection needs it", h.Name).Help = "say it without a script"
			continue
		}
		c.diags.Add(diag.Diagnostic{Code: "IMLC006", Severity: diag.Warning, Span: hookSpan(h.At), Pointer: h.At.Pointer,
			Message: "the script \"" + h.Name + "\" is left out", Help: "nothing here runs scripts"})
	}
}

// hookSpan is where a diagnostic about a script points: its key, or the script itself.
func hookSpan(at ast.Origin) source.Span {
	if at.Key.File != nil {
		return at.Key
	}
	return at.Span
}

// check reports what is wrong with the code of a hook, once for each module.
func (c *compiler) check(h *ast.Hook, checked map[*ast.Module]bool) {
	p := &script.Program{Entry: h.Entry, MaxSource: h.MaxSource}
	var modules []*ast.Module
	for _, m := range h.Modules {
		if checked[m] {
			continue
		}
		checked[m] = true
		modules = append(modules, m)
		p.Modules = append(p.Modules, script.Module{Name: m.Name, Text: m.Text, Form: script.Form(m.Form), Bind: m.Bind, Parameters: m.Parameters})
	}
	if len(modules) == 0 {
		return
	}
	for _, found := range c.opts.Scripts.Check(p) {
		m := modules[found.Module]
		at := m.At.Span
		if m.Map != nil {
			offset := source.NewFile("", m.Text).LineStart(found.Line)
			offset += columnOffset(m.Text[offset:], found.Column)
			at = m.Map.Span(offset, min(offset+1, len(m.Text)))
		}
		c.diags.Add(diag.Diagnostic{Code: "IMLC007", Severity: diag.Error, Span: at, Pointer: m.At.Pointer,
			Message: h.Title + ": " + found.Message, Help: found.Help})
	}
}

// columnOffset returns the bytes in front of a column of a line.
func columnOffset(line string, column int) int {
	n := 1
	for i, r := range line {
		if n == column || r == '\n' {
			return i
		}
		n++
	}
	return len(line)
}
