package lettercase

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Case mapping is Unicode's default: the simple mappings of package unicode, the mappings of SpecialCasing.txt that
// depend on no language, and the final sigma (The Unicode Standard §3.13, ECMAScript §22.1.3.28). It is written here
// because x/text/cases, to which a test holds it, prepares every language when a process starts.

// Lower appends s in lower case, as ECMAScript toLowerCase has it. Invalid bytes stay.
func Lower(dst []byte, s string) []byte { return LowerPart(dst, s, 0, len(s)) }

// LowerPart appends what stands between two offsets of s as Lower does; both are where characters begin.
func LowerPart(dst []byte, s string, from, to int) []byte {
	start := len(dst)
	dst = append(dst, s[from:to]...)
	for i, ch := range dst[start:] {
		if ch >= utf8.RuneSelf {
			return appendLowerRest(dst[:start+i], s, from+i, to)
		}
		if ch-'A' <= 'Z'-'A' {
			dst[start+i] = ch + ('a' - 'A')
		}
	}
	return dst
}

// Looks returns how many bytes Lower looks at beside those of s: around each capital sigma it looks for the end of the word.
func Looks(s string) int {
	if strings.Contains(s, "Σ") {
		return sigmaLooks * len(s)
	}
	return 0
}

// sigmaLooks is how much longer it takes to find where words end than to read the text.
const sigmaLooks = 4

// appendLowerRest appends what stands between the offsets i and end of s in lower case.
func appendLowerRest(dst []byte, s string, i, end int) []byte {
	for i < end {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError:
			dst = append(dst, s[i:i+size]...)
		case r == 'İ':
			dst = append(dst, "i\u0307"...)
		case r == 'Σ' && isFinal(s[:i], s[i+size:]):
			dst = append(dst, "ς"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}

// Upper appends s in upper case, as ECMAScript toUpperCase has it. Invalid bytes stay.
func Upper(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	for i, ch := range dst[start:] {
		if ch >= utf8.RuneSelf {
			return appendUpperRest(dst[:start+i], s[i:])
		}
		if ch-'a' <= 'z'-'a' {
			dst[start+i] = ch - ('a' - 'A')
		}
	}
	return dst
}

// appendUpperRest appends s in upper case.
func appendUpperRest(dst []byte, s string) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError {
			dst = append(dst, s[:size]...)
		} else {
			dst = appendUpperRune(dst, r)
		}
		s = s[size:]
	}
	return dst
}

// appendUpperRune appends the upper case of one character, of up to three characters.
func appendUpperRune(dst []byte, r rune) []byte {
	switch {
	case r >= 0x1F80 && r <= 0x1FAF: // a vowel with iota subscript, which becomes an iota of its own
		vowel := [...]rune{0x1F08, 0x1F28, 0x1F68}[(r-0x1F80)>>4] + r&7
		return append(utf8.AppendRune(dst, vowel), "Ι"...)
	case isSpecialRange(r):
		i, found := slices.BinarySearchFunc(specialUpper[:], r, func(c specialCase, r rune) int { return int(c.lower - r) })
		if found {
			return append(dst, specialUpper[i].upper...)
		}
	}
	return utf8.AppendRune(dst, unicode.ToUpper(r))
}

// isSpecialRange reports whether r lies where specialUpper has entries, so that most characters skip the search.
func isSpecialRange(r rune) bool {
	return r == 'ß' || r == 0x149 || r == 0x1F0 || r == 0x390 || r == 0x3B0 || r == 0x587 || r >= 0x1E96 && r <= 0x1E9A ||
		r >= 0x1F50 && r <= 0x1FFC || r >= 0xFB00 && r <= 0xFB17
}

// isFinal reports whether a capital sigma between before and after ends a word: a letter with case stands before it and
// none after it, characters that case ignores aside (The Unicode Standard §3.13, Final_Sigma).
func isFinal(before, after string) bool {
	for {
		r, size := utf8.DecodeLastRuneInString(before)
		if size == 0 {
			return false
		}
		if isCased(r) {
			break
		}
		if !isCaseIgnorable(r) {
			return false
		}
		before = before[:len(before)-size]
	}
	for _, r := range after {
		if !isCaseIgnorable(r) { // characters with case that case ignores, such as U+02B0, do not continue a word
			return !isCased(r)
		}
	}
	return true
}

// isCased reports whether r has the property Cased (The Unicode Standard §3.13, D135).
func isCased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// isCaseIgnorable reports whether r has the property Case_Ignorable (The Unicode Standard §3.13, D136).
func isCaseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', 0x387, 0x55F, 0x5F4, '‘', '’', '․', '‧', 0xFE13, '﹒', '﹕', '＇', '．', '：':
		return true // Word_Break is Single_Quote, MidNumLet or MidLetter (UAX #29)
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
