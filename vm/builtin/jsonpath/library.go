package jsonpath

import (
	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Name is the name of the library in plans.
const Name = "jsonpath"

var library = builtin.NewLibrary(Name, false, [][]builtin.Function{functions})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

var parameters = []builtin.Param{{Kind: builtin.ParamAny, Optional: true}, {Kind: builtin.ParamAny, Optional: true}}

var functions = []builtin.Function{
	{Name: "all", Version: 1, Max: 2, Params: parameters, Family: Name, Pure: true,
		Signature: "all(V; T)", Doc: "The list of what a path finds in a document; false when it finds nothing.", Call: callAll},
	{Name: "first", Version: 1, Max: 2, Params: parameters, Family: Name, Pure: true,
		Signature: "first(V; T)", Doc: "The first of what a path finds in a document; missing when it finds nothing.", Call: callFirst},
}

// All returns what a path finds in a document, in order; nil when that is nothing. The error is that of the path or of a limit.
func All(c *builtin.Context, document value.Value, path string) ([]value.Value, error) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return nil, builtin.Errorf("SUP304", 2, "no path: %v", err)
	}
	return find(c, document, p)
}

func callAll(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list, err := All(c, a.At(0), a.At(1).Str())
	if err != nil || len(list) == 0 {
		return value.Bool(false), err
	}
	return value.Array(list), nil
}

func callFirst(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list, err := All(c, a.At(0), a.At(1).Str())
	if err != nil || len(list) == 0 {
		return value.Undefined, err
	}
	return list[0], nil
}
