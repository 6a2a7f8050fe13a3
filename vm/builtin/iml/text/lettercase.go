package text

import (
	"cmp"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/internal/lettercase"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendLower(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if err := c.Read(lettercase.Looks(a.Text(0))); err != nil {
		return dst, err
	}
	return lower(c, dst, a.Text(0))
}

// lower appends s in lower case.
func lower(c *builtin.Context, dst []byte, s string) ([]byte, error) {
	from := 0
	err := c.Pieces(s, func(piece string) error {
		dst = lettercase.LowerPart(dst, s, from, from+len(piece))
		from += len(piece)
		return nil
	})
	return dst, err
}

func appendUpper(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	err := c.Pieces(a.Text(0), func(piece string) error {
		dst = lettercase.Upper(dst, piece)
		return nil
	})
	return dst, err
}

func appendCapitalize(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s := a.Text(0)
	_, size := utf8.DecodeRuneInString(s)
	return c.Write(lettercase.Upper(dst, s[:size]), s[size:])
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
	var ended error // of a long word
	dst, err := eachWord(c, dst, a.Text(0), func(dst []byte, word string) []byte {
		_, size := utf8.DecodeRuneInString(word)
		dst = lettercase.Upper(dst, word[:size])
		if word = word[size:]; len(word) <= stretch {
			return lettercase.Lower(dst, word)
		}
		dst, ended = lower(c, dst, word)
		return dst
	}, true)
	return dst, cmp.Or(err, ended)
}

// eachWord appends every run of non-blanks through write, and the blanks between if keep is set.
func eachWord(c *builtin.Context, dst []byte, s string, write func(dst []byte, word string) []byte, keep bool) ([]byte, error) {
	for len(s) > 0 {
		left := len(s)
		n, err := spanSpace(c, s, true)
		if err != nil {
			return dst, err
		}
		if keep {
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
		if n, err = spanSpace(c, s, false); err != nil {
			return dst, err
		}
		if n > 0 {
			dst = write(dst, s[:n])
			s = s[n:]
		}
		if err := c.Look(shortWord + left - len(s)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// shortWord is how many bytes of a text are read in the time that a short word takes.
const shortWord = 16

// spanSpace returns the length of the run of white space, or of anything else, that s starts with. It looks within a long
// one.
func spanSpace(c *builtin.Context, s string, space bool) (int, error) {
	seen := 0
	for i, r := range s {
		if value.IsSpace(r) != space {
			return i, nil
		}
		if i-seen >= stretch {
			if err := c.Look(i - seen); err != nil {
				return i, err
			}
			seen = i
		}
	}
	return len(s), nil
}

func appendAscii(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s := a.Text(0)
	if a.Flag(1) && !isASCII(s) {
		if err := c.Read(normalForm * len(s)); err != nil {
			return dst, err
		}
		return decomposed(c, dst, s, func(r rune) bool { return r < utf8.RuneSelf })
	}
	err := c.Pieces(s, func(piece string) error {
		for i := range len(piece) {
			if piece[i] < utf8.RuneSelf {
				dst = append(dst, piece[i])
			}
		}
		return nil
	})
	return dst, err
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
func withoutMarks(c *builtin.Context, dst []byte, s string) ([]byte, error) {
	if isASCII(s) {
		return c.Write(dst, s)
	}
	return decomposed(c, dst, s, func(r rune) bool { return !unicode.Is(unicode.M, r) })
}

// decomposed appends the characters of the NFD form of s that are wanted.
func decomposed(c *builtin.Context, dst []byte, s string, want func(r rune) bool) ([]byte, error) {
	for len(s) > 0 {
		end := min(stretch, len(s))
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end++
		}
		if end < len(s) { // no mark is parted from its letter
			end += max(0, norm.NFD.NextBoundaryInString(s[end:], true))
		}
		for _, r := range norm.NFD.String(s[:end]) {
			if want(r) {
				dst = utf8.AppendRune(dst, r)
			}
		}
		if err := c.Look(end); err != nil {
			return dst, err
		}
		s = s[end:]
	}
	return dst, nil
}
