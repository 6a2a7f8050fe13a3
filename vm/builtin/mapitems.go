package builtin

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

func callMap(c *Context, a Args) (value.Value, error) {
	items := a.V[0].Items()
	if err := c.visit(len(items)); err != nil {
		return value.Undefined, err
	}
	p, err := c.keyPath(a.V[1], 2)
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
			out = append(out, stored(p.lookup(item, &site)))
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
	path   path
	site   value.Site
}

// prepare reads the filter key and the wanted values; a nil key means no filter.
func (f *filter) prepare(c *Context, a Args) (err error) {
	key := a.at(2)
	if key.IsNil() {
		return nil
	}
	f.on, f.given, f.wanted = true, a.Given(3), a.at(3)
	if f.path, err = c.keyPath(key, 3); err != nil {
		return err
	}
	if f.wanted.Kind() != value.KindArray && !f.wanted.IsNil() {
		f.one, err = c.toText(f.wanted)
	}
	return err
}

func (f *filter) keeps(c *Context, item value.Value) (bool, error) {
	if !f.on {
		return true, nil
	}
	v := f.path.lookup(item, &f.site)
	if !f.given {
		return value.IsTruthy(v), nil
	}
	if v.IsNil() || f.wanted.IsNil() {
		return false, nil
	}
	if v.Kind() == value.KindText {
		return f.wants(c, v.Str())
	}
	b, err := c.appendText(c.scratch[:0], v)
	if err != nil {
		return false, err
	}
	c.keep(b)
	return f.wants(c, string(b))
}

// wants reports whether s is one of the wanted values: a text stands for itself and for each of its pieces between commas.
func (f *filter) wants(c *Context, s string) (bool, error) {
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

func (f *filter) wantsItem(c *Context, s string) (bool, error) {
	if err := c.visit(len(f.wanted.Items())); err != nil {
		return false, err
	}
	for _, w := range f.wanted.Items() {
		if w.Kind() == value.KindText {
			if w.Str() == s {
				return true, nil
			}
			continue
		}
		text, err := c.toText(w)
		if err != nil {
			return false, err
		}
		if text == s {
			return true, nil
		}
	}
	return false, nil
}
