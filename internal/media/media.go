// Package media reads Content-Type: which form a body says it has, and in which charset its text is written.
//
// It is the one reading of media types in the house; case, blanks and parameters never decide. It knows nothing of what
// a form, JSON or XML means. No input makes it panic; its functions are safe for concurrent use.
package media

import "strings"

// Form is the media type of form pairs, the only one whose body is signed (RFC 5849 §3.4.1.3.1).
const Form = "application/x-www-form-urlencoded"

// Kind is a form of content that this house can read.
type Kind uint8

// The kinds.
const (
	// Unknown is a media type that says nothing here, or none at all.
	Unknown Kind = iota
	// Pairs is a form.
	Pairs
	// JSON is application/json and every type that ends in +json.
	JSON
	// XML is application/xml, text/xml and every type that ends in +xml.
	XML
	// Text is every other text type.
	Text
)

// String returns "form", "json", "xml", "text" or "unknown".
func (k Kind) String() string {
	switch k {
	case Pairs:
		return "form"
	case JSON:
		return "json"
	case XML:
		return "xml"
	case Text:
		return "text"
	}
	return "unknown"
}

// Type returns the media type of a Content-Type value in lower case, without parameters; "" when there is none.
func Type(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.Trim(t, " \t"))
}

// KindOf returns the kind that a Content-Type value declares.
func KindOf(contentType string) Kind {
	switch t := Type(contentType); {
	case t == Form:
		return Pairs
	case t == "application/json", strings.HasSuffix(t, "+json"):
		return JSON
	case t == "application/xml", t == "text/xml", strings.HasSuffix(t, "+xml"):
		return XML
	case strings.HasPrefix(t, "text/"):
		return Text
	}
	return Unknown
}

// IsForm reports whether a Content-Type value names [Form] (spec oauth1.md §3, pitfall 15). It does not allocate.
func IsForm(contentType string) bool {
	if contentType == Form { // as nearly everyone writes it
		return true
	}
	t, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.Trim(t, " \t"), Form)
}

// Look returns the kind that the first character of a body speaks for, behind a byte order mark and white space: JSON,
// XML, or else Pairs (spec dialects.md §1.3).
func Look(body string) Kind {
	body = strings.TrimLeft(strings.TrimPrefix(body, byteOrderMark), " \t\r\n\f\v")
	switch {
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		return JSON
	case strings.HasPrefix(body, "<"):
		return XML
	}
	return Pairs
}
