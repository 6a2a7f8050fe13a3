package general

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func callEqual(c *builtin.Context, a builtin.Args) (value.Value, error) {
	eq, err := c.Equal(a.V[0], a.V[1])
	return value.Bool(eq), err
}

func callOmit(c *builtin.Context, a builtin.Args) (value.Value, error) {
	src := a.V[0].Object()
	drop, err := namedKeys(c, src, a.V[1:])
	if err != nil {
		return value.Undefined, err
	}
	return copyKeys(c, src, func(i int) bool { return !drop[i] })
}

func callPick(c *builtin.Context, a builtin.Args) (value.Value, error) {
	src := a.V[0].Object()
	keep, err := namedKeys(c, src, a.V[1:])
	if err != nil {
		return value.Undefined, err
	}
	return copyKeys(c, src, func(i int) bool { return keep[i] })
}

// namedKeys returns the positions in o of the keys that names lists; an array lists several.
func namedKeys(c *builtin.Context, o *value.Object, names []value.Value) (map[int]bool, error) {
	found := make(map[int]bool)
	add := func(v value.Value) error {
		if v.IsNil() {
			return nil
		}
		key, err := c.ToText(v)
		if err != nil {
			return err
		}
		if i := o.Index(key); i >= 0 {
			found[i] = true
		}
		if err := c.Memory(indexBytes); err != nil {
			return err
		}
		return c.Tick(1)
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

// indexBytes is about what a position in a set of them takes up.
const indexBytes = 32

func copyKeys(c *builtin.Context, src *value.Object, keep func(i int) bool) (value.Value, error) {
	if err := c.Tick(src.Len()); err != nil {
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
