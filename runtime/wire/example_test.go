package wire_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

func ExampleEncodeBody() {
	v, _ := value.ParseJSON(`{"device":"rack 7/b","tags":["a","b"],"note":null}`, nil)
	body, err := wire.EncodeBody(v, wire.BodyURLEncoded, wire.BodyOptions{})
	fmt.Println(string(body.Content), body.ContentType, err)
	// Output: device=rack%207%2Fb&tags=a&tags=b application/x-www-form-urlencoded <nil>
}

func ExampleParse() {
	p, err := wire.Parse("automatic", "text/xml", 200, `<r><m k="v">hi</m></r>`, nil)
	fmt.Println(p.Value, err)
	// Output: {"r":[{"m":[{"_attributes":{"k":"v"},"_value":"hi"}]}]} <nil>
}

// answering is a transport without a network.
type answering string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println(r.Method, wire.RequestURL(r))
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

func ExampleClient_Do() {
	client := wire.NewClient(wire.ClientOptions{Transport: answering("oauth_token=t&oauth_token_secret=s")})
	u, _ := uri.Parse("https://api.example.test/oauth/initiate", true)
	res, err := client.Do(context.Background(), &wire.Request{Method: "POST", URL: *u}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := wire.ParseToken(res.ContentType(), res.Status, res.Body, nil)
	fmt.Println(answer.Fields.Object().Keys(), err)
	// Output:
	// POST https://api.example.test/oauth/initiate
	// [oauth_token oauth_token_secret] <nil>
}

func ExampleMasker() {
	path, _ := wire.ParseSanitizePath("response.body.users[].email")
	m := wire.NewMasker([]string{"consumer secret"}, []wire.SanitizePath{path})
	body, _ := value.ParseJSON(`{"users":[{"email":"a@b.test","id":1}],"echo":"the consumer secret"}`, nil)
	fmt.Println(m.Response(wire.ResponseRecord(&wire.Response{Status: 200}, body)))
	// Output: {"status":200,"headers":{},"body":{"users":[{"email":"••••","id":1}],"echo":"the ••••"}}
}
