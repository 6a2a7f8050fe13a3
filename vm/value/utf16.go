package value

import (
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
)

// Lengths and positions of text count UTF-16 code units (spec iml.md §2).

// Len16 returns the number of UTF-16 code units of s.
func Len16(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i, n = i+1, n+1
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i, n = i+size, n+1
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Len16Within is Len16 for an operation that may end meanwhile. The error is that of b, which may be nil.
func Len16Within(s string, b Budget) (n int, err error) {
	err = characters.Pieces(s, lookOf(b), func(piece string) error {
		n += Len16(piece)
		return nil
	})
	return n, err
}

// Slice16 returns the code units from start up to end of s; both must lie within 0…Len16(s) and be in order. A cut
// inside a surrogate pair yields U+FFFD for the half.
func Slice16(s string, start, end int) string {
	out, _ := Slice16Within(s, start, end, nil) // nothing ends it
	return out
}

// Slice16Within is Slice16 for an operation that may end meanwhile. The error is that of b, which may be nil.
func Slice16Within(s string, start, end int, b Budget) (string, error) {
	from, half, err := Offset16(s, start, b)
	if err != nil {
		return "", err
	}
	prefix := ""
	if half {
		if end <= start {
			return "", nil
		}
		prefix = "\uFFFD"
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
	}
	to, cut, err := Offset16(s, end, b)
	if err != nil {
		return "", err
	}
	if to < from {
		return prefix, nil
	}
	if cut {
		return prefix + s[from:to] + "\uFFFD", nil
	}
	return prefix + s[from:to], nil
}

// Offset16 returns the byte offset of code unit n; half is true when n is the second half of the pair that starts
// there. The error is that of b, which may be nil.
func Offset16(s string, n int, b Budget) (off int, half bool, err error) {
	for len(s)-off > characters.Piece {
		piece := characters.Prefix(s[off:], characters.Piece)
		units := Len16(piece)
		if units >= n {
			break
		}
		if off, n = off+len(piece), n-units; b != nil {
			if err := b.Look(len(piece)); err != nil {
				return off, false, err
			}
		}
	}
	for off < len(s) && n > 0 {
		if s[off] < utf8.RuneSelf {
			off, n = off+1, n-1
			continue
		}
		r, size := utf8.DecodeRuneInString(s[off:])
		if r > 0xFFFF {
			if n == 1 {
				return off, true, nil
			}
			n--
		}
		off, n = off+size, n-1
	}
	return off, false, nil
}

// Compare16 orders texts by UTF-16 code units, as ECMAScript does.
func Compare16(a, b string) int {
	c, _ := Order16(a, b)
	return c
}

// Order16 is Compare16 that also returns how many bytes were looked at. A text is compared with itself at once.
func Order16(a, b string) (c, looked int) {
	if sameMemory(a, b) {
		return 0, 0
	}
	i := commonPrefix(a, b)
	return order16(a, b, i), i
}

// commonPrefix returns the number of bytes that a and b begin with together.
func commonPrefix(a, b string) int {
	i, n := 0, min(len(a), len(b))
	for i+8 <= n && eight(a, i) == eight(b, i) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// order16 orders texts whose first i bytes are the same.
func order16(a, b string, i int) int {
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	ra, _ := utf8.DecodeRuneInString(a[i:])
	rb, _ := utf8.DecodeRuneInString(b[i:])
	return unit(ra) - unit(rb)
}

// unit maps a rune to a number that sorts as its first UTF-16 code unit does, and pairs by their second.
func unit(r rune) int {
	if r > 0xFFFF {
		return 0xD800<<10 + int(r-0x10000)
	}
	return int(r) << 10
}
