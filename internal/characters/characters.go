// Package characters goes through texts of megabytes in pieces, so that whoever does can notice that the operation has
// ended.
package characters

import (
	"strings"
	"unicode/utf8"
)

// Piece is how many bytes a piece has at most: what the slowest readers need some hundred microseconds for.
const Piece = 32 << 10

// Prefix returns the longest prefix of s that has at most n bytes and cuts no character; n is at least utf8.UTFMax.
func Prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for end := n; end > n-utf8.UTFMax; end-- {
		if utf8.RuneStart(s[end]) {
			return s[:end]
		}
	}
	return s[:n] // within bytes that are no characters
}

// Pieces hands the pieces of s to through, until it fails. look, when it is not nil, is told behind each how many bytes it
// had; its error ends the reading too.
func Pieces(s string, look func(bytes int) error, through func(piece string) error) error {
	for {
		piece := Prefix(s, Piece)
		if err := through(piece); err != nil {
			return err
		}
		if look != nil {
			if err := look(len(piece)); err != nil {
				return err
			}
		}
		if s = s[len(piece):]; s == "" {
			return nil
		}
	}
}

// Valid reports whether s is UTF-8. look is that of Pieces, and the error is its.
func Valid(s string, look func(bytes int) error) (bool, error) {
	valid := true
	for s != "" && valid {
		piece := Prefix(s, Piece)
		if valid, s = utf8.ValidString(piece), s[len(piece):]; look != nil {
			if err := look(len(piece)); err != nil {
				return false, err
			}
		}
	}
	return valid, nil
}

// Mend returns s with each run of bytes that are no characters as U+FFFD, as strings.ToValidUTF8 does. look is that of
// Pieces, and the error is its.
func Mend(s string, look func(bytes int) error) (string, error) {
	const mark = "\uFFFD"
	var mended []string
	size, broken := 0, false // broken says that the last piece ended within a run
	err := Pieces(s, look, func(piece string) error {
		out := strings.ToValidUTF8(piece, mark)
		if broken && wrong(utf8.DecodeRuneInString(piece)) {
			out = out[len(mark):]
		}
		broken = wrong(utf8.DecodeLastRuneInString(piece))
		mended, size = append(mended, out), size+len(out)
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(mended) == 1 {
		return mended[0], nil
	}
	var whole strings.Builder
	whole.Grow(size)
	for i, out := range mended {
		whole.WriteString(out)
		mended[i] = "" // the memory may be used again
		if look != nil {
			if err := look(len(out)); err != nil {
				return "", err
			}
		}
	}
	return whole.String(), nil
}

// wrong reports whether what was decoded is no character.
func wrong(r rune, size int) bool { return r == utf8.RuneError && size <= 1 }
