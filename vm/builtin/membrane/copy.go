package membrane

import (
	"slices"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

const copyKey = "$copy"

// copier replaces the objects whose only key is $copy by what their locator finds in the result, in document order. It works on
// a copy of its own of the result, in place, so that later copies see what earlier ones put in.
type copier struct {
	c    *builtin.Context
	root value.Value
}

// callCopy resolves the copies in a whole result. A copy at the root stays.
func callCopy(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if _, ok := copyOf(a.At(0)); ok {
		return a.At(0), nil
	}
	root, err := own(c, a.At(0))
	if err != nil {
		return value.Undefined, err
	}
	k := copier{c: c, root: root}
	return k.replace(root)
}

// own copies the lists and objects of v.
func own(c *builtin.Context, v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindArray:
		if err := c.List(len(v.Items())); err != nil {
			return v, err
		}
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			var err error
			if items[i], err = own(c, item); err != nil {
				return v, err
			}
		}
		return value.Array(items).Under(v), nil
	case value.KindCollection:
		if err := c.Object(v.Object().Len()); err != nil {
			return v, err
		}
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			key, inner := v.Object().At(i)
			inner, err := own(c, inner)
			if err != nil {
				return v, err
			}
			o.Set(key, inner)
		}
		return value.Collection(o).Under(v), nil
	}
	return v, c.Tick(1)
}

// copyOf returns the locator of a copy.
func copyOf(v value.Value) (path value.Value, ok bool) {
	if o := v.Object(); o.Len() == 1 {
		return o.Get(copyKey)
	}
	return value.Undefined, false
}

// replace replaces the copies in v, which may become a shorter list.
func (k *copier) replace(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindArray:
		items := v.Items()
		for i := range items {
			var err error
			if items[i], err = k.child(items[i]); err != nil {
				return v, err
			}
		}
		kept := items[:0]
		for _, item := range items {
			if !item.IsUndefined() {
				kept = append(kept, item)
			}
		}
		return value.Array(kept).Under(v), nil
	case value.KindCollection:
		o := v.Object()
		for _, key := range slices.Clone(o.Keys()) {
			inner, err := k.child(o.Value(key))
			if err != nil {
				return v, err
			}
			if inner.IsUndefined() {
				o.Delete(key)
			} else {
				o.Set(key, inner)
			}
		}
	}
	return v, nil
}

// child returns what stands in the place of a value of a container; missing when the entry goes.
func (k *copier) child(v value.Value) (value.Value, error) {
	path, ok := copyOf(v)
	if !ok {
		return k.replace(v)
	}
	steps, valid := locator.Parse(path.Str())
	if !valid || path.Kind() != value.KindText {
		return value.Undefined, nil
	}
	out := walk(k.root, steps, true)
	has, err := k.holdsCopy(out)
	if has {
		err = &builtin.Error{Code: "MEM312", Message: "$copy of a value that holds $copy"}
	}
	return out, err
}

// holdsCopy reports whether a copy is in v.
func (k *copier) holdsCopy(v value.Value) (bool, error) {
	if err := k.c.Tick(1); err != nil {
		return false, err
	}
	if _, ok := copyOf(v); ok {
		return true, nil
	}
	for _, item := range v.Items() {
		if has, err := k.holdsCopy(item); err != nil || has {
			return has, err
		}
	}
	for i := range v.Object().Len() {
		_, item := v.Object().At(i)
		if has, err := k.holdsCopy(item); err != nil || has {
			return has, err
		}
	}
	return false, nil
}
