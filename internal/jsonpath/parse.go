package jsonpath

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNesting bounds groups and filters inside filters.
const maxNesting = 32

// Parse reads a path. The error is a *SyntaxError or ErrTokens.
func Parse(s string) (*Path, error) {
	p := &parser{s: s}
	if !p.take("$") {
		return nil, p.fail("a path begins with $")
	}
	path := p.path(false)
	if p.err == nil && p.pos < len(p.s) {
		return nil, p.fail("a step begins with . or [")
	}
	if p.err != nil {
		return nil, p.err
	}
	return path, nil
}

type parser struct {
	s      string
	pos    int
	tokens int
	depth  int
	err    error
}

func (p *parser) fail(message string) error {
	if p.err == nil {
		p.err = &SyntaxError{Offset: p.pos, Message: message}
	}
	return p.err
}

func (p *parser) rest() string { return p.s[p.pos:] }

func (p *parser) take(text string) bool {
	if p.err == nil && strings.HasPrefix(p.rest(), text) {
		p.pos += len(text)
		return true
	}
	return false
}

func (p *parser) blanks() {
	for p.pos < len(p.s) && (p.s[p.pos] == ' ' || p.s[p.pos] == '\t' || p.s[p.pos] == '\n' || p.s[p.pos] == '\r') {
		p.pos++
	}
}

// path reads the steps behind $ or @.
func (p *parser) path(relative bool) *Path {
	path := &Path{Relative: relative}
	for p.err == nil {
		deep := false
		switch {
		case p.take(".."):
			deep = true
		case p.take("."):
		case p.pos < len(p.s) && p.s[p.pos] == '[':
		default:
			return path
		}
		if p.tokens++; p.tokens > MaxTokens {
			p.err = ErrTokens
			return path
		}
		step := p.step()
		step.Deep = deep
		path.Steps = append(path.Steps, step)
	}
	return path
}

// step reads what stands behind a dot, or a bracket.
func (p *parser) step() Step {
	switch {
	case p.take("["):
		return p.bracket()
	case p.take("*"):
		return Step{Kind: Wildcard}
	}
	start := p.pos
	for p.pos < len(p.s) {
		r, size := utf8.DecodeRuneInString(p.rest())
		if !isNameRune(r) {
			break
		}
		p.pos += size
	}
	if start == p.pos {
		p.fail("a name, * or [ is expected")
	}
	return Step{Kind: Name, Names: []string{p.s[start:p.pos]}, Dotted: true}
}

func isNameRune(r rune) bool {
	return r == '_' || r == '-' || r == '$' || r == '@' || r == ':' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) ||
		r > unicode.MaxLatin1 && !unicode.IsSpace(r)
}

// bracket reads the rest of a step in brackets.
func (p *parser) bracket() (step Step) {
	p.blanks()
	switch {
	case p.take("*"):
		step.Kind = Wildcard
	case p.take("?"):
		step.Kind, step.Test = Filter, p.filter()
	case p.pos < len(p.s) && (p.s[p.pos] == '\'' || p.s[p.pos] == '"'):
		step.Kind = Name
		for step.Names = []string{p.quoted()}; p.comma(); {
			step.Names = append(step.Names, p.quoted())
		}
	default:
		step = p.numbers()
	}
	p.blanks()
	if p.err == nil && !p.take("]") {
		p.fail("] is expected")
	}
	return step
}

// comma passes a comma with blanks around it.
func (p *parser) comma() bool {
	p.blanks()
	ok := p.take(",")
	p.blanks()
	return ok
}

// numbers reads a list of indexes, or a slice.
func (p *parser) numbers() Step {
	first := p.number()
	p.blanks()
	if p.take(":") {
		return p.slice(first)
	}
	if first == nil {
		p.fail("a quoted name, a number, a slice, * or ?(…) is expected")
		return Step{}
	}
	step := Step{Kind: Index, Indexes: []int{*first}}
	for p.comma() {
		n := p.number()
		if n == nil {
			p.fail("a number is expected")
			return step
		}
		step.Indexes = append(step.Indexes, *n)
	}
	return step
}

func (p *parser) slice(from *int) Step {
	step := Step{Kind: Slice, From: from}
	p.blanks()
	step.To = p.number()
	p.blanks()
	if p.take(":") {
		p.blanks()
		step.By = p.number()
	}
	return step
}

// number reads an integer, nil when there is none.
func (p *parser) number() *int {
	start := p.pos
	if p.pos < len(p.s) && p.s[p.pos] == '-' {
		p.pos++
	}
	digits := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	if p.pos == digits {
		p.pos = start
		return nil
	}
	n, err := strconv.ParseInt(p.s[start:p.pos], 10, 32)
	if err != nil {
		p.fail("the number is too large")
		return nil
	}
	i := int(n)
	return &i
}

// quoted reads a text in quotes, in which a backslash takes the next character.
func (p *parser) quoted() string {
	if p.pos >= len(p.s) || p.s[p.pos] != '\'' && p.s[p.pos] != '"' {
		p.fail("a text in quotes is expected")
		return ""
	}
	quote := p.s[p.pos]
	var b strings.Builder
	for i := p.pos + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == quote:
			p.pos = i + 1
			return b.String()
		case c == '\\' && i+1 < len(p.s):
			i++
			b.WriteByte(p.s[i])
		default:
			b.WriteByte(c)
		}
	}
	p.fail("the quote is not closed")
	return ""
}
