package builtin

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// step is one step of a path.
type step struct {
	name    string
	index   int  // valid if integer
	integer bool // the segment is an integer, which indexes an array
	bracket bool // written [n]
}

// path is a parsed path (spec iml.md §9.2). whole is its text: where that is itself a key, the key wins. A nil path, or one that
// is malformed, leads nowhere.
type path struct {
	whole  string
	isText bool
	valid  bool
	single bool // one plain name, which is whole; steps is empty then
	deep   bool // more steps than a path may have
	steps  []step
}

// keyPath reads the path in slot arg, counted from 1, that a function applies to items. One with too many steps is an error
// (spec iml.md §13).
func (c *Context) keyPath(v value.Value, arg int) (path, error) {
	p := c.parsePath(v)
	if p.deep {
		return p, c.tooDeep(arg)
	}
	return p, nil
}

func (c *Context) tooDeep(arg int) error {
	return fail("IML405", arg, "path with more than %d steps", c.maxDepth())
}

// parsePath reads a path argument: a text, or a number that is one step.
func (c *Context) parsePath(v value.Value) path {
	switch v.Kind() {
	case value.KindText:
		return parsePathText(v.Str(), c.maxDepth())
	case value.KindNumber, value.KindInteger:
		name := value.ToText(v)
		s := step{name: name}
		s.index, s.integer = segmentIndex(name)
		return path{whole: name, isText: true, valid: true, steps: []step{s}}
	}
	return path{}
}

func parsePathText(s string, limit int) path {
	p := path{whole: s, isText: true}
	if isPlainName(s) {
		p.valid, p.single = true, true
		return p
	}
	for i := 0; ; {
		if len(p.steps) >= limit {
			p.deep = true
			return p
		}
		st, next, ok := parseStep(s, i)
		if !ok {
			return p
		}
		p.steps = append(p.steps, st)
		switch i = next; {
		case i == len(s):
			p.valid = true
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

// isPlainName reports whether s is one step that is no integer.
func isPlainName(s string) bool {
	if s == "" || isDigit(s[0]) || s[0] == '-' {
		return false
	}
	return strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, '[') < 0 && strings.IndexByte(s, '`') < 0 &&
		strings.IndexByte(s, ']') < 0
}

// parseStep reads the step that starts at i: [n], a quoted name or a bare one.
func parseStep(s string, i int) (st step, next int, ok bool) {
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
	st.name = s[i:end]
	st.index, st.integer = segmentIndex(st.name)
	return st, end, end > i
}

func parseBracket(inside string, next int) (st step, _ int, ok bool) {
	st = step{bracket: true, index: 1, integer: true}
	if inside = value.TrimSpace(inside); inside == "" {
		return st, next, true
	}
	if st.index, st.integer = segmentIndex(inside); st.integer {
		return st, next, true
	}
	// A number that is no integer is well-formed but finds nothing.
	_, ok = value.ParseDecimal(inside)
	return st, next, ok
}

func parseQuoted(s string, i int) (st step, next int, ok bool) {
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
	st.name = name.String()
	st.index, st.integer = segmentIndex(st.name)
	return st, i, st.name != ""
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

// itemPosition turns a 1-based index, negative from the end, into a position; -1 when the array has no such item.
func itemPosition(n, length int) int {
	switch {
	case n >= 1 && n <= length:
		return n - 1
	case n <= -1 && n >= -length:
		return length + n
	}
	return -1
}

// lookup returns the value at p in v, undefined when there is none; what comes out of a secret is secret. The site remembers
// where a plain name was found last.
func (p *path) lookup(v value.Value, site *value.Site) value.Value {
	if p.single && v.Kind() == value.KindCollection {
		return site.Step(v, p.whole)
	}
	return p.walk(v)
}

func (p *path) walk(v value.Value) value.Value {
	if p.isText && v.Kind() == value.KindCollection {
		if found, ok := v.Object().Get(p.whole); ok {
			return found.Under(v)
		}
	}
	if !p.valid || p.single {
		return value.Undefined
	}
	for i := range p.steps {
		if v = p.steps[i].lookup(v); v.IsNil() && i+1 < len(p.steps) {
			return value.Undefined
		}
	}
	return v
}

func (s *step) lookup(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindArray:
		items := v.Items()
		if s.integer {
			if i := itemPosition(s.index, len(items)); i >= 0 {
				return items[i].Under(v)
			}
		}
	case value.KindCollection:
		if !s.bracket {
			return v.Object().Value(s.name).Under(v)
		}
	}
	return value.Undefined
}

func callGet(c *Context, a Args) (value.Value, error) {
	p := c.parsePath(a.V[1])
	var site value.Site
	v := p.lookup(a.V[0], &site)
	if p.deep && v.IsUndefined() {
		return v, c.tooDeep(2)
	}
	return v, nil
}
