package grammar

import (
	"github.com/alecthomas/participle/v2/lexer"
)

// Character classes of the token rules (spec iml.md §4), as they stand inside a regular-expression class.
const (
	blankClass     = `\t\n\v\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`
	nameStartClass = `\p{L}_$`
	nameClass      = `\p{L}\p{M}\p{Nd}_$`
)

// tokenRules returns the token rules of the inside of a hole: the one definition of IML's words. Within a state the first
// rule that matches wins. They cover every input, so that no text fails to split into tokens; what must not stand in an
// expression is a token of its own (Unclosed, Opener, NoOperator, Invalid) that the parser refuses with a better
// message than a lexer could give. The map is fresh on every call.
func tokenRules() lexer.Rules {
	return lexer.Rules{
		"Root": {
			{Name: "Blank", Pattern: `[` + blankClass + `]+`},
			// A quote that never closes swallows the rest; a doubled quote stands for one and does not close.
			{Name: "Unclosed", Pattern: `"(?:[^"]|"")*\z|'(?:[^']|'')*\z|` + "`(?:[^`]|``)*\\z"},
			{Name: "String", Pattern: `"(?:[^"]|"")*"|'(?:[^']|'')*'`},
			{Name: "Quoted", Pattern: "`(?:[^`]|``)*`"},
			{Name: "Number", Pattern: `[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`},
			{Name: "Name", Pattern: `[` + nameStartClass + `][` + nameClass + `]*`},
			{Name: "Opener", Pattern: `\{\{|<<`},
			{Name: "NoOperator", Pattern: `\+\+|\*\*|<>|>>|=>|\?|:`},
			{Name: "Operator", Pattern: `===|==|=|!==|!=|<=|>=|<|>|\|\||\||&&|&|\+|-|\*|/|%|!`},
			{Name: "Spread", Pattern: `\.\.\.`},
			{Name: "Dot", Pattern: `\.`, Action: lexer.Push("Segment")},
			{Name: "LeftParenthesis", Pattern: `\(`},
			{Name: "RightParenthesis", Pattern: `\)`},
			{Name: "LeftBracket", Pattern: `\[`},
			{Name: "RightBracket", Pattern: `\]`},
			{Name: "LeftBrace", Pattern: `\{`},
			{Name: "RightBrace", Pattern: `\}`},
			{Name: "Separator", Pattern: `[;,]`},
			{Name: "Invalid", Pattern: `[\s\S]`},
		},
		// Directly after a dot, digits begin a name and never a number: a.0.5 has the segments 0 and 5.
		"Segment": {
			{Name: "DigitLed", Pattern: `[0-9][` + nameClass + `]*`, Action: lexer.Pop()},
			lexer.Return(),
		},
	}
}

// stateful compiles tokenRules into participle's own lexer. It is the reference that Lexer is held equal to; it is about a
// hundred times slower. The error is that of the library and does not happen with these rules.
func stateful() (lexer.Definition, error) { return lexer.New(tokenRules()) }
