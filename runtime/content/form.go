package content

import (
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// FormValue reads form pairs into a collection: a repeated name becomes an array at the place of its first pair,
// brackets mean nothing. It never fails. It also reads the query of a callback (§13.5).
func FormValue(text string) value.Value {
	v, _ := parseForm(text, nil) // without a meter nothing fails
	return v
}

// parseForm is FormValue; an answer of a few pairs takes its shape from o.
func parseForm(text string, options *ParseOptions) (value.Value, error) {
	if shapes := options.shapes(); shapes != nil && len(text) <= longForm {
		if v, ok := shapedForm(text, shapes); ok {
			return v, nil
		}
	}
	if err := reserve(options.meter(), objectBytes); err != nil {
		return value.Undefined, err
	}
	o := value.NewObject(min(strings.Count(text, "&")+1, 32))
	var repeated map[string]*parts[value.Value] // gathered first, so that many equal names cost linear time
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			if options.meter() != nil {
				if err := options.meter().Look(1); err != nil {
					return value.Undefined, err
				}
			}
			continue
		}
		if err := reserve(options.meter(), entryBytes+itemBytes+len(pair)); err != nil {
			return value.Undefined, err
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := decodeLong(rawName, options.meter())
		if err != nil {
			return value.Undefined, err
		}
		text, err := decodeLong(rawValue, options.meter())
		if err != nil {
			return value.Undefined, err
		}
		v := value.Text(text)
		if list, ok := repeated[name]; ok {
			list.turn(pieceBytes / itemBytes)
			list.out = append(list.out, v)
		} else if first, ok := o.Get(name); ok {
			if repeated == nil {
				repeated = map[string]*parts[value.Value]{}
			}
			repeated[name] = &parts[value.Value]{out: []value.Value{first, v}}
		} else {
			o.Set(name, v)
		}
	}
	for name, list := range repeated {
		items, err := list.join(look(options.meter()), itemBytes)
		if err != nil {
			return value.Undefined, err
		}
		o.Set(name, value.Array(items))
	}
	return value.Collection(o), nil
}

// decodeLong is decodeFormText with looks at the meter within a long text.
func decodeLong(s string, m Meter) (string, error) {
	if m == nil || len(s) <= longForm {
		return decodeFormText(s), nil
	}
	var b strings.Builder
	b.Grow(len(s)) // at most, so that it never grows
	for len(s) > longForm {
		end := longForm
		for end > longForm-2 && (s[end-1] == '%' || s[end-2] == '%') { // no escape is parted
			end--
		}
		b.WriteString(uri.DecodeForm(s[:end]))
		if err := m.Look(end); err != nil {
			return "", err
		}
		s = s[end:]
	}
	b.WriteString(uri.DecodeForm(s))
	return characters.Mend(b.String(), m.Look)
}

// longForm is how many bytes of a form are decoded between two looks.
const longForm = 32 << 10

func decodeFormText(s string) string { return value.ValidText(uri.DecodeForm(s)) }

// formPlain reports whether every byte of a form stands for itself.
func formPlain(text string) bool {
	return strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '+') < 0 && utf8.ValidString(text)
}

// shapedForm reads pairs whose names are all different, at most eight; ok is false for others.
func shapedForm(text string, shapes *value.Shapes) (form value.Value, ok bool) {
	var names [8]string
	var texts [8]string
	n, decode := 0, decodeFormText
	if formPlain(text) {
		decode = func(s string) string { return s }
	}
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		if n == len(names) {
			return value.Undefined, false
		}
		names[n], texts[n], _ = strings.Cut(pair, "=")
		names[n] = decode(names[n])
		n++
	}
	shape := shapes.Of(names[:n]...)
	if n == 0 || shape == nil {
		return value.Undefined, false
	}
	var room [len(names)]value.Value
	vals := room[:n]
	for i := range vals {
		vals[i] = value.Text(decode(texts[i]))
	}
	return value.Collection(value.NewShaped(shape, vals)), true
}
