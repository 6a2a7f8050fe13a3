package provider

import (
	"slices"
	"strings"
)

// Parameter is one decoded name and value of a request or of an answer. Both may hold any bytes, UTF-8 or not.
type Parameter struct {
	// Name is the decoded name. It may be empty: "=x" is a parameter with an empty name.
	Name string
	// Value is the decoded value, empty when the parameter had none.
	Value string
}

const upperHex = "0123456789ABCDEF"

// unreserved reports whether RFC 5849 §3.6 leaves the byte as it is.
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// escape applies the percent-encoding of RFC 5849 §3.6: upper-case hexadecimal, and never "+" for a space.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	for i := 0; i < len(s); i++ {
		if c := s[i]; unreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

// unescape undoes percent-encoding exactly once. An escape that is not two hexadecimal digits stays as it is, because
// dropping or refusing it would sign something else than what was sent. With plus set, "+" stands for a space, as it
// does in query strings and form bodies but not in the Authorization header (RFC 5849 §3.4.1.3.1, §3.5.1).
func unescape(s string, plus bool) string {
	if !strings.ContainsRune(s, '%') && !(plus && strings.ContainsRune(s, '+')) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low))
				i += 2
				continue
			}
		}
		if c == '+' && plus {
			c = ' '
		}
		b.WriteByte(c)
	}
	return b.String()
}

// hexDigit is the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// splitForm reads application/x-www-form-urlencoded text, in a query or a body. Only "&" separates, so ";" is data; the
// first "=" splits; empty segments are no parameters; a name alone has an empty value.
func splitForm(text string) []Parameter {
	return splitFormWith(text, func(s string) string { return unescape(s, true) })
}

func splitFormWith(text string, decode func(string) string) []Parameter {
	var params []Parameter
	for segment := range strings.SplitSeq(text, "&") {
		if segment == "" {
			continue
		}
		name, value, _ := strings.Cut(segment, "=")
		params = append(params, Parameter{decode(name), decode(value)})
	}
	return params
}

// joinForm writes parameters as form text with RFC 5849 §3.6 encoding, in the order given.
func joinForm(params []Parameter) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(p.Name))
		b.WriteByte('=')
		b.WriteString(escape(p.Value))
	}
	return b.String()
}

// normalize is RFC 5849 §3.4.1.3.2: encode, sort by the encoded name and then by the encoded value, join.
func normalize(params []Parameter) string {
	encoded := make([]Parameter, len(params))
	for i, p := range params {
		encoded[i] = Parameter{escape(p.Name), escape(p.Value)}
	}
	slices.SortFunc(encoded, func(a, b Parameter) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	var b strings.Builder
	for i, p := range encoded {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name)
		b.WriteByte('=')
		b.WriteString(p.Value)
	}
	return b.String()
}

// find returns the value of the first parameter of that name.
func find(params []Parameter, name string) (string, bool) {
	for _, p := range params {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}
