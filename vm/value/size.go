package value

import (
	"encoding/base64"
	"unicode/utf8"
)

// TextWithin reports whether the text of v is at most limit bytes long, without writing it out. Lists and collections
// may share what they hold, so that a value of little memory can have a text of any length; what is to write one asks
// first. A text of many empty pieces counts as too long when v has more than twice as many values inside.
func TextWithin(v Value, limit int) bool {
	b := jsonBudget{most: limit}
	if b.covers(v) {
		return true
	}
	_, ok := TextLength(v, limit)
	return ok
}

// TextLength returns the length of the text of v, in bytes; ok is false where TextWithin is.
func TextLength(v Value, limit int) (n int, ok bool) {
	t := textMeasure{limit: limit, values: 2*limit + 16}
	ok = t.covers(v)
	return t.length, ok
}

// textMeasure adds the length of a text, and stops soon after its limit.
type textMeasure struct{ limit, length, values int }

func (t *textMeasure) covers(v Value) bool {
	var scratch [64]byte
	switch v.kind {
	case KindText:
		t.length += int(v.n)
	case KindBuffer:
		if t.length += int(v.n); t.length <= t.limit && !utf8.Valid(v.Bytes()) {
			t.length += base64.StdEncoding.EncodedLen(int(v.n)) - int(v.n)
		}
	case KindCollection:
		t.length = jsonLength(v, t.limit, t.length)
	case KindArray:
		t.length += max(0, int(v.n)-1)
		t.values -= int(v.n)
		for _, item := range v.Items() {
			if t.length > t.limit || t.values < 0 || !t.covers(item) {
				return false
			}
		}
	default:
		t.length += len(AppendText(scratch[:0], v))
	}
	return t.length <= t.limit && t.values >= 0
}

// JSONWithin reports whether the JSON of v is at most limit bytes long, without writing it out when it is far from
// that.
func JSONWithin(v Value, limit int) bool {
	b := jsonBudget{most: limit}
	if b.covers(v) {
		return true
	}
	return jsonLength(v, limit, 0) <= limit
}

// jsonBudget is what is left of a limit when every value has the longest JSON that its kind can have.
type jsonBudget struct{ most int }

// The longest JSON of a character, and of a number, date or word.
const (
	longestEscape = 6
	longestScalar = 30
)

func (b *jsonBudget) covers(v Value) bool {
	switch v.kind {
	case KindText, KindBuffer:
		if v.n > uint64(b.most) {
			return false
		}
		b.most -= longestEscape*int(v.n) + longestScalar
	case KindInteger:
		b.most -= v.BigInt().BitLen() + longestScalar
	case KindArray:
		b.most -= 3
		for _, item := range v.Items() {
			if !b.covers(item) {
				return false
			}
		}
	case KindCollection:
		b.most -= 3
		o := v.Object()
		for i, k := range o.keys {
			b.most -= longestEscape*len(k) + 4
			if !b.covers(o.vals[i]) {
				return false
			}
		}
	default:
		b.most -= longestScalar
	}
	return b.most >= 0
}

// jsonLength adds the length of the JSON of v to n, and stops soon after limit.
func jsonLength(v Value, limit, n int) int {
	var scratch [64]byte
	switch v.kind {
	case KindText:
		return n + quotedLength(v.Str())
	case KindBuffer:
		return n + 2 + base64.StdEncoding.EncodedLen(int(v.n))
	case KindArray:
		n += 2 + max(0, int(v.n)-1)
		for _, item := range v.Items() {
			if n = jsonLength(item, limit, n); n > limit {
				return n
			}
		}
		return n
	case KindCollection:
		o := v.Object()
		n += 2 + max(0, len(o.keys)-1)
		for i, k := range o.keys {
			if n = jsonLength(o.vals[i], limit, n+quotedLength(k)+1); n > limit {
				return n
			}
		}
		return n
	}
	return n + len(AppendJSON(scratch[:0], v))
}

// quotedLength returns the length of s as a JSON string.
func quotedLength(s string) int {
	n, start := 2, 0
	var scratch [1024]byte
	for i := range s { // whole characters only
		if i-start >= len(scratch)/longestEscape-utf8.UTFMax {
			n += len(AppendEscaped(scratch[:0], s[start:i]))
			start = i
		}
	}
	return n + len(AppendEscaped(scratch[:0], s[start:]))
}
