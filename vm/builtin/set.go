package builtin

import "github.com/imlc-lang/imlc/vm/value"

func callSet(c *Context, a Args) (value.Value, error) {
	src, at, v := a.V[0], a.V[1], a.V[2]
	p := c.parsePath(at)
	if src.Kind() == value.KindCollection && p.isText {
		if _, ok := src.Object().Get(p.whole); ok {
			return setKey(c, src, p.whole, v)
		}
	}
	switch {
	case at.IsNil() || p.isText && p.whole == "":
		return src, nil
	case !p.isText:
		return value.Undefined, fail("IML405", 2, "path expected: a text or number, got %s", at.Kind())
	case !p.valid:
		return value.Undefined, fail("IML405", 2, "malformed path, or more than %d steps", c.maxDepth())
	case p.single:
		p.steps = []step{{name: p.whole}}
	}
	return storeAt(c, src, p.steps, v)
}

// storeAt returns a copy of v with x stored at the steps; what is missing or no container on the way is created.
func storeAt(c *Context, v value.Value, steps []step, x value.Value) (value.Value, error) {
	if len(steps) == 0 {
		return x, nil
	}
	s := &steps[0]
	if v.Kind() == value.KindArray || s.bracket && v.Kind() != value.KindCollection {
		return storeItem(c, v, s, steps[1:], x)
	}
	if s.bracket {
		return value.Undefined, fail("IML405", 2, "[n] in the path meets a collection: array expected")
	}
	old := value.Undefined
	if v.Kind() == value.KindCollection {
		old = v.Object().Value(s.name)
	}
	inner, err := storeAt(c, old, steps[1:], x)
	if err != nil {
		return inner, err
	}
	return setKey(c, v, s.name, inner)
}

// setKey stores x under the key of a copy of v, or of a new collection when v is none.
func setKey(c *Context, v value.Value, key string, x value.Value) (value.Value, error) {
	o := v.Object()
	if err := c.visit(o.Len()); err != nil {
		return value.Undefined, err
	}
	if o.Caseless() {
		if i := o.Index(key); i >= 0 {
			key, _ = o.At(i)
		}
	}
	out := o.Clone()
	out.Set(key, x)
	return value.Collection(out), c.holds(out.Len())
}

func storeItem(c *Context, v value.Value, s *step, rest []step, x value.Value) (value.Value, error) {
	items := v.Items()
	at := -1
	if s.integer {
		if at = itemPosition(s.index, len(items)); at < 0 && s.index == len(items)+1 {
			at = len(items)
		}
	}
	if at < 0 {
		return value.Undefined, fail("IML405", 2, "no such position: the array has %d items", len(items))
	}
	if err := c.visit(len(items)); err != nil {
		return value.Undefined, err
	}
	old := value.Undefined
	if at < len(items) {
		old = items[at]
	}
	inner, err := storeAt(c, old, rest, x)
	if err != nil {
		return inner, err
	}
	if inner.IsUndefined() {
		inner = value.Null()
	}
	out := make([]value.Value, max(len(items), at+1))
	copy(out, items)
	out[at] = inner
	return value.Array(out), c.holds(len(out))
}
