// Package nearest finds the known name that a misspelt one was probably meant to be. It knows nothing of what the names
// stand for.
package nearest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// longest is the length in bytes from which on a name is no misspelling any more.
	longest = 100
	// mostEdits is how many edits away a name may be at most: what it takes to find one grows with them.
	mostEdits = 8
	// mostNames is of how many candidates one is chosen: a file can hold thousands of names, and as many that are unknown.
	mostNames = 500
)

// Name returns the candidate nearest to name, at most limit edits away, or "". Edits are inserted, deleted and replaced
// characters and swapped neighbours; case does not count; of equally near candidates the alphabetically first one is
// taken, and of more than 500 candidates none. At most 8 edits away is anything.
func Name(name string, limit int, candidates func(yield func(string) bool)) string {
	if len(name) > longest {
		return ""
	}
	limit = min(limit, mostEdits)
	want := []rune(strings.ToLower(name))
	n := 0
	for range candidates {
		if n++; n > mostNames {
			return ""
		}
	}
	best, bestDistance := "", limit+1
	for c := range candidates {
		if d := utf8.RuneCountInString(c) - len(want); d > limit || -d > limit {
			continue
		}
		d := distance(want, []rune(strings.ToLower(c)), limit)
		if d < bestDistance || d == bestDistance && d <= limit && c < best {
			best, bestDistance = c, d
		}
	}
	return best
}

// Abbreviated returns the one of the names whose letters a shorter word has, in their order and with the first, as params
// has of parameters; "" when there is none or more than one.
func Abbreviated(word string, names []string) string {
	found := ""
	for _, name := range names {
		if len(word) < 4 || len(word) >= len(name) || word[0] != name[0] || !isSubsequence(word, name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

func isSubsequence(short, long string) bool {
	for i := 0; i < len(long) && short != ""; i++ {
		if long[i] == short[0] {
			short = short[1:]
		}
	}
	return short == ""
}

// Misspelt returns the one of the names that a key was certainly meant to be, "" when that is not certain: a key that
// somebody has switched off, one that is far from all, or one that stands beside the name that it is near.
func Misspelt(key string, names []string, taken func(name string) bool) string {
	if !IsWord(key) || len(key) < 2 {
		return ""
	}
	near := Name(key, max(1, min(2, len(key)/3)), slices.Values(names))
	if near == "" || taken(near) {
		return ""
	}
	return near
}

// IsWord reports whether a name is one that somebody meant to be read: it begins with a letter and goes on in letters,
// digits, "_" and "-". Authors switch a key off by putting something in front of it, such as "//url" and "_url".
func IsWord(name string) bool {
	for i, c := range name {
		if !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c) && c != '_' && c != '-') {
			return false
		}
	}
	return name != ""
}

// distance is the Damerau-Levenshtein distance with swaps of neighbours (optimal string alignment); above limit it is
// only known to be larger than limit. Cells that are further than limit from the diagonal are larger too, so that they
// are left out.
func distance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	rows := make([]int, 3*(len(b)+1))
	before, prev, cur := rows[:len(b)+1], rows[len(b)+1:2*len(b)+2], rows[2*len(b)+2:]
	for j := range prev {
		prev[j] = j
	}
	leastBefore := 0
	for i := 1; i <= len(a); i++ {
		first, last := max(1, i-limit), min(len(b), i+limit)
		cur[first-1] = limit + 1
		if first == 1 {
			cur[0] = i
		}
		if last == i+limit {
			prev[last] = limit + 1
		}
		least := cur[first-1]
		for j := first; j <= last; j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least > limit && leastBefore > limit {
			return limit + 1
		}
		leastBefore = least
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
