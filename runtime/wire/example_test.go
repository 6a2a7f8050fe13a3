package wire_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

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
	fmt.Println(res.Status, res.Body)
	// Output:
	// POST https://api.example.test/oauth/initiate
	// 200 oauth_token=t&oauth_token_secret=s
}
