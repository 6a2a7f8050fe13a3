package builtin

import (
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// leftToRight combines the numbers of the arguments.
func leftToRight(c *Context, a Args, combine func(x, y float64) float64) (value.Value, error) {
	total := a.number(0)
	for i := 1; i < len(a.V); i++ {
		total = combine(total, a.number(i))
	}
	return value.Number(total), c.visit(len(a.V) - 1)
}

func callDiv(c *Context, a Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x / y })
}

func callProd(c *Context, a Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x * y })
}

func callSub(c *Context, a Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x - y })
}

// callPower is ECMAScript exponentiation, which unlike IEEE-754 pow gives NaN for 1 or -1 and an infinite or undefined
// exponent.
func callPower(c *Context, a Args) (value.Value, error) {
	x, y := a.number(0), a.number(1)
	if math.IsNaN(y) || math.IsInf(y, 0) && math.Abs(x) == 1 {
		return value.Number(math.NaN()), nil
	}
	return value.Number(math.Pow(x, y)), nil
}

func callSqrt(c *Context, a Args) (value.Value, error) {
	return value.Number(math.Sqrt(a.number(0))), nil
}

func callLn(c *Context, a Args) (value.Value, error) { return value.Number(math.Log(a.number(0))), nil }

func callLog(c *Context, a Args) (value.Value, error) {
	return value.Number(math.Log(a.number(1)) / math.Log(a.number(0))), nil
}

func callNumber(c *Context, a Args) (value.Value, error) { return a.V[0], nil }
