package jsonata

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/vm/builtin/internal/lettercase"
)

var textRows = map[string]row{
	"string": {"<x-b?:s>", 1, orMissing(func(c *call) any {
		indent := ""
		if jsTruth(c.at(1)) {
			indent = "  "
		}
		s := c.string(c.at(0), indent)
		c.made(len(s))
		return s
	})},
	"substring": {"<s-nn?:s>", 3, orMissing(substring)},
	"substringBefore": {"<s-s:s>", 2, orMissing(func(c *call) any {
		c.read(len(c.text(0)))
		if c.at(1) == nil {
			return c.text(0)
		}
		before, _, _ := strings.Cut(c.text(0), c.text(1))
		return before
	})},
	"substringAfter": {"<s-s:s>", 2, orMissing(func(c *call) any {
		c.read(len(c.text(0)))
		if c.at(1) == nil {
			return c.text(0)
		}
		if _, after, ok := strings.Cut(c.text(0), c.text(1)); ok {
			return after
		}
		return c.text(0)
	})},
	"lowercase": {"<s-:s>", 1, converted(lowered)},
	"uppercase": {"<s-:s>", 1, piecewise(lettercase.Upper)},
	"length": {"<s-:n>", 1, orMissing(func(c *call) any {
		c.read(len(c.text(0)))
		return float64(utf8.RuneCountInString(c.text(0)))
	})},
	"trim":               {"<s-:s>", 1, converted(trimmed)},
	"pad":                {"<s-ns?:s>", 3, orMissing(padded)},
	"join":               {"<a<s>s?:s>", 2, orMissing(joinTexts)},
	"base64encode":       {"<s-:s>", 1, converted(encodeBase64)},
	"base64decode":       {"<s-:s>", 1, converted(decodeBase64)},
	"encodeUrlComponent": {"<s-:s>", 1, piecewise(escaping("-_.!~*'()"))},
	"encodeUrl":          {"<s-:s>", 1, piecewise(escaping("-_.!~*'();/?:@&=+$,#"))},
	"decodeUrlComponent": {"<s-:s>", 1, converted(func(r *run, s string) string { return r.unescaped(s, "") })},
	"decodeUrl":          {"<s-:s>", 1, converted(func(r *run, s string) string { return r.unescaped(s, ";/?:@&=+$,#") })},
	"contains":           {"<s-(sf):b>", 2, orMissing(contains)},
	"match":              {"<s-f<s:o>n?:a<o>>", 3, orMissing(matched)},
	"replace":            {"<s-(sf)(sf)n?:s>", 4, orMissing(replaced)},
	"split":              {"<s-(sf)n?:a<s>>", 3, orMissing(splitText)},
	"formatNumber":       {"<n-so?:s>", 3, orMissing(formatNumber)},
	"formatBase":         {"<n-n?:s>", 2, orMissing(formatBase)},
	"formatInteger": {"<n-s:s>", 2, orMissing(func(c *call) any {
		return newIntegerPicture(c.picture(1)).format(c.run, math.Floor(c.number(0)))
	})},
}

// converted makes a function of one that makes a text of a text, at most three times as long.
func converted(f func(r *run, s string) string) func(c *call) any {
	return orMissing(func(c *call) any {
		c.made(3 * len(c.text(0)))
		return f(c.run, c.text(0))
	})
}

// piecewise is converted of one that appends what it makes of a piece of the text.
func piecewise(f func(dst []byte, piece string) []byte) func(c *call) any {
	return converted(func(r *run, s string) string {
		var out []byte
		r.pieces(s, func(piece string) { out = f(out, piece) })
		return textOf(out)
	})
}

// pieces goes through a text in pieces, between which the operation may end.
func (r *run) pieces(s string, f func(piece string)) {
	r.must(r.c.Pieces(s, func(piece string) error {
		f(piece)
		return nil
	}))
}

func lowered(r *run, s string) string {
	var out []byte
	from := 0
	r.pieces(s, func(piece string) {
		out = lettercase.LowerPart(out, s, from, from+len(piece))
		from += len(piece)
	})
	return textOf(out)
}

// substring counts characters from 0, and negative ones from the end.
func substring(c *call) any {
	c.made(4 * len(c.text(0)))
	s := []rune(c.text(0))
	size, start := float64(len(s)), c.numberOrNaN(1)
	if size+start < 0 {
		start = 0
	}
	end := size
	if c.at(2) != nil {
		n := c.number(2)
		if n <= 0 {
			return ""
		}
		if end = start + n; !(start >= 0) {
			end += size
		}
	}
	from, to := sliceIndex(start, size), sliceIndex(end, size)
	if from >= to {
		return ""
	}
	return string(s[from:to])
}

// sliceIndex is the index that a number means for JavaScript's slice.
func sliceIndex(f, size float64) int {
	if f = math.Trunc(f); f < 0 {
		f += size
	}
	if math.IsNaN(f) {
		return 0
	}
	return int(max(0, min(f, size)))
}

func trimmed(r *run, s string) string {
	var out []byte
	word := false // whether the last character was of one
	r.pieces(s, func(piece string) {
		for i := range len(piece) {
			switch piece[i] {
			case ' ', '\t', '\n', '\r':
				word = false
			default:
				if !word && len(out) > 0 {
					out = append(out, ' ')
				}
				word = true
				out = append(out, piece[i])
			}
		}
	})
	return textOf(out)
}

func padded(c *call) any {
	s, width, char := c.text(0), c.numberOrNaN(1), " "
	if c.at(2) != nil && c.text(2) != "" {
		char = c.text(2)
	}
	c.read(len(s))
	missing := math.Abs(width) - float64(utf8.RuneCountInString(s))
	if !(missing > 0) {
		return s
	}
	if missing > math.MaxInt32 {
		c.must(c.c.TooLong())
	}
	n := int(missing)
	if float64(n) != missing {
		panic(failure("a width is no integer"))
	}
	c.made(len(s) + n*utf8.UTFMax)
	chars := []rune(char)
	padding := make([]rune, n)
	for i := range padding {
		padding[i] = chars[i%len(chars)]
	}
	if width > 0 {
		return s + string(padding)
	}
	return string(padding) + s
}

func joinTexts(c *call) any {
	separator := ""
	if c.at(1) != nil {
		separator = c.text(1)
	}
	var texts []string
	size := 0
	for _, item := range c.items(0) {
		texts = append(texts, item.(string))
		size += len(item.(string)) + len(separator)
	}
	c.step(len(texts))
	c.made(size)
	return strings.Join(texts, separator)
}

// encodeBase64 takes characters for bytes, as far as they are, and the lower bytes of others.
func encodeBase64(r *run, s string) string {
	const group = characters.Piece / 3 * 3 // without padding within
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(s)))
	b := make([]byte, 0, min(group, len(s))+utf8.UTFMax)
	for _, ch := range s {
		if b = append(b, byte(ch)); len(b) == group {
			out, b = base64.StdEncoding.AppendEncode(out, b), b[:0]
			r.must(r.c.Look(group))
		}
	}
	return textOf(base64.StdEncoding.AppendEncode(out, b))
}

// decodeBase64 gives a character for each byte; what is no base64 is passed over.
func decodeBase64(r *run, s string) string {
	s, _, _ = strings.Cut(s, "=")
	text := make([]byte, 0, len(s))
	r.pieces(s, func(piece string) {
		for i := range len(piece) {
			switch ch := piece[i]; {
			case ch == '-' || ch == '+':
				text = append(text, '+')
			case ch == '_' || ch == '/':
				text = append(text, '/')
			case ch >= '0' && ch <= '9' || ch|0x20 >= 'a' && ch|0x20 <= 'z':
				text = append(text, ch)
			}
		}
	})
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	r.read(base64.RawStdEncoding.DecodedLen(len(text)))
	const group = characters.Piece / 4 * 4
	var bytes [group]byte
	var out []byte
	for piece := range slices.Chunk(text, group) {
		n, _ := base64.RawStdEncoding.Decode(bytes[:], piece)
		for _, x := range bytes[:n] {
			out = utf8.AppendRune(out, rune(x))
		}
		r.must(r.c.Look(len(piece)))
	}
	return textOf(out)
}

// escaping encodes all but letters, digits and the kept characters with percent signs.
func escaping(keep string) func(dst []byte, piece string) []byte {
	return func(dst []byte, piece string) []byte {
		for i := range len(piece) {
			ch := piece[i]
			if ch >= '0' && ch <= '9' || ch|0x20 >= 'a' && ch|0x20 <= 'z' || strings.IndexByte(keep, ch) >= 0 {
				dst = append(dst, ch)
			} else {
				dst = append(dst, '%', "0123456789ABCDEF"[ch>>4], "0123456789ABCDEF"[ch&15])
			}
		}
		return dst
	}
}

// unescaped decodes what escaping has encoded, but for the characters that stay encoded.
func (r *run) unescaped(s, stay string) string {
	b := make([]byte, 0, len(s))
	for i, seen := 0, 0; i < len(s); i++ {
		if i-seen >= characters.Piece {
			r.must(r.c.Look(i - seen))
			seen = i
		}
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			panic(failure("an escape is not complete"))
		}
		hi, lo := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
		if hi < 0 || lo < 0 {
			panic(failure("an escape has no hexadecimal digits"))
		}
		if ch := byte(hi<<4 | lo); strings.IndexByte(stay, ch) >= 0 {
			b = append(b, s[i:i+3]...)
		} else {
			b = append(b, ch)
		}
		i += 2
	}
	valid, err := characters.Valid(textOf(b), r.c.Look)
	r.must(err)
	if !valid {
		panic(failure("what is escaped is no UTF-8"))
	}
	return textOf(b)
}

const hexDigits = "0123456789abcdef"
