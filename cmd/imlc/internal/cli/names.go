package cli

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// unread refuses a name that was given and that nothing reads when it is a misspelt one; what is a what of the spec. A name
// that is far from all of them is noted, as it has no effect.
func (c *command) unread(p *plan.Plan, what string, given *value.Object, declared []plan.Parameter) error {
	if given == nil {
		return nil
	}
	read := wordsOf(p)
	known := []string{}
	for i := range declared {
		known = append(known, declared[i].Name)
	}
	for _, name := range given.Keys() {
		if findParameter(declared, name) != nil || slices.Contains(read, name) {
			continue
		}
		candidates := known
		if len(known) == 0 {
			candidates = read
		}
		if near := nearest.Misspelt(name, candidates, func(near string) bool { return near == name || slices.Contains(given.Keys(), near) }); near != "" {
			return usagef("%s is no %s of the spec; did you mean %s?", name, what, near)
		}
		c.Err.Printf("note: the spec has no %s %s, so it has no effect%s\n", what, name, listOf(known))
	}
	return nil
}

func listOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; it has " + strings.Join(names, ", ")
}

// wordsOf lists the names that a plan can read: those of its paths, and its texts, which are names of look-ups.
func wordsOf(p *plan.Plan) []string {
	words := slices.Clone(p.Strings)
	for _, v := range p.Constants {
		if v.Kind() == value.KindText {
			words = append(words, v.Str())
		}
	}
	return append(words, p.Roots...)
}

// unset notes a name that was given and that a template does not have, where it has one that is near and has no value.
func (c *command) unset(p *plan.Plan, context *value.Object, given []string) {
	for _, pair := range given {
		name, _, _ := strings.Cut(pair, "=")
		root, _, _ := strings.Cut(name, ".")
		if slices.Contains(p.Roots, root) {
			continue
		}
		missing := func(near string) bool { return near == root || slices.Contains(context.Keys(), near) }
		if near := nearest.Misspelt(root, p.Roots, missing); near != "" {
			c.Err.Printf("note: the template has no %s; did you mean %s?\n", root, near)
		}
	}
}
