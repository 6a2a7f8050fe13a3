package template_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/template"
)

func ExampleParse() {
	f := source.NewFile("url.iml", "https://{{parameters.host}}/<<1 + >>\n{{a b}}")
	t, diagnostics := template.Parse(f.Text, source.Identity(f, 0), template.Options{})
	for _, p := range t.Parts {
		fmt.Printf("%v %q %q\n", p.Hole, p.Text, grammar.Format(p.Expr))
	}
	for _, d := range diagnostics {
		fmt.Println(d)
	}
	// Output:
	// false "https://" ""
	// true "" "parameters.host"
	// false "/<<1 + >>\n" ""
	// true "" ""
	// url.iml:1:29: warning IML101: << has no blank behind it, but one before its closer >> and is plain text (close the hole, or write {{"<<"}} for the characters themselves)
	// url.iml:2:5: error IML104: operator expected between two operands, got `b` (write an operator between them, + to join texts)
}

func ExampleIsSpreadKey() {
	for _, key := range []string{"{{...}}", "plain", "k-{{a}}"} {
		spread, diagnostics := template.IsSpreadKey(key, nil, template.Options{})
		fmt.Println(key, spread, len(diagnostics))
	}
	// Output:
	// {{...}} true 0
	// plain false 0
	// k-{{a}} false 1
}
