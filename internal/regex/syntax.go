package regex

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
)

// checkSyntax refuses what the library accepts beyond JavaScript: of the groups that start with (? only the plain group
// and the four kinds of look-around are left (spec iml.md §9.4). With the flag u it refuses the loose forms that
// JavaScript keeps for patterns without it.
func checkSyntax(pattern string, unicode bool) error {
	class := false
	for i := 0; i < len(pattern); i++ {
		switch ch := pattern[i]; {
		case ch == '\\':
			i++
			if unicode && i < len(pattern) && !isStrictEscape(pattern[i:], class) {
				return errors.New("invalid regular expression: with the flag u only special characters may be escaped")
			}
			if unicode {
				i += bracedLength(pattern[i:])
			}
		case class:
			class = ch != ']'
		case ch == '[':
			class = true
		case ch == '(' && strings.HasPrefix(pattern[i:], "(?"):
			if !isGroupStart(pattern[i+2:]) {
				return errors.New("invalid regular expression: after (? only :, =, !, <= and <! are allowed")
			}
		case unicode && ch == '{':
			n := quantifierLength(pattern[i:])
			if n == 0 {
				return errLoneBracket
			}
			i += n - 1
		case unicode && (ch == '}' || ch == ']'):
			return errLoneBracket
		}
	}
	return nil
}

var errLoneBracket = errors.New("invalid regular expression: with the flag u a lone bracket must be escaped")

// isGroupStart reports whether rest, what follows "(?", starts a group of JavaScript without a name.
func isGroupStart(rest string) bool {
	return rest != "" && strings.IndexByte(":=!", rest[0]) >= 0 || strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, "<!")
}

// isStrictEscape reports whether rest, what follows a backslash, starts an escape that exists with the flag u.
func isStrictEscape(rest string, class bool) bool {
	ch := rest[0]
	switch {
	case isAlnum(ch):
		return strings.IndexByte("dDwWsSbBtnvfrcxupP0123456789", ch) >= 0
	case ch == '-':
		return class
	}
	return strings.IndexByte(`^$\.*+?()[]{}|/`, ch) >= 0
}

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// bracedLength returns the length of the braces of \u{…}, \p{…} and \P{…}, whose letter s starts with; 0 when there are
// none.
func bracedLength(s string) int {
	if len(s) > 1 && strings.IndexByte("upP", s[0]) >= 0 && s[1] == '{' {
		if end := strings.IndexByte(s, '}'); end > 0 {
			return end
		}
	}
	return 0
}

// quantifierLength returns the length of the quantifier {n}, {n,} or {n,m} at the start of s, 0 when there is none.
func quantifierLength(s string) int {
	i := 1
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == 1 {
		return 0
	}
	if i < len(s) && s[i] == ',' {
		for i++; i < len(s) && isDigit(s[i]); {
			i++
		}
	}
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	return 0
}

// joinSurrogates writes escaped surrogate pairs as the character that they stand for, because characters are code
// points with and without the flag u.
func joinSurrogates(pattern string) string {
	if !strings.Contains(pattern, `\u`) {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		if pattern[i] != '\\' || i+1 >= len(pattern) {
			b.WriteByte(pattern[i])
			i++
			continue
		}
		high, ok := unitEscape(pattern[i:])
		low, also := rune(0), false
		if ok && i+6 <= len(pattern) {
			low, also = unitEscape(pattern[i+6:])
		}
		if r := utf16.DecodeRune(high, low); also && r != '\uFFFD' {
			b.WriteRune(r)
			i += 12
			continue
		}
		b.WriteString(pattern[i : i+2])
		i += 2
	}
	return b.String()
}

// unitEscape reads the code unit \uXXXX at the start of s.
func unitEscape(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
