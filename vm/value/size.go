package value

// TextWithin reports whether v may be written as text or as JSON: false when its text is certain to be longer than limit
// bytes, or when it has more than twice as many values inside. Lists and collections may share what they hold, so that a
// value of little memory can have a text of any length; what is to write one asks first.
func TextWithin(v Value, limit int) bool {
	switch v.kind {
	case KindText, KindBuffer:
		return int(v.n) <= limit
	case KindArray, KindCollection:
		b := textBudget{bytes: limit, values: 2*limit + 16}
		return b.covers(v)
	}
	return true
}

// textBudget is what is left of a limit: a lower bound of the bytes, and the number of values.
type textBudget struct{ bytes, values int }

func (b *textBudget) covers(v Value) bool {
	b.values--
	switch v.kind {
	case KindText, KindBuffer:
		b.bytes -= int(v.n)
	case KindArray:
		b.bytes -= max(0, int(v.n)-1) // the commas of its text
		for _, item := range v.Items() {
			if !b.covers(item) {
				return false
			}
		}
	case KindCollection:
		o := v.Object()
		for i, k := range o.keys {
			b.bytes -= len(k) + 4
			if !b.covers(o.vals[i]) {
				return false
			}
		}
	}
	return b.bytes >= 0 && b.values >= 0
}
