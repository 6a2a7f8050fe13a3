package grammar

import "slices"

// parser reads the tokens of one hole, one token ahead. It keeps the first fault and stops there. Its recursion is
// bounded by the nesting limit times the number of precedences, whatever the input.
type parser struct {
	scanner scanner
	tok     token // the current token, never a blank
	limits  Limits
	depth   int
	// inner is the innermost group that is open; parentheses and brackets count all that are.
	inner                 group
	parentheses, brackets int
	err                   *Error
	lints                 []Lint
	// operands and steps are stacks that lists grow on before they are copied at their final size.
	operands []Expr
	steps    []Step
}

// groupKind tells the brackets of an expression apart.
type groupKind uint8

const (
	groupNone groupKind = iota // the hole itself
	groupParenthesis
	groupCall
	groupIndex
)

type group struct {
	kind groupKind
	open token
}

// Parse reads the expression text[start:end], the inside of one hole. Offsets in the result and in problems refer to
// the whole text. The expression is nil when there are only blanks, and when there is an Error; an Error excludes
// lints, which are otherwise in order of position. All nodes are pointers (*Text, *Number, …) and immutable from here
// on. Offsets outside the text are clamped. Parse never panics and its time is linear in the text (spec iml.md §5,
// §11).
func Parse(text string, start, end int, limits Limits) (Expr, []Lint, *Error) {
	end = max(0, min(end, len(text)))
	start = max(0, min(start, end))
	var operands [8]Expr
	var steps [4]Step
	p := parser{
		scanner:  scanner{text: text, pos: start, end: end},
		limits:   limits.orDefaults(),
		operands: operands[:0],
		steps:    steps[:0],
	}
	p.advance()
	if p.tok.kind == kindEOF {
		return nil, nil, nil
	}
	x, ok := p.expression(precedenceOr, false)
	if ok && p.tok.kind != kindEOF {
		p.unexpected()
	}
	if p.err != nil {
		return nil, nil, p.err
	}
	slices.SortStableFunc(p.lints, func(a, b Lint) int { return a.At.Start - b.At.Start })
	return x, p.lints, nil
}

// advance moves to the next token that is no blank.
func (p *parser) advance() {
	p.tok = p.scanner.next()
	if p.tok.kind == kindBlank {
		p.tok = p.scanner.next()
		p.tok.spaced = true
	}
}

func (p *parser) word(t token) string { return p.scanner.text[t.start:t.end] }

// operator returns the binary operator at the current token; a precedence of 0 means that there is none.
func (p *parser) operator() binary {
	k := p.tok.kind
	if k == kindName {
		k = wordOperator(p.word(p.tok))
	}
	if int(k) < len(binaryOperators) {
		return binaryOperators[k]
	}
	return binary{}
}

// expression reads operands joined by operators of at least that precedence, grouping to the left. After says that an
// operator stands before the expression.
func (p *parser) expression(least uint8, after bool) (Expr, bool) {
	start := p.tok.start
	x, ok := p.unary(after)
	if !ok {
		return nil, false
	}
	for {
		o := p.operator()
		if o.precedence == 0 || o.precedence < least {
			return x, true
		}
		at := p.tok.span()
		p.advance()
		y, ok := p.expression(o.precedence+1, true)
		if !ok {
			return nil, false
		}
		x = &Binary{At: At{Span{start, y.Span().End}}, Op: o.op, OpAt: at, X: x, Y: y}
	}
}

// unary reads an operand with the ! and - before it.
func (p *parser) unary(after bool) (Expr, bool) {
	t := p.tok
	var op Op
	switch t.kind {
	case kindNot:
		op = OpNot
	case kindMinus:
		op = OpNegate
	default:
		return p.adjacent(after)
	}
	if !p.enter(t) {
		return nil, false
	}
	p.advance()
	x, ok := p.unary(true)
	p.depth--
	if !ok {
		return nil, false
	}
	return &Unary{At: At{Span{t.start, x.Span().End}}, Op: op, X: x}, true
}

// adjacent reads a chain of operands without operators between them (spec iml.md §5): of each two neighbours one must
// be a string literal.
func (p *parser) adjacent(after bool) (Expr, bool) {
	start, text := p.tok.start, p.tok.kind == kindString
	x, ok := p.operand(after)
	if !ok || !p.joins(text) {
		return x, ok
	}
	base := len(p.operands)
	p.operands = append(p.operands, x)
	p.lint("IML303", p.tok.span(), "operands are joined without an operator", "write + between them")
	for p.joins(text) {
		text = p.tok.kind == kindString
		x, ok := p.operand(true)
		if !ok {
			return nil, false
		}
		p.operands = append(p.operands, x)
	}
	list := p.popOperands(base)
	end := list[len(list)-1].Span().End
	return &Join{At: At{Span{start, end}}, Operands: list}, true
}

// joins reports whether the current token begins an operand that joins to the one before, text saying whether that one
// was a string literal.
func (p *parser) joins(text bool) bool {
	switch p.tok.kind {
	case kindString:
		return true
	case kindName:
		return text && wordOperator(p.word(p.tok)) == kindEOF
	case kindNumber, kindQuoted, kindLeftParenthesis:
		return text
	}
	return false
}

func (p *parser) popOperands(base int) []Expr {
	list := slices.Clone(p.operands[base:])
	p.operands = p.operands[:base]
	return list
}

// enter counts one more level of nesting, begun by token t.
func (p *parser) enter(t token) bool {
	if p.depth >= p.limits.Depth {
		p.tooDeep(t)
		return false
	}
	p.depth++
	return true
}

// open enters a group and returns the one around it, which shut takes back.
func (p *parser) open(k groupKind, t token) (outer group, ok bool) {
	if !p.enter(t) {
		return group{}, false
	}
	outer = p.inner
	p.inner = group{k, t}
	if k == groupIndex {
		p.brackets++
	} else {
		p.parentheses++
	}
	return outer, true
}

func (p *parser) shut(outer group) {
	if p.inner.kind == groupIndex {
		p.brackets--
	} else {
		p.parentheses--
	}
	p.inner = outer
	p.depth--
}

func (p *parser) lint(code string, at Span, message, help string) {
	p.lints = append(p.lints, Lint{Code: code, At: at, Message: message, Help: help})
}
