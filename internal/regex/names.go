package regex

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var groupName = regexp.MustCompile(`^[\pL\p{Nl}$_][\pL\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}$\x{200C}\x{200D}]*$`)

// numberGroups writes groups with names as groups with numbers, which count from left to right in JavaScript, and
// references to them likewise. The names are nil when there are none; \k is then a letter like any other.
func numberGroups(pattern string) (numbered string, names map[string]int, err error) {
	if !strings.Contains(pattern, "(?<") {
		return pattern, nil, nil
	}
	errName := errors.New("invalid regular expression: what a group is called is no identifier, is used twice, or belongs to no group")
	names = map[string]int{}
	err = eachGroup(pattern, func(number int, name string) bool {
		if name == "" {
			return true
		}
		again := names[name] != 0
		names[name] = number
		return groupName.MatchString(name) && !again
	}, errName)
	if err != nil || len(names) == 0 {
		return pattern, nil, err
	}
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch name, isReference := between(rest, `\k<`); {
		case isReference && !class:
			if names[name] == 0 {
				return "", nil, errName
			}
			b.WriteString(`(?:\` + strconv.Itoa(names[name]) + `)`)
			i += len(`\k<`) + len(name)
			continue
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteByte(rest[0])
			i++
		case class:
			class = rest[0] != ']'
		case rest[0] == '[':
			class = true
		case isNamed(rest):
			name, _ := between(rest, "(?<")
			b.WriteByte('(')
			i += len("(?<") + len(name)
			continue
		}
		b.WriteByte(pattern[i])
	}
	return b.String(), names, nil
}

// eachGroup calls f with the capturing groups of a pattern and their names, until it says no.
func eachGroup(pattern string, f func(number int, name string) bool, failed error) error {
	class, number := false, 0
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch {
		case rest[0] == '\\':
			i++
		case class:
			class = rest[0] != ']'
		case rest[0] == '[':
			class = true
		case isNamed(rest):
			number++
			name, closed := between(rest, "(?<")
			if !closed || name == "" || !f(number, name) {
				return failed
			}
		case rest[0] == '(' && !strings.HasPrefix(rest, "(?"):
			number++
			f(number, "")
		}
	}
	return nil
}

// isNamed reports whether s starts with a group that has a name.
func isNamed(s string) bool {
	return strings.HasPrefix(s, "(?<") && !strings.HasPrefix(s, "(?<=") && !strings.HasPrefix(s, "(?<!")
}

// between is the text behind a prefix of s up to the next >.
func between(s, prefix string) (name string, ok bool) {
	rest, starts := strings.CutPrefix(s, prefix)
	name, _, closed := strings.Cut(rest, ">")
	return name, starts && closed
}
