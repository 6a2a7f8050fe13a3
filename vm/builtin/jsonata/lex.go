package jsonata

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The kinds of tokens.
const (
	tokenEnd = iota
	tokenName
	tokenVariable
	tokenOperator
	tokenString
	tokenNumber
	tokenValue // true, false and null
	tokenRegex
)

// token is one token of an expression.
type token struct {
	kind int
	// text is the name, the operator or the text of a literal.
	text string
	// value is the value of a literal.
	value any
	// binds is how strongly the token binds what stands left of it, 0 when it is no infix operator.
	binds int
}

func (t token) is(operator string) bool { return t.kind == tokenOperator && t.text == operator }

// operators are the operators with their binding powers; 0 for what only ends expressions. ! and ~ alone are none, but
// end names.
var operators = map[string]int{
	".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60, "=": 40, "<": 40, ">": 40, "^": 40,
	":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "and": 30, "or": 25, "in": 40, "&": 50,
	"]": 0, "}": 0, ")": 0, ",": 0, ";": 0, ":": 0, "|": 0, "**": 0, "..": 0,
}

// punctuation are the characters that end names, and blanks those between tokens.
const (
	punctuation = ".[]{}(),@#;:?+-*/%|=<>^&!~"
	blanks      = " \t\n\r\v"
)

// lexer takes an expression apart.
type lexer struct {
	source string
	at     int
}

var numberForm = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?([Ee][-+]?[0-9]+)?`)

// next returns the next token. Where an operator may follow, / is a division, else it begins a regular expression.
func (l *lexer) next(operator bool) token {
	l.skip()
	rest := l.source[l.at:]
	if rest == "" {
		return token{kind: tokenEnd}
	}
	switch {
	case rest[0] == '/' && !operator:
		return l.regex()
	case rest[0] == '"' || rest[0] == '\'':
		return l.text()
	case rest[0] == '`':
		name, _, ok := strings.Cut(rest[1:], "`")
		if !ok {
			panic(failure("a quoted name has no end"))
		}
		l.at += len(name) + 2
		return token{kind: tokenName, text: name}
	}
	for _, n := range [...]int{2, 1} {
		if len(rest) < n || strings.IndexByte(punctuation, rest[0]) < 0 {
			continue
		}
		if power, ok := operators[rest[:n]]; ok {
			l.at += n
			return token{kind: tokenOperator, text: rest[:n], binds: power}
		}
	}
	if number := numberForm.FindString(rest); number != "" {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsInf(f, 0) {
			panic(failure("a number is out of range"))
		}
		l.at += len(number)
		return token{kind: tokenNumber, value: f}
	}
	return l.name(rest)
}

// skip passes blanks and comments.
func (l *lexer) skip() {
	for {
		l.at = len(l.source) - len(strings.TrimLeft(l.source[l.at:], blanks))
		if !strings.HasPrefix(l.source[l.at:], "/*") {
			return
		}
		end := strings.Index(l.source[l.at+2:], "*/")
		if end < 0 {
			panic(failure("a comment has no end"))
		}
		l.at += end + 4
	}
}

func (l *lexer) name(rest string) token {
	if i := strings.IndexAny(rest, blanks+punctuation); i >= 0 {
		rest = rest[:i]
	}
	if rest == "" {
		panic(failure("an operator is not known"))
	}
	l.at += len(rest)
	switch rest {
	case "and", "or", "in":
		return token{kind: tokenOperator, text: rest, binds: operators[rest]}
	case "true", "false":
		return token{kind: tokenValue, value: rest == "true"}
	case "null":
		return token{kind: tokenValue, value: null{}}
	}
	if name, ok := strings.CutPrefix(rest, "$"); ok {
		return token{kind: tokenVariable, text: name}
	}
	return token{kind: tokenName, text: rest}
}

// escapes are the escape sequences of one character.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (l *lexer) text() token {
	quote := l.source[l.at]
	var units []uint16
	var b strings.Builder
	flush := func() {
		b.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for i := l.at + 1; i < len(l.source); i++ {
		ch := l.source[i]
		switch {
		case ch == quote:
			flush()
			l.at = i + 1
			return token{kind: tokenString, value: b.String()}
		case ch != '\\':
			flush()
			b.WriteByte(ch)
			continue
		}
		i++
		if i < len(l.source) && l.source[i] == 'u' && i+5 <= len(l.source) {
			unit, err := strconv.ParseUint(l.source[i+1:i+5], 16, 16)
			if err != nil {
				panic(failure("an escape sequence has no four hexadecimal digits"))
			}
			units = append(units, uint16(unit))
			i += 4
			continue
		}
		if i == len(l.source) || escapes[l.source[i]] == 0 {
			panic(failure("an escape sequence is not known"))
		}
		flush()
		b.WriteByte(escapes[l.source[i]])
	}
	panic(failure("a text has no end"))
}

// regex reads /pattern/flags; a slash inside of brackets does not end it.
func (l *lexer) regex() token {
	depth := 0
	start := l.at + 1
	for i := start; i < len(l.source); i++ {
		escaped := l.source[i-1] == '\\'
		switch ch := l.source[i]; {
		case ch == '/' && !escaped && depth == 0:
			flags := i + 1
			for flags < len(l.source) && (l.source[flags] == 'i' || l.source[flags] == 'm') {
				flags++
			}
			l.at = flags
			return token{kind: tokenRegex, value: newPattern(l.source[start:i], l.source[i+1:flags])}
		case strings.IndexByte("([{", ch) >= 0 && !escaped:
			depth++
		case strings.IndexByte(")]}", ch) >= 0 && !escaped:
			depth--
		}
	}
	panic(failure("a regular expression has no end"))
}
