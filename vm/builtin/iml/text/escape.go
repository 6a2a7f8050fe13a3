package text

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// stretch is how many bytes some functions go through between two looks at whether the operation goes on, about.
const stretch = 1024

// appendEncodeURL is ECMAScript encodeURIComponent.
func appendEncodeURL(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	const hex = "0123456789ABCDEF"
	return substitute(c, dst, a.Text(0), func(dst []byte, ch byte) []byte {
		if isAlnum(ch) || strings.IndexByte("-_.!~*'()", ch) >= 0 {
			return append(dst, ch)
		}
		return append(dst, '%', hex[ch>>4], hex[ch&15])
	})
}

// appendDecodeURL is ECMAScript decodeURIComponent.
func appendDecodeURL(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s := a.Text(0)
	for i, next := 0, 0; i < len(s); {
		if i >= next {
			if err := c.Look(stretch); err != nil {
				return dst, err
			}
			next = i + stretch
		}
		if s[i] != '%' {
			dst = append(dst, s[i])
			i++
			continue
		}
		var char [4]byte
		n := 0
		for want := 1; n < want; n++ {
			b, ok := percentByte(s, i)
			if !ok {
				return dst, errPercent()
			}
			if n == 0 {
				want = sequenceLength(b)
			}
			char[n] = b
			i += 3
		}
		if r, size := utf8.DecodeRune(char[:n]); size != n || r == utf8.RuneError && n == 1 {
			return dst, errPercent()
		}
		dst = append(dst, char[:n]...)
	}
	return dst, nil
}

func errPercent() error {
	return builtin.Errorf("IML407", 1, "malformed percent escape: expected %% and two hexadecimal digits of valid UTF-8")
}

func percentByte(s string, i int) (byte, bool) {
	if i+2 >= len(s) || s[i] != '%' {
		return 0, false
	}
	hi, lo := unhex(s[i+1]), unhex(s[i+2])
	return hi<<4 | lo&15, hi < 16 && lo < 16
}

// unhex returns the value of a hexadecimal digit, 255 for anything else.
func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// sequenceLength returns the number of bytes of the UTF-8 sequence that starts with b; 1 when b starts none.
func sequenceLength(b byte) int {
	switch {
	case b >= 0xF0 && b < 0xF8:
		return 4
	case b >= 0xE0 && b < 0xF0:
		return 3
	case b >= 0xC0 && b < 0xE0:
		return 2
	}
	return 1
}

func appendEscapeHTML(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return substitute(c, dst, a.Text(0), func(dst []byte, ch byte) []byte {
		switch ch {
		case '&':
			return append(dst, "&amp;"...)
		case '<':
			return append(dst, "&lt;"...)
		case '>':
			return append(dst, "&gt;"...)
		case '"':
			return append(dst, "&quot;"...)
		case '\'':
			return append(dst, "&#39;"...)
		}
		return append(dst, ch)
	})
}

func appendEscapeMarkdown(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return substitute(c, dst, a.Text(0), func(dst []byte, ch byte) []byte {
		if strings.IndexByte("\\`*_{}[]()#+-.!|<>~&", ch) < 0 {
			return append(dst, ch)
		}
		dst = append(dst, '&', '#')
		dst = strconv.AppendInt(dst, int64(ch), 10)
		return append(dst, ';')
	})
}

// substitute appends what stands for each byte of s. The length of the result is looked at every now and then.
func substitute(c *builtin.Context, dst []byte, s string, one func(dst []byte, ch byte) []byte) ([]byte, error) {
	base := len(dst)
	err := c.Pieces(s, func(piece string) error {
		for i := range len(piece) {
			dst = one(dst, piece[i])
		}
		return c.Fits(len(dst) - base)
	})
	return dst, err
}

func appendEscapeJSON(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	within, err := value.JSONWithin(value.Text(a.Text(0)), c.Limits().ValueBytes+len(`""`), c)
	if err == nil && !within {
		err = c.TooLong()
	}
	if err != nil {
		return dst, err
	}
	return value.WriteEscaped(dst, a.Text(0), c)
}
