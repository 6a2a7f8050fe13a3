// Package iml is the function library of IML, the expression language of Make: a program that imports it can compile,
// load and run code that calls these functions. Each family of functions has a package of its own.
//
// It starts at once. Regular expressions and RSA keys, which do not, are parts that a program links by importing
// package vm/builtin/full.
package iml

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/array"
	"github.com/imlc-lang/imlc/vm/builtin/iml/date"
	"github.com/imlc-lang/imlc/vm/builtin/iml/general"
	"github.com/imlc-lang/imlc/vm/builtin/iml/math"
	"github.com/imlc-lang/imlc/vm/builtin/iml/runtime"
	"github.com/imlc-lang/imlc/vm/builtin/iml/text"
)

// libraryName is the name of the library in plans.
const libraryName = "iml"

var library = builtin.NewLibrary(libraryName, true, general.Functions(), text.Functions(), math.Functions(), array.Functions(), runtime.Functions(), date.Functions())

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }
