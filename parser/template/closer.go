package template

import "strings"

// closers finds the closer of a hole: the first one outside quotes, for one pair of delimiters (spec iml.md §3.1).
// Quotes skip to the next same character; doubling closes and reopens, which comes to the same.
//
// A text can hold many openers whose searches all end in nothing or in the same closer. Positions are asked in
// ascending order, and what an earlier search learnt is kept, so that all searches of a text together take linear time.
type closers struct {
	text string
	char byte // half of the closer
	line bool // the closer must stand on the line of the opener

	// mark is the first quote, closer or line end at or after every position of from..mark; -1 when there is none.
	from, mark int
	known      bool
	// chain are the opening quotes that the last search passed, result its result; memo keeps them by position.
	chain  []int
	result int
	memo   map[int]int
}

// find returns the position of the closer of a hole whose inside begins at pos, or -1.
func (c *closers) find(pos int) int {
	c.chain = c.chain[:0]
	c.result = c.search(pos)
	return c.result
}

func (c *closers) search(pos int) int {
	for at := c.first(pos); ; at = c.next(pos) {
		if at < 0 {
			return -1
		}
		switch quote := c.text[at]; quote {
		case c.char:
			return at
		case '\n':
			return -1
		default:
			if result, ok := c.memo[at]; ok {
				return result
			}
			c.chain = append(c.chain, at)
			n := strings.IndexByte(c.text[at+1:], quote)
			if n < 0 || c.line && strings.IndexByte(c.text[at+1:at+1+n], '\n') >= 0 {
				return -1
			}
			pos = at + 1 + n + 1
		}
	}
}

// keep remembers the last search; called when its opener opened nothing, so that the same stretch is searched again.
func (c *closers) keep() {
	if c.memo == nil && len(c.chain) > 0 {
		c.memo = make(map[int]int)
	}
	for _, at := range c.chain {
		c.memo[at] = c.result
	}
}

// first is next for the beginning of a search, where the last answer often holds still.
func (c *closers) first(pos int) int {
	if !c.known || pos < c.from || pos > c.mark && c.mark >= 0 {
		c.known, c.from, c.mark = true, pos, c.next(pos)
	}
	return c.mark
}

// next returns the first quote, closer or (for closers on the line) line end at or after pos, or -1.
func (c *closers) next(pos int) int {
	for i := pos; i < len(c.text); i++ {
		switch b := c.text[i]; b {
		case '"', '\'', '`':
			return i
		case '\n':
			if c.line {
				return i
			}
		case c.char:
			if i+1 < len(c.text) && c.text[i+1] == c.char {
				return i
			}
		}
	}
	return -1
}
