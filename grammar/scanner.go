package grammar

import (
	"strings"
	"unicode/utf8"
)

// scanner splits the bytes text[pos:end] into tokens by hand. It knows tokenRules by heart and is held equal to them by
// FuzzLexer. It never fails, allocates nothing and takes time linear in the text.
type scanner struct {
	text     string
	pos, end int
	// segment is the second lexer state: the token before was a dot.
	segment bool
}

// next returns the next token, blanks included; behind the last one it returns kindEOF for ever.
func (s *scanner) next() token {
	start := s.pos
	if start >= s.end {
		return token{kind: kindEOF, start: s.end, end: s.end}
	}
	segment := s.segment
	s.segment = false
	rest := s.text[start:s.end]
	c := rest[0]
	var k kind
	var n int
	switch {
	case c >= utf8.RuneSelf:
		k, n = foreign(rest)
	case asciiClass[c] == classStart:
		k, n = kindName, nameLength(rest)
	case asciiClass[c] == classBlank:
		k, n = kindBlank, blanks(rest)
	case asciiClass[c] == classDigit && segment:
		k, n = kindDigitLed, nameLength(rest)
	case asciiClass[c] == classDigit:
		k, n = kindNumber, numberLength(rest)
	case c == '"' || c == '\'' || c == '`':
		k, n = quoted(rest)
	default:
		k, n = punctuation(rest)
		s.segment = k == kindDot
	}
	s.pos = start + n
	return token{kind: k, start: start, end: s.pos}
}

// foreign reads a token that begins with a character outside ASCII. Bytes that are not UTF-8 are one token each.
func foreign(rest string) (kind, int) {
	if NameStartLength(rest) > 0 {
		return kindName, nameLength(rest)
	}
	if BlankLength(rest) > 0 {
		return kindBlank, blanks(rest)
	}
	_, n := utf8.DecodeRuneInString(rest)
	return kindInvalid, n
}

func blanks(rest string) int {
	n := 0
	for {
		m := BlankLength(rest[n:])
		if m == 0 {
			return n
		}
		n += m
	}
}

func numberLength(rest string) int {
	n := digits(rest)
	if n+1 < len(rest) && rest[n] == '.' {
		if m := digits(rest[n+1:]); m > 0 {
			n += 1 + m
		}
	}
	if n < len(rest) && rest[n]|0x20 == 'e' {
		m := n + 1
		if m < len(rest) && (rest[m] == '+' || rest[m] == '-') {
			m++
		}
		if d := digits(rest[m:]); d > 0 {
			n = m + d
		}
	}
	return n
}

func digits(rest string) int {
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	return n
}

// quoted reads a string or quoted name; a doubled quote stands for one and does not close.
func quoted(rest string) (kind, int) {
	quote := rest[0]
	for n := 1; ; {
		m := strings.IndexByte(rest[n:], quote)
		if m < 0 {
			return kindUnclosed, len(rest)
		}
		n += m + 1
		if n < len(rest) && rest[n] == quote {
			n++
			continue
		}
		if quote == '`' {
			return kindQuoted, n
		}
		return kindString, n
	}
}

// singles are the tokens of one character that begin no longer token.
var singles = [utf8.RuneSelf]kind{
	'(': kindLeftParenthesis, ')': kindRightParenthesis, '[': kindLeftBracket, ']': kindRightBracket, '}': kindRightBrace,
	';': kindSeparator, ',': kindSeparator, '-': kindMinus, '/': kindDivide, '%': kindModulo,
	'?': kindNoOperator, ':': kindNoOperator,
}

// punctuation reads everything else; operators are matched longest first (spec iml.md §5).
func punctuation(rest string) (kind, int) {
	c := rest[0]
	if k := singles[c]; k != kindEOF {
		return k, 1
	}
	var second byte // 0 at the end: no rule has a NUL
	if len(rest) > 1 {
		second = rest[1]
	}
	switch c {
	case '.':
		if strings.HasPrefix(rest, "...") {
			return kindSpread, 3
		}
		return kindDot, 1
	case '{':
		return double(second == '{', kindOpener, kindLeftBrace)
	case '+':
		return double(second == '+', kindNoOperator, kindPlus)
	case '*':
		return double(second == '*', kindNoOperator, kindTimes)
	case '|':
		if second == '|' {
			return kindOr, 2
		}
		return kindOr, 1
	case '&':
		if second == '&' {
			return kindAnd, 2
		}
		return kindAnd, 1
	case '=', '!':
		return equality(rest, c, second)
	case '<', '>':
		return relation(c, second)
	}
	return kindInvalid, 1
}

func double(is bool, two, one kind) (kind, int) {
	if is {
		return two, 2
	}
	return one, 1
}

// equality reads = == === ! != !== and the arrow => that does not exist.
func equality(rest string, c, second byte) (kind, int) {
	k := kindEqual
	if c == '!' {
		k = kindNotEqual
	}
	switch {
	case second == '=' && len(rest) > 2 && rest[2] == '=':
		return k, 3
	case second == '=':
		return k, 2
	case c == '!':
		return kindNot, 1
	case second == '>':
		return kindNoOperator, 2
	}
	return k, 1
}

// relation reads < <= > >= and the pairs << (an opener), <> and >>.
func relation(c, second byte) (kind, int) {
	switch {
	case c == '<' && second == '<':
		return kindOpener, 2
	case second == '>':
		return kindNoOperator, 2
	case c == '<':
		return double(second == '=', kindLessEqual, kindLess)
	}
	return double(second == '=', kindGreaterEqual, kindGreater)
}
