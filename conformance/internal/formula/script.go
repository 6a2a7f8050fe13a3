package formula

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// text is String(v).
func text(v any) string {
	switch v := v.(type) {
	case missing:
		return "undefined"
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return numberText(v)
	case string:
		return v
	case *list:
		parts := make([]string, len(v.items))
		for i, item := range v.items {
			if !absent(item) {
				parts[i] = text(item)
			}
		}
		return strings.Join(parts, ",")
	}
	return "[object Object]"
}

// numberText is Number.prototype.toString.
func numberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	case f < 0:
		return "-" + numberText(-f)
	case f >= 1e-6 && f < 1e21:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return digits + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}

// absent reports whether a value is missing or null.
func absent(v any) bool { return v == nil || v == any(missing{}) }

func truthy(v any) bool {
	switch v := v.(type) {
	case missing, nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	}
	return true
}

func isContainer(v any) bool {
	switch v.(type) {
	case *list, *object:
		return true
	}
	return false
}

// strictlyEqual is ===: of lists and objects their identity.
func strictlyEqual(x, y any) bool { return x == y }

// looselyEqual is ==.
func looselyEqual(x, y any) bool {
	switch {
	case absent(x) || absent(y):
		return absent(x) && absent(y)
	case isContainer(x) && isContainer(y):
		return x == y
	case isContainer(x):
		return looselyEqual(text(x), y)
	case isContainer(y):
		return looselyEqual(x, text(y))
	}
	a, isText := x.(string)
	if b, ok := y.(string); isText && ok {
		return a == b
	}
	return toNumber(x) == toNumber(y)
}

// deeplyEqual compares by content.
func deeplyEqual(x, y any) bool {
	switch x := x.(type) {
	case *list:
		y, ok := y.(*list)
		if !ok || len(x.items) != len(y.items) {
			return false
		}
		for i, item := range x.items {
			if !deeplyEqual(item, y.items[i]) {
				return false
			}
		}
		return true
	case *object:
		y, ok := y.(*object)
		if !ok || len(x.keys) != len(y.keys) {
			return false
		}
		for key, v := range x.values {
			if !y.has(key) || !deeplyEqual(v, y.get(key)) {
				return false
			}
		}
		return true
	}
	return x == y
}

// blanks are what JavaScript takes for white space and ends of lines.
const blanks = "\t\n\v\f\r \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF"

var (
	decimalNumber = regexp.MustCompile(`^[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`)
	radixNumber   = regexp.MustCompile(`^0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// toNumber is Number(v) of a scalar.
func toNumber(v any) float64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		s := strings.Trim(v, blanks)
		switch {
		case s == "":
			return 0
		case radixNumber.MatchString(s):
			n, _ := strconv.ParseUint(s, 0, 64)
			return float64(n)
		case decimalNumber.FindString(s) == s:
			return parseFloat(s)
		}
	}
	return math.NaN()
}

// parseFloat is parseFloat(v).
func parseFloat(v any) float64 {
	found := decimalNumber.FindString(strings.TrimLeft(text(v), blanks))
	if found == "" {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(found, 64)
	return f
}
