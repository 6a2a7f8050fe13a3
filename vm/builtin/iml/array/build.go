package array

import (
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/value"
)

// stored is v as an item of an array, which holds null for undefined (spec iml.md §2).
func stored(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.Null()
	}
	return v
}

func callAdd(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	n := len(items) + len(a.V) - 1
	if err := room(c, n); err != nil {
		return value.Undefined, err
	}
	out := append(make([]value.Value, 0, n), items...)
	for _, v := range a.V[1:] {
		out = append(out, stored(v))
	}
	return value.Array(out), nil
}

func callFirst(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if items := a.V[0].Items(); len(items) > 0 {
		return items[0], nil
	}
	return value.Undefined, nil
}

func callLast(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if items := a.V[0].Items(); len(items) > 0 {
		return items[len(items)-1], nil
	}
	return value.Undefined, nil
}

func callFlatten(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := flatten(c, nil, a.V[0].Items(), a.IntOr(1, 1))
	return value.Array(out), err
}

func flatten(c *builtin.Context, out, items []value.Value, depth int) ([]value.Value, error) {
	if err := room(c, len(items)); err != nil {
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
	return out, c.Holds(len(out))
}

func appendJoin(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	items, sep, base := a.V[0].Items(), a.Text(1), len(dst)
	if err := c.Tick(len(items)); err != nil {
		return dst, err
	}
	var err error
	for i, v := range items {
		if i > 0 {
			if err := c.Fits(len(dst) - base + len(sep)); err != nil {
				return dst, err
			}
			if err := c.Look(len(sep)); err != nil {
				return dst, err
			}
			dst = append(dst, sep...)
		}
		if dst, err = c.AppendText(dst, base, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func callReverse(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if err := room(c, len(a.V[0].Items())); err != nil {
		return value.Undefined, err
	}
	out := slices.Clone(a.V[0].Items())
	slices.Reverse(out)
	return value.Array(out), nil
}

func callShuffle(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if err := room(c, len(a.V[0].Items())); err != nil {
		return value.Undefined, err
	}
	out := slices.Clone(a.V[0].Items())
	for i := len(out) - 1; i > 0; i-- {
		j, err := builtin.RandomBelow(c.Entropy, uint64(i+1))
		if err != nil {
			return value.Undefined, err
		}
		out[i], out[j] = out[j], out[i]
	}
	return value.Array(out), nil
}

func callSlice(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	start := relative(a.IntOr(1, 0), len(items))
	end := relative(a.IntOr(2, len(items)), len(items))
	if start >= end {
		return value.Array(nil), nil
	}
	return value.Array(items[start:end:end]), c.Tick(end - start)
}

// relative turns a position that counts from the end when negative into one from 0 to n.
func relative(i, n int) int {
	if i < 0 {
		return max(0, n+i)
	}
	return min(i, n)
}

func callKeys(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	var out []value.Value
	switch v.Kind() {
	case value.KindCollection:
		if err := room(c, v.Object().Len()); err != nil {
			return value.Undefined, err
		}
		out = make([]value.Value, 0, v.Object().Len())
		for _, k := range v.Object().Keys() {
			out = append(out, value.Text(k))
		}
	case value.KindArray:
		if err := room(c, len(v.Items())); err != nil {
			return value.Undefined, err
		}
		if err := c.Memory(int64(len(v.Items())) * 8); err != nil { // the digits
			return value.Undefined, err
		}
		out = make([]value.Value, 0, len(v.Items()))
		for i := range v.Items() {
			out = append(out, value.Text(strconv.Itoa(i)))
		}
	default:
		return value.Undefined, builtin.Expected("IML401", 1, "collection or array", v)
	}
	return value.Array(out), nil
}

func callMerge(c *builtin.Context, a builtin.Args) (value.Value, error) {
	kind, total := value.KindUndefined, 0
	for i, v := range a.V {
		switch {
		case v.IsNil():
			continue
		case v.Kind() < value.KindArray:
			return value.Undefined, builtin.Expected("IML404", i+1, "array or collection", v)
		case kind != value.KindUndefined && kind != v.Kind():
			return value.Undefined, builtin.Expected("IML404", i+1, kind.String(), v)
		}
		kind = v.Kind()
		total += len(v.Items()) + v.Object().Len()
	}
	if kind == value.KindCollection {
		return mergeObjects(c, a.V)
	}
	if err := room(c, total); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, 0, total)
	for _, v := range a.V {
		out = append(out, v.Items()...)
	}
	return value.Array(out), nil
}

// mergeObjects makes one collection of all; later values win.
func mergeObjects(c *builtin.Context, vs []value.Value) (value.Value, error) {
	total := 0
	for _, v := range vs {
		total += v.Object().Len()
	}
	if err := c.Tick(total); err != nil {
		return value.Undefined, err
	}
	if err := c.Memory(int64(total) * builtin.MemberBytes); err != nil {
		return value.Undefined, err
	}
	out := value.NewObject(0)
	for _, v := range vs {
		o := v.Object()
		for i := range o.Len() {
			k, item := o.At(i)
			out.Set(k, item)
		}
	}
	return value.Collection(out), nil
}

func callToArray(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	switch v.Kind() {
	case value.KindArray:
		return v, nil
	case value.KindCollection:
	default:
		return value.Undefined, builtin.Expected("IML401", 1, "collection or array", v)
	}
	o := v.Object()
	if err := room(c, o.Len()); err != nil {
		return value.Undefined, err
	}
	if err := c.Memory(int64(o.Len()) * (builtin.ObjectBytes + 2*builtin.MemberBytes)); err != nil {
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

func callToCollection(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	keyPath, err := path.Of(c, a.V[1], 2)
	if err != nil {
		return value.Undefined, err
	}
	valuePath, err := path.Of(c, a.V[2], 3)
	if err != nil {
		return value.Undefined, err
	}
	var keySite, valueSite value.Site
	entries, secret := entryList{at: make(map[string]int)}, false
	for _, item := range items {
		k := keyPath.Lookup(item, &keySite)
		if k.IsNil() {
			continue
		}
		secret = secret || value.ContainsSecret(k)
		key, err := c.ToText(k)
		if err != nil {
			return value.Undefined, err
		}
		if err := entries.set(c, key, valuePath.Lookup(item, &valueSite)); err != nil {
			return value.Undefined, err
		}
	}
	v := value.Collection(entries.object())
	if secret { // keys carry no mark of their own
		v = v.AsSecret()
	}
	return v, nil
}

// entryList is an object under construction in which keys come and go: each in constant time, and one that comes back
// stands last.
type entryList struct {
	keys []string
	vals []value.Value // undefined for a key that has gone
	at   map[string]int
}

// entryBytes is about what an entry of the list and of the object takes up.
const entryBytes = 160

func (l *entryList) set(c *builtin.Context, key string, v value.Value) error {
	i, known := l.at[key]
	switch {
	case known && v.IsUndefined():
		l.vals[i] = v
		delete(l.at, key)
	case known:
		l.vals[i] = v
	case !v.IsUndefined():
		if err := c.Memory(entryBytes); err != nil {
			return err
		}
		l.at[key] = len(l.keys)
		l.keys, l.vals = append(l.keys, key), append(l.vals, v)
	}
	return nil
}

func (l *entryList) object() *value.Object {
	o := value.NewObject(len(l.at))
	for i, key := range l.keys {
		o.Set(key, l.vals[i]) // undefined is not stored
	}
	return o
}

// room takes the memory and the work of a list of n items.
func room(c *builtin.Context, n int) error {
	if err := c.List(n); err != nil {
		return err
	}
	return c.Tick(n)
}
