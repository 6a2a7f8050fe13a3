package builtin

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/nearest"
)

// Library is the set of functions that one language can call, by name. A plan names a function together with its
// library, so that a function of one language is never taken for that of another. Libraries are immutable and safe for
// concurrent use.
type Library struct {
	// Name is the name that plans use: letters, digits and _, no dot.
	Name string
	// TakesHost says that expressions of the language may call functions of the host beside those of the library.
	TakesHost bool
	// families are the rows; no name is there twice.
	families [][]Function
}

// NewLibrary returns a library of the functions of some families, each of which may have several tables. The tables
// must not be changed afterwards.
func NewLibrary(name string, takesHost bool, families ...[][]Function) *Library {
	l := &Library{Name: name, TakesHost: takesHost}
	for _, tables := range families {
		l.families = append(l.families, tables...)
	}
	return l
}

// LibraryHost is the name under which plans call functions of the host. No Library has it.
const LibraryHost = "host"

// Qualified returns the name of a function as plans write it: library, dot, function.
func Qualified(library, function string) string { return library + "." + function }

// libraries are those that this program has, by the order of their registration.
var libraries = []*Library{core}

// Register makes a library known to this program, for whoever compiles, loads or runs code that calls it. It is for
// init functions of the packages that hold libraries: a program that imports such a package has the library.
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

// Resolve returns the function that a qualified name stands for: one of host, whose keys are names without a library,
// a script of the plan, or one of a library that this program has.
func Resolve(qualified string, host map[string]*Function) (*Function, bool) {
	library, name, _ := strings.Cut(qualified, ".")
	if library == LibraryHost {
		f, ok := host[name]
		return f, ok
	}
	if library == LibraryScript {
		return Script(name), name != ""
	}
	l, ok := Find(library)
	if !ok {
		return nil, false
	}
	return l.Lookup(name)
}

// Lookup returns the function of that name, those of the white-label edition included; names are case-sensitive.
// Callers that do not want these treat a function with WhiteLabel set as unknown.
func (l *Library) Lookup(name string) (*Function, bool) {
	for _, family := range l.families {
		for i := range family {
			if family[i].Name == name {
				return &family[i], true
			}
		}
	}
	return nil, false
}

// All returns the functions in alphabetical order, with those of the white-label edition if that is asked for. The
// slice is the caller's.
func (l *Library) All(whiteLabel bool) []*Function {
	var out []*Function
	for _, family := range l.families {
		for i := range family {
			if f := &family[i]; whiteLabel || !f.WhiteLabel {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Suggest returns the known name that is nearest to name: the functions of the library, those of the white-label
// edition if that is asked for, and the names in extra. The distance counts inserted, deleted and replaced characters
// and swapped neighbours, case folded, and must be 2 at most; of equally near names the alphabetically first one is
// taken. "" means that nothing is near.
func (l *Library) Suggest(name string, whiteLabel bool, extra []string) string {
	return nearest.Name(name, 2, func(yield func(string) bool) {
		for _, f := range l.All(whiteLabel) {
			if !yield(f.Name) {
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
		if f, ok := l.Lookup(name); ok && l.TakesHost && !f.WhiteLabel {
			return true
		}
	}
	return false
}
