package general

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/value"
)

func callSet(c *builtin.Context, a builtin.Args) (value.Value, error) {
	src, at, v := a.V[0], a.V[1], a.V[2]
	p := path.Parse(c, at)
	if src.Kind() == value.KindCollection && p.IsText {
		if _, ok := src.Object().Get(p.Whole); ok {
			return setKey(c, src, p.Whole, v)
		}
	}
	switch {
	case at.IsNil() || p.IsText && p.Whole == "":
		return src, nil
	case !p.IsText:
		return value.Undefined, builtin.Errorf("IML405", 2, "path expected: a text or number, got %s", at.Kind())
	case !p.Valid:
		return value.Undefined, builtin.Errorf("IML405", 2, "malformed path, or more than %d steps", c.Limits().Nesting)
	case p.Single:
		p.Steps = []path.Step{{Name: p.Whole}}
	}
	return storeAt(c, src, p.Steps, v)
}

// storeAt returns a copy of v with x stored at the steps; what is missing or no container on the way is created.
func storeAt(c *builtin.Context, v value.Value, steps []path.Step, x value.Value) (value.Value, error) {
	if len(steps) == 0 {
		return x, nil
	}
	s := &steps[0]
	if v.Kind() == value.KindArray || s.Bracket && v.Kind() != value.KindCollection {
		return storeItem(c, v, s, steps[1:], x)
	}
	if s.Bracket {
		return value.Undefined, builtin.Errorf("IML405", 2, "[n] in the path meets a collection: array expected")
	}
	old := value.Undefined
	if v.Kind() == value.KindCollection {
		old = v.Object().Value(s.Name)
	}
	inner, err := storeAt(c, old, steps[1:], x)
	if err != nil {
		return inner, err
	}
	return setKey(c, v, s.Name, inner)
}

// setKey stores x under the key of a copy of v, or of a new collection when v is none.
func setKey(c *builtin.Context, v value.Value, key string, x value.Value) (value.Value, error) {
	o := v.Object()
	if err := c.Tick(o.Len()); err != nil {
		return value.Undefined, err
	}
	if err := c.Object(o.Len() + 1); err != nil {
		return value.Undefined, err
	}
	if o.Caseless() {
		if i := o.Index(key); i >= 0 {
			key, _ = o.At(i)
		}
	}
	out := o.Clone()
	out.Set(key, x)
	return value.Collection(out), nil
}

func storeItem(c *builtin.Context, v value.Value, s *path.Step, rest []path.Step, x value.Value) (value.Value, error) {
	items := v.Items()
	at := -1
	if s.Integer {
		if at = path.Position(s.Index, len(items)); at < 0 && s.Index == len(items)+1 {
			at = len(items)
		}
	}
	if at < 0 {
		return value.Undefined, builtin.Errorf("IML405", 2, "no such position: the array has %d items", len(items))
	}
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	if err := c.List(max(len(items), at+1)); err != nil {
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
	return value.Array(out), nil
}
