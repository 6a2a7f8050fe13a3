package oauth1

import (
	"cmp"
	"slices"
)

// encodedPair is a parameter in the form in which it is sorted and joined.
type encodedPair struct{ name, value string }

func encodePairs(params []Param) []encodedPair {
	pairs := make([]encodedPair, len(params))
	for i, p := range params {
		pairs[i] = encodedPair{Encode(p.Name), Encode(p.Value)}
	}
	return pairs
}

// sortPairs sorts by the bytes of the encoded name, then of the encoded value;
// sorting "name=value" texts or decoded names gives another order (RFC 5849
// §3.4.1.3.2, pitfall 14).
func sortPairs(pairs []encodedPair) {
	slices.SortStableFunc(pairs, func(a, b encodedPair) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
}

func joinPairs(pairs []encodedPair) string {
	n := 0
	for _, p := range pairs {
		n += len(p.name) + len(p.value) + 2
	}
	b := make([]byte, 0, n)
	for i, p := range pairs {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, p.name...)
		b = append(b, '=')
		b = append(b, p.value...)
	}
	return string(b)
}

// Normalize returns the normalised parameters of RFC 5849 §3.4.1.3.2: every
// name and value encoded, pairs sorted by encoded name, then encoded value,
// and joined by "=" and "&". Every given pair is kept, duplicates included; it
// is the caller's part to leave out oauth_signature and realm.
func Normalize(params []Param) string {
	pairs := encodePairs(params)
	sortPairs(pairs)
	return joinPairs(pairs)
}

// BaseString returns the signature base string of RFC 5849 §3.4.1.1: the
// method in upper case, the base string URI and the normalised parameters, each
// percent-encoded, joined by "&".
func BaseString(method, baseURI, normalized string) string {
	b := make([]byte, 0, len(method)+len(baseURI)+len(normalized)*3/2+32)
	b = appendEncoded(b, upperASCII(method))
	b = append(b, '&')
	b = appendEncoded(b, baseURI)
	b = append(b, '&')
	b = appendEncoded(b, normalized)
	return string(b)
}
