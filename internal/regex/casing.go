package regex

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// With the flag i the library visits every character of a set to add its other cases. For sets such as \S that hold
// nearly all of Unicode this takes milliseconds and adds nothing, so they are written with the flag switched off.

// maxWideSets bounds the large sets with letters, for which there is no such way round.
const maxWideSets = 4

// wideSet is the number of characters from which on a range counts as large.
const wideSet = 1 << 12

// easeCase rewrites a checked pattern for use with the flag i.
func easeCase(pattern string, unicode bool) (string, error) {
	var b strings.Builder
	wide := 0
	for i := 0; i < len(pattern); {
		size := 1
		atom := pattern[i : i+1]
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			size = 2
			atom = easeEscape(pattern[i:i+2], unicode)
		case pattern[i] == '.':
			atom = "(?-i:.)"
		case pattern[i] == '[':
			size = classLength(pattern[i:])
			atom = pattern[i : i+size]
			switch caseless, large := surveyClass(atom, unicode); {
			case caseless:
				atom = "(?-i:" + atom + ")"
			case large:
				wide++
			}
		}
		b.WriteString(atom)
		i += size
	}
	if wide > maxWideSets {
		return "", errors.New("regular expression with too many large sets for the flag i")
	}
	return b.String(), nil
}

func easeEscape(escape string, unicode bool) string {
	switch escape[1] {
	case 'S', 'D':
		return "(?-i:" + escape + ")"
	case 'W':
		if unicode { // the long s and the Kelvin sign are other cases of word characters
			return `(?-i:[^\w` + "\u017F\u212A" + `])`
		}
		return "(?-i:" + escape + ")"
	}
	return escape
}

// classLength returns the length of the set that s starts with, all of s when it is not closed.
func classLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ']':
			return i + 1
		}
	}
	return len(s)
}

// surveyClass reports whether a set holds only characters without case, and whether it is large.
func surveyClass(class string, unicode bool) (caseless, large bool) {
	s := strings.TrimPrefix(strings.TrimSuffix(class[1:], "]"), "^")
	caseless = true
	for len(s) > 0 {
		if len(s) > 1 && s[0] == '\\' && strings.IndexByte("sSdDwW", s[1]) >= 0 {
			large = large || strings.IndexByte("SDW", s[1]) >= 0
			caseless = caseless && !(unicode && s[1]|0x20 == 'w')
			s = s[2:]
			continue
		}
		low, size := classChar(s)
		s = s[size:]
		high := low
		if len(s) > 1 && s[0] == '-' {
			high, size = classChar(s[1:])
			s = s[1+size:]
		}
		large = large || high-low >= wideSet
		caseless = caseless && (high < 'A' || low > 'Z' && high < 'a' || low > 'z' && high < utf8.RuneSelf)
	}
	return caseless, large
}

// classChar reads one character of a set. Escapes that it does not know count as a letter.
func classChar(s string) (r rune, size int) {
	if s[0] != '\\' || len(s) < 2 {
		return utf8.DecodeRuneInString(s)
	}
	digits, end := "", 2
	switch {
	case s[1] == 'u' && len(s) > 3 && s[2] == '{':
		if end = strings.IndexByte(s, '}') + 1; end > 0 {
			digits = s[3 : end-1]
		} else {
			end = 2
		}
	case s[1] == 'u' && len(s) >= 6:
		digits, end = s[2:6], 6
	case s[1] == 'x' && len(s) >= 4:
		digits, end = s[2:4], 4
	case strings.IndexByte("tnvfr", s[1]) >= 0:
		return '\n', 2
	case !isAlnum(s[1]):
		r, size = utf8.DecodeRuneInString(s[1:])
		return r, size + 1
	}
	if n, err := strconv.ParseUint(digits, 16, 21); err == nil {
		return rune(n), end
	}
	return 'a', 2
}
