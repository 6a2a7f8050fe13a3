package array

import (
	"math/bits"
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func callMergeCollections(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return mergeObjects(c, a.V)
}

func callArrayElement(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	if n := a.IntOr(1, 0); n >= 1 && n <= len(items) {
		return items[n-1], nil
	}
	return value.Null(), nil
}

func callArrayDifference(c *builtin.Context, a builtin.Args) (value.Value, error) {
	first, second := a.V[0].Items(), a.V[1].Items()
	out, err := difference(c, first, second, false)
	const symmetric = 1
	if err != nil || a.Word(2) != symmetric {
		return value.Array(out), err
	}
	more, err := difference(c, second, first, false)
	return value.Array(append(out, more...)), err
}

// sortedTexts returns the arguments as texts in the order of their code units.
func sortedTexts(c *builtin.Context, a builtin.Args) ([]value.Value, error) {
	out, size := make([]value.Value, len(a.V)), 0
	for i := range a.V {
		out[i] = value.Text(a.Text(i)).Taint(a.V[i])
		size += len(a.Text(i))
	}
	if err := c.Read(size * bits.Len(uint(len(out)))); err != nil { // texts that begin alike are read at each comparison
		return nil, err
	}
	slices.SortStableFunc(out, func(x, y value.Value) int { return value.Compare16(x.Str(), y.Str()) })
	return out, c.Tick(len(out))
}

func callSortAscString(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := sortedTexts(c, a)
	return value.Array(out), err
}

func callSortDescString(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := sortedTexts(c, a)
	slices.Reverse(out)
	return value.Array(out), err
}

// sortedNumbers returns the arguments, which are numbers, by value.
func sortedNumbers(c *builtin.Context, a builtin.Args) ([]value.Value, error) {
	out := slices.Clone(a.V)
	slices.SortStableFunc(out, func(x, y value.Value) int { return compareNumbers(x.Float(), y.Float()) })
	return out, c.Tick(len(out))
}

func callSortAscNum(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := sortedNumbers(c, a)
	return value.Array(out), err
}

func callSortDescNum(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := sortedNumbers(c, a)
	slices.Reverse(out)
	return value.Array(out), err
}
