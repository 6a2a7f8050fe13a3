package grammar

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2"
)

// The types below are the sentences of a hole as participle reads them: the grammar of spec iml.md §5 in the order of
// its productions. It is a cover. Blanks are elided, so the rules about them (none inside a path, no number directly
// before a name) are left to the parser, and so is the demand that of two joined operands one is a string literal.
// Whatever Parse accepts this grammar accepts too; a test holds that.
type (
	hole struct {
		Expression *orExpression `parser:"@@?"`
	}
	orExpression struct {
		Operands []*andExpression `parser:"@@ ( ( '||' | '|' | 'or' ) @@ )*"`
	}
	andExpression struct {
		Operands []*equalExpression `parser:"@@ ( ( '&&' | '&' | 'and' ) @@ )*"`
	}
	equalExpression struct {
		Operands []*compareExpression `parser:"@@ ( ( '===' | '==' | '=' | '!==' | '!=' ) @@ )*"`
	}
	compareExpression struct {
		Operands []*sumExpression `parser:"@@ ( ( '<=' | '>=' | '<' | '>' ) @@ )*"`
	}
	sumExpression struct {
		Operands []*productExpression `parser:"@@ ( ( '+' | '-' ) @@ )*"`
	}
	productExpression struct {
		Operands []*unaryExpression `parser:"@@ ( ( '*' | '/' | '%' | 'mod' ) @@ )*"`
	}
	unaryExpression struct {
		Operand  *unaryExpression `parser:"  ( '!' | '-' ) @@"`
		Adjacent *adjacentOperand `parser:"| @@"`
	}
	// adjacentOperand: behind an operand the word operators are not names.
	adjacentOperand struct {
		Operands []*operand `parser:"@@ ( (?! 'and' | 'or' | 'mod' ) @@ )*"`
	}
	operand struct {
		Text        *string      `parser:"  @String"`
		Module      *module      `parser:"| @@"`
		Number      *string      `parser:"| @Number"`
		Call        *call        `parser:"| @@"`
		Path        *path        `parser:"| @@"`
		Parentheses *parentheses `parser:"| @@"`
	}
	parentheses struct {
		Expression *orExpression `parser:"'(' @@ ')'"`
		Tail       []*step       `parser:"@@*"`
	}
	module struct {
		Root    string   `parser:"@Number"`
		Segment *segment `parser:"'.' @@"`
		Tail    []*step  `parser:"@@*"`
	}
	call struct {
		Name string      `parser:"@Name '('"`
		Args []*argument `parser:"( @@ ( Separator @@ )* )? ')'"`
		Tail []*step     `parser:"@@*"`
	}
	argument struct {
		Expression *orExpression `parser:"@@?"`
	}
	path struct {
		Root string  `parser:"( @Name | @Quoted )"`
		Tail []*step `parser:"@@*"`
	}
	step struct {
		Segment *segment   `parser:"  '.' @@"`
		Index   *stepIndex `parser:"| @@"`
	}
	stepIndex struct {
		Expression *orExpression `parser:"'[' @@? ']'"`
	}
	segment struct {
		Words    []string `parser:"  @Name ( '-' @Name (?! '(' ) )*"`
		DigitLed string   `parser:"| @DigitLed"`
		Quoted   string   `parser:"| @Quoted"`
	}
)

// buildSentences makes a participle parser of the grammar on top of Lexer.
func buildSentences() (*participle.Parser[hole], error) {
	return participle.Build[hole](participle.Lexer(Lexer), participle.Elide("Blank"), participle.UseLookahead(4))
}

// EBNF returns the grammar of the inside of a hole: the productions, then the token rules as regular expressions in the
// order in which they are tried. The golden file testdata/iml.ebnf holds the same text. The error is participle's and
// does not happen with this grammar.
func EBNF() (string, error) {
	p, err := buildSentences()
	if err != nil {
		return "", fmt.Errorf("building the grammar: %w", err)
	}
	var b strings.Builder
	b.WriteString(p.String())
	b.WriteString("\n\n")
	rules := tokenRules()
	for _, state := range []string{"Root", "Segment"} {
		for _, r := range rules[state] {
			if r.Pattern != "" {
				fmt.Fprintf(&b, "<%s> = /%s/ .\n", strings.ToLower(r.Name), r.Pattern)
			}
		}
	}
	return b.String(), nil
}
