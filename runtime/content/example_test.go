package content_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/vm/value"
)

func ExampleEncodeBody() {
	v, _ := value.ParseJSON(`{"device":"rack 7/b","tags":["a","b"],"note":null}`, nil)
	body, err := content.EncodeBody(v, content.BodyOptions{Kind: content.BodyForm})
	fmt.Println(string(body.Content), body.ContentType, err)
	// Output: device=rack%207%2Fb&tags=a&tags=b application/x-www-form-urlencoded <nil>
}

func ExampleParse() {
	p, err := content.Parse(content.ParseAutomatic, "text/xml", 200, `<r><m k="v">hi</m></r>`,
		&content.ParseOptions{XML: content.XMLKeys{Attributes: "_attributes", Text: "_value"}})
	fmt.Println(p.Value, err)
	// Output: {"r":[{"m":[{"_attributes":{"k":"v"},"_value":"hi"}]}]} <nil>
}

func ExampleMasker() {
	path := content.SanitizePath{Answer: true, Steps: []string{"body", "users", "email"}}
	m := content.NewMasker([]string{"consumer secret"}, []content.SanitizePath{path})
	body, _ := value.ParseJSON(`{"users":[{"email":"a@b.test","id":1}],"echo":"the consumer secret"}`, nil)
	fmt.Println(m.Response(content.ResponseRecord(200, value.Undefined, body)))
	// Output: {"status":200,"body":{"users":[{"email":"••••","id":1}],"echo":"the ••••"}}
}
