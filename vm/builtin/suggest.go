package builtin

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/nearest"
)

// Lookup returns the function of that name, extra pack included; names are case-sensitive. Callers that have the pack
// switched off treat a function with Pack set as unknown.
func Lookup(name string) (*Function, bool) {
	i, ok := slices.BinarySearchFunc(index[:], name, func(f *Function, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil, false
	}
	return index[i], true
}

// All returns the functions in alphabetical order, with those of the extra pack if pack is true. The slice is the caller's.
func All(pack bool) []*Function {
	out := make([]*Function, 0, len(index))
	for _, f := range index {
		if pack || !f.Pack {
			out = append(out, f)
		}
	}
	return out
}

// Suggest returns the known name that is nearest to name: the built-in functions, those of the extra pack if pack is true, and
// the names in extra. The distance counts inserted, deleted and replaced characters and swapped neighbours, case folded,
// and must be 2 at most; of equally near names the alphabetically first one is taken. "" means that nothing is near.
func Suggest(name string, pack bool, extra []string) string {
	return nearest.Name(name, 2, func(yield func(string) bool) {
		for _, f := range index {
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
