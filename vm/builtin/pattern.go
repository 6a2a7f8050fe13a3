package builtin

import "errors"

// ErrPattern says that a regular expression is not one of JavaScript, or took too long.
var ErrPattern = errors.New("regular expression cannot be used")

// MatchPattern reports whether a JavaScript regular expression, not anchored and without flags, matches somewhere in text. It
// is what parameter patterns are judged by (spec make.md §17.2). The time of one match is bounded; the error is ErrPattern.
func MatchPattern(pattern, text string) (bool, error) {
	re, err := compileRegex(pattern, "")
	if err != nil {
		return false, ErrPattern
	}
	ok, err := re.re.MatchString(text)
	if err != nil {
		return false, ErrPattern
	}
	return ok, nil
}
