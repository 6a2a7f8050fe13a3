package content

import (
	"strings"
	"unicode/utf8"
)

// longestPattern is how much of a secret is looked for, in bytes; where that much is found, the rest is compared.
const longestPattern = 1 << 10

// finder finds every occurrence of a set of texts in time linear in the text that is searched, whatever that text is:
// the automaton of Aho and Corasick, "Efficient string matching" (1975).
type finder struct {
	root  [256]int32
	edges map[edge]int32
	nodes []finderNode
	texts []string
}

type edge struct {
	node int32
	c    byte
}

type finderNode struct {
	// fail is the longest proper suffix that is a node; depth the length of the node.
	fail, depth int32
	// match is one more than the number of a text whose pattern is the longest that ends here, 0 for none.
	match int32
}

// newFinder returns a finder, nil for no texts. No text is empty.
func newFinder(texts []string) *finder {
	if len(texts) == 0 {
		return nil
	}
	f := &finder{edges: map[edge]int32{}, nodes: make([]finderNode, 1, 64), texts: texts}
	for i, text := range texts {
		at := int32(0)
		for j := 0; j < min(len(text), longestPattern); j++ {
			at = f.child(at, text[j])
		}
		if f.nodes[at].match == 0 || len(text) > len(texts[f.nodes[at].match-1]) {
			f.nodes[at].match = int32(i) + 1 // of texts with one beginning, the longest goes on farthest
		}
	}
	f.link()
	return f
}

// child returns the node behind at by c, which is made when there is none.
func (f *finder) child(at int32, c byte) int32 {
	if next := f.next(at, c); next != 0 {
		return next
	}
	made := int32(len(f.nodes))
	f.nodes = append(f.nodes, finderNode{depth: f.nodes[at].depth + 1})
	if at == 0 {
		f.root[c] = made
	} else {
		f.edges[edge{at, c}] = made
	}
	return made
}

// next returns the node behind at by c, 0 for none.
func (f *finder) next(at int32, c byte) int32 {
	if at == 0 {
		return f.root[c]
	}
	return f.edges[edge{at, c}]
}

// link sets fail and passes matches on, by depth.
func (f *finder) link() {
	type step struct {
		from int32
		c    byte
		to   int32
	}
	byDepth := make([][]step, longestPattern+1)
	for e, to := range f.edges {
		d := f.nodes[to].depth
		byDepth[d] = append(byDepth[d], step{e.node, e.c, to})
	}
	for _, steps := range byDepth {
		for _, s := range steps {
			fail := f.nodes[s.from].fail
			for fail != 0 && f.next(fail, s.c) == 0 {
				fail = f.nodes[fail].fail
			}
			n := &f.nodes[s.to]
			if n.fail = f.next(fail, s.c); n.match == 0 {
				n.match = f.nodes[n.fail].match
			}
		}
	}
}

// span is a part of a text, from start up to end.
type span struct{ start, end int }

// find returns the parts of text that are one of the texts, or begin with the longestPattern first bytes of one and go
// on as it does; overlapping ones are joined.
func (f *finder) find(text string, w *watch) []span {
	var found []span
	at, known := int32(0), 0 // known is the end of what is found already
	for i := 0; i < len(text); i++ {
		if i%stretch == 0 && !w.went(stretch) {
			break
		}
		c := text[i]
		next := f.next(at, c)
		for next == 0 && at != 0 {
			at = f.nodes[at].fail
			next = f.next(at, c)
		}
		at = next
		m := f.nodes[at].match
		if m == 0 {
			continue
		}
		secret := f.texts[m-1]
		s := span{i + 1 - min(len(secret), longestPattern), i + 1}
		if len(secret) > longestPattern && s.end >= known {
			s.end += commonPrefix(text[s.end:], secret[longestPattern:])
		}
		known = max(known, s.end)
		found = join(found, s)
	}
	return found
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// join appends s, whose end is at or behind those before it unless it lies within one, and joins it with those that it
// overlaps.
func join(list []span, s span) []span {
	for len(list) > 0 && s.start < list[len(list)-1].end {
		last := list[len(list)-1]
		s.start, s.end = min(s.start, last.start), max(s.end, last.end)
		list = list[:len(list)-1]
	}
	return append(list, s)
}

// plainText undoes, again and again, the encodings in which a text may stand in another: percent-encoding with
// hexadecimal digits of either case, "+" for a space, the escapes of JSON, the entities of HTML. A secret and the place
// where it stands come to the same plain text, however often and by whom it was encoded. It is built from left to
// right; what completes an escape is replaced at once, so that the work is linear.
type plainText struct {
	out []byte
	// at is the offset in the source at which the source of each byte of out begins.
	at []int32
	// level counts how often each byte was decoded: a backslash that came out of an escape does not escape one that was
	// written there, which begins an escape of its own.
	level []uint8
}

// plain returns the plain text of s.
func plain(s string, w *watch) plainText {
	p := plainText{out: make([]byte, 0, len(s)), at: make([]int32, 0, len(s)), level: make([]uint8, 0, len(s))}
	for i := 0; i < len(s); i++ {
		if i%stretch == 0 && !w.went(stretch) {
			break
		}
		p.push(s[i], int32(i), 0)
	}
	return p
}

// withoutOpenEnd cuts the beginning of an escape off the end of a plain text: what follows it somewhere may complete
// it.
func withoutOpenEnd(s string) string {
	s = strings.TrimRight(s, "\\")
	for i := max(0, len(s)-longestEntity); i < len(s); i++ {
		tail := s[i:]
		open := tail == "%" || len(tail) == 2 && tail[0] == '%' && hexDigit(tail[1]) < 16 ||
			tail[0] == '&' && beginsEntity(tail[1:]) ||
			len(tail) < 6 && strings.HasPrefix(tail, `\u`) && strings.Trim(tail[2:], "0123456789abcdefABCDEF") == ""
		if open {
			return s[:i]
		}
	}
	return s
}

// beginsEntity reports whether an entity that is known may begin with name.
func beginsEntity(name string) bool {
	for _, known := range []string{"amp", "lt", "gt", "quot", "apos"} {
		if strings.HasPrefix(known, name) {
			return true
		}
	}
	return name[0] == '#' && strings.Trim(name[1:], "xX0123456789abcdefABCDEF") == ""
}

// encoded reports whether s may differ from its plain text.
func encoded(s string) bool { return strings.ContainsAny(s, "%+\\&") }

// push appends a byte whose source begins at the offset from.
func (p *plainText) push(c byte, from int32, level uint8) {
	if c == '+' {
		c = ' '
	}
	p.out, p.at, p.level = append(p.out, c), append(p.at, from), append(p.level, level)
	n := len(p.out)
	switch {
	case c == ';':
		p.entity()
	case n >= 2 && p.out[n-2] == '\\' && jsonEscape(c) != 0 && (c != '\\' || level == p.level[n-2]):
		p.replace(2, rune(jsonEscape(c)))
	case n >= 3 && p.out[n-3] == '%' && hexDigit(c) < 16 && hexDigit(p.out[n-2]) < 16:
		b := hexDigit(p.out[n-2])<<4 | hexDigit(c)
		from, level := p.cut(3)
		p.push(b, from, level)
	case n >= 6 && p.out[n-6] == '\\' && p.out[n-5] == 'u' && hexDigit(c) < 16:
		p.unicode()
	}
}

// cut removes the last n bytes; it returns where they began, and the level of what they stand for.
func (p *plainText) cut(n int) (from int32, level uint8) {
	rest := len(p.out) - n
	for _, l := range p.level[rest:] {
		level = max(level, l)
	}
	from = p.at[rest]
	p.out, p.at, p.level = p.out[:rest], p.at[:rest], p.level[:rest]
	return from, min(level, 254) + 1
}

// replace puts r in the place of the last n bytes.
func (p *plainText) replace(n int, r rune) {
	from, level := p.cut(n)
	var room [utf8.UTFMax]byte
	for _, c := range room[:utf8.EncodeRune(room[:], r)] {
		p.push(c, from, level)
	}
}

func jsonEscape(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// codeUnit returns what the six bytes \uXXXX say.
func codeUnit(b []byte) (r rune, ok bool) {
	if b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		if hexDigit(c) > 15 {
			return 0, false
		}
		r = r<<4 | rune(hexDigit(c))
	}
	return r, true
}

// unicode replaces \uXXXX; the first half of a pair waits for the second.
func (p *plainText) unicode() {
	n := len(p.out)
	r, ok := codeUnit(p.out[n-6:])
	switch {
	case !ok || r >= 0xd800 && r < 0xdc00:
	case r >= 0xdc00 && r < 0xe000:
		if n < 12 {
			return
		}
		if high, ok := codeUnit(p.out[n-12:]); ok && high >= 0xd800 && high < 0xdc00 {
			p.replace(12, 0x10000+(high-0xd800)<<10+(r-0xdc00))
		}
	default:
		p.replace(6, r)
	}
}

// longestEntity is the length of the longest entity that is known, &#x10ffff;.
const longestEntity = 10

// entity replaces the entity of HTML that ends here.
func (p *plainText) entity() {
	n := len(p.out)
	for i := n - 2; i >= 0 && i >= n-longestEntity; i-- {
		if p.out[i] != '&' {
			continue
		}
		if r := entityRune(string(p.out[i+1 : n-1])); r != 0 {
			p.replace(n-i, r)
		}
		return
	}
}

// entityRune returns the character of an entity, 0 for one that is not known.
func entityRune(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0
	}
	base, most := rune(10), byte(9)
	if digits != "" && digits[0]|0x20 == 'x' {
		base, most, digits = 16, 15, digits[1:]
	}
	var r rune
	for i := 0; i < len(digits); i++ {
		if hexDigit(digits[i]) > most {
			return 0
		}
		r = r*base + rune(hexDigit(digits[i]))
	}
	if r > utf8.MaxRune {
		return 0
	}
	return r
}
