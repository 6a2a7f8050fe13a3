package text

import (
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// Characters that emoji sequences are made of.
const (
	variationSelector16 = 0xFE0F
	combiningKeycap     = 0x20E3
	zeroWidthJoiner     = 0x200D
)

func appendReplaceEmojiCharacters(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s, with := a.Text(0), a.Text(1)
	if err := c.Read(3 * len(s)); err != nil { // at several kinds of sequences
		return dst, err
	}
	base := len(dst)
	for i, next := 0, 0; i < len(s); {
		if i >= next {
			if err := c.Look(stretch); err != nil {
				return dst, err
			}
			next = i + stretch
		}
		if n := emojiSequence(s[i:]); n > 0 {
			dst = append(dst, with...)
			i += n
			if err := c.Fits(len(dst) - base); err != nil {
				return dst, err
			}
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		dst = append(dst, s[i:i+size]...)
		i += size
	}
	return dst, nil
}

// emojiSequence returns the length of the longest emoji sequence at the start of s, 0 when there is none
// (spec iml.md §9.3).
func emojiSequence(s string) int {
	if s[0] < utf8.RuneSelf && s[0] != '#' && s[0] != '*' && !isDigit(s[0]) {
		return 0
	}
	return max(flagSequence(s), keycapSequence(s), joinedSequence(s))
}

func flagSequence(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	second, m := utf8.DecodeRuneInString(s[n:])
	if isRegional(first) && isRegional(second) {
		return n + m
	}
	return 0
}

func isRegional(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

func keycapSequence(s string) int {
	if s[0] != '#' && s[0] != '*' && !isDigit(s[0]) {
		return 0
	}
	i := 1 + optional(s[1:], isSelector)
	if n := optional(s[i:], func(r rune) bool { return r == combiningKeycap }); n > 0 {
		return i + n
	}
	return 0
}

func joinedSequence(s string) int {
	r, i := utf8.DecodeRuneInString(s)
	if !inRanges(presentationRanges[:], r) {
		if next, _ := utf8.DecodeRuneInString(s[i:]); !inRanges(emojiRanges[:], r) || !isSelector(next) && !isModifier(next) {
			return 0
		}
	}
	i += optional(s[i:], isSelector)
	i += optional(s[i:], isModifier)
	for {
		n := optional(s[i:], isTag)
		if n == 0 {
			break
		}
		i += n
	}
	for {
		n := optional(s[i:], func(r rune) bool { return r == zeroWidthJoiner })
		if n == 0 {
			return i
		}
		m := optional(s[i+n:], func(r rune) bool { return inRanges(emojiRanges[:], r) })
		if m == 0 {
			return i
		}
		i += n + m
		i += optional(s[i:], isSelector)
		i += optional(s[i:], isModifier)
	}
}

// optional returns the length of the first character of s if it is one that is wanted, else 0.
func optional(s string, want func(r rune) bool) int {
	if r, n := utf8.DecodeRuneInString(s); n > 0 && want(r) {
		return n
	}
	return 0
}

func isSelector(r rune) bool { return r == variationSelector16 }

// isModifier reports whether r is a skin tone (property Emoji_Modifier).
func isModifier(r rune) bool { return 0x1F3FB <= r && r <= 0x1F3FF }

func isTag(r rune) bool { return 0xE0020 <= r && r <= 0xE007F }

// inRanges searches ordered pairs of first and last characters.
func inRanges(ranges [][2]rune, r rune) bool {
	lo, hi := 0, len(ranges)
	for lo < hi {
		switch mid := (lo + hi) / 2; {
		case r < ranges[mid][0]:
			hi = mid
		case r > ranges[mid][1]:
			lo = mid + 1
		default:
			return true
		}
	}
	return false
}
