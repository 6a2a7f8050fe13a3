package compiler_test

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// hostFunctions declares functions of the host that take anything and return their first argument.
func hostFunctions(names ...string) []*builtin.Function {
	var out []*builtin.Function
	for _, name := range names {
		f, err := builtin.Host(name, 0, builtin.AnyNumber, func(_ *builtin.Context, a builtin.Args) (value.Value, error) {
			if len(a.V) == 0 {
				return value.Undefined, nil
			}
			return a.V[0], nil
		})
		if err != nil {
			panic(err)
		}
		out = append(out, f)
	}
	return out
}
