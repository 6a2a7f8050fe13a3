package general

import (
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func callIsBlank(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Bool(value.IsEmpty(a.V[0])), nil
}

func callIn(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Bool(isOneOf(a.V[0], a.V[1:])), c.Tick(len(a.V) - 1)
}

func isOneOf(v value.Value, list []value.Value) bool {
	return slices.ContainsFunc(list, func(m value.Value) bool { return value.StrictEqual(v, m) })
}

func callIfin(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list, then, otherwise := a.V[1:len(a.V)-2], a.V[len(a.V)-2], a.V[len(a.V)-1]
	if isOneOf(a.V[0], list) {
		return then, c.Tick(len(list))
	}
	return otherwise, c.Tick(len(list))
}

func callCase(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if n := a.IntOr(0, 0); n >= 1 && n < len(a.V) {
		return a.V[n], nil
	}
	return value.Null(), nil
}
