package provider

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzAuthorization holds that a header which can be read says the same when it is written again.
func FuzzAuthorization(f *testing.F) {
	for _, seed := range []string{"", `OAuth`, `OAuth realm="a\"b", oauth_x="%20%zz"`, `oauth a="1",a="2"`, `OAuth =`, `OAuth a="`, `OAuth a="b"c`, `OAuth a = "b" ,, `, "OAuth a=\"\\\"", "OAuth \"", "OAuth ,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rest, ok := oauthScheme(text)
		if !ok {
			return
		}
		first, err := parseAuthorization(rest)
		if err != nil {
			return
		}
		var parts []string
		for _, p := range first.params {
			if p.Name == "" || strings.EqualFold(p.Name, "realm") {
				return // a name that decodes to another thing cannot be written again
			}
			parts = append(parts, escape(p.Name)+`="`+escape(p.Value)+`"`)
		}
		second, err := parseAuthorization(strings.Join(parts, ","))
		if err != nil {
			t.Fatalf("written again it cannot be read: %v", err)
		}
		compare(t, first.params, second.params)
	})
}

// FuzzForm holds that parameters survive being written and read, and that normalising is stable.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"", "a", "=", "&&", "a=b&a=a", "%", "%4", "%zz", "+%2B", "a=b=c;d", "\xff=\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		params := splitForm(text)
		compare(t, params, splitForm(joinForm(params)))
		if once := normalize(params); once != normalize(splitForm(once)) {
			t.Errorf("%q normalises to %q and then to something else", text, once)
		}
	})
}

// FuzzServe holds that nothing a client sends breaks the provider, and that nothing unsigned is granted.
func FuzzServe(f *testing.F) {
	f.Add("GET", "/resource", "", "", "")
	f.Add("POST", "http://x/authorize?oauth_token=a", formType, "oauth_token=a&ticket=", `OAuth a="b"`)
	f.Add("POST", "/request_token?oauth_consumer_key=ck-hmac&oauth_signature_method=PLAINTEXT&oauth_signature=cs-hmac%26&oauth_callback=%00", "", "", "")
	f.Add("GET", "/flaky?n=99999999999999999999", "", "", "")
	f.Add("POST", "*", formType, "%", "OAuth realm")
	h := func(t *testing.T) *harness { return newHarness(t) }
	f.Fuzz(func(t *testing.T, method, target, contentType, body, authorization string) {
		r := &http.Request{Method: method, RequestURI: target, Host: "example.com", Body: http.NoBody, Header: http.Header{
			"Content-Type": {contentType}, "Authorization": {authorization}}}
		if body != "" {
			r.Body = httptest.NewRequest("POST", "/", strings.NewReader(body)).Body
		}
		w := h(t).serve(r)
		if w.Code < 200 || w.Code > 599 || w.Code == http.StatusInternalServerError {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		path, _ := splitTarget(target)
		if w.Code == 200 && strings.HasPrefix(path, "/resource") {
			t.Errorf("%s %s was granted without a token", method, target)
		}
	})
}
