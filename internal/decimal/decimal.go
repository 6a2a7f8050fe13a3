// Package decimal reads the decimals of strangers as doubles. A text of ten million digits costs a few milliseconds, which
// the one call of the standard library for it does not hold.
package decimal

import (
	"math"
	"strconv"
	"strings"
)

// long is the length from which a decimal is shortened before it is read. significant digits of one decide which double
// is nearest to it, whatever stands behind: 767 are the most that a number halfway between two doubles has.
const (
	long        = 1024
	significant = 800
)

// Parse is strconv.ParseFloat for 64 bits, but that it is quick about long decimals and that their exponents count even
// where they are as large as there are digits.
func Parse(s string) (float64, error) {
	if len(s) <= long {
		return strconv.ParseFloat(s, 64)
	}
	whole, fraction, exponent, negative, ok := split(s)
	if !ok {
		return strconv.ParseFloat(s, 64)
	}
	f := nearest(whole, fraction, exponent)
	if negative {
		f = -f
	}
	if math.IsInf(f, 0) {
		return f, &strconv.NumError{Func: "ParseFloat", Num: s[:significant] + "…", Err: strconv.ErrRange}
	}
	return f, nil
}

// split takes [±]digits[.digits][e[±]digits] apart, where either digits of the mantissa may be missing but not both.
func split(s string) (whole, fraction string, exponent int, negative, ok bool) {
	if s[0] == '-' || s[0] == '+' {
		negative, s = s[0] == '-', s[1:]
	}
	whole, s = cut(s)
	if strings.HasPrefix(s, ".") {
		fraction, s = cut(s[1:])
	}
	if ok = whole != "" || fraction != ""; s == "" || !ok {
		return whole, fraction, 0, negative, ok
	}
	if s[0] != 'e' && s[0] != 'E' {
		return "", "", 0, false, false
	}
	sign, digits := 1, s[1:]
	if strings.HasPrefix(digits, "-") {
		sign, digits = -1, digits[1:]
	} else {
		digits = strings.TrimPrefix(digits, "+")
	}
	if digits == "" || Digits(digits) < len(digits) {
		return "", "", 0, false, false
	}
	return whole, fraction, sign * bounded(digits), negative, true
}

func cut(s string) (digits, rest string) {
	n := Digits(s)
	return s[:n], s[n:]
}

// bounded returns digits as a number that is large when it would be larger than any number of digits.
func bounded(digits string) int {
	const large = 1 << 30 // as long as a text of digits can be where int has 32 bits
	digits = digits[zeros(digits):]
	if len(digits) > 9 {
		return large
	}
	n, _ := strconv.Atoi("0" + digits)
	return n
}

// nearest returns the double nearest to whole.fraction × 10^exponent.
func nearest(whole, fraction string, exponent int) float64 {
	whole = whole[zeros(whole):]
	point := len(whole) // where it stands, counted from the first digit that is not 0
	if whole == "" {
		n := zeros(fraction)
		point, fraction = -n, fraction[n:]
	}
	if whole == "" && fraction == "" {
		return 0
	}
	head := make([]byte, 0, significant+32)
	head = append(head, "0."...)
	rest := whole[min(len(whole), significant):]
	head = append(head, whole[:len(whole)-len(rest)]...)
	room := significant + len("0.") - len(head)
	more := fraction[min(len(fraction), room):]
	head = append(head, fraction[:len(fraction)-len(more)]...)
	if zeros(rest) < len(rest) || zeros(more) < len(more) {
		head = append(head, '1') // more than the head says, whatever the digits are
	}
	head = append(head, 'e')
	// What is far out of range is an infinity or 0, however far it is.
	head = strconv.AppendInt(head, int64(max(-10_000, min(point+exponent, 10_000))), 10)
	f, _ := strconv.ParseFloat(string(head), 64)
	return f
}
