package membrane

import (
	"maps"
	"slices"

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

// nearFormula suggests the formula that was meant.
func nearFormula(key string) string {
	if near := nearest.Name(key, 2, maps.Keys(lowerings)); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
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
