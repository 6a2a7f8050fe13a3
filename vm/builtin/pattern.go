package builtin

import (
	"errors"
	"time"
)

// Pattern is a compiled regular expression of JavaScript. It is safe for concurrent use. Package vm/builtin/regex has
// it.
type Pattern interface {
	// Match reports whether the expression matches somewhere in text; an error says that the match exceeds the budget.
	Match(text string, budget time.Duration) (bool, error)
	// Replace appends s to dst with the matches replaced. After each match grown is told how many bytes were appended;
	// its error ends the run and is returned. Any other error says that the run exceeds the budget.
	Replace(dst []byte, s, with string, budget time.Duration, grown func(size int) error) ([]byte, error)
}

// ErrPattern says that a regular expression is not one of JavaScript, that it took too long, or that regular
// expressions are not linked.
var ErrPattern = errors.New("regular expression cannot be used")

// MatchPattern reports whether a JavaScript regular expression, not anchored and without flags, matches somewhere in
// text. It is what parameter patterns are judged by. The time of one match is bounded; the error is ErrPattern.
func MatchPattern(pattern, text string) (bool, error) {
	re, err := CompilePattern(pattern, "")
	if err != nil {
		return false, ErrPattern
	}
	ok, err := re.Match(text, DefaultLimits().RegexTimeout)
	if err != nil {
		return false, ErrPattern
	}
	return ok, nil
}
