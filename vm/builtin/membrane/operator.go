package membrane

import (
	"bytes"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/internal/lettercase"
	"github.com/imlc-lang/imlc/vm/value"
)

// operator is an operator of $eval, or of a legacy filter.
type operator func(c *builtin.Context, x, y value.Value, fresh bool) (bool, error)

// operators are those of $eval (spec dialects.md §2.4).
func operatorOf(name string) operator {
	switch name {
	case "is":
		return looselyEqual
	case "isNot":
		return not(looselyEqual)
	case "oneOf":
		return oneOf
	case "noneOf":
		return not(oneOf)
	case "contains":
		return contains
	case "doesNotContain":
		return not(contains)
	case "lt":
		return comparing(func(x, y float64) bool { return x < y })
	case "lte":
		return comparing(func(x, y float64) bool { return x <= y })
	case "gt":
		return comparing(func(x, y float64) bool { return x > y })
	case "gte":
		return comparing(func(x, y float64) bool { return x >= y })
	case "isEmpty":
		return emptiness
	case "isNotEmpty":
		return not(emptiness)
	}
	return nil
}

// legacyOperatorOf returns an operator of legacy filters, nil for one that is unknown.
func legacyOperatorOf(name string) operator {
	switch name {
	case "is":
		return looselyEqual
	case "is_not":
		return not(looselyEqual)
	case "is_one_of":
		return oneOf
	case "is_not_one_of":
		return not(oneOf)
	case "is_true":
		return func(_ *builtin.Context, x, _ value.Value, _ bool) (bool, error) { return truthy(x), nil }
	case "is_false":
		return func(_ *builtin.Context, x, _ value.Value, _ bool) (bool, error) {
			return x.Kind() == value.KindBool && !x.IsTrue(), nil
		}
	case "contains":
		return textContains(true)
	case "does_not_contain":
		return textContains(false)
	case "array_includes":
		return includes
	case "array_does_not_include":
		return not(includes)
	case "less_than":
		return operatorOf("lt")
	case "less_than_or_equal":
		return operatorOf("lte")
	case "more_than":
		return operatorOf("gt")
	case "more_than_or_equal":
		return operatorOf("gte")
	case "is_empty":
		return emptiness
	case "is_not_empty":
		return not(emptiness)
	}
	return nil
}

func not(op operator) operator {
	return func(c *builtin.Context, x, y value.Value, fresh bool) (bool, error) {
		ok, err := op(c, x, y, fresh)
		return !ok, err
	}
}

// oneOf says that the operand is a list with x in it.
func oneOf(c *builtin.Context, x, list value.Value, fresh bool) (bool, error) {
	return listHas(c, list, x, fresh)
}

// includes says that x is a list with y in it.
func includes(c *builtin.Context, x, y value.Value, fresh bool) (bool, error) {
	return listHas(c, x, y, fresh)
}

func listHas(c *builtin.Context, list, x value.Value, fresh bool) (bool, error) {
	items := list.Items()
	if list.Kind() != value.KindArray {
		return false, nil
	}
	if err := c.Tick(len(items)); err != nil {
		return false, err
	}
	for _, item := range items {
		if same, err := strictlyEqual(c, item, x, fresh); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// contains is the operator of $eval: membership in a list, else of a text in a text, letter case aside. A null operand counts as
// the text undefined, as one that is missing does.
func contains(c *builtin.Context, x, y value.Value, fresh bool) (bool, error) {
	switch {
	case !truthy(x):
		return false, nil
	case x.Kind() == value.KindArray:
		return listHas(c, x, y, fresh)
	case y.IsNil():
		y = value.Undefined
	}
	haystack, needle, err := texts(c, x, y)
	if err != nil {
		return false, err
	}
	if err := c.Read(len(haystack) + lettercase.Looks(haystack) + len(needle) + lettercase.Looks(needle)); err != nil {
		return false, err
	}
	if err := c.Text(len(haystack) + len(needle)); err != nil {
		return false, err
	}
	return bytes.Contains(lettercase.Lower(nil, haystack), lettercase.Lower(nil, needle)), nil
}

// textContains is the operator of legacy filters, which minds letter case and is false for a falsy value either way.
func textContains(want bool) operator {
	return func(c *builtin.Context, x, y value.Value, _ bool) (bool, error) {
		if !truthy(x) {
			return false, nil
		}
		haystack, needle, err := texts(c, x, y)
		if err == nil {
			err = c.Read(len(haystack))
		}
		return err == nil && strings.Contains(haystack, needle) == want, err
	}
}

func texts(c *builtin.Context, x, y value.Value) (a, b string, err error) {
	if a, err = text(c, x); err != nil {
		return "", "", err
	}
	b, err = text(c, y)
	return a, b, err
}

func comparing(holds func(x, y float64) bool) operator {
	return func(c *builtin.Context, x, y value.Value, _ bool) (bool, error) {
		a, err := parseFloat(c, x)
		if err != nil {
			return false, err
		}
		b, err := parseFloat(c, y)
		return err == nil && holds(a, b), err // false when one is not a number
	}
}

func emptiness(_ *builtin.Context, x, _ value.Value, _ bool) (bool, error) { return isEmpty(x), nil }
