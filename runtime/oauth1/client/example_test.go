package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
)

func ExampleNewClient() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := oauth1.ParseAuthorization(r.Header.Get("Authorization"))
		timestamp, _ := a.Get("oauth_timestamp")
		fmt.Println(err, timestamp)
	}))
	defer server.Close()
	signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := client.NewClient(signer, client.Options{Now: func() time.Time { return time.Unix(1700000000, 0) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := c.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	// Output: <nil> 1700000000
}
