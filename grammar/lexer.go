package grammar

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"
)

// Lexer is participle's view of the tokens of an expression: the hand-written scanner behind a lexer.Definition. It
// produces exactly the tokens of tokenRules, blanks included, with byte offsets; its type numbers are its own, see Symbols.
// Safe for concurrent use.
var Lexer lexer.Definition = definition{}

type definition struct{}

// Symbols implements lexer.Definition.
func (definition) Symbols() map[string]lexer.TokenType {
	m := make(map[string]lexer.TokenType, len(symbolNames))
	for k, name := range symbolNames {
		m[name] = kind(k).symbol()
	}
	return m
}

// Lex implements lexer.Definition; the error is the reader's.
func (d definition) Lex(filename string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(filename, string(b))
}

// LexString implements lexer.StringDefinition and never fails.
func (definition) LexString(filename, input string) (lexer.Lexer, error) {
	return &tokens{
		scanner: scanner{text: input, end: len(input)},
		at:      lexer.Position{Filename: filename, Line: 1, Column: 1},
	}, nil
}

// tokens adds positions to the scanner's tokens.
type tokens struct {
	scanner scanner
	at      lexer.Position
}

// Next implements lexer.Lexer and never fails.
func (t *tokens) Next() (lexer.Token, error) {
	k := t.scanner.next()
	text := t.scanner.text[k.start:k.end]
	out := lexer.Token{Type: k.kind.symbol(), Value: text, Pos: t.at}
	t.at.Advance(text)
	return out, nil
}
