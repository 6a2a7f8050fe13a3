package builtin

import (
	"slices"
	"strings"
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
	const limit = 2
	if len(name) > 100 {
		return ""
	}
	want := []rune(strings.ToLower(name))
	best, bestDistance := "", limit+1
	try := func(candidate string) {
		d := editDistance(want, []rune(strings.ToLower(candidate)), limit)
		if d < bestDistance || d == bestDistance && d <= limit && candidate < best {
			best, bestDistance = candidate, d
		}
	}
	for _, f := range index {
		if pack || !f.Pack {
			try(f.Name)
		}
	}
	for _, e := range extra {
		try(e)
	}
	return best
}

// editDistance is the Damerau-Levenshtein distance with swaps of neighbours (optimal string alignment); above limit it is
// only known to be larger than limit.
func editDistance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	before := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
