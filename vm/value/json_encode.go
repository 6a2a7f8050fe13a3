package value

import (
	"math"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
)

// AppendJSON appends the compact JSON of v as ECMAScript JSON.stringify writes it (spec iml.md §2.5). Undefined becomes
// null, which only matters at the top: collections and arrays hold no undefined. Secrets are written in clear.
func AppendJSON(dst []byte, v Value) []byte {
	var w writer
	return w.json(dst, v)
}

// AppendMaskedJSON is AppendJSON with every secret as Mask, for logs, traces and people.
func AppendMaskedJSON(dst []byte, v Value) []byte {
	w := writer{mask: true}
	return w.json(dst, v)
}

// WriteJSON is AppendJSON for an operation that may end meanwhile: b is told how far it came. The error is that of b;
// what dst then has behind its end is not to be used.
func WriteJSON(dst []byte, v Value, b Budget) ([]byte, error) {
	w := writer{pace: pace{budget: b}}
	out := w.json(dst, v)
	return out, w.pace.err
}

// writer writes values. What it wrote is not whole when the pace has an error.
type writer struct {
	mask bool
	pace pace
}

func (w *writer) json(dst []byte, v Value) []byte {
	if w.mask && v.IsSecret() {
		return AppendQuoted(dst, Mask)
	}
	switch v.kind {
	case KindBool, KindInteger:
		return w.text(dst, v)
	case KindNumber:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return append(dst, "null"...)
		}
		return AppendNumber(dst, v.Float())
	case KindText:
		return w.quoted(dst, v.Str())
	case KindDate:
		dst = append(dst, '"')
		return append(AppendISO(dst, v.Millis()), '"')
	case KindBuffer:
		dst = append(dst, '"')
		return append(w.base64(dst, v.Bytes()), '"')
	case KindArray:
		dst = append(dst, '[')
		if !w.pace.went(scalarBytes) {
			return dst
		}
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if i%stretch == stretch-1 && !w.pace.went(stretch*scalarBytes) {
				return dst
			}
			dst = w.json(dst, item)
		}
		return append(dst, ']')
	case KindCollection:
		dst = append(dst, '{')
		o := v.Object()
		if !w.pace.went(scalarBytes) {
			return dst
		}
		for i, k := range o.keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			if i%stretch == stretch-1 && !w.pace.went(stretch*scalarBytes) {
				return dst
			}
			dst = w.quoted(dst, k)
			dst = append(dst, ':')
			dst = w.json(dst, o.vals[i])
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// quoted is AppendQuoted with looks within a long text.
func (w *writer) quoted(dst []byte, s string) []byte {
	if w.pace.budget == nil || len(s) < stretch {
		return AppendQuoted(dst, s)
	}
	dst, err := WriteEscaped(append(dst, '"'), s, w.pace.budget)
	if err != nil {
		w.pace.err = err
	}
	return append(dst, '"')
}

// WriteEscaped is AppendEscaped for an operation that may end meanwhile, like WriteJSON.
func WriteEscaped(dst []byte, s string, b Budget) ([]byte, error) {
	err := characters.Pieces(s, b.Look, func(piece string) error {
		dst = AppendEscaped(dst, piece)
		return nil
	})
	return dst, err
}

// AppendQuoted appends s as a JSON string with its quotes.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, s)
	return append(dst, '"')
}

// AppendEscaped appends s as it stands inside a JSON string, without the quotes. Invalid UTF-8 becomes U+FFFD.
func AppendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := spanPlain(s, 0); i < len(s); i = spanPlain(s, i) {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// MarshalJSON implements json.Marshaler with secrets masked, so that a value in a log record shows none. Code that
// needs the clear text calls AppendJSON.
func (v Value) MarshalJSON() ([]byte, error) { return AppendMaskedJSON(nil, v), nil }

// IsPlain reports whether b can stand inside a JSON string as it is: ASCII without quotes, backslashes and control
// characters.
func IsPlain(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
