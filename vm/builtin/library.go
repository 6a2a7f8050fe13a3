package builtin

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/nearest"
)

// Library is the set of functions that one language can call, by name. A plan names a function together with its library, so
// that a function of one language is never taken for that of another. Libraries are immutable and safe for concurrent use.
type Library struct {
	// Name is the name that plans use: letters, digits and _, no dot.
	Name string
	// TakesHost says that expressions of the language may call functions of the host beside those of the library.
	TakesHost bool
	// functions are in the order of the bytes of their names.
	functions []*Function
}

// LibraryHost is the name under which plans call functions of the host. No Library has it.
const LibraryHost = "host"

// Qualified returns the name of a function as plans write it: library, dot, function.
func Qualified(library, function string) string { return library + "." + function }

// IML is the library of IML, its extra pack included.
var IML = &Library{Name: "iml", TakesHost: true, functions: index[:]}

// libraries are those that this program has, by the order of their registration.
var libraries = []*Library{Core, IML}

// Register makes a library known to this program, for whoever compiles, loads or runs code that calls it. It is for init
// functions of the packages that hold libraries: a program that imports such a package has the library.
func Register(l *Library) { libraries = append(libraries, l) }

// Find returns the library of that name, if this program has it.
func Find(name string) (*Library, bool) {
	for _, l := range libraries {
		if l.Name == name {
			return l, true
		}
	}
	return nil, false
}

// Resolve returns the function that a qualified name stands for: one of host, whose keys are names without a library, or one of
// a library that this program has.
func Resolve(qualified string, host map[string]*Function) (*Function, bool) {
	library, name, _ := strings.Cut(qualified, ".")
	if library == LibraryHost {
		f, ok := host[name]
		return f, ok
	}
	l, ok := Find(library)
	if !ok {
		return nil, false
	}
	return l.Lookup(name)
}

// Lookup returns the function of that name, extra pack included; names are case-sensitive. Callers that have the pack
// switched off treat a function with Pack set as unknown.
func (l *Library) Lookup(name string) (*Function, bool) {
	i, ok := slices.BinarySearchFunc(l.functions, name, func(f *Function, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil, false
	}
	return l.functions[i], true
}

// All returns the functions in alphabetical order, with those of the extra pack if pack is true. The slice is the caller's.
func (l *Library) All(pack bool) []*Function {
	out := make([]*Function, 0, len(l.functions))
	for _, f := range l.functions {
		if pack || !f.Pack {
			out = append(out, f)
		}
	}
	return out
}

// Suggest returns the known name that is nearest to name: the functions of the library, those of the extra pack if pack is
// true, and the names in extra. The distance counts inserted, deleted and replaced characters and swapped neighbours, case
// folded, and must be 2 at most; of equally near names the alphabetically first one is taken. "" means that nothing is near.
func (l *Library) Suggest(name string, pack bool, extra []string) string {
	return nearest.Name(name, 2, func(yield func(string) bool) {
		for _, f := range l.functions {
			if (pack || !f.Pack) && !yield(f.Name) {
				return
			}
		}
		for _, e := range extra {
			if !yield(e) {
				return
			}
		}
	})
}

// reserved reports whether a library whose language may call functions of the host has a function of that name.
func reserved(name string) bool {
	for _, l := range libraries {
		if f, ok := l.Lookup(name); ok && l.TakesHost && !f.Pack {
			return true
		}
	}
	return false
}
