package jsonpath

import (
	"strconv"
	"strings"
)

// filter reads the condition of a filter with its parentheses.
func (p *parser) filter() *Test {
	p.blanks()
	if !p.take("(") {
		p.fail("the condition of a filter stands in parentheses")
		return nil
	}
	t := p.any()
	p.blanks()
	if p.err == nil && !p.take(")") {
		p.fail(") is expected")
	}
	return t
}

// any reads tests joined by ||, all tests joined by &&, which binds tighter.
func (p *parser) any() *Test {
	if p.depth++; p.depth > maxNesting {
		p.fail("the condition is nested too deep")
		return nil
	}
	defer func() { p.depth-- }()
	t := p.all()
	for p.blanks(); p.take("||"); p.blanks() {
		t = &Test{Op: "||", X: t, Y: p.all()}
	}
	return t
}

func (p *parser) all() *Test {
	t := p.one()
	for p.blanks(); p.take("&&"); p.blanks() {
		t = &Test{Op: "&&", X: t, Y: p.one()}
	}
	return t
}

// one reads a negation, a group, a comparison, or a path that must exist.
func (p *parser) one() *Test {
	p.blanks()
	if p.err != nil {
		return nil
	}
	if p.pos < len(p.s) && p.s[p.pos] == '!' && !strings.HasPrefix(p.rest(), "!=") {
		p.pos++
		if p.depth++; p.depth > maxNesting {
			p.fail("the condition is nested too deep")
			return nil
		}
		defer func() { p.depth-- }()
		return &Test{Op: "!", X: p.one()}
	}
	if p.take("(") {
		t := p.any()
		p.blanks()
		if p.err == nil && !p.take(")") {
			p.fail(") is expected")
		}
		return t
	}
	left := p.operand()
	p.blanks()
	for _, op := range [...]string{"==", "!=", "<=", ">=", "=~", "<", ">"} {
		if !p.take(op) {
			continue
		}
		t := &Test{Op: op, Left: left}
		if p.blanks(); op == "=~" {
			t.Pattern, t.Flags = p.pattern()
		} else {
			t.Right = p.operand()
		}
		return t
	}
	if left.Path == nil {
		p.fail("a literal alone is no condition")
	}
	return &Test{Op: "exists", Left: left}
}

// operand reads a path or a literal.
func (p *parser) operand() Operand {
	p.blanks()
	switch {
	case p.take("@"):
		return Operand{Path: p.path(true)}
	case p.take("$"):
		return Operand{Path: p.path(false)}
	case p.take("["):
		return p.texts()
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if p.take(word) {
			return Operand{Literal: v}
		}
	}
	if p.pos < len(p.s) && (p.s[p.pos] == '\'' || p.s[p.pos] == '"') {
		return Operand{Literal: p.quoted()}
	}
	return Operand{Literal: p.decimal()}
}

// texts reads the rest of a list of texts.
func (p *parser) texts() Operand {
	list := []string{}
	p.blanks()
	if p.take("]") {
		return Operand{Literal: list}
	}
	for {
		list = append(list, p.quoted())
		if p.err != nil || !p.comma() {
			break
		}
	}
	if p.err == nil && !p.take("]") {
		p.fail("] is expected")
	}
	return Operand{Literal: list}
}

// decimal reads a number; leading zeros are decimal.
func (p *parser) decimal() float64 {
	end := p.pos
	for end < len(p.s) && strings.IndexByte("+-0123456789.eE", p.s[end]) >= 0 {
		end++
	}
	f, err := strconv.ParseFloat(p.s[p.pos:end], 64)
	if err != nil {
		p.fail("a path, a text in quotes, a number, true, false or null is expected")
		return 0
	}
	p.pos = end
	return f
}

// pattern reads /expression/flags.
func (p *parser) pattern() (expression, flags string) {
	if !p.take("/") {
		p.fail("a regular expression between slashes is expected")
		return "", ""
	}
	class := false
	for i := p.pos; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if class {
				continue
			}
			expression = p.s[p.pos:i]
			p.pos = i + 1
			for p.pos < len(p.s) && p.s[p.pos] >= 'a' && p.s[p.pos] <= 'z' {
				p.pos++
			}
			return expression, p.s[i+1 : p.pos]
		}
	}
	p.fail("the regular expression is not closed")
	return "", ""
}
