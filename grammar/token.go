package grammar

import "github.com/alecthomas/participle/v2/lexer"

// kind is what a token is. Every operator has a kind of its own, so that the parser never looks at its text.
type kind uint8

// The kinds of tokens. The binary operators stand together, see binaryOperators.
const (
	kindEOF kind = iota
	kindBlank
	kindUnclosed
	kindString
	kindQuoted
	kindNumber
	kindName
	kindDigitLed
	kindOpener
	kindNoOperator
	kindSpread
	kindDot
	kindLeftParenthesis
	kindRightParenthesis
	kindLeftBracket
	kindRightBracket
	kindLeftBrace
	kindRightBrace
	kindSeparator
	kindInvalid
	kindNot
	kindOr
	kindAnd
	kindEqual
	kindNotEqual
	kindLess
	kindLessEqual
	kindGreater
	kindGreaterEqual
	kindPlus
	kindMinus
	kindTimes
	kindDivide
	kindModulo
)

// symbolNames are the names of the token rules, by kind; all operators are one rule.
var symbolNames = [...]string{
	kindEOF: "EOF", kindBlank: "Blank", kindUnclosed: "Unclosed", kindString: "String", kindQuoted: "Quoted",
	kindNumber: "Number", kindName: "Name", kindDigitLed: "DigitLed", kindOpener: "Opener", kindNoOperator: "NoOperator",
	kindSpread: "Spread", kindDot: "Dot", kindLeftParenthesis: "LeftParenthesis", kindRightParenthesis: "RightParenthesis",
	kindLeftBracket: "LeftBracket", kindRightBracket: "RightBracket", kindLeftBrace: "LeftBrace",
	kindRightBrace: "RightBrace", kindSeparator: "Separator", kindInvalid: "Invalid", kindNot: "Operator",
}

// symbol returns the participle type of a token: EOF is -1, the others follow downwards in the order of the kinds.
func (k kind) symbol() lexer.TokenType { return lexer.EOF - lexer.TokenType(min(k, kindNot)) }

// token is a stretch of the text.
type token struct {
	kind kind
	// spaced is set by the parser when blanks stood before the token.
	spaced     bool
	start, end int
}

func (t token) span() Span { return Span{t.start, t.end} }

// binary is a binary operator; a precedence of 0 means that a token is none. The order is ECMAScript's (spec iml.md
// §5).
type binary struct {
	op         Op
	precedence uint8
}

// The precedences of the operators, from loosest to tightest.
const (
	precedenceOr uint8 = iota + 1
	precedenceAnd
	precedenceEquality
	precedenceRelation
	precedenceSum
	precedenceProduct
	precedenceUnary
	precedenceJoin
)

var binaryOperators = [...]binary{
	kindOr:           {OpOr, precedenceOr},
	kindAnd:          {OpAnd, precedenceAnd},
	kindEqual:        {OpEqual, precedenceEquality},
	kindNotEqual:     {OpNotEqual, precedenceEquality},
	kindLess:         {OpLess, precedenceRelation},
	kindLessEqual:    {OpLessEqual, precedenceRelation},
	kindGreater:      {OpGreater, precedenceRelation},
	kindGreaterEqual: {OpGreaterEqual, precedenceRelation},
	kindPlus:         {OpAdd, precedenceSum},
	kindMinus:        {OpSubtract, precedenceSum},
	kindTimes:        {OpMultiply, precedenceProduct},
	kindDivide:       {OpDivide, precedenceProduct},
	kindModulo:       {OpModulo, precedenceProduct},
}

// wordOperator returns the kind of operator that a word stands for where an operator is expected (spec iml.md §4), or
// kindEOF.
func wordOperator(word string) kind {
	switch word {
	case "and":
		return kindAnd
	case "or":
		return kindOr
	case "mod":
		return kindModulo
	}
	return kindEOF
}
