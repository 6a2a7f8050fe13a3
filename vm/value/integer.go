package value

import (
	"math"
	"math/big"
	"math/bits"
)

// leading returns the first 64 bits of |i|, of which the last is set when any behind them is, and the number of bits
// behind them.
func leading(i *big.Int) (mantissa uint64, behind int) {
	words := i.Bits()
	behind = max(0, i.BitLen()-64)
	for n, word := range words {
		at := n*bits.UintSize - behind // where the word begins in the mantissa
		switch w := uint64(word); {
		case at <= -bits.UintSize:
			if w != 0 {
				mantissa |= 1
			}
		case at < 0:
			if w<<(64+at) != 0 {
				mantissa |= 1
			}
			mantissa |= w >> -at
		default:
			mantissa |= w << at
		}
	}
	return mantissa, behind
}

// floatOf returns the double nearest to i, an infinity when i is out of range.
func floatOf(i *big.Int) float64 {
	mantissa, behind := leading(i)
	return math.Copysign(math.Ldexp(float64(mantissa), behind), float64(i.Sign()))
}

// integerLength returns the length of i in decimal, with its sign.
func integerLength(i *big.Int) int {
	const nearly = 1e-9 // far more than the error of the logarithm
	mantissa, behind := leading(i)
	log := math.Log10(float64(mantissa)) + float64(behind)*math.Log10(2)
	if digits := math.Floor(log); log-digits > nearly && digits+1-log > nearly {
		n := int(digits) + 1
		if i.Sign() < 0 {
			n++
		}
		return n
	}
	return len(i.String())
}

// compareInteger compares i with f, which is finite, by exact mathematical value: -1, 0 or 1.
func compareInteger(i *big.Int, f float64) int {
	if c := compareFloats(floatOf(i), f); c != 0 { // f is a double: what is less than it is rounded to no more than it
		return c
	}
	exact := new(big.Float).SetPrec(uint(max(64, i.BitLen()))).SetInt(i)
	return exact.Cmp(big.NewFloat(f))
}
