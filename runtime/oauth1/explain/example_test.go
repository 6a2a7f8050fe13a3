package explain_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

func ExampleExplain() {
	e := explain.Explain(explain.Input{
		Params:  oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs"},
		Request: oauth1.Request{Method: "GET", URL: "http://example.com:80/"},
		Foreign: &explain.Foreign{BaseString: "GET&http%3A%2F%2Fexample.com%3A80%2F&oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1%26oauth_version%3D1.0"},
	})
	fmt.Print(e.Difference)
	// Output:
	// first difference: base uri, byte 28
	//   own      GET&http%3A%2F%2Fexample.com%2F&oauth_consumer_key%3Dck%26oauth_nonc…
	//   foreign  GET&http%3A%2F%2Fexample.com%3A80%2F&oauth_consumer_key%3Dck%26oauth…
	//                                        ^
	// cause: default port kept: leave port 80 of http and 443 of https out of the base string URI
}
