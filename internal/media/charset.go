package media

import (
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
)

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// Charset returns the charset parameter of a Content-Type value in lower case, "" when there is none (RFC 9110 §5.6.6).
func Charset(contentType string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for rest != "" {
		var param string
		param, rest, _ = strings.Cut(rest, ";")
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.Trim(name, " \t"), "charset") {
			return strings.ToLower(strings.Trim(value, " \t\"'"))
		}
	}
	return ""
}

// XMLCharset returns the charset of an XML document: that of its Content-Type, else the encoding of the XML
// declaration, in lower case; "" when neither says one.
func XMLCharset(contentType, document string) string {
	if charset := Charset(contentType); charset != "" {
		return charset
	}
	if !strings.HasPrefix(document, "<?xml") {
		return ""
	}
	declaration, _, _ := strings.Cut(document, "?>")
	_, rest, ok := strings.Cut(declaration, "encoding")
	if !ok {
		return ""
	}
	if rest = strings.TrimLeft(rest, " \t\r\n="); rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return strings.ToLower(name)
}

// Decode returns a body as valid UTF-8: US-ASCII and ISO-8859-1 are known, everything else is read as UTF-8; a byte
// order mark is dropped, invalid bytes become U+FFFD. A body that is clean already is returned as it is. look, when it
// is not nil, is told how many bytes were gone through; its error ends the reading and is returned.
func Decode(charset, body string, look func(bytes int) error) (string, error) {
	switch charset {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1":
		return widen(body, func(c byte) rune { return rune(c) }, look)
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us":
		return widen(body, func(byte) rune { return utf8.RuneError }, look)
	}
	body = TrimMark(body)
	if valid, err := characters.Valid(body, look); valid || err != nil {
		return body, err
	}
	return characters.Mend(body, look)
}

// TrimMark returns body without the byte order mark that it may begin with.
func TrimMark(body string) string { return strings.TrimPrefix(body, byteOrderMark) }

// stretch is how many bytes are gone through between two looks.
const stretch = 4096

// widen returns s with each byte above 0x7F as the character that high names.
func widen(s string, high func(byte) rune, look func(bytes int) error) (string, error) {
	size := 0
	err := inStretches(s, look, func(part string) {
		for i := 0; i < len(part); i++ {
			if size++; part[i] >= utf8.RuneSelf {
				size += utf8.RuneLen(high(part[i])) - 1
			}
		}
	})
	if err != nil || size == len(s) {
		return s, err
	}
	var b strings.Builder
	b.Grow(size)
	err = inStretches(s, look, func(part string) {
		for i := 0; i < len(part); i++ {
			if part[i] < utf8.RuneSelf {
				b.WriteByte(part[i])
			} else {
				b.WriteRune(high(part[i]))
			}
		}
	})
	return b.String(), err
}

// inStretches has a text gone through in stretches of bytes, with looks in between; look may be nil.
func inStretches(s string, look func(bytes int) error, through func(part string)) error {
	for s != "" {
		part := s[:min(len(s), stretch)]
		through(part)
		if s = s[len(part):]; look != nil {
			if err := look(len(part)); err != nil {
				return err
			}
		}
	}
	return nil
}
