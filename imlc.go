// Package imlc compiles connection specs to plans: it reads a dialect, checks it, and compiles it, in one call. Hosts
// that only run plans link package vm alone.
package imlc

import (
	"slices"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/parser/membrane"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
)

// TemplateOptions are the choices of CompileTemplate; the zero value has the defaults of the language.
type TemplateOptions struct {
	// Roots are the names that the host will supply; nil means that roots are not checked.
	Roots []string
	// Strict makes warnings errors, an opener without a closer among them.
	Strict bool
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// DisableMustache and DisableAngle make {{ }} and << >> plain text.
	DisableMustache, DisableAngle bool
	// WhiteLabel makes the functions of the platform's white-label edition known (spec iml.md §9.9).
	WhiteLabel bool
	// Emit compiles an object or list template to a function that writes JSON instead of building a value.
	Emit bool
	// MaxBytes and MaxDepth bound one template; 0 means the default.
	MaxBytes, MaxDepth int
	// Functions are host functions.
	Functions []*builtin.Function
}

func (o TemplateOptions) parser() template.Options {
	return template.Options{DisableMustache: o.DisableMustache, DisableAngle: o.DisableAngle, Strict: o.Strict, MaxBytes: o.MaxBytes, MaxDepth: o.MaxDepth}
}

func (o TemplateOptions) compiler() compiler.Options {
	return compiler.Options{Roots: o.Roots, Strict: o.Strict, StrictEquality: o.StrictEquality, WhiteLabel: o.WhiteLabel, Functions: o.Functions}
}

// CompileTemplate compiles one template text. The plan is nil when a diagnostic is an error; positions are those in
// text.
func CompileTemplate(name, text string, o TemplateOptions) (*plan.Plan, *diag.List) {
	file := source.NewFile(name, text)
	t, problems := template.Parse(text, source.Identity(file, 0), o.parser())
	if t == nil {
		return nil, finished(problems)
	}
	t.At = ast.Origin{Span: source.Span{File: file, End: len(text)}}
	return join(problems)(compiler.Template(t, o.Emit, o.compiler()))
}

// CompileTemplateJSON compiles a JSON document as a template: its texts are templates, its keys may be spreads (spec
// iml.md §3). The plan is nil when a diagnostic is an error.
func CompileTemplateJSON(name, doc string, o TemplateOptions) (*plan.Plan, *diag.List) {
	// The nesting of an object template is bounded like that of an expression (spec iml.md §13).
	d, problems := document.ParseJSONC(source.NewFile(name, doc), document.Options{Code: "MAKE101", DepthCode: "IML502"})
	if hasErrors(problems) || d == nil || d.Root == nil {
		return nil, finished(problems)
	}
	v, more := make.Template(d.Root, o.parser())
	problems = append(problems, more...)
	if v == nil {
		return nil, finished(problems)
	}
	return join(problems)(compiler.Template(v, o.Emit, o.compiler()))
}

// CompileFormula compiles a JSON value with formulas of Membrane (spec dialects.md §2.4) over variables that are roots of
// the names in roots. The plan is nil when a diagnostic is an error.
func CompileFormula(name, doc string, roots []string) (*plan.Plan, *diag.List) {
	d, problems := document.ParseJSONC(source.NewFile(name, doc), document.Options{Code: "MEM102"})
	if hasErrors(problems) || d == nil || d.Root == nil {
		return nil, finished(problems)
	}
	v, list := membrane.Formula(d.Root, roots, membrane.FormulaOptions{Pattern: badPattern, JSONata: hasLibrary("jsonata")})
	problems = append(problems, list.Items...)
	if hasErrors(problems) {
		return nil, finished(problems)
	}
	return join(problems)(compiler.Template(v, false, compiler.Options{Library: "membrane"}))
}

func hasErrors(problems []diag.Diagnostic) bool {
	return slices.ContainsFunc(problems, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
}

func finished(problems []diag.Diagnostic) *diag.List {
	l := &diag.List{Items: problems}
	l.Sort()
	return l
}

// join returns a function that adds earlier diagnostics to the result of a compilation.
func join(problems []diag.Diagnostic) func(*plan.Plan, *diag.List) (*plan.Plan, *diag.List) {
	return func(p *plan.Plan, l *diag.List) (*plan.Plan, *diag.List) {
		l.Items = append(problems, l.Items...)
		l.Sort()
		if l.HasErrors() {
			return nil, l
		}
		return p, l
	}
}
