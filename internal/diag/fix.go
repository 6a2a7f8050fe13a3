package diag

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
)

// Fixed applies the first fix of every diagnostic that has one, and returns the new texts of the files that changed and how
// many fixes they hold. Of fixes that touch the same bytes the first in the list counts; the others are for another
// pass.
func Fixed(items []Diagnostic) (texts map[*source.File]string, fixes int) {
	taken := map[*source.File][]Edit{}
	for _, d := range items {
		if len(d.Fixes) == 0 || len(d.Fixes[0].Edits) == 0 || !fits(d.Fixes[0].Edits, taken) {
			continue
		}
		fixes++
		for _, e := range d.Fixes[0].Edits {
			taken[e.Span.File] = append(taken[e.Span.File], e)
		}
	}
	texts = map[*source.File]string{}
	for f, edits := range taken {
		texts[f] = Apply(f.Text, edits)
	}
	return texts, fixes
}

// fits reports whether edits lie in files and touch none that are taken.
func fits(edits []Edit, taken map[*source.File][]Edit) bool {
	for _, e := range edits {
		if e.Span.File == nil || e.Span.Start < 0 || e.Span.Start > e.Span.End || e.Span.End > len(e.Span.File.Text) {
			return false
		}
		if slices.ContainsFunc(taken[e.Span.File], func(t Edit) bool { return e.Span.Start <= t.Span.End && t.Span.Start <= e.Span.End }) {
			return false
		}
	}
	return true
}

// Apply returns a text with edits made, which do not overlap.
func Apply(text string, edits []Edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		out.WriteString(text[at:e.Span.Start])
		out.WriteString(e.Text)
		at = e.Span.End
	}
	out.WriteString(text[at:])
	return out.String()
}
