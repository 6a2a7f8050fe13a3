package locator

import (
	"math"
	"strings"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/internal/decimal"
)

// Number is JavaScript's Number(s): blanks around it do not count, "" is 0; decimal, 0x, 0o, 0b, Infinity.
func Number(s string) float64 {
	s = characters.TrimSpace(s)
	if s == "" {
		return 0
	}
	if len(s) > 2 && s[0] == '0' {
		base := map[byte]int{'x': 16, 'X': 16, 'o': 8, 'O': 8, 'b': 2, 'B': 2}[s[1]]
		if base != 0 {
			return radixNumber(s[2:], base)
		}
	}
	digits, n := Decimal(s)
	if n < len(s) {
		return math.NaN()
	}
	return digits
}

func radixNumber(s string, base int) float64 {
	f := 0.0
	for i := range len(s) {
		d := digit(s[i])
		if d >= base {
			return math.NaN()
		}
		f = f*float64(base) + float64(d)
	}
	return f
}

// digit returns what c counts as a digit, more than any when it is none.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return math.MaxUint8
}

// Decimal returns the decimal number that s begins with, and its length; NaN and 0 when there is none.
func Decimal(s string) (f float64, n int) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if strings.HasPrefix(s[i:], "Infinity") {
		if s[0] == '-' {
			return math.Inf(-1), i + len("Infinity")
		}
		return math.Inf(1), i + len("Infinity")
	}
	from := i
	i = skipDigits(s, i)
	digits := i - from
	if i < len(s) && s[i] == '.' {
		if end := skipDigits(s, i+1); digits > 0 || end > i+1 {
			digits += end - i - 1
			i = end
		}
	}
	if digits == 0 {
		return math.NaN(), 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		e := i + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if end := skipDigits(s, e); end > e {
			i = end
		}
	}
	f, _ = decimal.Parse(s[:i]) // out of range it is an infinity or 0, as in JavaScript
	return f, i
}

func skipDigits(s string, i int) int { return i + decimal.Digits(s[i:]) }
