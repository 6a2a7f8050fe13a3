package builtin

import "github.com/imlc-lang/imlc/vm/value"

func callEqual(c *Context, a Args) (value.Value, error) {
	eq, err := c.equal(a.V[0], a.V[1])
	return value.Bool(eq), err
}

// equal is the operator =. Comparing an array with another type needs its text, which must not be too long.
func (c *Context) equal(x, y value.Value) (bool, error) {
	if c.StrictEquality {
		return value.StrictEqual(x, y), nil
	}
	if x.Kind() != y.Kind() {
		if err := c.checkText(x); err != nil {
			return false, err
		}
		if err := c.checkText(y); err != nil {
			return false, err
		}
	}
	return value.Equal(x, y), nil
}

func callOmit(c *Context, a Args) (value.Value, error) {
	src := a.V[0].Object()
	drop, err := c.namedKeys(src, a.V[1:])
	if err != nil {
		return value.Undefined, err
	}
	return copyKeys(c, src, func(i int) bool { return !drop[i] })
}

func callPick(c *Context, a Args) (value.Value, error) {
	src := a.V[0].Object()
	keep, err := c.namedKeys(src, a.V[1:])
	if err != nil {
		return value.Undefined, err
	}
	return copyKeys(c, src, func(i int) bool { return keep[i] })
}

// namedKeys returns the positions in o of the keys that names lists; an array lists several.
func (c *Context) namedKeys(o *value.Object, names []value.Value) (map[int]bool, error) {
	found := make(map[int]bool, len(names))
	add := func(v value.Value) error {
		if v.IsNil() {
			return nil
		}
		key, err := c.toText(v)
		if err != nil {
			return err
		}
		if i := o.Index(key); i >= 0 {
			found[i] = true
		}
		return c.visit(1)
	}
	for _, name := range names {
		if name.Kind() != value.KindArray {
			if err := add(name); err != nil {
				return nil, err
			}
			continue
		}
		for _, item := range name.Items() {
			if err := add(item); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func copyKeys(c *Context, src *value.Object, keep func(i int) bool) (value.Value, error) {
	if err := c.visit(src.Len()); err != nil {
		return value.Undefined, err
	}
	out := value.NewObject(0)
	for i := range src.Len() {
		if keep(i) {
			k, v := src.At(i)
			out.Set(k, v)
		}
	}
	return value.Collection(out), nil
}
