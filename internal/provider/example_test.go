package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/imlc-lang/imlc/internal/provider"
)

// A provider on a free port, and a request that it refuses.
func ExampleNew() {
	p, err := provider.New(provider.Config{AutoApprove: true, Log: func(e provider.Event) { fmt.Println(e.Kind, e.Method, e.Path) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := p.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	answer, err := http.Post(server.URL()+"/request_token", "", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	problem, _, _ := strings.Cut(string(body), "&")
	fmt.Println(answer.StatusCode, problem)
	// Output:
	// refused POST /request_token
	// 400 oauth_problem=parameter_absent
}

// A token without the flow, and a PLAINTEXT request with it: its signature is the two secrets.
func ExampleProvider_IssueToken() {
	p, err := provider.New(provider.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := p.IssueToken("ck-hmac")
	if err != nil {
		fmt.Println(err)
		return
	}
	escape := strings.NewReplacer("%", "%25", "&", "%26", "/", "%2F", "+", "%2B", "=", "%3D").Replace
	r := httptest.NewRequest(http.MethodGet, "/me", nil)
	r.Header.Set("Authorization", fmt.Sprintf(`OAuth oauth_consumer_key="ck-hmac", oauth_token="%s", oauth_signature_method="PLAINTEXT", oauth_signature="%s"`,
		escape(token.Token), escape("cs-hmac&"+escape(token.Secret))))
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	fmt.Println(p.Requests()[0].Transport)
	// Output:
	// 200 {"id":9007199254740993,"name":"Ada","email":"ada@example.test","active":true}
	// header
}

// The documentation that the command prints.
func ExampleEndpoints() {
	for _, e := range provider.Endpoints()[:4] {
		fmt.Println(e.Path)
	}
	// Output:
	// /
	// /request_token
	// /authorize
	// /access_token
}
