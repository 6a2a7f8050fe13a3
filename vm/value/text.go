package value

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// ToText converts v to text (spec iml.md §2.2).
func ToText(v Value) string {
	switch v.kind {
	case KindText:
		return v.Str()
	case KindUndefined, KindNull:
		return ""
	}
	var scratch [64]byte
	return string(AppendText(scratch[:0], v))
}

// AppendText appends the text of v. A secret is written in clear: it is the caller that decides where the bytes go.
func AppendText(dst []byte, v Value) []byte {
	switch v.kind {
	case KindText:
		return append(dst, v.Str()...)
	case KindNumber:
		return AppendNumber(dst, v.Float())
	case KindInteger:
		return v.BigInt().Append(dst, 10)
	case KindBool:
		if v.n != 0 {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case KindDate:
		return AppendISO(dst, int64(v.n))
	case KindArray, KindCollection:
		var w writer
		return w.text(dst, v)
	case KindBuffer:
		var w writer
		return w.buffer(dst, v)
	}
	return dst
}

// WriteText is AppendText for an operation that may end meanwhile, like WriteJSON.
func WriteText(dst []byte, v Value, b Budget) ([]byte, error) {
	w := writer{pace: pace{budget: b}}
	out := w.text(dst, v)
	return out, w.pace.err
}

// MakeText returns the text of v, whose length is n as TextLength says, for an operation that may end meanwhile. That of
// a buffer shares its memory where it has characters.
func MakeText(v Value, n int, b Budget) (string, error) {
	if v.kind == KindBuffer && int(v.n) == n { // base64 would be longer
		return v.raw(), nil
	}
	text, err := WriteText(make([]byte, 0, n), v, b)
	return ownText(text), err
}

func (w *writer) text(dst []byte, v Value) []byte {
	switch v.kind {
	case KindCollection:
		return w.json(dst, v)
	case KindBuffer:
		return w.buffer(dst, v)
	case KindInteger:
		w.pace.went(v.BigInt().BitLen())
	case KindArray:
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
			dst = w.text(dst, item)
		}
		return dst
	}
	return AppendText(dst, v)
}

// buffer appends the text of a buffer.
func (w *writer) buffer(dst []byte, v Value) []byte {
	if w.pace.valid(v.raw()) {
		return append(dst, v.raw()...)
	}
	return w.base64(dst, v.Bytes())
}

// base64 appends the base64 of b.
func (w *writer) base64(dst, b []byte) []byte {
	const piece = longText / 3 * 3 // without padding within
	for len(b) > piece && w.pace.went(piece) {
		dst, b = base64.StdEncoding.AppendEncode(dst, b[:piece]), b[piece:]
	}
	if w.pace.err != nil {
		return dst
	}
	return base64.StdEncoding.AppendEncode(dst, b)
}

// AppendISO appends the instant as UTC ISO 8601 with milliseconds; years outside 0…9999 have a sign and six digits.
func AppendISO(dst []byte, ms int64) []byte {
	t := time.UnixMilli(ms).UTC()
	y, mo, d := t.Date()
	if y < 0 || y > 9999 {
		dst = fmt.Appendf(dst, "%+07d", y)
	} else {
		dst = append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
	}
	h, mi, s := t.Clock()
	milli := t.Nanosecond() / 1e6
	return append(dst, '-', two1(int(mo)), two2(int(mo)), '-', two1(d), two2(d), 'T', two1(h), two2(h), ':', two1(mi), two2(mi),
		':', two1(s), two2(s), '.', byte('0'+milli/100), two1(milli%100), two2(milli%100), 'Z')
}

func two1(n int) byte { return byte('0' + n/10) }
func two2(n int) byte { return byte('0' + n%10) }

// IsTruthy reports whether v counts as true (spec iml.md §2.4).
func IsTruthy(v Value) bool {
	if v.kind == KindBool || v.kind == KindText {
		return v.n != 0
	}
	return isTruthy(v)
}

func isTruthy(v Value) bool {
	switch v.kind {
	case KindUndefined, KindNull:
		return false
	case KindNumber:
		f := v.Float()
		return f == f && f != 0
	}
	return true
}

// IsEmpty reports whether v is undefined, null or "".
func IsEmpty(v Value) bool { return v.IsNil() || v.kind == KindText && v.n == 0 }

// Mask is what stands for a secret wherever values are printed.
const Mask = "••••"

// String prints v for people: secrets as Mask, collections and arrays as JSON. It implements fmt.Stringer.
func (v Value) String() string {
	if v.IsSecret() {
		return Mask
	}
	switch v.kind {
	case KindUndefined:
		return "undefined"
	case KindNull:
		return "null"
	case KindArray, KindCollection:
		return string(AppendMaskedJSON(nil, v))
	}
	return ToText(v)
}

// GoString prints like String, so that %#v does not show a secret either.
func (v Value) GoString() string { return v.kind.String() + "(" + v.String() + ")" }

// Format implements fmt.Formatter: every verb prints like String, so that no verb shows a secret.
func (v Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(v.String())) }

// ValidText returns s with every invalid UTF-8 sequence replaced by U+FFFD.
func ValidText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
