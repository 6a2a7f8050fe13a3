package jshost

import (
	"errors"
	"maps"
	"slices"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Functions returns functions of the host that are written in JavaScript, for templates and specs that are compiled and
// run with them (imlc.TemplateOptions.Functions, expr.NewProgram, imlc.Options.Functions with vm.Host.Functions).
// sources holds, by the name of each function, the code that declares it; the functions see each other, and the
// functions of library under a global of its name. The error is one of builtin.Host, or says what is wrong with a
// source.
func (h *Host) Functions(library string, sources map[string]script.Module) ([]*builtin.Function, error) {
	var modules []script.Module
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		modules = append(modules, sources[name])
	}
	var out []*builtin.Function
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		p := &script.Program{Entry: name, Modules: modules, Library: library}
		if problems := h.Check(p); len(problems) > 0 {
			found := problems[0]
			return nil, &script.Error{Script: modules[found.Module].Name, Message: "is not JavaScript: " + found.Message,
				Stack: []script.Frame{{File: modules[found.Module].Name, Line: found.Line, Column: found.Column}}}
		}
		s := script.Script{Name: "function \"" + name + "\"", Program: p}
		f, err := builtin.Host(name, 0, builtin.AnyNumber, func(c *builtin.Context, a builtin.Args) (value.Value, error) {
			s := s
			s.World.Functions = c
			return h.Call(c.Meter.Context(), s, a.V)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, spoken(f))
	}
	return out, nil
}

// spoken lets the failures of a script be told: they are the author's, unlike those of other functions of a host.
func spoken(f *builtin.Function) *builtin.Function {
	call := f.Call
	f.Family = builtin.FamilyScript
	f.Call = func(c *builtin.Context, a builtin.Args) (value.Value, error) {
		v, err := call(c, a)
		var failed *script.Error
		var reached *limit.Error
		switch {
		case errors.As(err, &reached):
			return v, reached
		case errors.As(err, &failed):
			return v, &builtin.Error{Code: builtin.CodeScript, Message: failed.Error()}
		}
		return v, err
	}
	return f
}
