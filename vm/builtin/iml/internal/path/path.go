package path

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Step is one step of a path.
type Step struct {
	Name    string
	Index   int  // valid if Integer
	Integer bool // the segment is an integer, which indexes an array
	Bracket bool // written [n]
}

// Path is a parsed path (spec iml.md §9.2). Whole is its text: where that is itself a key, the key wins. A nil path, or
// one that is malformed, leads nowhere.
type Path struct {
	Whole  string
	IsText bool
	Valid  bool
	Single bool // one plain name, which is Whole; Steps is empty then
	Deep   bool // more steps than a path may have
	Steps  []Step
}

// Of reads the path in slot arg, counted from 1, that a function applies to items. One with too many steps is an error
// (spec iml.md §13).
func Of(c *builtin.Context, v value.Value, arg int) (Path, error) {
	p := Parse(c, v)
	if p.Deep {
		return p, TooDeep(c, arg)
	}
	return p, nil
}

// TooDeep is the error of a path with more steps than a path may have.
func TooDeep(c *builtin.Context, arg int) error {
	return builtin.Errorf("IML405", arg, "path with more than %d steps", c.Limits().Nesting)
}

// Parse reads a path argument: a text, or a number that is one step.
func Parse(c *builtin.Context, v value.Value) Path {
	switch v.Kind() {
	case value.KindText:
		return parseText(v.Str(), c.Limits().Nesting)
	case value.KindNumber, value.KindInteger:
		name := value.ToText(v)
		s := Step{Name: name}
		s.Index, s.Integer = segmentIndex(name)
		return Path{Whole: name, IsText: true, Valid: true, Steps: []Step{s}}
	}
	return Path{}
}

func parseText(s string, limit int) Path {
	p := Path{Whole: s, IsText: true}
	if IsPlain(s) {
		p.Valid, p.Single = true, true
		return p
	}
	for i := 0; ; {
		if len(p.Steps) >= limit {
			p.Deep = true
			return p
		}
		st, next, ok := parseStep(s, i)
		if !ok {
			return p
		}
		p.Steps = append(p.Steps, st)
		switch i = next; {
		case i == len(s):
			p.Valid = true
			return p
		case s[i] == '.':
			i++
			if i < len(s) && s[i] == '[' {
				return p
			}
		case s[i] != '[':
			return p
		}
	}
}

// IsPlain reports whether s is one step that is no integer.
func IsPlain(s string) bool {
	if s == "" || isDigit(s[0]) || s[0] == '-' {
		return false
	}
	return strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, '[') < 0 && strings.IndexByte(s, '`') < 0 &&
		strings.IndexByte(s, ']') < 0
}

// parseStep reads the step that starts at i: [n], a quoted name or a bare one.
func parseStep(s string, i int) (st Step, next int, ok bool) {
	if i >= len(s) {
		return st, i, false
	}
	switch s[i] {
	case '[':
		end := strings.IndexByte(s[i:], ']')
		if end < 0 {
			return st, i, false
		}
		return parseBracket(s[i+1:i+end], i+end+1)
	case '`':
		return parseQuoted(s, i+1)
	}
	end := i
	for end < len(s) && s[end] != '.' && s[end] != '[' {
		if s[end] == '`' || s[end] == ']' {
			return st, i, false
		}
		end++
	}
	st.Name = s[i:end]
	st.Index, st.Integer = segmentIndex(st.Name)
	return st, end, end > i
}

func parseBracket(inside string, next int) (st Step, _ int, ok bool) {
	st = Step{Bracket: true, Index: 1, Integer: true}
	if inside = value.TrimSpace(inside); inside == "" {
		return st, next, true
	}
	if st.Index, st.Integer = segmentIndex(inside); st.Integer {
		return st, next, true
	}
	// A number that is no integer is well-formed but finds nothing.
	_, ok = value.ParseDecimal(inside)
	return st, next, ok
}

func parseQuoted(s string, i int) (st Step, next int, ok bool) {
	var name strings.Builder
	for {
		end := strings.IndexByte(s[i:], '`')
		if end < 0 {
			return st, i, false
		}
		name.WriteString(s[i : i+end])
		i += end + 1
		if i >= len(s) || s[i] != '`' {
			break
		}
		name.WriteByte('`')
		i++
	}
	st.Name = name.String()
	st.Index, st.Integer = segmentIndex(st.Name)
	return st, i, st.Name != ""
}

// segmentIndex reads an integer segment; a huge one is clamped to a position that no array has.
func segmentIndex(s string) (n int, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" {
		return 0, false
	}
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return 0, false
		}
		n = min(n*10+int(digits[i]-'0'), 1<<27)
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// Position turns a 1-based index, negative from the end, into a position; -1 when the array has no such item.
func Position(n, length int) int {
	switch {
	case n >= 1 && n <= length:
		return n - 1
	case n <= -1 && n >= -length:
		return length + n
	}
	return -1
}

// Lookup returns the value at p in v, undefined when there is none; what comes out of a secret is secret. The site
// remembers where a plain name was found last.
func (p *Path) Lookup(v value.Value, site *value.Site) value.Value {
	if p.Single && v.Kind() == value.KindCollection {
		return site.Step(v, p.Whole)
	}
	return p.walk(v)
}

func (p *Path) walk(v value.Value) value.Value {
	if p.IsText && v.Kind() == value.KindCollection {
		if found, ok := v.Object().Get(p.Whole); ok {
			return found.Under(v)
		}
	}
	if !p.Valid || p.Single {
		return value.Undefined
	}
	for i := range p.Steps {
		if v = p.Steps[i].Lookup(v); v.IsNil() && i+1 < len(p.Steps) {
			return value.Undefined
		}
	}
	return v
}

// Lookup applies the step to a value.
func (s *Step) Lookup(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindArray:
		items := v.Items()
		if s.Integer {
			if i := Position(s.Index, len(items)); i >= 0 {
				return items[i].Under(v)
			}
		}
	case value.KindCollection:
		if !s.Bracket {
			return v.Object().Value(s.Name).Under(v)
		}
	}
	return value.Undefined
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
