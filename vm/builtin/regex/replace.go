package regex

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// ErrBudget says that a match took longer than its budget, or more memory than one match may take.
var ErrBudget = errors.New("the regular expression takes too long on this text")

// Match reports whether the expression matches somewhere in text. The budget bounds the time of the match; it must be
// positive. The error is ErrBudget.
func (r *Regexp) Match(text string, budget time.Duration) (matches bool, err error) {
	defer func() {
		if recover() != nil { // a defect of the library must not end the process
			matches, err = false, ErrBudget
		}
	}()
	if matches, err = r.within(budget).MatchString(text); err != nil {
		return false, ErrBudget
	}
	return matches, nil
}

// Replace appends s to dst with its first match, or with the flag g all of them, replaced by with, in which $& is the
// match, $1 … $99 are the groups and $$ is a dollar sign. The budget bounds the time of the whole run; it must be
// positive. After each match grown is told how many bytes were appended; its error ends the run and is returned as it
// is. Any other error is ErrBudget. With an error the result is dst.
func (r *Regexp) Replace(dst []byte, s, with string, budget time.Duration, grown func(size int) error) ([]byte, error) {
	run := replacement{re: r.within(budget), text: []rune(s), with: with, base: len(dst), deadline: time.Now().Add(budget), grown: grown}
	out, err := run.do(dst, r.global)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// within returns the expression with a budget for one match.
func (r *Regexp) within(budget time.Duration) *regexp2.Regexp {
	if budget == usualBudget {
		return r.re
	}
	own := *r.re
	own.MatchTimeout = budget
	return &own
}

// replacement is one run of replace over a text.
type replacement struct {
	re       *regexp2.Regexp
	text     []rune
	with     string
	base     int // length of what stood in the output before
	deadline time.Time
	grown    func(size int) error
}

// do appends the text with its first match, or all of them, replaced. The loop is ECMAScript's: after an empty match it
// advances one position, and an empty match directly after another match counts.
func (r *replacement) do(dst []byte, global bool) (out []byte, err error) {
	defer func() {
		if recover() != nil { // a defect of the library must not end the process
			out, err = dst, ErrBudget
		}
	}()
	copied := 0
	for pos := 0; pos <= len(r.text); {
		m, err := r.re.FindRunesMatchStartingAt(r.text, pos)
		if err != nil {
			return dst, ErrBudget
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

func (r *replacement) check(size int) error {
	if time.Now().After(r.deadline) {
		return ErrBudget
	}
	return r.grown(size - r.base)
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

// groupNumber reads the number of a group at the start of s: two digits if there is such a group, else one; size is 0
// when there is neither.
func groupNumber(s string, groups int) (n, size int) {
	for size := min(2, len(s)); size > 0; size-- {
		if n, err := strconv.Atoi(s[:size]); err == nil && isDigit(s[0]) && n >= 1 && n <= groups {
			return n, size
		}
	}
	return 0, 0
}
