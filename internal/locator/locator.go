// Package locator reads the locators by which formulas of Membrane find values (spec dialects.md §2.4), and the numbers
// of JavaScript that stand in them. It is what the front end and the function library have in common.
package locator

import (
	"math"
	"strconv"
	"strings"
)

// Step is one step of a locator: a name, or an index.
type Step struct {
	Name    string
	Index   float64
	Indexed bool
}

// Parse reads a locator (spec dialects.md §2.4): an optional leading $, then steps .name and [n], where a text without
// the $ is read as if "$." stood before it. "$" alone has no steps. ok is false when it is empty or invalid.
func Parse(s string) (steps []Step, ok bool) {
	if s == "" {
		return nil, false
	}
	rest, rooted := strings.CutPrefix(s, "$")
	if !rooted {
		rest = "." + rest
	}
	for rest != "" {
		var step Step
		switch rest[0] {
		case '.':
			step.Name, rest = cutName(rest[1:])
		case '[':
			inside, after, closed := strings.Cut(rest[1:], "]")
			n := Number(inside)
			if !closed || math.IsNaN(n) || n < 0 {
				return nil, false
			}
			step, rest = Step{Index: n, Indexed: true}, after
		default:
			return nil, false
		}
		steps = append(steps, step)
	}
	return steps, true
}

// cutName returns the name that s begins with, and what follows it. A backslash takes the next character literally.
func cutName(s string) (name, rest string) {
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '.', '[':
			if from == 0 {
				return s[:i], s[i:]
			}
			b.WriteString(s[from:i])
			return b.String(), s[i:]
		case '\\':
			if i+1 < len(s) { // the last character of all stands for itself
				b.WriteString(s[from:i])
				i++
				from = i
			}
		}
	}
	if from == 0 {
		return s, ""
	}
	b.WriteString(s[from:])
	return b.String(), ""
}

// appendIndex writes an index as JavaScript writes numbers, of which only infinity matters here.
func appendIndex(dst []byte, n float64) []byte {
	if math.IsInf(n, 1) {
		return append(dst, "Infinity"...)
	}
	return strconv.AppendFloat(dst, n, 'g', -1, 64)
}

// Append writes steps so that Parse reads them again.
func Append(dst []byte, steps []Step) []byte {
	dst = append(dst, '$')
	for _, s := range steps {
		if s.Indexed {
			dst = append(appendIndex(append(dst, '['), s.Index), ']')
			continue
		}
		dst = append(dst, '.')
		for i := range len(s.Name) {
			if c := s.Name[i]; c == '.' || c == '[' || c == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, s.Name[i])
		}
	}
	return dst
}
