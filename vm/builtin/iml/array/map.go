package array

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
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
	room := min(len(items), roomFor)
	if !f.on {
		room = len(items)
		if err := c.List(room); err != nil {
			return value.Undefined, err
		}
	}
	out := make([]value.Value, 0, room)
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

// roomFor is the number of items that a filtered list has room for at first.
const roomFor = 256

// filter decides which items map keeps.
type filter struct {
	on     bool // there is a filter key
	given  bool // the wanted values are given
	wanted wantedTexts
	path   path.Path
	site   value.Site
}

// prepare reads the filter key and the wanted values; a nil key means no filter.
func (f *filter) prepare(c *builtin.Context, a builtin.Args) (err error) {
	key := a.At(2)
	if key.IsNil() {
		return nil
	}
	f.on, f.given = true, a.Given(3)
	if f.path, err = path.Of(c, key, 3); err != nil {
		return err
	}
	return f.wanted.read(c, a.At(3))
}

func (f *filter) keeps(c *builtin.Context, item value.Value) (bool, error) {
	if !f.on {
		return true, nil
	}
	v := f.path.Lookup(item, &f.site)
	if !f.given {
		return value.IsTruthy(v), nil
	}
	if v.IsNil() || f.wanted.none {
		return false, nil
	}
	if v.Kind() == value.KindText {
		return f.wanted.has(c, v.Str())
	}
	b, err := c.AppendText(c.Scratch(), 0, v)
	if err != nil {
		return false, err
	}
	c.Keep(b)
	return f.wanted.has(c, string(b))
}

// wantedTexts are the texts that a filter looks for: those of the items of an array, or a text itself and each of its
// pieces between commas.
type wantedTexts struct {
	none bool
	few  [scanUpTo]string // searched one by one
	n    int              // of them
	many map[string]struct{}
}

func (w *wantedTexts) read(c *builtin.Context, wanted value.Value) error {
	switch {
	case wanted.IsNil():
		w.none = true
		return nil
	case wanted.Kind() == value.KindArray:
		for _, item := range wanted.Items() {
			text, err := c.ToText(item)
			if err != nil {
				return err
			}
			if err := w.add(c, text); err != nil {
				return err
			}
		}
		return nil
	}
	one, err := c.ToText(wanted)
	if err != nil {
		return err
	}
	if err := w.add(c, one); err != nil {
		return err
	}
	for rest, more := one, true; more; {
		var piece string
		piece, rest, more = strings.Cut(rest, ",")
		if err := w.add(c, value.TrimSpace(piece)); err != nil {
			return err
		}
	}
	return nil
}

// add adds a text that is looked for.
func (w *wantedTexts) add(c *builtin.Context, text string) error {
	if err := c.Tick(1); err != nil {
		return err
	}
	if w.many == nil && w.n < len(w.few) {
		w.few[w.n] = text
		w.n++
		return nil
	}
	if err := c.Memory(memberBytes); err != nil {
		return err
	}
	if w.many == nil {
		w.many = make(map[string]struct{})
		for _, known := range w.few {
			w.many[known] = struct{}{}
		}
	}
	w.many[text] = struct{}{}
	return nil
}

func (w *wantedTexts) has(c *builtin.Context, text string) (bool, error) {
	if err := c.Tick(len(text) / 1024); err != nil {
		return false, err
	}
	if w.many != nil {
		_, ok := w.many[text]
		return ok, nil
	}
	for _, known := range w.few[:w.n] {
		if known == text {
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
