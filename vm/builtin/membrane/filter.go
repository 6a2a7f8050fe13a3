package membrane

import (
	"math"
	"strconv"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// callFilter reports whether a legacy filter holds: field locator, operator, value as written, variables. The field fans out over
// lists that its name steps meet, and one hit is enough; no hit counts as missing.
func callFilter(c *builtin.Context, a builtin.Args) (value.Value, error) {
	op := legacyOperatorOf(a.At(1).Str())
	if op == nil {
		return value.Bool(true), nil
	}
	steps, ok := locator.Parse(a.At(0).Str())
	if !ok || a.At(0).Kind() != value.KindText {
		return value.Bool(false), nil
	}
	hits, err := fan(c, nil, a.At(3), steps)
	if err != nil {
		return value.Undefined, err
	}
	if len(hits) == 0 {
		hits = []value.Value{value.Undefined}
	}
	for _, hit := range hits {
		if hit.Kind() == value.KindNull {
			hit = value.Undefined
		}
		if ok, err := op(c, hit, a.At(2), true); err != nil || ok {
			return value.Bool(ok), err
		}
	}
	return value.Bool(false), nil
}

// fan appends what steps find in v, asking the items of every list that a name step meets.
func fan(c *builtin.Context, hits []value.Value, v value.Value, steps []locator.Step) ([]value.Value, error) {
	if err := c.Tick(1); err != nil {
		return hits, err
	}
	if len(steps) == 0 {
		if err := c.List(1); err != nil || v.IsUndefined() {
			return hits, err
		}
		return append(hits, v), nil
	}
	s := steps[0]
	switch {
	case s.Indexed:
		items := v.Items()
		if s.Index == math.Trunc(s.Index) && s.Index < float64(len(items)) {
			return fan(c, hits, items[int(s.Index)], steps[1:])
		}
	case v.Kind() == value.KindArray:
		for _, item := range v.Items() {
			var err error
			if hits, err = fan(c, hits, item, steps); err != nil {
				return hits, err
			}
		}
	case v.Kind() == value.KindCollection:
		if inner, ok := v.Object().Get(s.Name); ok {
			return fan(c, hits, inner, steps[1:])
		}
	}
	return hits, nil
}

// callMerge merges objects shallowly. Lists count as objects with index keys; other values are skipped.
func callMerge(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list := a.At(0)
	out := value.NewObject(0)
	for _, item := range list.Items() {
		keys := item.Object().Len()
		if item.Kind() == value.KindArray {
			keys = len(item.Items())
		}
		if err := c.Tick(keys); err != nil {
			return value.Undefined, err
		}
		if err := c.Object(keys); err != nil {
			return value.Undefined, err
		}
		for i, x := range item.Items() {
			out.Set(strconv.Itoa(i), x.Under(item))
		}
		for i := range item.Object().Len() {
			k, x := item.Object().At(i)
			out.Set(k, x.Under(item))
		}
	}
	if out.Len() == 0 {
		return value.Undefined, nil
	}
	return value.Collection(out).Under(list), nil
}

// callLogic is $and and $or over a list: null and missing items do not count, and without any other there is no answer.
func callLogic(every bool) func(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return func(c *builtin.Context, a builtin.Args) (value.Value, error) {
		counted := false
		if err := c.Tick(len(a.At(0).Items())); err != nil {
			return value.Undefined, err
		}
		for _, item := range a.At(0).Items() {
			if item.IsNil() {
				continue
			}
			if counted = true; truthy(item) != every {
				return value.Bool(!every), nil
			}
		}
		if !counted {
			return value.Undefined, nil
		}
		return value.Bool(every), nil
	}
}

// callFirstNotEmpty is the first item that is neither missing nor null.
func callFirstNotEmpty(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list := a.At(0)
	if err := c.Tick(len(list.Items())); err != nil {
		return value.Undefined, err
	}
	for _, item := range list.Items() {
		if !item.IsNil() {
			return item.Under(list), nil
		}
	}
	return value.Undefined, nil
}

// callConcat joins the texts of a list with a delimiter, without items that are null or whose text is empty.
func callConcat(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list, delimiter := a.At(0), a.At(1).Str()
	items := list.Items()
	if len(items) == 0 {
		return value.Undefined, nil
	}
	if err := c.Tick(len(items) / 8); err != nil { // those that are nothing, too
		return value.Undefined, err
	}
	var out []byte
	secret := false // the mark of an item; that of an argument is kept anyway
	for _, item := range items {
		if item.IsNil() {
			continue
		}
		s, err := text(c, item)
		if err != nil {
			return value.Undefined, err
		}
		if s == "" {
			continue
		}
		secret = secret || item.IsSecret()
		if err := c.Text(len(s) + len(delimiter)); err != nil {
			return value.Undefined, err
		}
		if err := c.Fits(len(out) + len(s) + len(delimiter)); err != nil {
			return value.Undefined, err
		}
		if len(out) > 0 {
			out = append(out, delimiter...)
		}
		out = append(out, s...)
	}
	v := value.Text(string(out))
	if secret {
		v = v.AsSecret()
	}
	return v, nil
}

// callMapMatch reports whether an entry of $map matches a value: deeply equal, or by ==. Missing equals null.
func callMapMatch(c *builtin.Context, a builtin.Args) (value.Value, error) {
	x, from := a.At(0), a.At(1)
	if x.IsNil() || from.IsNil() {
		return value.Bool(x.IsNil() && from.IsNil()), nil
	}
	if ok, err := c.StrictlyEqual(x, from); ok || err != nil {
		return value.Bool(ok), err
	}
	ok, err := looselyEqual(c, x, from, true)
	return value.Bool(ok), err
}
