package oauth1_test

import (
	"fmt"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

func ExampleSigner_Sign() {
	signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"})
	if err != nil {
		fmt.Println(err)
		return
	}
	signed, err := signer.Sign(&oauth1.Request{Method: "GET", URL: "https://example.com/w"}, "N", 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(signed.Authorization)
	// Output: OAuth oauth_consumer_key="ck",oauth_nonce="N",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1",oauth_token="tk",oauth_version="1.0",oauth_signature="kmDaZpK5nz1b3jpkRMa0rj5LFas%3D"
}

func ExampleNormalize() {
	fmt.Println(oauth1.Normalize(uri.SplitPairs("c@=1&b=2+3&a;x&b=1")))
	// Output: a%3Bx=&b=1&b=2%203&c%40=1
}

func ExampleBaseURI() {
	uri, err := oauth1.BaseURI("HTTPS://API.Example.com:443/a%2Fb?x=1#top", "")
	fmt.Println(uri, err)
	// Output: https://api.example.com/a%2Fb <nil>
}
