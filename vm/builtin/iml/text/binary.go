package text

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendBase64(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	b, err := c.Bytes(a.V[0])
	if err != nil {
		return dst, err
	}
	if err := c.Text(base64.StdEncoding.EncodedLen(len(b))); err != nil {
		return dst, err
	}
	return base64.StdEncoding.AppendEncode(dst, b), nil
}

// The positions of the encodings of toBinary in its list of words.
const (
	fromUTF8 = iota
	fromHex
	fromBase64
	fromLatin1
)

func callToBinary(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	if v.Kind() == value.KindBuffer {
		return v, nil
	}
	s, err := c.ToText(v)
	if err != nil {
		return value.Undefined, err
	}
	if err := c.Text(2 * len(s)); err != nil { // the bytes, and what they are read from
		return value.Undefined, err
	}
	b, ok := []byte(nil), true
	what := ""
	switch a.Word(1) {
	case fromHex:
		b, ok = decodeHex(s)
		what = "hexadecimal text"
	case fromBase64:
		b, ok = decodeBase64(s)
		what = "base64 text"
	case fromLatin1:
		b, ok = encodeLatin1(s)
		what = "text of characters up to U+00FF"
	default:
		b = []byte(s)
	}
	if !ok {
		return value.Undefined, builtin.Errorf("IML407", 1, "%s expected", what)
	}
	return value.Buffer(b), nil
}

func decodeHex(s string) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil
}

// decodeBase64 reads standard and URL-safe base64; blanks are skipped and padding may be missing.
func decodeBase64(s string) ([]byte, bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case value.IsSpace(r):
			return -1
		}
		return r
	}, s)
	digits := strings.TrimRight(s, "=")
	if pad := len(s) - len(digits); pad > (4-len(digits)%4)%4 {
		return nil, false
	}
	b, err := base64.RawStdEncoding.DecodeString(digits)
	return b, err == nil
}

func encodeLatin1(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// appendLatin1 appends one character for each byte.
func appendLatin1(dst, b []byte) []byte {
	for _, ch := range b {
		dst = utf8.AppendRune(dst, rune(ch))
	}
	return dst
}

// The positions of the encodings of toString in its list of words.
const (
	toPlain = iota
	toHex
	toBase64
	toLatin1
	toUTF8
)

func appendToString(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if a.Word(1) == toPlain {
		return c.AppendText(dst, len(dst), a.V[0])
	}
	b, err := c.Bytes(a.V[0])
	if err != nil {
		return dst, err
	}
	if err := c.Text(2 * len(b)); err != nil {
		return dst, err
	}
	switch a.Word(1) {
	case toHex:
		return hex.AppendEncode(dst, b), nil
	case toBase64:
		return base64.StdEncoding.AppendEncode(dst, b), nil
	case toLatin1:
		return appendLatin1(dst, b), nil
	}
	if !utf8.Valid(b) {
		return dst, builtin.Errorf("IML407", 1, "valid UTF-8 expected")
	}
	return append(dst, b...), nil
}
