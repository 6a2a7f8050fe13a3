package grammar

import (
	"unicode"
	"unicode/utf8"
)

// Classes of ASCII bytes, so that common texts never decode runes.
const (
	classStart uint8 = 1 << iota // may begin a name
	classDigit
	classBlank
)

var asciiClass = func() (t [utf8.RuneSelf]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = classStart, classStart
	}
	t['_'], t['$'] = classStart, classStart
	for c := '0'; c <= '9'; c++ {
		t[c] = classDigit
	}
	for _, c := range "\t\n\v\f\r " {
		t[c] = classBlank
	}
	return t
}()

// BlankLength returns the number of bytes of the blank that text begins with, or 0: ECMAScript white space and line
// terminators (spec iml.md §4).
func BlankLength(text string) int {
	if text == "" {
		return 0
	}
	if c := text[0]; c < utf8.RuneSelf {
		return int(asciiClass[c]&classBlank) / int(classBlank)
	}
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case r == 0xA0, r == 0xFEFF, r == 0x2028, r == 0x2029, r == 0x1680, r == 0x202F, r == 0x205F, r == 0x3000,
		r >= 0x2000 && r <= 0x200A:
		return n
	}
	return 0
}

// NameStartLength returns the number of bytes of the character that text begins with when a name can begin with it, or
// 0: a Unicode letter, _ or $ (spec iml.md §4).
func NameStartLength(text string) int {
	if text == "" {
		return 0
	}
	if c := text[0]; c < utf8.RuneSelf {
		return int(asciiClass[c] & classStart)
	}
	if r, n := utf8.DecodeRuneInString(text); unicode.IsLetter(r) {
		return n
	}
	return 0
}

// nameLength returns the number of bytes at the beginning of text that can go on a name.
func nameLength(text string) int {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if asciiClass[c]&(classStart|classDigit) == 0 {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
			return i
		}
		i += n
	}
	return len(text)
}

// IsName reports whether text is a bare name.
func IsName(text string) bool {
	return NameStartLength(text) > 0 && nameLength(text) == len(text)
}

func isDigits(text string) bool {
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

func isDigit(c byte) bool { return c-'0' <= 9 }
