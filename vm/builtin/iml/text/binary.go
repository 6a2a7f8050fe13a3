package text

import (
	"encoding/base64"
	"encoding/hex"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
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
	return encode(c, dst, b, base64.StdEncoding.AppendEncode)
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
		b, ok, err = decodeHex(c, s)
		what = "hexadecimal text"
	case fromBase64:
		b, ok, err = decodeBase64(c, s)
		what = "base64 text"
	case fromLatin1:
		b, ok, err = encodeLatin1(c, s)
		what = "text of characters up to U+00FF"
	default:
		b = []byte(s)
	}
	if err != nil {
		return value.Undefined, err
	}
	if !ok {
		return value.Undefined, builtin.Errorf("IML407", 1, "%s expected", what)
	}
	return value.Buffer(b), nil
}

func decodeHex(c *builtin.Context, s string) ([]byte, bool, error) {
	out, ok := make([]byte, 0, len(s)/2), len(s)%2 == 0
	err := c.Pieces(s, func(piece string) (err error) { // of even length, when there are digits only
		if ok {
			out, err = hex.AppendDecode(out, []byte(piece))
			ok = err == nil
		}
		return nil
	})
	return out, ok, err
}

// decodeBase64 reads standard and URL-safe base64; blanks are skipped and padding may be missing.
func decodeBase64(c *builtin.Context, s string) ([]byte, bool, error) {
	digits := make([]byte, 0, len(s))
	err := c.Pieces(s, func(piece string) error {
		for _, r := range piece {
			switch {
			case r == '-':
				digits = append(digits, '+')
			case r == '_':
				digits = append(digits, '/')
			case !value.IsSpace(r):
				digits = utf8.AppendRune(digits, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	pad := 0
	for pad < len(digits) && pad < 4 && digits[len(digits)-1-pad] == '=' {
		pad++
	}
	if digits = digits[:len(digits)-pad]; pad > (4-len(digits)%4)%4 {
		return nil, false, nil
	}
	out := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(digits)))
	for ok := true; ok && len(digits) > 0; {
		piece := digits[:min(len(digits), group)]
		if out, err = base64.RawStdEncoding.AppendDecode(out, piece); err != nil {
			return nil, false, nil
		}
		if err := c.Look(len(piece)); err != nil {
			return nil, false, err
		}
		digits = digits[len(piece):]
	}
	return out, true, nil
}

// group is how many bytes are encoded or decoded between two looks: whole groups of base64, of either side.
const group = 12 << 10

// encode appends the pieces of b as encoding writes them.
func encode(c *builtin.Context, dst, b []byte, encoding func(dst, b []byte) []byte) ([]byte, error) {
	for len(b) > group {
		dst = encoding(dst, b[:group])
		if err := c.Look(group); err != nil {
			return dst, err
		}
		b = b[group:]
	}
	return encoding(dst, b), nil
}

func encodeLatin1(c *builtin.Context, s string) ([]byte, bool, error) {
	b, ok := make([]byte, 0, len(s)), true
	err := c.Pieces(s, func(piece string) error {
		for _, r := range piece {
			ok = ok && r <= 0xFF
			b = append(b, byte(r))
		}
		return nil
	})
	return b, ok, err
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
		return encode(c, dst, b, hex.AppendEncode)
	case toBase64:
		return encode(c, dst, b, base64.StdEncoding.AppendEncode)
	case toLatin1:
		return encode(c, dst, b, appendLatin1)
	}
	s := string(b)
	valid, err := characters.Valid(s, c.Look)
	if err != nil {
		return dst, err
	}
	if !valid {
		return dst, builtin.Errorf("IML407", 1, "valid UTF-8 expected")
	}
	return append(dst, s...), nil
}
