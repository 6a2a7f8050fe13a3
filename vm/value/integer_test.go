package value

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestIntegers compares integers of all lengths, and those around powers of two and ten and halves of doubles, with
// what package math/big says.
func TestIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var integers []*big.Int
	around := func(i *big.Int) {
		for d := int64(-2); d <= 2; d++ {
			integers = append(integers, new(big.Int).Add(i, big.NewInt(d)), new(big.Int).Neg(new(big.Int).Add(i, big.NewInt(d))))
		}
	}
	for n := range 1000 {
		around(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
		power := new(big.Int).Lsh(big.NewInt(1), uint(n))
		around(power)
		around(new(big.Int).Lsh(big.NewInt(r.Int64()), uint(n)))
		half := new(big.Int).Lsh(big.NewInt(1<<54+1+2*r.Int64N(1<<53)), uint(n)) // halfway between two doubles
		around(half)
	}
	around(new(big.Int).Exp(big.NewInt(7), big.NewInt(1000), nil))
	for _, i := range integers {
		want, _ := new(big.Float).SetInt(i).Float64()
		if got := floatOf(i); got != want || math.Signbit(got) != math.Signbit(want) && want != 0 {
			t.Errorf("%v: got %v, want %v", i, got, want)
		}
		for _, f := range []float64{want, math.Nextafter(want, math.Inf(1)), math.Nextafter(want, math.Inf(-1)), -want, 0, 1 << 53} {
			exact := new(big.Float).SetPrec(uint(max(64, i.BitLen()))).SetInt(i)
			if got := compareInteger(i, f); !math.IsInf(f, 0) && got != exact.Cmp(big.NewFloat(f)) {
				t.Errorf("%v and %v: %d", i, f, got)
			}
		}
		if got, want := integerLength(i), len(i.String()); got != want {
			t.Errorf("%v: %d characters, want %d", i, got, want)
		}
	}
}
