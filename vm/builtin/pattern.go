package builtin

import (
	"time"
	"unicode/utf8"
)

// Pattern is a compiled regular expression of JavaScript. It is safe for concurrent use. Package internal/regex has
// it.
type Pattern interface {
	// Match reports whether the expression matches somewhere in text; an error says that the match exceeds the budget.
	Match(text string, budget time.Duration) (bool, error)
	// Replace appends s to dst with the matches replaced. Before bytes are appended room is told how many there will be in
	// all; its error ends the run and is returned. Any other error says that the run exceeds the budget.
	Replace(dst []byte, s, with string, budget time.Duration, room func(size int) error) ([]byte, error)
}

// PatternError says that a text is not a regular expression of JavaScript, or not one that is supported.
type PatternError struct {
	Reason string // what is wrong, in words that do not quote the text
}

// Error returns the reason.
func (e *PatternError) Error() string { return e.Reason }

// runeBytes is what a character takes up while a regular expression looks at it.
const runeBytes = 4

// matchBytes is how many bytes of a text are read in the time that a match takes, about.
const matchBytes = 1024

// patternBytes is how many bytes of a text an expression goes through in the time of a step, when it does not go back.
const patternBytes = 32

// ReplacePattern appends s to dst with the matches of a regular expression replaced, within the limits. Flags are letters
// out of gimsu; in with, $& is the match, $1 … $99 are the groups and $$ is a dollar sign. The further flag n adds groups
// with names and the other replacement patterns of JavaScript. The error is a PatternError or
// that of a limit; then the result is dst.
func (c *Context) ReplacePattern(dst []byte, s, pattern, flags, with string) ([]byte, error) {
	re, err := c.pattern(s, pattern, flags)
	if err != nil {
		return dst, err
	}
	budget, began, err := c.matching()
	if err != nil {
		return dst, err
	}
	var limit error
	out, err := re.Replace(dst, s, with, budget, func(size int) error {
		if limit = c.Fits(size); limit == nil {
			limit = c.Tick(1)
		}
		if limit == nil {
			limit = c.Look(matchBytes)
		}
		return limit
	})
	ended := c.matched(began)
	switch {
	case limit != nil:
		return dst, limit
	case err != nil:
		return dst, c.slowPattern()
	}
	return out, ended
}

// MatchPattern reports whether a regular expression matches somewhere in s, within the limits. The error is a PatternError or
// that of a limit.
func (c *Context) MatchPattern(s, pattern, flags string) (bool, error) {
	re, err := c.pattern(s, pattern, flags)
	if err != nil {
		return false, err
	}
	budget, began, err := c.matching()
	if err != nil {
		return false, err
	}
	found, err := re.Match(s, budget)
	ended := c.matched(began)
	if err != nil {
		return false, c.slowPattern()
	}
	return found, ended
}

// pattern returns an expression to look at s with, and takes what that takes.
func (c *Context) pattern(s, pattern, flags string) (Pattern, error) {
	// What compiling takes at most, whether it is compiled already or not, and a look at every character.
	if err := c.Tick(len(pattern) + len(s)/patternBytes); err != nil {
		return nil, err
	}
	re, err := CompilePattern(pattern, flags)
	if err != nil {
		return nil, &PatternError{err.Error()}
	}
	return re, c.Memory(int64(utf8.RuneCountInString(s)) * runeBytes)
}

// matching returns the time that a look at a text may take, which is less than the limit when those before took long, and
// when it begins.
func (c *Context) matching() (budget time.Duration, began time.Time, err error) {
	budget = c.Limits().RegexTimeout
	if c.Meter != nil {
		budget = min(budget, regexTimeouts*budget-c.inPatterns)
	}
	if budget <= 0 {
		return 0, began, c.slowPattern()
	}
	return budget, time.Now(), nil
}

// matched counts the time since a look began, and looks behind a long one whether the operation goes on.
func (c *Context) matched(began time.Time) error {
	if c.Meter == nil {
		return nil
	}
	took := time.Since(began)
	if c.inPatterns += took; took < time.Millisecond {
		return nil
	}
	return c.Ended()
}

func (c *Context) slowPattern() error {
	return &LimitError{Name: "regular expression time", Limit: c.Limits().RegexTimeout.Milliseconds(), Code: CodeRegex}
}
