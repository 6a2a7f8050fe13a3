package builtin

import (
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/vm/value"
)

// stored is v as an item of an array, which holds null for undefined (spec iml.md §2).
func stored(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.Null()
	}
	return v
}

func callAdd(c *Context, a Args) (value.Value, error) {
	items := a.V[0].Items()
	n := len(items) + len(a.V) - 1
	if err := c.room(n); err != nil {
		return value.Undefined, err
	}
	out := append(make([]value.Value, 0, n), items...)
	for _, v := range a.V[1:] {
		out = append(out, stored(v))
	}
	return value.Array(out), nil
}

// room checks that n items may be built and charges for them.
func (c *Context) room(n int) error {
	if err := c.holds(n); err != nil {
		return err
	}
	return c.visit(n)
}

func callFirst(c *Context, a Args) (value.Value, error) {
	if items := a.V[0].Items(); len(items) > 0 {
		return items[0], nil
	}
	return value.Undefined, nil
}

func callLast(c *Context, a Args) (value.Value, error) {
	if items := a.V[0].Items(); len(items) > 0 {
		return items[len(items)-1], nil
	}
	return value.Undefined, nil
}

func callFlatten(c *Context, a Args) (value.Value, error) {
	out, err := flatten(c, nil, a.V[0].Items(), a.intOr(1, 1))
	return value.Array(out), err
}

func flatten(c *Context, out, items []value.Value, depth int) ([]value.Value, error) {
	if err := c.visit(len(items)); err != nil {
		return nil, err
	}
	var err error
	for _, v := range items {
		if depth <= 0 || v.Kind() != value.KindArray {
			out = append(out, v)
			continue
		}
		if out, err = flatten(c, out, v.Items(), depth-1); err != nil {
			return nil, err
		}
	}
	return out, c.holds(len(out))
}

func appendJoin(c *Context, dst []byte, a Args) ([]byte, error) {
	items, sep, base := a.V[0].Items(), a.text(1), len(dst)
	if err := c.visit(len(items)); err != nil {
		return dst, err
	}
	var err error
	for i, v := range items {
		if i > 0 {
			dst = append(dst, sep...)
		}
		if dst, err = c.appendText(dst, v); err != nil {
			return dst, err
		}
		if err := c.fits(len(dst) - base); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func callReverse(c *Context, a Args) (value.Value, error) {
	out := slices.Clone(a.V[0].Items())
	slices.Reverse(out)
	return value.Array(out), c.visit(len(out))
}

func callShuffle(c *Context, a Args) (value.Value, error) {
	out := slices.Clone(a.V[0].Items())
	if err := c.visit(len(out)); err != nil {
		return value.Undefined, err
	}
	for i := len(out) - 1; i > 0; i-- {
		j, err := randomBelow(c.Entropy, uint64(i+1))
		if err != nil {
			return value.Undefined, err
		}
		out[i], out[j] = out[j], out[i]
	}
	return value.Array(out), nil
}

func callSlice(c *Context, a Args) (value.Value, error) {
	items := a.V[0].Items()
	start := relative(a.intOr(1, 0), len(items))
	end := relative(a.intOr(2, len(items)), len(items))
	if start >= end {
		return value.Array(nil), nil
	}
	return value.Array(items[start:end:end]), c.visit(end - start)
}

// relative turns a position that counts from the end when negative into one from 0 to n.
func relative(i, n int) int {
	if i < 0 {
		return max(0, n+i)
	}
	return min(i, n)
}

func callKeys(c *Context, a Args) (value.Value, error) {
	v := a.V[0]
	var out []value.Value
	switch v.Kind() {
	case value.KindCollection:
		if err := c.visit(v.Object().Len()); err != nil {
			return value.Undefined, err
		}
		for _, k := range v.Object().Keys() {
			out = append(out, value.Text(k))
		}
	case value.KindArray:
		if err := c.visit(len(v.Items())); err != nil {
			return value.Undefined, err
		}
		for i := range v.Items() {
			out = append(out, value.Text(strconv.Itoa(i)))
		}
	default:
		return value.Undefined, expected("IML401", 1, "collection or array", v)
	}
	return value.Array(out), nil
}

func callMerge(c *Context, a Args) (value.Value, error) {
	kind, total := value.KindUndefined, 0
	for i, v := range a.V {
		switch {
		case v.IsNil():
			continue
		case isScalar(v):
			return value.Undefined, expected("IML404", i+1, "array or collection", v)
		case kind != value.KindUndefined && kind != v.Kind():
			return value.Undefined, expected("IML404", i+1, kind.String(), v)
		}
		kind = v.Kind()
		total += len(v.Items()) + v.Object().Len()
	}
	if kind == value.KindCollection {
		if err := c.visit(total); err != nil {
			return value.Undefined, err
		}
		return mergeObjects(a.V), nil
	}
	if err := c.room(total); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, 0, total)
	for _, v := range a.V {
		out = append(out, v.Items()...)
	}
	return value.Array(out), nil
}

func mergeObjects(vs []value.Value) value.Value {
	out := value.NewObject(0)
	for _, v := range vs {
		o := v.Object()
		for i := range o.Len() {
			k, item := o.At(i)
			out.Set(k, item)
		}
	}
	return value.Collection(out)
}

func callToArray(c *Context, a Args) (value.Value, error) {
	v := a.V[0]
	switch v.Kind() {
	case value.KindArray:
		return v, nil
	case value.KindCollection:
	default:
		return value.Undefined, expected("IML401", 1, "collection or array", v)
	}
	o := v.Object()
	if err := c.visit(o.Len()); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, o.Len())
	for i := range out {
		k, item := o.At(i)
		pair := value.NewObject(2)
		pair.Set("key", value.Text(k))
		pair.Set("value", item)
		out[i] = value.Collection(pair)
	}
	return value.Array(out), nil
}

func callToCollection(c *Context, a Args) (value.Value, error) {
	items := a.V[0].Items()
	if err := c.visit(len(items)); err != nil {
		return value.Undefined, err
	}
	keyPath, err := c.keyPath(a.V[1], 2)
	if err != nil {
		return value.Undefined, err
	}
	valuePath, err := c.keyPath(a.V[2], 3)
	if err != nil {
		return value.Undefined, err
	}
	var keySite, valueSite value.Site
	out, secret := value.NewObject(0), false
	for _, item := range items {
		k := keyPath.lookup(item, &keySite)
		if k.IsNil() {
			continue
		}
		secret = secret || value.ContainsSecret(k)
		key, err := c.toText(k)
		if err != nil {
			return value.Undefined, err
		}
		out.Set(key, valuePath.lookup(item, &valueSite))
	}
	v := value.Collection(out)
	if secret { // keys carry no mark of their own
		v = v.AsSecret()
	}
	return v, nil
}
