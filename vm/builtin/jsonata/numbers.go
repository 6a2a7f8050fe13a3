package jsonata

import (
	"math"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/decimal"
)

var numberRows = map[string]row{
	"sum": {"<a<n>:n>", 1, orMissing(func(c *call) any {
		total := 0.0
		for _, item := range c.items(0) {
			total += item.(float64)
		}
		return total
	})},
	"average": {"<a<n>:n>", 1, ofNumbers(func(items []any) float64 {
		total := 0.0
		for _, item := range items {
			total += item.(float64)
		}
		return total / float64(len(items))
	})},
	"max": {"<a<n>:n>", 1, ofNumbers(func(items []any) float64 {
		most := math.Inf(-1)
		for _, item := range items {
			most = math.Max(most, item.(float64))
		}
		return most
	})},
	"min": {"<a<n>:n>", 1, ofNumbers(func(items []any) float64 {
		least := math.Inf(1)
		for _, item := range items {
			least = math.Min(least, item.(float64))
		}
		return least
	})},
	"number": {"<(nsb)-:n>", 1, orMissing(toNumber)},
	"floor":  {"<n-:n>", 1, orMissing(func(c *call) any { return math.Floor(c.number(0)) })},
	"ceil":   {"<n-:n>", 1, orMissing(func(c *call) any { return math.Ceil(c.number(0)) })},
	"abs":    {"<n-:n>", 1, orMissing(func(c *call) any { return math.Abs(c.number(0)) })},
	"round": {"<n-n?:n>", 2, orMissing(func(c *call) any {
		precision := 0.0
		if c.at(1) != nil {
			precision = c.number(1)
		}
		return round(c.number(0), precision)
	})},
	"sqrt": {"<n-:n>", 1, orMissing(func(c *call) any {
		if c.number(0) < 0 {
			panic(failure("a negative number has no square root"))
		}
		return math.Sqrt(c.number(0))
	})},
	"power": {"<n-n:n>", 2, orMissing(func(c *call) any {
		f := math.Pow(c.number(0), c.number(1))
		if math.IsInf(f, 0) || math.IsNaN(f) {
			panic(failure("a power is no number"))
		}
		return f
	})},
	"random":       {"<:n>", 0, func(c *call) any { return c.entropy() }},
	"parseInteger": {"<s-s:n>", 2, orMissing(func(c *call) any { return newIntegerPicture(c.picture(1)).parse(c.text(0)) })},
}

// ofNumbers makes a function that gives nothing for an empty list.
func ofNumbers(f func(items []any) float64) func(c *call) any {
	return func(c *call) any {
		if c.at(0) == nil || len(c.items(0)) == 0 {
			return nil
		}
		c.step(len(c.items(0)))
		return f(c.items(0))
	}
}

// numeric reports whether s, which strconv.ParseFloat reads, is written -digits[.digits][e[±]digits].
func numeric(s string) bool {
	s = strings.TrimPrefix(s, "-")
	n := decimal.Digits(s)
	if s = s[n:]; n == 0 {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		n = decimal.Digits(rest)
		if s = rest[n:]; n == 0 {
			return false
		}
	}
	return s == "" || s[0]|0x20 == 'e'
}

func toNumber(c *call) any {
	switch v := c.at(0).(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1.0
		}
		return 0.0
	case string:
		c.read(len(v))
		if f, err := decimal.Parse(v); err == nil && numeric(v) {
			return f
		}
	}
	panic(failure("what is to become a number is none"))
}

// round rounds to a number of decimals, halves to the even neighbour.
func round(f, precision float64) float64 {
	f = shifted(f, precision)
	result := math.Floor(f + 0.5)
	if f-math.Floor(f) == 0.5 && math.Mod(math.Abs(result), 2) == 1 {
		result--
	}
	result = shifted(result, -precision)
	if result == 0 {
		return 0
	}
	return result
}

// shifted moves the decimal point of a number, in its text.
func shifted(f, places float64) float64 {
	if places == 0 || math.IsNaN(places) || math.Abs(places) > 400 {
		return f
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent)
	f, _ = strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+int(places)), 64)
	return f
}

func formatBase(c *call) any {
	f, radix := round(c.number(0), 0), 10.0
	if c.at(1) != nil {
		radix = round(c.number(1), 0)
	}
	if radix < 2 || radix > 36 {
		panic(failure("a base is not from 2 to 36"))
	}
	if radix == 10 {
		return c.string(f, "")
	}
	if math.Abs(f) < 1<<63 {
		return strconv.FormatInt(int64(f), int(radix))
	}
	panic(failure("a number is too large to be written in another base"))
}
