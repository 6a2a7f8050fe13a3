package formula

import (
	"math"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

type operator func(x, y any) bool

// operators are those of $eval.
func operators() map[string]operator {
	return map[string]operator{
		"is": looselyEqual, "isNot": negated(looselyEqual), "oneOf": oneOf, "noneOf": negated(oneOf),
		"contains": contains, "doesNotContain": negated(contains),
		"lt": numeric(func(a, b float64) bool { return a < b }), "lte": numeric(func(a, b float64) bool { return a <= b }),
		"gt": numeric(func(a, b float64) bool { return a > b }), "gte": numeric(func(a, b float64) bool { return a >= b }),
		"isEmpty": isEmpty, "isNotEmpty": negated(isEmpty),
	}
}

// legacyOperators are those of legacy filters.
func legacyOperators() map[string]operator {
	of := operators()
	return map[string]operator{
		"is": looselyEqual, "is_not": negated(looselyEqual), "is_one_of": oneOf, "is_not_one_of": negated(oneOf),
		"is_true": func(x, _ any) bool { return truthy(x) }, "is_false": func(x, _ any) bool { return x == any(false) },
		"contains":         func(x, y any) bool { return truthy(x) && strings.Contains(text(x), text(y)) },
		"does_not_contain": func(x, y any) bool { return truthy(x) && !strings.Contains(text(x), text(y)) },
		"array_includes":   includes, "array_does_not_include": negated(includes),
		"less_than": of["lt"], "less_than_or_equal": of["lte"], "more_than": of["gt"], "more_than_or_equal": of["gte"],
		"is_empty": isEmpty, "is_not_empty": negated(isEmpty),
	}
}

func negated(op operator) operator { return func(x, y any) bool { return !op(x, y) } }

func includes(x, y any) bool {
	l, ok := x.(*list)
	return ok && slices.ContainsFunc(l.items, func(item any) bool { return strictlyEqual(item, y) })
}

func oneOf(x, y any) bool { return includes(y, x) }

func contains(x, y any) bool {
	if !truthy(x) {
		return false
	}
	if _, ok := x.(*list); ok {
		return includes(x, y)
	}
	if y == nil {
		y = missing{}
	}
	lower := cases.Lower(language.Und)
	return strings.Contains(lower.String(text(x)), lower.String(text(y)))
}

func numeric(holds func(a, b float64) bool) operator {
	return func(x, y any) bool {
		a, b := parseFloat(x), parseFloat(y)
		return !math.IsNaN(a) && !math.IsNaN(b) && holds(a, b)
	}
}

func isEmpty(x, _ any) bool {
	switch x := x.(type) {
	case *list:
		return len(x.items) == 0
	case *object:
		return len(x.keys) == 0
	}
	return absent(x) || x == any("")
}

// legacyHolds judges {field, operator, value}; the value is taken as it is written.
func legacyHolds(condition any, vars *object) bool {
	name, _ := member(condition, "operator").(string)
	holds, known := legacyOperators()[name]
	if !known {
		return true
	}
	field := member(condition, "field")
	if field == any("") {
		field = "." // the key ""
	}
	steps, ok := parseLocator(field)
	if !ok {
		return false
	}
	hits := fan(vars, steps)
	if len(hits) == 0 {
		hits = []any{missing{}}
	}
	return slices.ContainsFunc(hits, func(hit any) bool {
		if hit == nil {
			hit = missing{}
		}
		return holds(hit, member(condition, "value"))
	})
}

// fan is what a locator finds when every name step asks the items of a list that it meets.
func fan(v any, steps []step) []any {
	if len(steps) == 0 {
		if v == any(missing{}) {
			return nil
		}
		return []any{v}
	}
	s := steps[0]
	l, isList := v.(*list)
	switch {
	case s.indexed:
		return fan(element(v, s.index), steps[1:])
	case isList:
		var hits []any
		for _, item := range l.items {
			hits = append(hits, fan(item, steps)...)
		}
		return hits
	}
	return fan(member(v, s.name), steps[1:])
}
