package uri

import "strings"

// Pair is one decoded name and value of a query, a form or a header. Both are bytes in a string: they need not be
// UTF-8.
type Pair struct {
	// Name and Value are decoded.
	Name, Value string
}

// SplitPairs reads a query or form into decoded pairs, in the order written (RFC 5849 §3.4.1.3.1; spec oauth1.md §3,
// pitfalls 9 to 13): pairs end at "&" only, so ";" is data; empty segments are no pairs; the name ends at the first
// "="; a segment without "=" has an empty value; an empty name is kept; "+" is a space; a malformed escape is literal.
func SplitPairs(text string) []Pair {
	if strings.Trim(text, "&") == "" {
		return nil
	}
	out := make([]Pair, 0, min(strings.Count(text, "&")+1, 64))
	for text != "" {
		var segment string
		if segment, text, _ = strings.Cut(text, "&"); segment == "" {
			continue
		}
		name, value, _ := strings.Cut(segment, "=")
		out = append(out, Pair{Name: DecodeForm(name), Value: DecodeForm(value)})
	}
	return out
}

// AppendPairs appends pairs as a query or form, encoded by [AppendEncode] and joined by "=" and "&", in the given
// order. [SplitPairs] reads them back. When dst is not empty, it holds pairs, and "&" comes first.
func AppendPairs(dst []byte, pairs []Pair) []byte {
	for i := range pairs {
		if len(dst) > 0 {
			dst = append(dst, '&')
		}
		dst = AppendEncode(dst, pairs[i].Name)
		dst = AppendEncode(append(dst, '='), pairs[i].Value)
	}
	return dst
}

// JoinPairs returns what [AppendPairs] appends to nothing.
func JoinPairs(pairs []Pair) string { return string(AppendPairs(nil, pairs)) }

// Lookup returns the value of the first pair of that name.
func Lookup(pairs []Pair, name string) (value string, ok bool) {
	for i := range pairs {
		if pairs[i].Name == name {
			return pairs[i].Value, true
		}
	}
	return "", false
}

// Find returns what [Lookup] returns for the pairs of a query or form.
func Find(text, name string) (value string, ok bool) {
	for text != "" {
		var segment string
		segment, text, _ = strings.Cut(text, "&")
		n, v, _ := strings.Cut(segment, "=")
		if segment != "" && DecodeForm(n) == name {
			return DecodeForm(v), true
		}
	}
	return "", false
}

// JoinQuery returns a query followed by pairs that are encoded already; either may be empty.
func JoinQuery(query, pairs string) string {
	if query == "" || pairs == "" {
		return query + pairs
	}
	return query + "&" + pairs
}

// WithoutPairs returns a query or form without the pairs that drop accepts, given the decoded name and value; the
// others keep their bytes.
func WithoutPairs(text string, drop func(name, value string) bool) string {
	var kept []byte
	changed := false
	for rest := text; rest != ""; {
		var segment string
		segment, rest, _ = strings.Cut(rest, "&")
		name, value, _ := strings.Cut(segment, "=")
		if segment != "" && drop(DecodeForm(name), DecodeForm(value)) {
			changed = true
			continue
		}
		if len(kept) > 0 {
			kept = append(kept, '&')
		}
		kept = append(kept, segment...)
	}
	if !changed {
		return text
	}
	return string(kept)
}
