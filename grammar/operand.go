package grammar

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// operand reads what stands between operators: a literal, a path, a call or a group (postfix in the EBNF).
func (p *parser) operand(after bool) (Expr, bool) {
	t := p.tok
	switch t.kind {
	case kindString:
		return p.text(t), true
	case kindNumber:
		return p.number(t)
	case kindName:
		return p.name(t)
	case kindQuoted:
		name, ok := p.unquote(t)
		if !ok {
			return nil, false
		}
		p.advance()
		return p.tail(&Root{At: At{t.span()}, Name: name, NameAt: t.span(), Quoted: true}, true)
	case kindLeftParenthesis:
		return p.parenthesis(t)
	}
	p.noOperand(after)
	return nil, false
}

// text reads a string literal.
func (p *parser) text(t token) Expr {
	body := p.scanner.text[t.start+1 : t.end-1]
	if quote := p.scanner.text[t.start : t.start+1]; strings.Contains(body, quote) {
		body = strings.ReplaceAll(body, quote+quote, quote)
	}
	if escape := literalEscape(body); escape != "" {
		p.lint("IML311", t.span(), "`"+escape+"` in a string is a backslash and a letter", escapeHelp(escape))
	}
	p.advance()
	return &Text{At: At{t.span()}, Value: body}
}

// literalEscape returns the first \n, \r or \t of a string, or "".
func literalEscape(body string) string {
	for i := strings.IndexByte(body, '\\'); i >= 0 && i+1 < len(body); i++ {
		if body[i] == '\\' && (body[i+1] == 'n' || body[i+1] == 'r' || body[i+1] == 't') {
			return body[i : i+2]
		}
	}
	return ""
}

func escapeHelp(escape string) string {
	word := map[string]string{`\n`: "newline", `\r`: "carriagereturn", `\t`: "tab"}[escape]
	return "use the keyword " + word + ", for example \"a\" + " + word
}

// unquote decodes a name in backticks; an empty one is IML115.
func (p *parser) unquote(t token) (string, bool) {
	if t.end-t.start == 2 {
		p.emptyName(t)
		return "", false
	}
	return strings.ReplaceAll(p.scanner.text[t.start+1:t.end-1], "``", "`"), true
}

// number reads a number literal, or the digits of a module and the path that they begin (spec iml.md §4).
func (p *parser) number(t token) (Expr, bool) {
	if p.moduleRoot(t) {
		p.advance()
		return p.tail(&Root{At: At{t.span()}, Name: p.word(t), NameAt: t.span()}, true)
	}
	if p.malformed(t) {
		p.malformedNumber(t)
		return nil, false
	}
	digits := p.word(t)
	// A number out of range is an infinity, which is the value that ParseFloat returns with its error.
	value, _ := strconv.ParseFloat(digits, 64)
	n := &Number{At: At{t.span()}, Value: value}
	if len(digits) > 15 && isDigits(digits) {
		n.Exact = p.exact(digits)
	}
	p.advance()
	return n, true
}

// maxSafeInteger is the largest n such that a double holds n and n+1 apart (spec iml.md §2.1).
const maxSafeInteger = 1<<53 - 1

// exact returns the value of a run of digits when it lies beyond the safe integers and is not too long, else nil.
func (p *parser) exact(digits string) *big.Int {
	digits = strings.TrimLeft(digits, "0")
	if len(digits) > p.limits.ExactDigits {
		return nil
	}
	i, ok := new(big.Int).SetString(digits, 10)
	if !ok || i.IsInt64() && i.Int64() <= maxSafeInteger {
		return nil
	}
	return i
}

// moduleRoot reports whether digits are directly followed by a dot and a name or backtick.
func (p *parser) moduleRoot(t token) bool {
	rest := p.scanner.text[t.end:p.scanner.end]
	return len(rest) > 1 && rest[0] == '.' && (rest[1] == '`' || NameStartLength(rest[1:]) > 0) && isDigits(p.word(t))
}

// malformed reports whether a number is directly followed by a name character, a dot or a backtick. A module root is
// not malformed where an operand is expected.
func (p *parser) malformed(t token) bool {
	rest := p.scanner.text[t.end:p.scanner.end]
	return rest != "" && (rest[0] == '.' || rest[0] == '`' || nameLength(rest[:min(len(rest), 4)]) > 0)
}

// name reads a call, a keyword or a path.
func (p *parser) name(t token) (Expr, bool) {
	p.advance()
	switch {
	case p.tok.kind == kindLeftParenthesis:
		return p.call(t)
	case p.hasTail():
		return p.tail(&Root{At: At{t.span()}, Name: p.word(t), NameAt: t.span()}, true)
	case isKeyword(p.word(t)):
		return &Keyword{At: At{t.span()}, Name: p.word(t)}, true
	}
	return &Root{At: At{t.span()}, Name: p.word(t), NameAt: t.span()}, true
}

// parenthesis reads a group and its tail. The expression inside covers its parentheses.
func (p *parser) parenthesis(t token) (Expr, bool) {
	outer, ok := p.open(groupParenthesis, t)
	if !ok {
		return nil, false
	}
	p.advance()
	x, ok := p.expression(precedenceOr, false)
	if !ok {
		return nil, false
	}
	if p.tok.kind != kindRightParenthesis {
		p.unexpected()
		return nil, false
	}
	x.(interface{ widen(Span) }).widen(Span{t.start, p.tok.end})
	p.shut(outer)
	p.advance()
	return p.tail(x, false)
}

// widen lets a node cover the parentheses around it.
func (a *At) widen(to Span) { a.At = to }

// call reads the arguments of a function and the tail behind them.
func (p *parser) call(name token) (Expr, bool) {
	outer, ok := p.open(groupCall, p.tok)
	if !ok {
		return nil, false
	}
	p.advance()
	args, ok := p.arguments(name)
	if !ok {
		return nil, false
	}
	c := &Call{At: At{Span{name.start, p.tok.end}}, Name: p.word(name), NameAt: name.span(), Args: args}
	if p.unquotedFormat(c) {
		return nil, false
	}
	p.excuseExpression(c)
	p.shut(outer)
	p.advance()
	return p.tail(c, false)
}

// arguments reads the slots of a call up to its closing parenthesis, where it stops. An empty slot is nil.
func (p *parser) arguments(name token) ([]Expr, bool) {
	if p.tok.kind == kindRightParenthesis {
		return nil, true
	}
	base := len(p.operands)
	var semicolon, comma bool
	for {
		var x Expr
		if p.tok.kind != kindSeparator && p.tok.kind != kindRightParenthesis {
			var ok bool
			if x, ok = p.expression(precedenceOr, false); !ok {
				return nil, false
			}
		}
		p.operands = append(p.operands, x)
		switch p.tok.kind {
		case kindSeparator:
			comma = comma || p.scanner.text[p.tok.start] == ','
			semicolon = semicolon || p.scanner.text[p.tok.start] == ';'
			p.advance()
			continue
		case kindRightParenthesis:
			if comma && semicolon {
				p.lint("IML304", name.span(), "`;` and `,` are mixed in the arguments of one call", "use one of them throughout")
			}
			return p.popOperands(base), true
		}
		p.unexpected()
		return nil, false
	}
}

// excuseExpression takes back the lint IML311 of the search text of replace when that is a regular expression, where
// \n, \r and \t have a meaning (spec iml.md §9.4).
func (p *parser) excuseExpression(c *Call) {
	if c.Name != "replace" || len(c.Args) < 2 {
		return
	}
	t, ok := c.Args[1].(*Text)
	if !ok || len(t.Value) < 3 || t.Value[0] != '/' {
		return
	}
	last := strings.LastIndexByte(t.Value, '/')
	if last < 2 || strings.Trim(t.Value[last+1:], "gimsu") != "" {
		return
	}
	p.lints = slices.DeleteFunc(p.lints, func(l Lint) bool { return l.Code == "IML311" && l.At == t.At.At })
}
