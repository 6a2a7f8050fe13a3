package oauth1

import "strings"

// Origin says where a signed parameter was found (RFC 5849 §3.4.1.3.1).
type Origin uint8

// The sources of parameters.
const (
	// OriginProtocol is the set of oauth_* parameters that the signer adds.
	OriginProtocol Origin = iota
	// OriginQuery is the query of the request URL.
	OriginQuery
	// OriginBody is a form-encoded body.
	OriginBody
)

// String returns "protocol", "query" or "body".
func (o Origin) String() string {
	switch o {
	case OriginQuery:
		return "query"
	case OriginBody:
		return "body"
	}
	return "protocol"
}

// Param is one decoded name and value. Both are bytes in a string: they need
// not be UTF-8. Origin is information for people and does not change the
// signature.
type Param struct {
	Name, Value string
	Origin      Origin
}

// SplitForm splits a query or a form body into decoded pairs, in the order
// written (RFC 5849 §3.4.1.3.1 and the pitfalls 9 to 13 of the specification):
// pairs end at "&" only, so ";" is data; empty segments are no parameters; the
// name ends at the first "="; a segment without "=" has an empty value; an
// empty name is kept; "+" is a space; a malformed escape is literal. The
// Origin of each pair is OriginProtocol, for the caller to change.
func SplitForm(form string) []Param {
	if strings.Trim(form, "&") == "" {
		return nil
	}
	return appendForm(make([]Param, 0, strings.Count(form, "&")+1), form, OriginProtocol)
}

func appendForm(dst []Param, form string, origin Origin) []Param {
	for form != "" {
		segment, rest, _ := strings.Cut(form, "&")
		form = rest
		if segment == "" {
			continue
		}
		name, value, _ := strings.Cut(segment, "=")
		dst = append(dst, Param{Name: unescape(name), Value: unescape(value), Origin: origin})
	}
	return dst
}

// unescape decodes form encoding once: "+" and well-formed %XX.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b = append(b, ' ')
		case '%':
			if d, ok := escapeAt(s, i); ok {
				b = append(b, d)
				i += 2
				continue
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// JoinForm writes pairs as a form: names and values encoded by [Encode], "="
// between them, "&" between pairs, in the given order. SplitForm reads it back.
func JoinForm(params []Param) string {
	var b []byte
	for i, p := range params {
		if i > 0 {
			b = append(b, '&')
		}
		b = appendEncoded(b, p.Name)
		b = append(b, '=')
		b = appendEncoded(b, p.Value)
	}
	return string(b)
}

// FormMediaType is the only media type whose body is signed.
const FormMediaType = "application/x-www-form-urlencoded"

// IsForm reports whether a Content-Type header value names
// [FormMediaType]: case and parameters do not matter (RFC 5849 §3.4.1.3.1,
// pitfall 15).
func IsForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.Trim(media, " \t"), FormMediaType)
}
