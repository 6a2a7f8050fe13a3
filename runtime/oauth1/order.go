package oauth1

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// span is one parameter in scratch.twice: the name is [start:name), the pair [start:end), with a separator behind it.
// Encoding twice keeps the order of texts encoded once, since "%" always becomes "%25", so the spans are sorted as they
// are.
type span struct {
	lead             uint64 // of the name, see leading
	start, name, end int
}

// appendPairs appends parameters with a separator behind each.
func (sc *scratch) appendPairs(dst []byte, pairs []span) []byte {
	for i := range pairs {
		dst = append(dst, sc.twice[pairs[i].start:pairs[i].end+len(separator)]...)
	}
	return dst
}

// leading returns the first eight bytes of an encoded name as a number, which alone tells most names apart: of two that
// differ, the smaller number is that of the smaller name. Behind a shorter name stand zeros, as in no encoded text.
func leading(name []byte) uint64 {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64(name)
	}
	var first [8]byte
	copy(first[:], name)
	return binary.BigEndian.Uint64(first[:])
}

// sort sorts the request parameters by name, then by value (RFC 5849 §3.4.1.3.2). What slices.SortFunc does with a few,
// as most requests have, is written out.
func (sc *scratch) sort() {
	if len(sc.pairs) > 12 {
		slices.SortFunc(sc.pairs, sc.compare)
		return
	}
	pairs := sc.pairs
	for i, p := range pairs {
		for i > 0 && (p.lead < pairs[i-1].lead || p.lead == pairs[i-1].lead && sc.compare(p, pairs[i-1]) < 0) {
			pairs[i] = pairs[i-1]
			i--
		}
		pairs[i] = p
	}
}

func (sc *scratch) compare(a, b span) int {
	if a.lead != b.lead {
		return cmp.Compare(a.lead, b.lead)
	}
	if c := bytes.Compare(sc.twice[a.start:a.name], sc.twice[b.start:b.name]); c != 0 {
		return c
	}
	return bytes.Compare(sc.twice[a.name:a.end], sc.twice[b.name:b.end])
}

// follows reports whether a protocol parameter sorts behind a request parameter.
func (l *layout) follows(q *place, p *span, sc *scratch) bool {
	return p.lead < q.lead || p.lead == q.lead && l.followsAlike(q, p, sc)
}

// followsAlike is follows for names that begin alike. Equal ones are rare: a query that holds oauth_* itself.
func (l *layout) followsAlike(q *place, p *span, sc *scratch) bool {
	if c := bytes.Compare(sc.twice[p.start:p.name], l.text[q.start:q.name]); c != 0 {
		return c < 0
	}
	sc.tie = appendEncodedAgain(append(sc.tie[:0], l.text[q.name:q.gap]...), sc.values[q.role])
	return bytes.Compare(sc.twice[p.name:p.end], sc.tie) < 0
}
