package document_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

func ExampleParseJSONC() {
	doc, problems := document.ParseJSONC(source.NewFile("spec.jsonc", "{ // a comment\n  \"id\": 9007199254740993,\n}"), document.Options{Code: "DOC101"})
	id := doc.Root.Member("id")
	fmt.Println(id.Value.Exact, id.KeySpan, len(problems))
	// Output: 9007199254740993 spec.jsonc:2:3 0
}

func ExampleParseYAML() {
	doc, problems := document.ParseYAML(source.NewFile("spec.yml", "base: &b {x: 1}\nuse: {<<: *b, on: 2024-01-02}"), document.Options{Code: "DOC101"})
	use := doc.Root.Get("use")
	fmt.Println(use.Get("x").Number, use.Get("on").Kind, use.Get("on").Span, len(problems))
	// Output: 1 text spec.yml:2:19 0
}
