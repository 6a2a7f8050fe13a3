package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// decoder reads the entries of one object of a case and remembers which of them were asked for, so that a key that
// nobody knows is an error instead of an expectation that silently does nothing.
type decoder struct {
	where string
	obj   *value.Object
	known map[string]bool
	errs  *[]string
	// blind is set for a case that was stripped of its expectations to be sent to an engine.
	blind bool
}

func newDecoder(where string, v value.Value, errs *[]string) *decoder {
	d := &decoder{where: where, obj: v.Object(), known: map[string]bool{}, errs: errs}
	if v.Kind() != value.KindCollection {
		d.fail("an object was expected, found %s", v.Kind())
		d.obj = value.NewObject(0)
	}
	return d
}

func (d *decoder) fail(format string, args ...any) {
	*d.errs = append(*d.errs, d.where+": "+fmt.Sprintf(format, args...))
}

func (d *decoder) at(key string) string {
	if d.where == "" {
		return key
	}
	return d.where + "." + key
}

// has reports whether the key is written, null included.
func (d *decoder) has(key string) bool {
	d.known[key] = true
	return d.obj.Index(key) >= 0
}

func (d *decoder) value(key string) value.Value {
	d.known[key] = true
	return d.obj.Value(key)
}

// text reads an optional text; a number is taken by its digits, since YAML reads an unquoted uid as a number.
func (d *decoder) text(key string) string {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return ""
	case value.KindText:
		return v.Str()
	case value.KindNumber, value.KindInteger:
		return value.ToText(v)
	}
	d.fail("%s: a text was expected, found %s", key, v.Kind())
	return ""
}

func (d *decoder) flag(key string) bool {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return false
	case value.KindBool:
		return v.IsTrue()
	}
	d.fail("%s: true or false was expected, found %s", key, v.Kind())
	return false
}

func (d *decoder) number(key string) int {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return 0
	case value.KindNumber:
		if n := v.Float(); n == float64(int(n)) {
			return int(n)
		}
	}
	d.fail("%s: an integer was expected, found %s", key, v.Kind())
	return 0
}

// texts reads an optional list of texts; a single text is a list of one.
func (d *decoder) texts(key string) []string {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return nil
	case value.KindText, value.KindNumber, value.KindInteger:
		return []string{value.ToText(v)}
	case value.KindArray:
		out := make([]string, 0, len(v.Items()))
		for i, item := range v.Items() {
			switch item.Kind() {
			case value.KindText, value.KindNumber, value.KindInteger:
				out = append(out, value.ToText(item))
			default:
				d.fail("%s[%d]: a text was expected, found %s", key, i, item.Kind())
			}
		}
		return out
	}
	d.fail("%s: a list of texts was expected, found %s", key, v.Kind())
	return nil
}

func (d *decoder) object(key string) *value.Object {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return nil
	case value.KindCollection:
		return v.Object()
	}
	d.fail("%s: an object was expected, found %s", key, v.Kind())
	return nil
}

func (d *decoder) items(key string) []value.Value {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return nil
	case value.KindArray:
		return v.Items()
	}
	d.fail("%s: a list was expected, found %s", key, v.Kind())
	return nil
}

// headers reads header fields; a value may be a list for a repeated header.
func (d *decoder) headers() []headerField {
	o := d.object("headers")
	if o == nil {
		return nil
	}
	var out []headerField
	for i := range o.Len() {
		name, v := o.At(i)
		h := headerField{Name: name}
		switch v.Kind() {
		case value.KindArray:
			for _, item := range v.Items() {
				h.Values = append(h.Values, value.ToText(item))
			}
		case value.KindCollection, value.KindNull:
			d.fail("headers.%s: a text or a list of texts was expected, found %s", name, v.Kind())
		default:
			h.Values = []string{value.ToText(v)}
		}
		out = append(out, h)
	}
	return out
}

func (d *decoder) time(key string) time.Time {
	s := d.text(key)
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	d.fail("%s: an ISO instant was expected, such as 2024-01-02T03:04:05Z", key)
	return time.Time{}
}

// duration reads a Go duration such as "15m1s", or a number of seconds.
func (d *decoder) duration(key string) time.Duration {
	v := d.value(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return 0
	case value.KindNumber:
		return time.Duration(v.Float() * float64(time.Second))
	case value.KindText:
		if d, err := time.ParseDuration(v.Str()); err == nil {
			return d
		}
	}
	d.fail("%s: a duration was expected, such as \"90s\" or a number of seconds", key)
	return 0
}

// done reports every key that was not asked for.
func (d *decoder) done() {
	var unknown []string
	for _, k := range d.obj.Keys() {
		if !d.known[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		d.fail("unknown key %s", strings.Join(unknown, ", "))
	}
}
