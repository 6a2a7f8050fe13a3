package regex

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
// match, $1 … $99 are the groups and $$ is a dollar sign; with the flag n also $` is what stands before the match, $' what
// stands behind it, and $<name> a group with a name. The budget bounds the time of the whole run; it must be
// positive. Before bytes are appended room is told how many there will be in all; its error ends the run and is returned
// as it is. Any other error is ErrBudget. With an error the result is dst.
func (r *Regexp) Replace(dst []byte, s, with string, budget time.Duration, room func(size int) error) ([]byte, error) {
	run := replacement{re: r.within(budget), whole: r.whole, names: r.names, text: []rune(s), with: with, out: dst, base: len(dst), deadline: time.Now().Add(budget), room: room}
	if err := run.do(r.global); err != nil {
		return dst, err
	}
	return run.out, nil
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
	whole    bool
	names    map[string]int
	text     []rune
	with     string
	out      []byte
	base     int // length of what stood in the output before
	deadline time.Time
	room     func(size int) error
}

// do appends the text with its first match, or all of them, replaced. The loop is ECMAScript's: after an empty match it
// advances one position, and an empty match directly after another match counts.
func (r *replacement) do(global bool) (err error) {
	defer func() {
		if recover() != nil { // a defect of the library must not end the process
			err = ErrBudget
		}
	}()
	copied := 0
	for pos := 0; pos <= len(r.text); {
		m, err := r.re.FindRunesMatchStartingAt(r.text, pos)
		if err != nil {
			return ErrBudget
		}
		if m == nil {
			break
		}
		start, end := m.RuneIndex, m.RuneIndex+m.RuneLength
		if err := r.runes(copied, start); err != nil {
			return err
		}
		if err := r.expand(m); err != nil {
			return err
		}
		if copied = end; !global {
			break
		}
		if pos = end; start == end {
			pos++
		}
	}
	return r.runes(copied, len(r.text))
}

// reserve makes sure that n more bytes may be appended.
func (r *replacement) reserve(n int) error {
	if time.Now().After(r.deadline) {
		return ErrBudget
	}
	return r.room(len(r.out) - r.base + n)
}

// runes appends the text from the character start to the character end.
func (r *replacement) runes(start, end int) error {
	for ; end-start > runStretch; start += runStretch {
		if err := r.run(start, start+runStretch); err != nil {
			return err
		}
	}
	return r.run(start, end)
}

// runStretch is how many characters are appended at most before room is told of the next.
const runStretch = 16 << 10

func (r *replacement) run(start, end int) error {
	part, size := r.text[start:end], 0
	for _, ch := range part {
		size += utf8.RuneLen(ch)
	}
	if err := r.reserve(size); err != nil {
		return err
	}
	for _, ch := range part {
		r.out = utf8.AppendRune(r.out, ch)
	}
	return nil
}

// literal appends s.
func (r *replacement) literal(s string) error {
	if err := r.reserve(len(s)); err != nil {
		return err
	}
	r.out = append(r.out, s...)
	return nil
}

// expand appends the replacement of one match. A dollar sign that stands for nothing is literal.
func (r *replacement) expand(m *regexp2.Match) error {
	rest := r.with
	for {
		i := strings.IndexByte(rest, '$')
		if i < 0 || i+1 >= len(rest) {
			return r.literal(rest)
		}
		if err := r.literal(rest[:i]); err != nil {
			return err
		}
		rest = rest[i+1:]
		size, err := r.reference(m, rest)
		if err != nil {
			return err
		}
		rest = rest[size:]
	}
}

// reference appends what a dollar sign before rest stands for, and returns how much of rest belongs to it.
func (r *replacement) reference(m *regexp2.Match, rest string) (int, error) {
	switch rest[0] {
	case '$':
		return 1, r.literal("$")
	case '&':
		return 1, r.runes(m.RuneIndex, m.RuneIndex+m.RuneLength)
	case '`':
		if r.whole {
			return 1, r.runes(0, m.RuneIndex)
		}
	case '\'':
		if r.whole {
			return 1, r.runes(m.RuneIndex+m.RuneLength, len(r.text))
		}
	}
	n, size := groupNumber(rest, m.GroupCount()-1)
	if end := strings.IndexByte(rest, '>'); r.names != nil && rest[0] == '<' && end > 0 {
		n, size = r.names[rest[1:end]], end+1
		if n == 0 { // no group of that name: nothing
			return size, nil
		}
	}
	if size == 0 {
		return 0, r.literal("$")
	}
	if g := m.GroupByNumber(n); g != nil && len(g.Captures) > 0 {
		return size, r.runes(g.RuneIndex, g.RuneIndex+g.RuneLength)
	}
	return size, nil
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
