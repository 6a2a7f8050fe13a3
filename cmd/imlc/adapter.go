package main

import (
	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/plan"
)

type specOptions struct {
	Strict, LegacyErrorTypes, DisableAngle, Lint bool
}

func compileInput(in make.Input, o specOptions) (*plan.Plan, *diag.List) {
	in.Options = make.Options{Strict: o.Strict, DisableAngle: o.DisableAngle, Lint: o.Lint}
	tree, list := make.Parse(in)
	if list.HasErrors() {
		return nil, list
	}
	p, more := compiler.Connection(tree, compiler.Options{Strict: o.Strict, LegacyErrorTypes: o.LegacyErrorTypes})
	list.Items = append(list.Items, more.Items...)
	list.Sort()
	if list.HasErrors() {
		return nil, list
	}
	return p, list
}
