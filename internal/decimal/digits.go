package decimal

// The tricks of this file look at eight bytes at once.
const (
	lows       = 0x0101010101010101
	upperHalfs = 0xf0f0f0f0f0f0f0f0
)

// eight returns the eight bytes of s from i on, the first in the lowest place.
func eight(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// Digits returns how many digits s begins with.
func Digits(s string) int {
	i := 0
	for i+8 <= len(s) {
		x := eight(s, i)
		// Both a digit and what is six more than one are 0x3 in the upper half, and nothing else is.
		if x&upperHalfs|(x+6*lows)&upperHalfs>>4 != 0x33*lows {
			break
		}
		i += 8
	}
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

// zeros returns how many zeros s begins with.
func zeros(s string) int {
	i := 0
	for i+8 <= len(s) && eight(s, i) == '0'*lows {
		i += 8
	}
	for i < len(s) && s[i] == '0' {
		i++
	}
	return i
}
