package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func (p *parser) fail(code string, at Span, message, help string) {
	if p.err == nil {
		p.err = &Error{Code: code, At: at, Message: message, Help: help}
	}
}

// misfit reports the current token when it can stand nowhere in an expression, whatever was expected.
func (p *parser) misfit() bool {
	t := p.tok
	switch t.kind {
	case kindInvalid, kindRightBrace:
		r, _ := utf8.DecodeRuneInString(p.word(t))
		p.fail("IML102", t.span(), "character "+strconv.QuoteRune(r)+" has no meaning in an expression", invalidHelp(r))
	case kindUnclosed:
		p.fail("IML102", Span{t.start, t.start + 1}, "quote "+p.scanner.text[t.start:t.start+1]+" is never closed",
			"close it, and write the quote itself twice inside")
	case kindOpener:
		p.fail("IML114", t.span(), "opener "+p.word(t)+" inside a hole", "holes do not nest: leave the inner delimiters out, or write them as a text in quotes")
	case kindNoOperator:
		p.fail("IML113", t.span(), "operator "+p.word(t)+" does not exist", p.noOperatorHelp(t))
	case kindSpread:
		p.fail("IML116", t.span(), "spread ... is not the key of an object", "write it as the whole key, for example {\"{{...}}\": \"{{x}}\"}")
	case kindDot:
		p.strayDot(t)
	case kindQuoted:
		if t.end-t.start != 2 {
			return false
		}
		p.emptyName(t)
	case kindNumber:
		if p.moduleRoot(t) || !p.malformed(t) {
			return false
		}
		p.malformedNumber(t)
	default:
		return false
	}
	return true
}

// strayDot reports a dot that no name, call, parenthesis or bracket stands directly before.
func (p *parser) strayDot(t token) {
	if rest := p.scanner.text[t.end:p.scanner.end]; rest != "" && isDigit(rest[0]) {
		p.fail("IML110", Span{t.start, t.end + nameLength(rest)}, "number begins with a dot", "write a 0 before the dot")
		return
	}
	help := "write the name of the value directly before the dot"
	if t.spaced {
		help = "leave no blank before the dot of a path"
	}
	p.fail("IML111", t.span(), "name expected before the dot", help)
}

func invalidHelp(r rune) string {
	switch r {
	case '“', '”', '„', '‟', '«', '»', '″':
		return `use straight quotes "…" for a text`
	case '‘', '’', '‚', '‛', '′', '´':
		return "use straight quotes '…' for a text"
	case '\\':
		return `outside of a text nothing is escaped; inside of one a quote is doubled: "say ""hi"""`
	case '}':
		return "a hole ends with the closer of its own opener"
	}
	return "a text goes in quotes, an unusual name in backticks"
}

func (p *parser) noOperatorHelp(t token) string {
	switch before, rest := p.scanner.text[:t.start], p.scanner.text[t.end:p.scanner.end]; {
	case p.word(t) == ":" && isDateFormat(argumentAround(before, rest)):
		return "a date format goes in quotes: \"" + argumentAround(before, rest) + "\""
	case p.word(t) == "?" && strings.HasPrefix(rest, "."):
		return "write . alone: a path through something missing is undefined and no error"
	case p.word(t) == "?" && strings.HasPrefix(rest, "?"):
		return "write ifempty(value; fallback)"
	}
	switch p.word(t) {
	case "++":
		return "write a + parseNumber(b) to add a text as a number"
	case "**":
		return "write a * a for a square"
	case "<>":
		return "write != for unequal"
	case "=>":
		return "write >= for greater or equal; there are no arrow functions"
	case ">>":
		return "write > to compare; there are no shifts"
	}
	return "write if(condition; then; else)"
}

func (p *parser) emptyName(t token) {
	p.fail("IML115", t.span(), "quoted name is empty", "write the name between the backticks")
}

func (p *parser) malformedNumber(t token) {
	text, end := p.scanner.text, t.end
	for end < p.scanner.end {
		n := nameLength(text[end:p.scanner.end])
		if text[end] == '.' {
			n++
		}
		if n == 0 {
			break
		}
		end += n
	}
	p.fail("IML110", Span{t.start, end}, "malformed number `"+clip(text[t.start:end])+"`",
		"write a name that begins with a digit in backticks")
}

// clip keeps a piece of the text short enough for a message.
func clip(text string) string {
	const most = 40
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}

func (p *parser) tooDeep(t token) {
	p.fail("IML502", t.span(), "nested deeper than the limit of "+strconv.Itoa(p.limits.Depth)+" levels",
		"split the expression into several steps")
}

// noOperand reports the current token, or the end, where an operand is expected. After says that an operator stands
// before.
func (p *parser) noOperand(after bool) {
	if p.misfit() {
		return
	}
	t := p.tok
	switch t.kind {
	case kindLeftBracket:
		p.fail("IML108", t.span(), "there are no array literals",
			`use split("a,b"; ","), add(emptyarray; …), parseJSON("[…]") or an array in the document`)
		return
	case kindLeftBrace:
		p.fail("IML109", t.span(), "there are no collection literals",
			`use set(…), parseJSON("{…}") or an object template in the document`)
		return
	case kindSeparator, kindRightParenthesis, kindRightBracket, kindEOF:
		inParentheses := p.inner.kind == groupParenthesis && (t.kind == kindRightParenthesis || t.kind == kindEOF)
		if !after && !inParentheses {
			p.misplaced(t)
			return
		}
	}
	p.operandExpected(t)
}

func (p *parser) operandExpected(t token) {
	found := "end of the expression"
	if t.kind != kindEOF {
		found = "`" + clip(p.word(t)) + "`"
	}
	p.fail("IML103", t.span(), "operand expected, got "+found, "write a value, a path or a call here")
}

// unexpected reports the current token, or the end, behind a complete operand.
func (p *parser) unexpected() {
	if p.misfit() {
		return
	}
	t := p.tok
	switch t.kind {
	case kindSeparator, kindRightParenthesis, kindRightBracket, kindEOF:
		p.misplaced(t)
		return
	}
	help := "write an operator between them, + to join texts"
	if t.kind == kindLeftBracket && t.spaced {
		help = "leave no blank before the [ of an index"
	}
	if word := strings.ToLower(p.word(t)); word == "and" || word == "or" {
		help = "write the operator in small letters: " + word
	} else if slip := p.slip(t); slip != "" {
		help = slip
	}
	p.fail("IML104", t.span(), "operator expected between two operands, got `"+clip(p.shown(t))+"`", help)
}

// shown is how a token appears in a message: texts may hold secrets and are left out.
func (p *parser) shown(t token) string {
	if t.kind == kindString {
		return `"…"`
	}
	return p.word(t)
}

// misplaced reports a separator, a closing bracket or the end that does not fit the innermost open group. A closer
// whose opener is open further out shows that the inner group lacks its own.
func (p *parser) misplaced(t token) {
	switch {
	case t.kind == kindSeparator:
		p.fail("IML112", t.span(), "`"+p.word(t)+"` outside the arguments of a call", "only the arguments of a function are separated")
	case t.kind == kindRightParenthesis && p.parentheses == 0, t.kind == kindRightBracket && p.brackets == 0:
		p.fail("IML106", t.span(), "unexpected `"+p.word(t)+"`", "nothing is open that it could close")
	case p.inner.kind == groupIndex:
		p.fail("IML107", p.inner.open.span(), "`[` is never closed", "write the missing ]")
	default:
		p.fail("IML105", p.inner.open.span(), "`(` is never closed", "write the missing )")
	}
}

// noName reports that no name stands behind a dot; at is the place where it should.
func (p *parser) noName(at Span) {
	p.fail("IML111", at, "name expected after the dot", "write the name of a key directly behind the dot, an unusual one in backticks")
}

// noSegment reports the token that stands directly behind a dot and is no name.
func (p *parser) noSegment(t token) {
	switch t.kind {
	case kindInvalid, kindUnclosed, kindOpener:
		p.misfit()
	default:
		p.noName(t.span())
	}
}
