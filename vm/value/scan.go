package value

import "math/bits"

// The tricks of this file look at eight bytes at once (see "Bit Twiddling Hacks", "Determine if a word has a byte less
// than n"): a byte of a mask is set where the text has a byte of interest. Borrows can set more, but never below the
// first that is right.

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special returns a mask of the control characters, quotes and backslashes among eight bytes. What is not ASCII is none
// of them, and none of the three differences changes that bit of a byte, so one look at it serves them all.
func special(x uint64) uint64 {
	return ((x - lows*0x20) | ((x ^ lows*'"') - lows) | ((x ^ lows*'\\') - lows)) &^ x & highs
}

// eight returns the eight bytes of s from i on, the first in the lowest place.
func eight(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// spanText returns the position of the first control character, quote or backslash of s from i on, or len(s). When a
// byte before it is not ASCII, seen has a bit of highs; bytes behind it can set one too.
func spanText(s string, i int) (end int, seen uint64) {
	for ; i+32 <= len(s); i += 32 {
		a := eight(s, i)
		if m := special(a); m != 0 {
			return i + bits.TrailingZeros64(m)>>3, seen | a
		}
		b, c, d := eight(s, i+8), eight(s, i+16), eight(s, i+24)
		seen |= a
		if special(b)|special(c)|special(d) != 0 {
			i += 8
			break
		}
		seen |= b | c | d
	}
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		seen |= x
		if m := special(x); m != 0 {
			return i + bits.TrailingZeros64(m)>>3, seen
		}
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c == '"' || c == '\\' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen
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
