package characters

import "unicode/utf8"

// IsSpace reports whether r is ECMAScript white space or a line terminator.
func IsSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

// blank says of each character of ASCII whether it is white space.
var blank = func() (table [utf8.RuneSelf]bool) {
	for c := range table {
		table[c] = IsSpace(rune(c))
	}
	return table
}()

// TrimSpace removes ECMAScript white space and line terminators at both ends. Megabytes of them take milliseconds.
func TrimSpace(s string) string {
	begin, end := 0, len(s)
	for begin < end {
		if c := s[begin]; c < utf8.RuneSelf && blank[c] { // most are
			begin++
			continue
		}
		n := space(s[begin:end])
		if n == 0 {
			break
		}
		begin += n
	}
	for begin < end {
		if c := s[end-1]; c < utf8.RuneSelf && blank[c] {
			end--
			continue
		}
		n := lastSpace(s[begin:end])
		if n == 0 {
			break
		}
		end -= n
	}
	return s[begin:end]
}

// space returns the length of the white space beyond ASCII that s begins with, one character of it, and 0 when there is
// none.
func space(s string) int {
	c := s[0]
	if c == 0xC2 && len(s) > 1 && s[1] == 0xA0 {
		return 2
	}
	if len(s) > 2 && wide(c, s[1], s[2]) {
		return 3
	}
	return 0
}

// lastSpace is space at the end of s.
func lastSpace(s string) int {
	n := len(s)
	c := s[n-1]
	if c == 0xA0 && n > 1 && s[n-2] == 0xC2 {
		return 2
	}
	if n > 2 && wide(s[n-3], s[n-2], c) {
		return 3
	}
	return 0
}

// wide reports whether three bytes are white space.
func wide(a, b, c byte) bool {
	switch a {
	case 0xE1:
		return b == 0x9A && c == 0x80
	case 0xE2:
		return b == 0x80 && (c >= 0x80 && c <= 0x8A || c == 0xA8 || c == 0xA9 || c == 0xAF) || b == 0x81 && c == 0x9F
	case 0xE3:
		return b == 0x80 && c == 0x80
	}
	return a == 0xEF && b == 0xBB && c == 0xBF
}
