package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/decimal"
)

// number reads an integer, and hands what goes on behind one to fraction.
func (d *decoder) number(i int) (Value, int) {
	s, start := d.s, i
	if len(s)-i > longNumber {
		s = s[:i+longNumber]
	}
	if s[i] == '-' {
		i++
	}
	first, n := i, int64(0)
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		n = n*10 + int64(s[i]-'0')
	}
	if i == len(s) && i < len(d.s) {
		i += decimal.Digits(d.s[i:])
		s = d.s
	}
	if i == first || i > first+1 && s[first] == '0' {
		return Undefined, d.fail(first, "a number without leading zeros")
	}
	if i < len(s) && (s[i] == '.' || s[i] == 'e' || s[i] == 'E') {
		return d.fraction(start, i, n)
	}
	if i-start > maxDigits {
		if !d.take(bigBytes + i - start) {
			return Undefined, failed
		}
		v, _ := ParseInteger(s[start:i])
		return v, i
	}
	if first > start {
		n = -n
	}
	return Number(float64(n)), i
}

// longNumber is the length from which an integer is gone through in larger steps.
const longNumber = 32

// bigBytes is what an exact integer takes up besides its digits.
const bigBytes = 64

// maxDigits is the number of digits up to which every whole number is a double, as are the powers of ten.
const maxDigits = 15

var powersOfTen = [maxDigits + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// fraction goes on with the number that begins at start and whose digits up to i are those of n. Few digits without an
// exponent are the quotient of two doubles, which is rounded once and so correctly (Clinger, "How to Read Floating
// Point Numbers Accurately").
func (d *decoder) fraction(start, i int, n int64) (Value, int) {
	s, digits, places := d.s, i-start, 0
	if s[i] == '.' {
		i++
		point := i
		for ; i < len(s) && s[i]-'0' <= 9 && i-point <= maxDigits; i++ {
			n = n*10 + int64(s[i]-'0')
		}
		if i-point > maxDigits {
			i, _ = skipDigits(s, i)
		}
		if places = i - point; places == 0 {
			return Undefined, d.fail(i, "a digit")
		}
		digits += places
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n := 0
		if i, n = skipDigits(s, i); n == 0 {
			return Undefined, d.fail(i, "a digit")
		}
		digits = maxDigits + 1
	}
	if digits > maxDigits {
		f, _ := decimal.Parse(s[start:i])
		return Number(f), i
	}
	f := float64(n) / powersOfTen[places]
	if s[start] == '-' {
		f = -f
	}
	return Number(f), i
}

// text reads the string whose quote stands at i.
func (d *decoder) text(i int) (string, int) {
	end, seen := spanText(d.s, i+1)
	d.seen |= seen
	if end < len(d.s) && d.s[end] == '"' {
		return d.s[i+1 : end], end + 1
	}
	return d.escaped(i+1, end)
}

// escaped goes on with the string from start on whose first escape, or mistake, stands at i.
func (d *decoder) escaped(start, i int) (string, int) {
	var buf []byte
	for i < len(d.s) {
		if d.s[i] == '"' {
			return string(append(buf, d.s[start:i]...)), i + 1
		}
		if d.s[i] < 0x20 {
			return "", d.fail(i, "an escape instead of a control character")
		}
		if buf == nil {
			buf = make([]byte, 0, i-start+32)
		}
		if !d.take(2 * (i - start + utf8.UTFMax)) { // the text, and the buffer that it is built in
			return "", failed
		}
		buf = append(buf, d.s[start:i]...)
		var n int
		if buf, n = appendUnescaped(buf, d.s[i:]); n == 0 {
			return "", d.fail(i, "a valid escape")
		}
		var seen uint64
		start = i + n
		i, seen = spanText(d.s, start)
		d.seen |= seen
	}
	return "", d.fail(len(d.s), "the closing quote of the text")
}

// appendUnescaped decodes the escape at the start of s and returns its length, 0 when it is malformed.
func appendUnescaped(dst []byte, s string) ([]byte, int) {
	if len(s) < 2 {
		return dst, 0
	}
	switch c := s[1]; c {
	case '"', '\\', '/':
		return append(dst, c), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		r, ok := hex4(s, 2)
		if !ok {
			return dst, 0
		}
		if utf16.IsSurrogate(r) {
			if low, ok := hex4(s, 8); ok && s[6] == '\\' && s[7] == 'u' {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(dst, pair), 12
				}
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(dst, r), 6
	}
	return dst, 0
}

func hex4(s string, i int) (rune, bool) {
	if len(s) < i+4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[i:i+4], 16, 16)
	return rune(n), err == nil && s[i] != '+' && s[i] != '-'
}
