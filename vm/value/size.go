package value

import (
	"encoding/base64"
	"unicode/utf8"
)

// TextWithin reports whether the text of v is at most limit bytes long, without writing it out. Lists and collections
// may share what they hold, so that a value of little memory can have a text of any length; what is to write one asks
// first. A text of many empty pieces counts as too long when v has more than twice as many values inside. The error is that of b, which is told how far it came and may be nil.
func TextWithin(v Value, limit int, b Budget) (bool, error) {
	short := jsonBudget{most: limit, pace: pace{budget: b}}
	if short.covers(v) {
		return true, nil
	}
	if short.pace.err != nil {
		return false, short.pace.err
	}
	_, ok, err := TextLength(v, limit, b)
	return ok, err
}

// TextLength returns the length of the text of v, in bytes; ok is false where TextWithin is.
func TextLength(v Value, limit int, b Budget) (n int, ok bool, err error) {
	m := measure{limit: limit, values: 2*limit + 16, pace: pace{budget: b}}
	ok = m.text(v)
	return m.length, ok, m.pace.err
}

// measure adds up lengths, and stops soon after its limit.
type measure struct {
	limit, length, values int
	pace                  pace
	scratch               [64]byte // for a number, a date or a word
}

func (m *measure) text(v Value) bool {
	switch v.kind {
	case KindText:
		m.length += int(v.n)
	case KindBuffer:
		if m.length += int(v.n); m.length <= m.limit && !m.pace.valid(v.raw()) {
			m.length += base64.StdEncoding.EncodedLen(int(v.n)) - int(v.n)
		}
	case KindCollection:
		m.json(v)
	case KindArray:
		m.length += max(0, int(v.n)-1)
		m.values -= int(v.n)
		if !m.pace.went(scalarBytes) {
			return false
		}
		for i, item := range v.Items() {
			if i%stretch == stretch-1 && !m.pace.went(stretch*scalarBytes) {
				return false
			}
			if m.length > m.limit || m.values < 0 || !m.text(item) {
				return false
			}
		}
	case KindInteger:
		m.integer(v)
	default:
		m.length += len(AppendText(m.scratch[:0], v))
	}
	return m.length <= m.limit && m.values >= 0 && m.pace.err == nil
}

func (m *measure) integer(v Value) {
	i := v.BigInt()
	m.length += integerLength(i)
	m.pace.went(i.BitLen())
}

// JSONWithin reports whether the JSON of v is at most limit bytes long, without writing it out when it is far from
// that. The error is that of b, which is told how far it came and may be nil.
func JSONWithin(v Value, limit int, b Budget) (bool, error) {
	short := jsonBudget{most: limit, pace: pace{budget: b}}
	if short.covers(v) {
		return true, nil
	}
	if short.pace.err != nil {
		return false, short.pace.err
	}
	m := measure{limit: limit, pace: pace{budget: b}}
	return m.json(v), m.pace.err
}

// jsonBudget is what is left of a limit when every value has the longest JSON that its kind can have.
type jsonBudget struct {
	most int
	pace pace
}

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
		if b.most -= 3; !b.pace.went(1 + int(v.n)) {
			return false
		}
		for _, item := range v.Items() {
			if !b.covers(item) {
				return false
			}
		}
	case KindCollection:
		o := v.Object()
		if b.most -= 3; !b.pace.went(1 + len(o.keys)) {
			return false
		}
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

// json adds the length of the JSON of v.
func (m *measure) json(v Value) bool {
	switch v.kind {
	case KindText:
		m.quoted(v.Str())
	case KindBuffer:
		m.length += 2 + base64.StdEncoding.EncodedLen(int(v.n))
	case KindInteger:
		m.integer(v)
	case KindArray:
		m.length += 2 + max(0, int(v.n)-1)
		if !m.pace.went(scalarBytes) {
			return false
		}
		for i, item := range v.Items() {
			if i%stretch == stretch-1 && !m.pace.went(stretch*scalarBytes) {
				return false
			}
			if !m.json(item) {
				return false
			}
		}
	case KindCollection:
		o := v.Object()
		m.length += 2 + max(0, len(o.keys)-1)
		if !m.pace.went(scalarBytes) {
			return false
		}
		for i, k := range o.keys {
			if i%stretch == stretch-1 && !m.pace.went(stretch*scalarBytes) {
				return false
			}
			if m.quoted(k); !m.json(o.vals[i]) {
				return false
			}
			m.length++
		}
	default:
		m.length += len(AppendJSON(m.scratch[:0], v))
	}
	return m.length <= m.limit && m.pace.err == nil
}

// quoted adds the length of s as a JSON string.
func (m *measure) quoted(s string) {
	m.length += 2
	if len(s) <= stretch && spanPlain(s, 0) == len(s) { // as most keys are
		m.length += len(s)
		return
	}
	var scratch [1024]byte
	start := 0
	for i := range s { // whole characters only
		if i-start >= len(scratch)/longestEscape-utf8.UTFMax {
			m.length += len(AppendEscaped(scratch[:0], s[start:i]))
			if !m.pace.went(i-start) || m.length > m.limit {
				return
			}
			start = i
		}
	}
	m.length += len(AppendEscaped(scratch[:0], s[start:]))
}
