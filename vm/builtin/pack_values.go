package builtin

import (
	"slices"

	"github.com/imlc-lang/imlc/vm/value"
)

func callMergeCollections(c *Context, a Args) (value.Value, error) {
	if err := c.visit(a.V[0].Object().Len() + a.V[1].Object().Len()); err != nil {
		return value.Undefined, err
	}
	return mergeObjects(a.V), nil
}

func callIsBlank(c *Context, a Args) (value.Value, error) {
	return value.Bool(value.IsEmpty(a.V[0])), nil
}

func callIn(c *Context, a Args) (value.Value, error) {
	return value.Bool(isOneOf(a.V[0], a.V[1:])), c.visit(len(a.V) - 1)
}

func isOneOf(v value.Value, list []value.Value) bool {
	return slices.ContainsFunc(list, func(m value.Value) bool { return value.StrictEqual(v, m) })
}

func callIfin(c *Context, a Args) (value.Value, error) {
	list, then, otherwise := a.V[1:len(a.V)-2], a.V[len(a.V)-2], a.V[len(a.V)-1]
	if isOneOf(a.V[0], list) {
		return then, c.visit(len(list))
	}
	return otherwise, c.visit(len(list))
}

func callCase(c *Context, a Args) (value.Value, error) {
	if n := a.intOr(0, 0); n >= 1 && n < len(a.V) {
		return a.V[n], nil
	}
	return value.Null(), nil
}

func callArrayElement(c *Context, a Args) (value.Value, error) {
	items := a.V[0].Items()
	if n := a.intOr(1, 0); n >= 1 && n <= len(items) {
		return items[n-1], nil
	}
	return value.Null(), nil
}

func callArrayDifference(c *Context, a Args) (value.Value, error) {
	first, second := a.V[0].Items(), a.V[1].Items()
	out, err := difference(c, first, second, false)
	const symmetric = 1
	if err != nil || a.word(2) != symmetric {
		return value.Array(out), err
	}
	more, err := difference(c, second, first, false)
	return value.Array(append(out, more...)), err
}

func appendConcat(c *Context, dst []byte, a Args) ([]byte, error) {
	base := len(dst)
	for i := 1; i < len(a.V); i++ {
		if i > 1 {
			dst = append(dst, a.text(0)...)
		}
		dst = append(dst, a.text(i)...)
		if err := c.fits(len(dst) - base); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func callLeft(c *Context, a Args) (value.Value, error) {
	s := a.text(0)
	n := value.Len16(s)
	return value.Text(value.Slice16(s, 0, max(0, min(n, a.intOr(1, 0))))), nil
}

func callRight(c *Context, a Args) (value.Value, error) {
	s := a.text(0)
	n := value.Len16(s)
	return value.Text(value.Slice16(s, n-max(0, min(n, a.intOr(1, 0))), n)), nil
}

func appendRemoveAccents(c *Context, dst []byte, a Args) ([]byte, error) {
	return withoutMarks(dst, a.text(0)), nil
}

func appendPascal(c *Context, dst []byte, a Args) ([]byte, error) {
	return eachWord(dst, a.text(0), capitalize, false), nil
}

// sortedTexts returns the arguments as texts in the order of their code units.
func sortedTexts(c *Context, a Args) ([]value.Value, error) {
	out := make([]value.Value, len(a.V))
	for i := range a.V {
		out[i] = value.Text(a.text(i)).Taint(a.V[i])
	}
	slices.SortStableFunc(out, func(x, y value.Value) int { return value.Compare16(x.Str(), y.Str()) })
	return out, c.visit(len(out))
}

func callSortAscString(c *Context, a Args) (value.Value, error) {
	out, err := sortedTexts(c, a)
	return value.Array(out), err
}

func callSortDescString(c *Context, a Args) (value.Value, error) {
	out, err := sortedTexts(c, a)
	slices.Reverse(out)
	return value.Array(out), err
}

// sortedNumbers returns the arguments, which are numbers, by value.
func sortedNumbers(c *Context, a Args) ([]value.Value, error) {
	out := slices.Clone(a.V)
	slices.SortStableFunc(out, func(x, y value.Value) int { return compareNumbers(x.Float(), y.Float()) })
	return out, c.visit(len(out))
}

func callSortAscNum(c *Context, a Args) (value.Value, error) {
	out, err := sortedNumbers(c, a)
	return value.Array(out), err
}

func callSortDescNum(c *Context, a Args) (value.Value, error) {
	out, err := sortedNumbers(c, a)
	slices.Reverse(out)
	return value.Array(out), err
}
