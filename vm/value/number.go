package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/internal/decimal"
)

// MaxIntegerDigits is the number of digits up to which an integer is kept exactly (spec iml.md §13).
const MaxIntegerDigits = 1000

// AppendNumber appends f as ECMAScript Number::toString prints it (spec iml.md §2.1).
func AppendNumber(dst []byte, f float64) []byte {
	if i := int64(f); float64(i) == f && i > -1e15 && i < 1e15 {
		return strconv.AppendInt(dst, i, 10)
	}
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if f < 0 {
		dst, f = append(dst, '-'), -f
	}
	var scratch [32]byte
	e := strconv.AppendFloat(scratch[:0], f, 'e', -1, 64)
	mant, exp, _ := strings.Cut(string(e), "e")
	n, _ := strconv.Atoi(exp)
	digits := mant[:1] + strings.TrimPrefix(mant[1:], ".")
	return appendDigits(dst, digits, n+1)
}

// appendDigits writes 0.digits × 10^n in the notation that ECMAScript chooses.
func appendDigits(dst []byte, digits string, n int) []byte {
	k := len(digits)
	switch {
	case k <= n && n <= 21:
		dst = append(dst, digits...)
		return append(dst, strings.Repeat("0", n-k)...)
	case 0 < n && n <= 21:
		dst = append(dst, digits[:n]...)
		dst = append(dst, '.')
		return append(dst, digits[n:]...)
	case -6 < n && n <= 0:
		dst = append(dst, "0."...)
		dst = append(dst, strings.Repeat("0", -n)...)
		return append(dst, digits...)
	}
	dst = append(dst, digits[0])
	if k > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	dst = append(dst, 'e')
	if n-1 >= 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(n-1), 10)
}

// ParseInteger reads decimal digits with an optional minus sign as a number that keeps all digits, up to
// MaxIntegerDigits; longer ones become the nearest double. ok is false when s is no integer.
func ParseInteger(s string) (v Value, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" {
		return Undefined, false
	}
	if decimal.Digits(digits) < len(digits) {
		return Undefined, false
	}
	if len(digits) <= 18 {
		n, err := strconv.ParseInt(s, 10, 64)
		return Int(n), err == nil
	}
	if len(digits) > MaxIntegerDigits {
		if digits[0] != '0' { // without reading megabytes of them
			return Number(math.Inf(1 - 2*(len(s)-len(digits)))), true
		}
		f, _ := decimal.Parse(s) // out of range yields an infinity, which is the nearest double
		return Number(f), true
	}
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return Undefined, false
	}
	return Integer(i), true
}

// ToNumber converts v for an operator (spec iml.md §2.3): what is no number becomes NaN.
func ToNumber(v Value) float64 {
	switch v.kind {
	case KindNumber, KindInteger:
		return v.Float()
	case KindNull:
		return 0
	case KindBool:
		return float64(v.n)
	case KindDate:
		return float64(int64(v.n))
	case KindText:
		return StringToNumber(v.Str())
	case KindArray:
		return arrayToNumber(v)
	}
	return math.NaN()
}

// NumberLength returns the number of bytes that ToNumber looks at to convert v.
func NumberLength(v Value) int {
	for v.kind == KindArray && v.n == 1 { // values do not nest deeper than they may
		v = v.Items()[0]
	}
	return len(v.Str())
}

// arrayToNumber is ToNumber of the text of a list, without that text: two items have a comma between them, so only a
// lone one can be a number.
func arrayToNumber(v Value) float64 {
	for v.kind == KindArray {
		items := v.Items()
		switch len(items) {
		case 0:
			return 0
		case 1:
			v = items[0]
		default:
			return math.NaN()
		}
	}
	switch v.kind {
	case KindUndefined, KindNull:
		return 0
	case KindNumber, KindInteger:
		return v.Float() + 0 // -0 prints as 0
	case KindText, KindBuffer:
		return StringToNumber(ToText(v))
	}
	return math.NaN()
}

// StringToNumber is ECMAScript StringToNumber.
func StringToNumber(s string) float64 {
	s = TrimSpace(s)
	if s == "" {
		return 0
	}
	if len(s) > 2 && s[0] == '0' {
		switch s[1] {
		case 'x', 'X':
			return radix(s[2:], 16)
		case 'o', 'O':
			return radix(s[2:], 8)
		case 'b', 'B':
			return radix(s[2:], 2)
		}
	}
	if len(s) <= len("Infinity")+1 && strings.TrimLeft(s, "+-") == "Infinity" {
		return math.Inf(1 - 2*strings.Count(s[:1], "-"))
	}
	if f, ok := ParseDecimal(s); ok {
		return f
	}
	return math.NaN()
}

// radix reads the digits of an unsigned integer. What has more bits than the largest double is an infinity and not read
// further, so that the cost is linear in the length of s.
func radix(s string, base int) float64 {
	for i := 0; i < len(s); i++ {
		if int(digits[s[i]]) >= base {
			return math.NaN()
		}
	}
	s = strings.TrimLeft(s, "0")
	if len(s) > 1024 {
		return math.Inf(1)
	}
	i, ok := new(big.Int).SetString("0"+s, base)
	if !ok {
		return math.NaN()
	}
	return floatOf(i)
}

// digits has what each character counts as a digit, more than any where it is none.
var digits = func() (table [256]uint8) {
	for c := range table {
		table[c] = math.MaxUint8
	}
	for i, c := range "0123456789abcdef" {
		table[c], table[unicode.ToUpper(c)] = uint8(i), uint8(i)
	}
	return table
}()

// ParseDecimal reads [±]digits[.digits][e[±]digits], where either digits of the mantissa may be missing but not both.
func ParseDecimal(s string) (float64, bool) {
	i, digits := 0, 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	i, digits = skipDigits(s, i)
	if i < len(s) && s[i] == '.' {
		var more int
		i, more = skipDigits(s, i+1)
		digits += more
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		var exp int
		if i, exp = skipDigits(s, i); exp == 0 {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	f, _ := decimal.Parse(s) // the only error left is the range, where f is what ECMAScript gives
	return f, true
}

func skipDigits(s string, i int) (next, n int) {
	n = decimal.Digits(s[i:])
	return i + n, n
}

// IsSpace reports whether r is ECMAScript white space or a line terminator.
func IsSpace(r rune) bool { return characters.IsSpace(r) }

// TrimSpace removes ECMAScript white space and line terminators at both ends.
func TrimSpace(s string) string { return characters.TrimSpace(s) }
