package membrane

import (
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/parser/document"
)

// evalOperators are the operators of $eval, legacyOperators those of legacy filters.
var (
	evalOperators = []string{"is", "isNot", "oneOf", "noneOf", "contains", "doesNotContain", "lt", "lte", "gt", "gte", "isEmpty", "isNotEmpty"}

	legacyOperators = []string{"is", "is_not", "is_one_of", "is_not_one_of", "is_true", "is_false", "contains", "does_not_contain", "array_includes",
		"array_does_not_include", "less_than", "less_than_or_equal", "more_than", "more_than_or_equal", "is_empty", "is_not_empty"}
)

func isOperator(name string) bool { return slices.Contains(evalOperators, name) }

func isLegacyOperator(name string) bool { return slices.Contains(legacyOperators, name) }

// textAt is the text of an entry, "" when there is none.
func textAt(n *document.Node, key string) string {
	if v := n.Get(key); v != nil && v.Kind == document.KindText {
		return v.Text
	}
	return ""
}

// unknownFormula warns of a key that looks like a formula. One that is a formula misspelt is an error: the spec means it.
func (f *formulas) unknownFormula(m document.Member) {
	d := diag.Diagnostic{Code: "MEM301", Severity: diag.Warning, Span: m.KeySpan, Message: "unknown formula " + m.Key + " is plain data"}
	if near := nearest.Name(m.Key, 2, maps.Keys(lowerings)); near != "" {
		d.Help = "did you mean " + near + "?"
	}
	if meant := misspeltFormula(m.Key); meant != "" {
		d.Severity, d.Usable, d.Help = diag.Error, true, "did you mean "+meant+"?"
		d.Fixes = []diag.Fix{document.Rename(m, meant)}
	}
	f.diags.Add(d)
}

// misspeltFormula is the formula that a key was certainly meant to be. Names of three letters are so near to each other
// that only their own letters, in another order or case, are certain.
func misspeltFormula(key string) string {
	names := make([]string, 0, len(lowerings))
	for name := range lowerings {
		names = append(names, name[1:])
	}
	name := key[1:]
	meant := nearest.Misspelt(name, names, func(string) bool { return false })
	if meant == "" || len(name) <= 3 && letters(name) != letters(meant) {
		return ""
	}
	return "$" + meant
}

// letters are the letters of a name in order, case aside.
func letters(name string) string {
	s := []rune(strings.ToLower(name))
	slices.Sort(s)
	return string(s)
}

// known is the advice for a variable that does not exist.
func (vs variables) known(name string) string {
	var names []string
	for _, v := range vs {
		if v.self == nil {
			names = append(names, v.name)
		}
	}
	if near := nearest.Name(name, 2, slices.Values(names)); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// near is the advice for an unknown key.
func near(key string, known []string) string {
	if name := nearest.Name(key, 2, slices.Values(known)); name != "" {
		return "did you mean " + name + "?"
	}
	return ""
}
