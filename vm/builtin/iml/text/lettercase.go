package text

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/lettercase"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendLower(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if err := c.Read(lettercase.Looks(a.Text(0))); err != nil {
		return dst, err
	}
	return lettercase.Lower(dst, a.Text(0)), nil
}

func appendUpper(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return lettercase.Upper(dst, a.Text(0)), nil
}

func appendCapitalize(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return capitalize(dst, a.Text(0)), nil
}

// capitalize appends s with its first character in upper case.
func capitalize(dst []byte, s string) []byte {
	_, size := utf8.DecodeRuneInString(s)
	return append(lettercase.Upper(dst, s[:size]), s[size:]...)
}

func appendStartcase(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if err := c.Read(normalForm * len(a.Text(0))); err != nil {
		return dst, err
	}
	return eachWord(dst, a.Text(0), func(dst []byte, word string) []byte {
		_, size := utf8.DecodeRuneInString(word)
		return lettercase.Lower(lettercase.Upper(dst, word[:size]), word[size:])
	}, true), nil
}

// eachWord appends every run of non-blanks through write, and the blanks between if keep is set.
func eachWord(dst []byte, s string, write func(dst []byte, word string) []byte, keep bool) []byte {
	for len(s) > 0 {
		n := spanSpace(s, true)
		if keep {
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
		if n = spanSpace(s, false); n > 0 {
			dst = write(dst, s[:n])
			s = s[n:]
		}
	}
	return dst
}

// spanSpace returns the length of the run of white space, or of anything else, that s starts with.
func spanSpace(s string, space bool) int {
	for i, r := range s {
		if value.IsSpace(r) != space {
			return i
		}
	}
	return len(s)
}

func appendAscii(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s := a.Text(0)
	if a.Flag(1) && !isASCII(s) {
		if err := c.Read(normalForm * len(s)); err != nil {
			return dst, err
		}
		s = norm.NFD.String(s)
	}
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			dst = append(dst, s[i])
		}
	}
	return dst, nil
}

// normalForm is how much longer than to read a text it takes to decompose its characters, or to change their case one by
// one.
const normalForm = 16

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// withoutMarks appends the NFD form of s without its combining marks.
func withoutMarks(dst []byte, s string) []byte {
	if isASCII(s) {
		return append(dst, s...)
	}
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.M, r) {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}
