package text

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
)

func appendStripHTML(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s := a.Text(0)
	t := tagScanner{s: s, look: c.Look, lastComment: strings.LastIndex(s, "-->")}
	if err := c.Memory(4 * int64(len(s))); err != nil { // of the ends that it may need
		return dst, err
	}
	start, next := 0, 0
	for i := 0; i < len(s); {
		if i >= next {
			if t.err = c.Look(stretch); t.err != nil {
				return dst, t.err
			}
			next = i + stretch
		}
		end := -1
		if s[i] == '<' {
			if end = t.end(i); t.err != nil {
				return dst, t.err
			}
		}
		if end < 0 {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		i, start = end, end
	}
	return append(dst, s[start:]...), nil
}

// tagScanner finds the ends of tags in linear time, whatever the quotes in s look like.
type tagScanner struct {
	s           string
	lastComment int
	ends        []int32 // the end of a tag whose inside reaches offset i outside quotes, once a tag was unfinished
	look        func(bytes int) error
	err         error // of look
}

// end returns the offset after the tag or comment that starts at i, -1 when there is none or it is unfinished.
func (t *tagScanner) end(i int) int {
	s := t.s
	if strings.HasPrefix(s[i:], "<!--") && t.lastComment >= i+4 {
		return i + 4 + strings.Index(s[i+4:], "-->") + 3
	}
	if i+1 >= len(s) || !isLetter(s[i+1]) && strings.IndexByte("/!?", s[i+1]) < 0 {
		return -1
	}
	if t.ends != nil {
		return int(t.ends[i+1])
	}
	quote := byte(0)
	for j := i + 1; j < len(s); j++ {
		switch ch := s[j]; {
		case quote != 0:
			if ch == quote {
				quote = 0
			}
		case ch == '\'' || ch == '"':
			quote = ch
		case ch == '>':
			return j + 1
		}
	}
	t.fill()
	return -1
}

// fill computes the ends of all tags from the end of the text backwards: one unfinished tag may be followed by many
// others, and a scan for each would take quadratic time.
func (t *tagScanner) fill() {
	t.ends = make([]int32, len(t.s)+1)
	out, single, double := int32(-1), int32(-1), int32(-1)
	t.ends[len(t.s)] = -1
	for i := len(t.s) - 1; i >= 0; i-- {
		if i%stretch == 0 {
			if t.err = t.look(stretch); t.err != nil {
				return
			}
		}
		switch t.s[i] {
		case '>':
			out = int32(i + 1)
		case '\'':
			out, single = single, out
		case '"':
			out, double = double, out
		}
		t.ends[i] = out
	}
}
