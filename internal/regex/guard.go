package regex

import (
	"errors"
	"slices"
	"strings"
)

// The library optimizes a pattern while it compiles it, and for some patterns this takes exponential time: it looks twice
// at an alternative that ends the pattern and so at everything in it that ends with alternatives, and it looks through
// all ways to go on behind a loop, whose number is the product of the numbers of alternatives. Both stop at an
// assertion that always holds. A pattern with many alternatives or loops gets such a guard behind each group of
// alternatives, and behind every few loops, so that the time grows about as the pattern does.

// guard is an assertion that holds everywhere: no character of the empty set follows.
const guard = "(?![])"

const (
	// fewAlternatives is the number of bars up to which a pattern needs no guards: they double the work at most.
	fewAlternatives = 8
	// manyAlternatives is the number of alternatives that are compared with each other.
	manyAlternatives = 64
	// fewLoops is the number of loops between two guards.
	fewLoops = 64
	// maxNesting is the number of groups that may stand in each other.
	maxNesting = 250
	// maxResets bounds the captures that loops reset when they begin again: the library makes a part of the program for
	// each group in each loop around it.
	maxResets = 1000
)

var (
	errNesting = errors.New("regular expression with groups nested deeper than 250 levels")
	errResets  = errors.New("regular expression with too many groups within repeated groups")
)

// group is a group that is not closed yet, or the whole pattern.
type group struct {
	begin    int  // where its alternatives begin
	behind   bool // it is, or is in, a look-behind, which is compiled from its end
	captures int  // the capturing groups in it, with itself
	bars     int  // the bars at its own level
}

// insertion is text that is put into a pattern before the byte at.
type insertion struct {
	at   int
	text string
}

// guardPattern puts guards into a checked pattern when it needs them, and refuses a pattern that is compiled to a far
// larger program than its length tells. Parentheses that do not match are left to the library.
func guardPattern(pattern string) (string, error) {
	s := survey{groups: []group{{}}}
	if err := s.read(pattern); err != nil || s.bars <= fewAlternatives && s.loops <= fewLoops || len(s.groups) != 1 {
		return pattern, err
	}
	s.close(len(pattern))
	return s.apply(pattern), nil
}

// survey is what is known of a pattern up to some byte.
type survey struct {
	groups      []group // those that are open, the whole pattern first
	bars, loops int
	resets      int
	insertions  []insertion
}

func (s *survey) read(pattern string) error {
	for i := 0; i < len(pattern); i++ {
		switch ch := pattern[i]; ch {
		case '\\':
			i++
		case '[':
			i += classLength(pattern[i:]) - 1
		case '(':
			if len(s.groups) > maxNesting {
				return errNesting
			}
			s.open(pattern, i)
		case ')':
			if len(s.groups) == 1 {
				return nil // the library says so
			}
			captures := s.close(i)
			if i+1 < len(pattern) && isQuantifier(pattern[i+1]) {
				s.resets += captures
			}
			if s.resets > maxResets {
				return errResets
			}
		case '|':
			s.bar(i)
		case '*', '+', '?', '}':
			s.loop(pattern, i)
		}
	}
	return nil
}

// open begins the group whose parenthesis is at i.
func (s *survey) open(pattern string, i int) {
	g := group{begin: i + 1, behind: s.groups[len(s.groups)-1].behind}
	switch rest := pattern[i+1:]; {
	case strings.HasPrefix(rest, "?<"):
		g.begin, g.behind = i+len("(?<="), true
	case strings.HasPrefix(rest, "?"):
		g.begin, g.behind = i+len("(?:"), g.behind && rest[1] == ':'
	default:
		g.captures = 1
	}
	s.groups = append(s.groups, g)
}

// close ends the innermost group, whose parenthesis is at i, and returns the number of captures in it.
func (s *survey) close(i int) int {
	g := s.groups[len(s.groups)-1]
	s.groups = s.groups[:len(s.groups)-1]
	if g.bars > 0 {
		s.insertions = append(s.insertions, insertion{g.begin, g.opener()}, insertion{i, g.closer()})
	}
	if n := len(s.groups); n > 0 {
		s.groups[n-1].captures += g.captures
	}
	return g.captures
}

// bar counts the bar at i.
func (s *survey) bar(i int) {
	s.bars++
	g := &s.groups[len(s.groups)-1]
	if g.bars++; g.bars%manyAlternatives == 0 {
		s.insertions = append(s.insertions, insertion{i, g.closer()}, insertion{i + 1, g.opener()})
	}
}

// opener and closer are what is put around the alternatives of g.
func (g *group) opener() string {
	if g.behind {
		return guard + "(?:"
	}
	return "(?:"
}

func (g *group) closer() string {
	if g.behind {
		return ")"
	}
	return ")" + guard
}

// loop counts the quantifier that ends at i.
func (s *survey) loop(pattern string, i int) {
	if i > 0 && pattern[i-1] == '(' {
		return // the mark of a group
	}
	if s.loops++; s.loops%fewLoops > 0 {
		return
	}
	end := i + 1
	if end < len(pattern) && pattern[end] == '?' {
		end++
	}
	if end == len(pattern) || !isQuantifier(pattern[end]) {
		s.insertions = append(s.insertions, insertion{end, guard})
	}
}

func isQuantifier(c byte) bool { return strings.IndexByte("*+?{", c) >= 0 }

// apply returns the pattern with the insertions.
func (s *survey) apply(pattern string) string {
	slices.SortStableFunc(s.insertions, func(a, b insertion) int { return a.at - b.at })
	var b strings.Builder
	done := 0
	for _, in := range s.insertions {
		b.WriteString(pattern[done:in.at])
		b.WriteString(in.text)
		done = in.at
	}
	b.WriteString(pattern[done:])
	return b.String()
}
