package value

import "math/bits"

// The tricks of this file look at eight bytes at once (see "Bit Twiddling Hacks", "Determine if a word has a byte less than n"):
// a byte of a mask is set where the text has a byte of interest. Borrows can set more, but never below the first that is right.

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special returns a mask of the control characters, quotes and backslashes among eight bytes.
func special(x uint64) uint64 {
	quote, slash := x^(lows*'"'), x^(lows*'\\')
	return ((x-lows*0x20)&^x | (quote-lows)&^quote | (slash-lows)&^slash) & highs
}

// eight returns the eight bytes of s from i on, the first in the lowest place.
func eight(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// spanText returns the position of the first control character, quote or backslash of s from i on, or len(s).
func spanText(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if m := special(eight(s, i)); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			return i
		}
		i++
	}
	return i
}

// spanPlain is spanText that stops at bytes outside ASCII too.
func spanPlain(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		if m := special(x) | x&highs; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) {
		if c := s[i]; c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
			return i
		}
		i++
	}
	return i
}
