package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/value"
)

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// DecodeText returns the text of a body by the charset parameter of its Content-Type (spec make.md §9.2): US-ASCII and
// ISO-8859-1 are known, everything else is read as UTF-8; a byte order mark is dropped, invalid bytes become U+FFFD.
func DecodeText(contentType, body string) string {
	return decodeCharset(charsetOf(contentType), body)
}

func decodeCharset(charset, body string) string {
	switch charset {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1":
		return fromLatin1(body)
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us":
		return fromASCII(body)
	}
	return value.ValidText(strings.TrimPrefix(body, byteOrderMark))
}

// charsetOf returns the charset parameter in lower case, "" when there is none (RFC 9110 §5.6.6).
func charsetOf(contentType string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for rest != "" {
		var param string
		param, rest, _ = strings.Cut(rest, ";")
		name, val, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.Trim(name, " \t"), "charset") {
			return asciiLower(strings.Trim(val, " \t\"'"))
		}
	}
	return ""
}

func fromLatin1(s string) string {
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s)+len(s)/4)
	for i := 0; i < len(s); i++ {
		b = utf8.AppendRune(b, rune(s[i]))
	}
	return string(b)
}

func fromASCII(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(utf8.RuneError)
		}
	}
	return b.String()
}
