package make_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/make"
)

func ExampleDialect_Parse() {
	text := `{
  "oauth": {"consumer_key": "{{parameters.key}}", "consumer_secret": "{{parameters.secret}}"},
  "info": {"url": "https://api.example.test/me", "metod": "GET"}
}`
	c, problems := make.Dialect{}.Parse(make.Source("desk", map[string]*source.File{make.Communication: source.NewFile("spec.jsonc", text)}, nil), parser.Options{})
	fmt.Println(c.Stages[0].Name, len(c.Stages[0].Requests))
	for _, d := range problems.Items {
		fmt.Println(d)
	}
	// Output:
	// info 1
	// spec.jsonc:3:3: info MAKE307: the request has no "log.sanitize", so its contents are not logged
	// spec.jsonc:3:50: error MAKE201: unknown key "metod" (did you mean "method"?)
}
