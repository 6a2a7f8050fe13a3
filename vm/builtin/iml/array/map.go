package array

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/path"
	"github.com/imlc-lang/imlc/vm/value"
)

func callMap(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	p, err := path.Of(c, a.V[1], 2)
	if err != nil {
		return value.Undefined, err
	}
	var site value.Site
	var f filter
	if err := f.prepare(c, a); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, 0, len(items))
	for _, item := range items {
		keep, err := f.keeps(c, item)
		if err != nil {
			return value.Undefined, err
		}
		if keep {
			out = append(out, stored(p.Lookup(item, &site)))
		}
	}
	return value.Array(out), nil
}

// filter decides which items map keeps.
type filter struct {
	on     bool // there is a filter key
	given  bool // the wanted values are given
	wanted value.Value
	one    string // the wanted text, unless wanted is an array
	path   path.Path
	site   value.Site
}

// prepare reads the filter key and the wanted values; a nil key means no filter.
func (f *filter) prepare(c *builtin.Context, a builtin.Args) (err error) {
	key := a.At(2)
	if key.IsNil() {
		return nil
	}
	f.on, f.given, f.wanted = true, a.Given(3), a.At(3)
	if f.path, err = path.Of(c, key, 3); err != nil {
		return err
	}
	if f.wanted.Kind() != value.KindArray && !f.wanted.IsNil() {
		f.one, err = c.ToText(f.wanted)
	}
	return err
}

func (f *filter) keeps(c *builtin.Context, item value.Value) (bool, error) {
	if !f.on {
		return true, nil
	}
	v := f.path.Lookup(item, &f.site)
	if !f.given {
		return value.IsTruthy(v), nil
	}
	if v.IsNil() || f.wanted.IsNil() {
		return false, nil
	}
	if v.Kind() == value.KindText {
		return f.wants(c, v.Str())
	}
	b, err := c.AppendText(c.Scratch(), v)
	if err != nil {
		return false, err
	}
	c.Keep(b)
	return f.wants(c, string(b))
}

// wants reports whether s is one of the wanted values: a text stands for itself and for each of its pieces between
// commas.
func (f *filter) wants(c *builtin.Context, s string) (bool, error) {
	if f.wanted.Kind() == value.KindArray {
		return f.wantsItem(c, s)
	}
	if s == f.one {
		return true, nil
	}
	if strings.IndexByte(f.one, ',') < 0 {
		return s == value.TrimSpace(f.one), nil
	}
	for rest, more := f.one, true; more; {
		var piece string
		if piece, rest, more = strings.Cut(rest, ","); value.TrimSpace(piece) == s {
			return true, nil
		}
	}
	return false, nil
}

func (f *filter) wantsItem(c *builtin.Context, s string) (bool, error) {
	if err := c.Tick(len(f.wanted.Items())); err != nil {
		return false, err
	}
	for _, w := range f.wanted.Items() {
		if w.Kind() == value.KindText {
			if w.Str() == s {
				return true, nil
			}
			continue
		}
		text, err := c.ToText(w)
		if err != nil {
			return false, err
		}
		if text == s {
			return true, nil
		}
	}
	return false, nil
}

// prepareMap makes map with constant names and no wanted values ready.
func prepareMap(n int, constant builtin.Constant) *builtin.Prepared {
	if n != 2 && n != 3 {
		return nil
	}
	p := &builtin.Pluck{}
	for slot, step := range [...]**value.Step{1: &p.Key, 2: &p.Filter} {
		if step == nil || slot >= n {
			continue
		}
		key, ok := constant(slot)
		if !ok || key.Kind() != value.KindText || key.IsSecret() || !path.IsPlain(key.Str()) {
			return nil
		}
		*step = new(value.Step)
		(*step).SetName(key.Str())
	}
	return &builtin.Prepared{Pluck: p}
}
