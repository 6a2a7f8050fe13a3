package jsonata

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// pattern is a regular expression.
type pattern struct {
	re *regexp.Regexp
	// size is how much work it makes of a character.
	size int
}

// repetition is a counted repetition of a regular expression, which multiplies what stands before it.
var repetition = regexp.MustCompile(`\{(\d+)(?:,(\d*))?\}`)

// unit is a code unit in a regular expression of JavaScript.
var unit = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)

// maxPattern bounds what a regular expression becomes when its repetitions are written out.
const maxPattern = 20_000

func newPattern(source, flags string) *pattern {
	if source == "" {
		panic(failure("a regular expression is empty"))
	}
	size := float64(len(source))
	for _, m := range repetition.FindAllStringSubmatch(source, -1) {
		least, _ := strconv.ParseFloat(m[1], 64)
		most, _ := strconv.ParseFloat(m[2], 64)
		size *= max(1, least, most)
	}
	if size > max(maxPattern, float64(len(source))) {
		panic(failure("a regular expression is too large"))
	}
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	re, err := regexp.Compile(flags + unit.ReplaceAllString(source, `\x{$1}`))
	if err != nil {
		panic(failure("a regular expression is not known"))
	}
	return &pattern{re, int(size)}
}

// match is one match, with the places of its bytes in the text.
type match struct {
	text       string
	start, end int
	groups     []any
}

// find returns at most n matches, all when n is negative. As in the reference implementation, an empty one behind
// another is an error, also the one that is no longer wanted.
func (r *run) find(p *pattern, s string, n int) []match {
	r.step(1 + len(s)/64*(1+p.size/16))
	more := n
	if n >= 0 {
		more++
	}
	var out []match
	for _, at := range p.re.FindAllStringSubmatchIndex(s, more) {
		if k := len(out); k > 0 {
			if out[k-1].end >= len(s) {
				break
			}
			if at[0] == at[1] {
				panic(failure("a regular expression matches nothing"))
			}
		}
		m := match{text: s[at[0]:at[1]], start: at[0], end: at[1]}
		r.list(4 + len(at))
		for i := 2; i < len(at); i += 2 {
			if at[i] < 0 {
				m.groups = append(m.groups, nil)
			} else {
				m.groups = append(m.groups, s[at[i]:at[i+1]])
			}
		}
		out = append(out, m)
	}
	if n >= 0 && len(out) > n {
		out = out[:n]
	}
	return out
}

// matches are the matches of a pattern, or of a function that stands for one.
func (c *call) matches(f *function, s string, limit any) []match {
	n := -1
	if l, ok := limit.(float64); ok {
		n = int(math.Ceil(min(l, math.MaxInt32)))
	}
	if f.pattern != nil {
		return c.find(f.pattern, s, n)
	}
	var out []match
	for v := c.apply(f, []any{s}, c.input, c.env); v != nil && (n < 0 || len(out) < n); {
		o := v.(*object)
		start, _ := o.get("start")
		end, _ := o.get("end")
		groups, _ := o.get("groups")
		next, _ := o.get("next")
		text, _ := o.get("match")
		m := match{text: text.(string), start: byteIndex(s, start.(float64)), end: byteIndex(s, end.(float64)), groups: groups.(*list).items}
		c.list(1)
		out = append(out, m)
		v = c.apply(next, nil, c.input, c.env)
	}
	return out
}

// units is the number of UTF-16 code units of a text.
func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// byteIndex is the place of the byte at which the code unit with a number begins.
func byteIndex(s string, f float64) int {
	n := 0
	for i, r := range s {
		if float64(n) >= f {
			return i
		}
		n += utf16.RuneLen(r)
	}
	return len(s)
}

// function makes a pattern a function, which gives an object for its first match.
func (p *pattern) function() *function {
	return &function{arity: 2, pattern: p, native: func(c *call) any {
		s := c.text(0)
		found := c.find(p, s, -1)
		var object func(i int) any
		object = func(i int) any {
			if i == len(found) {
				return nil
			}
			m := found[i]
			start := float64(units(s[:m.start]))
			o := newMatch(m, "start", start)
			o.set("end", start+float64(units(m.text)))
			o.set("next", &function{native: func(*call) any { return object(i + 1) }})
			return o
		}
		return object(0)
	}}
}

// newMatch is the object of a match.
func newMatch(m match, place string, at float64) *object {
	groups := &list{items: m.groups}
	return &object{keys: []string{"match", place, "groups"}, values: []any{m.text, at, groups}}
}

func contains(c *call) any {
	c.read(len(c.text(0)))
	if token, ok := c.at(1).(string); ok {
		return strings.Contains(c.text(0), token)
	}
	return c.first(c.function(1), c.text(0))
}

// first reports whether there is a match.
func (c *call) first(f *function, s string) bool {
	if f.pattern != nil {
		c.step(1 + len(s)/64*(1+f.pattern.size/16))
		return f.pattern.re.MatchString(s)
	}
	return c.apply(f, []any{s}, c.input, c.env) != nil
}

// limit is an argument that bounds how often something is done; false when it is done not at all.
func (c *call) limit(i int) (limit any, some bool) {
	f, ok := c.at(i).(float64)
	if ok && f < 0 {
		panic(failure("a limit is negative"))
	}
	return c.at(i), !ok || f > 0
}

func matched(c *call) any {
	s, result := c.text(0), sequence()
	limit, some := c.limit(2)
	if !some {
		return result
	}
	at, before := 0, 0
	for _, m := range c.matches(c.function(1), s, limit) {
		at, before = at+units(s[before:m.start]), m.start
		c.must(c.c.Object(3))
		c.list(1)
		result.items = append(result.items, newMatch(m, "index", float64(at)))
	}
	return result
}

func splitText(c *call) any {
	s, out := c.text(0), &list{}
	limit, some := c.limit(2)
	if !some {
		return out
	}
	full := func() bool {
		f, ok := limit.(float64)
		return ok && float64(len(out.items)) >= f
	}
	if separator, ok := c.at(1).(string); ok {
		c.read(len(s))
		for rest, more := s, true; more && !(full()); {
			var part string
			switch {
			case separator == "" && rest == "":
				return out
			case separator == "":
				_, size := utf8.DecodeRuneInString(rest)
				part, rest = rest[:size], rest[size:]
			default:
				part, rest, more = strings.Cut(rest, separator)
			}
			c.list(1)
			out.items = append(out.items, part)
		}
		if f, ok := limit.(float64); ok && float64(len(out.items)) > math.Trunc(f) {
			out.items = out.items[:int(f)]
		}
		return out
	}
	start := 0
	for _, m := range c.matches(c.function(1), s, limit) {
		c.list(1)
		out.items = append(out.items, s[start:m.start])
		start = m.end
	}
	if !full() {
		out.items = append(out.items, s[start:])
	}
	return out
}

func replaced(c *call) any {
	s, out, at := c.text(0), []byte(nil), 0
	if token, ok := c.at(1).(string); ok && token == "" {
		panic(failure("what is replaced is empty"))
	}
	limit, some := c.limit(3)
	if !some {
		return s
	}
	add := func(text string) {
		c.step(1)
		c.must(c.c.Fits(len(out) + len(text)))
		out = append(out, text...)
	}
	if token, ok := c.at(1).(string); ok {
		with := "undefined" // what JavaScript makes of a text that is missing
		if c.at(2) != nil {
			with = c.text(2)
		}
		c.read(len(s))
		for n := 0.0; limit == nil || n < limit.(float64); n++ {
			i := strings.Index(s[at:], token)
			if i < 0 {
				break
			}
			add(s[at : at+i])
			add(with)
			at += i + len(token)
		}
	} else {
		for _, m := range c.matches(c.function(1), s, limit) {
			add(s[at:m.start])
			if with, ok := c.at(2).(string); ok {
				c.read(len(with))
				substitute(with, m, add)
			} else {
				o := newMatch(m, "start", float64(units(s[:m.start])))
				o.set("end", float64(units(s[:m.end])))
				add(c.apply(c.function(2), []any{o}, c.input, c.env).(string))
			}
			at = m.start + len(m.text)
		}
	}
	add(s[at:])
	c.made(len(out))
	return textOf(out)
}

// substitute writes a replacement, in which $0 is the match and $1, $2, … are its groups.
func substitute(with string, m match, add func(string)) {
	for {
		before, after, ok := strings.Cut(with, "$")
		add(before)
		if !ok {
			return
		}
		with = after
		if strings.HasPrefix(with, "$") || strings.HasPrefix(with, "0") {
			if with[0] == '$' {
				add("$")
			} else {
				add(m.text)
			}
			with = with[1:]
			continue
		}
		digits := 1
		for n := len(m.groups); n >= 10; n /= 10 {
			digits++
		}
		n, size := leadingInt(with, digits)
		if digits > 1 && n > len(m.groups) {
			n, size = leadingInt(with, digits-1)
		}
		if size == 0 {
			add("$")
			continue
		}
		if n >= 1 && n <= len(m.groups) {
			if group, ok := m.groups[n-1].(string); ok {
				add(group)
			}
		}
		with = with[size:]
	}
}

// leadingInt reads at most some digits.
func leadingInt(s string, most int) (n, size int) {
	for size < most && size < len(s) && s[size] >= '0' && s[size] <= '9' {
		n = n*10 + int(s[size]-'0')
		size++
	}
	return n, size
}
