package grammar_test

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/imlc-lang/imlc/grammar"
)

func ExampleParse() {
	text := "Hello {{upper(user.first-name) ' ' 1.`Last Name`}}"
	x, lints, err := grammar.Parse(text, 8, len(text)-2, grammar.Limits{})
	fmt.Println(grammar.Format(x), err)
	for _, l := range lints {
		fmt.Println(l.Code, text[l.At.Start:l.At.End])
	}
	// Output:
	// upper(user.first-name) " " 1.`Last Name` <nil>
	// IML302 first-name
	// IML303 ' '
}

func ExampleParse_error() {
	text := "max(1; 2"
	_, _, err := grammar.Parse(text, 0, len(text), grammar.Limits{})
	fmt.Println(err.At.Start, err)
	// Output: 3 IML105: `(` is never closed (write the missing ))
}

func ExampleFormat() {
	text := `(a=1)and!(b.c[ 1 ] mod 2)`
	x, _, _ := grammar.Parse(text, 0, len(text), grammar.Limits{})
	fmt.Println(grammar.Format(x))
	// Output: a = 1 && !(b.c[1] % 2)
}

func ExampleLexer() {
	names := lexer.SymbolsByRune(grammar.Lexer)
	l, _ := grammar.Lexer.Lex("", strings.NewReader("a.0 >= 1.5"))
	tokens, _ := lexer.ConsumeAll(l)
	for _, t := range tokens {
		fmt.Printf("%d %s %q\n", t.Pos.Offset, names[t.Type], t.Value)
	}
	// Output:
	// 0 Name "a"
	// 1 Dot "."
	// 2 DigitLed "0"
	// 3 Blank " "
	// 4 Operator ">="
	// 6 Blank " "
	// 7 Number "1.5"
	// 10 EOF ""
}

func ExampleEBNF() {
	text, err := grammar.EBNF()
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.SplitN(text, "\n", 2)[0])
	// Output: Hole = OrExpression? .
}
