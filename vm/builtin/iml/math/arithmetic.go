package math

import (
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// leftToRight combines the numbers of the arguments.
func leftToRight(c *builtin.Context, a builtin.Args, combine func(x, y float64) float64) (value.Value, error) {
	total := a.Number(0)
	for i := 1; i < len(a.V); i++ {
		total = combine(total, a.Number(i))
	}
	return value.Number(total), c.Tick(len(a.V) - 1)
}

func callDiv(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x / y })
}

func callProd(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x * y })
}

func callSub(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return leftToRight(c, a, func(x, y float64) float64 { return x - y })
}

// callPower is ECMAScript exponentiation, which unlike IEEE-754 pow gives NaN for 1 or -1 and an infinite or undefined
// exponent.
func callPower(c *builtin.Context, a builtin.Args) (value.Value, error) {
	x, y := a.Number(0), a.Number(1)
	if math.IsNaN(y) || math.IsInf(y, 0) && math.Abs(x) == 1 {
		return value.Number(math.NaN()), nil
	}
	return value.Number(math.Pow(x, y)), nil
}

func callSqrt(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Sqrt(a.Number(0))), nil
}

func callLn(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Log(a.Number(0))), nil
}

func callLog(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Log(a.Number(1)) / math.Log(a.Number(0))), nil
}

func callNumber(c *builtin.Context, a builtin.Args) (value.Value, error) { return a.V[0], nil }
