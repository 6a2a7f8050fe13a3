package builtin

import (
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

func appendReplace(c *Context, dst []byte, a Args) ([]byte, error) {
	s, search, with := a.text(0), a.text(1), a.text(2)
	if search == "" {
		return append(dst, s...), nil
	}
	pattern, flags, ok := splitPattern(search)
	if !ok {
		return replaceLiteral(c, dst, s, search, with)
	}
	return replaceRegex(c, dst, s, pattern, flags, with)
}

func appendReplacePattern(c *Context, dst []byte, a Args) ([]byte, error) {
	if a.text(1) == "" {
		return append(dst, a.text(0)...), nil
	}
	return replaceRegex(c, dst, a.text(0), a.text(1), "g", a.text(2))
}

func replaceLiteral(c *Context, dst []byte, s, search, with string) ([]byte, error) {
	if n := strings.Count(s, search); n > 0 && len(with) > len(search) {
		if grown := float64(n) * float64(len(with)-len(search)); grown > float64(c.maxBytes()) {
			return dst, c.fits(c.maxBytes() + 1)
		}
	}
	for {
		before, after, found := strings.Cut(s, search)
		dst = append(dst, before...)
		if !found {
			return dst, nil
		}
		dst = append(dst, with...)
		s = after
	}
}

func replaceRegex(c *Context, dst []byte, s, pattern, flags, with string) (out []byte, err error) {
	re, err := compileRegex(pattern, flags)
	if err != nil {
		return dst, fail("IML406", 2, "%s", err.Error())
	}
	budget := c.RegexTimeout
	if budget <= 0 {
		budget = DefaultRegexTimeout
	}
	r := replacement{c: c, re: re.re, text: []rune(s), with: with, base: len(dst), deadline: time.Now().Add(budget)}
	if budget != DefaultRegexTimeout {
		r.re = withTimeout(re.re, budget)
	}
	return r.run(dst, re.global)
}

// withTimeout returns a copy of re with another budget for one match.
func withTimeout(re *regexp2.Regexp, budget time.Duration) *regexp2.Regexp {
	own := *re
	own.MatchTimeout = budget
	return &own
}

// replacement is one run of replace over a text.
type replacement struct {
	c        *Context
	re       *regexp2.Regexp
	text     []rune
	with     string
	base     int // length of what stood in the output before
	deadline time.Time
}

// run appends the text with its first match, or all of them, replaced. The loop is ECMAScript's: after an empty match it
// advances one position, and an empty match directly after another match counts.
func (r *replacement) run(dst []byte, global bool) (out []byte, err error) {
	defer func() {
		if recover() != nil { // a defect of the library must not end the process
			out, err = dst, errBudget()
		}
	}()
	copied := 0
	for pos := 0; pos <= len(r.text); {
		m, err := r.re.FindRunesMatchStartingAt(r.text, pos)
		if err != nil {
			return dst, errBudget()
		}
		if m == nil {
			break
		}
		start, end := m.RuneIndex, m.RuneIndex+m.RuneLength
		dst = appendRunes(dst, r.text[copied:start])
		dst = r.expand(dst, m)
		copied = end
		if err := r.check(len(dst)); err != nil {
			return dst, err
		}
		if !global {
			break
		}
		if pos = end; start == end {
			pos++
		}
	}
	return appendRunes(dst, r.text[copied:]), nil
}

func errBudget() error {
	return fail("IML505", 2, "the regular expression takes too long on this text")
}

func (r *replacement) check(size int) error {
	if time.Now().After(r.deadline) {
		return errBudget()
	}
	if err := r.c.fits(size - r.base); err != nil {
		return err
	}
	return r.c.visit(1)
}

func appendRunes(dst []byte, runes []rune) []byte {
	for _, ch := range runes {
		if ch < 0x80 {
			dst = append(dst, byte(ch))
		} else {
			dst = append(dst, string(ch)...)
		}
	}
	return dst
}

// expand appends the replacement of one match: $& is the match, $1 … $99 are the groups, $$ is a dollar sign, any other
// dollar sign is literal.
func (r *replacement) expand(dst []byte, m *regexp2.Match) []byte {
	rest := r.with
	for {
		i := strings.IndexByte(rest, '$')
		if i < 0 || i+1 >= len(rest) {
			return append(dst, rest...)
		}
		dst = append(dst, rest[:i]...)
		rest = rest[i+1:]
		switch {
		case rest[0] == '$':
			dst = append(dst, '$')
			rest = rest[1:]
		case rest[0] == '&':
			dst = appendRunes(dst, r.text[m.RuneIndex:m.RuneIndex+m.RuneLength])
			rest = rest[1:]
		default:
			n, size := groupNumber(rest, m.GroupCount()-1)
			if size == 0 {
				dst = append(dst, '$')
				continue
			}
			if g := m.GroupByNumber(n); g != nil && len(g.Captures) > 0 {
				dst = appendRunes(dst, r.text[g.RuneIndex:g.RuneIndex+g.RuneLength])
			}
			rest = rest[size:]
		}
	}
}

// groupNumber reads the number of a group at the start of s: two digits if there is such a group, else one; size is 0 when
// there is neither.
func groupNumber(s string, groups int) (n, size int) {
	for size := min(2, len(s)); size > 0; size-- {
		if n, err := strconv.Atoi(s[:size]); err == nil && isDigit(s[0]) && n >= 1 && n <= groups {
			return n, size
		}
	}
	return 0, 0
}
