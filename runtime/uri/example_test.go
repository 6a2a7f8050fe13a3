package uri_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/runtime/uri"
)

func ExampleParse() {
	u, err := uri.Parse("https://API.example.test/a b/%2F?x=1", true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Authority(), u.Target())
	// Output: api.example.test /a%20b/%252F?x=1
}
