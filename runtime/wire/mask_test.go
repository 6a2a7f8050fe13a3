package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestMaskText(t *testing.T) {
	m := NewMasker([]string{"s3cret&1", "abc", "s3cret&1 longer", "zażółć"}, nil)
	tests := []struct{ in, want string }{
		{"key=s3cret&1.", "key=••••."},
		{"s3cret&1 longer", "••••"},
		{"s3cret%261%20longer s3cret%261+longer s3cret%25261", "•••• •••• ••••"},
		{"abc stays, zażółć and za%C5%BC%C3%B3%C5%82%C4%87 go", "abc stays, •••• and •••• go"},
		{"oauth_token=a&oauth_token_secret=b&oauth_verifier=c&oauth_nonce=d", "oauth_token=••••&oauth_token_secret=••••&oauth_verifier=••••&oauth_nonce=d"},
		{`OAuth oauth_nonce="n",oauth_token="t",oauth_signature="s%3D"`, `OAuth oauth_nonce="n",oauth_token="••••",oauth_signature="••••"`},
		{`{"oauth_token": "a\"b", "oauth_verifier":5}`, `{"oauth_token": "••••"b", "oauth_verifier":••••}`},
		{"<oauth_token>abc def</oauth_token>", "<oauth_token>••••</oauth_token>"},
		{"GET&x&oauth_token%3Dtk%26oauth_version%3D1", "GET&x&oauth_token%3D••••%26oauth_version%3D1"},
		{"my_oauth_token=x oauth_tokens=y oauth_token", "my_oauth_token=x oauth_tokens=y oauth_token"},
		{"oauth_", "oauth_"},
	}
	for _, tt := range tests {
		if got := m.Text(tt.in); got != tt.want {
			t.Errorf("Text(%s)\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
	urls := []struct{ in, want string }{
		{"https://u:p@h.test/a@b", "https://••••@h.test/a@b"},
		{"//u@h", "//••••@h"},
		{"see https://a@b.test and http://c:d@e.test/?x", "see https://••••@b.test and http://••••@e.test/?x"},
		{"https://h.test/?u=a@b#c", "https://h.test/?u=a@b#c"},
		{"a // b @c", "a // b @c"},
	}
	for _, tt := range urls {
		if got := MaskURL(tt.in); got != tt.want {
			t.Errorf("MaskURL(%s) = %s", tt.in, got)
		}
	}
}

func TestMaskRecords(t *testing.T) {
	var paths []SanitizePath
	for _, text := range []string{"request.headers.x-api-key", "REQUEST.qs.Key", "request.body.users[].`odd name`", "response.body.items.id",
		"response.headers.`X-Token`", "response.body.deep[1].x", "response.body.nothing.here"} {
		p, ok := ParseSanitizePath(text)
		if !ok {
			t.Fatal(text)
		}
		paths = append(paths, p)
	}
	m := NewMasker([]string{"topsecret", "12345678"}, paths)
	out := &Outgoing{Method: "POST", URL: mustURL(t, "https://u:p@h.test/a/topsecret?key=k&oauth_token=t&v=1", true),
		Header: Header{{"X-Api-Key", "k"}, {"Authorization", "Basic x"}, {"Cookie", "a"}, {"X-A", "1"}, {"X-A", "topsecret"}, {"Content-Type", "application/json"}},
		Body:   JSONBody([]byte(`{"users":[{"odd name":"a","n":1},{"odd name":"b"}],"oauth_verifier":"v","pin":12345678,"t":"x topsecret"}`))}
	want := `{"method":"POST","url":"https://h.test/a/••••","headers":{"x-api-key":"••••","authorization":"••••","cookie":"••••","x-a":["1","••••"],` +
		`"content-type":"application/json"},"qs":{"key":"••••","oauth_token":"••••","v":"1"},` +
		`"body":{"users":[{"odd name":"••••","n":1},{"odd name":"••••"}],"oauth_verifier":"••••","pin":"••••","t":"x ••••"}}`
	if diff := cmp.Diff(want, jsonOf(m.Request(RequestRecord(out)))); diff != "" {
		t.Error(diff)
	}
	res := &Response{Status: 200, Header: map[string][]string{"Set-Cookie": {"a=1"}, "X-Token": {"x"}, "Date": {"d"}}}
	body := fromJSON(t, `{"items":[[{"id":1}],{"id":{"x":2},"k":3}],"deep":[{"x":1},{"x":2}],"raw":"oauth_token=a&b=c","bin":{"$buffer":"topsecret"}}`)
	want = `{"status":200,"headers":{"date":"d","set-cookie":"••••","x-token":"••••"},"body":{"items":[[{"id":"••••"}],{"id":"••••","k":3}],` +
		`"deep":[{"x":"••••"},{"x":"••••"}],"raw":"oauth_token=••••&b=c","bin":"••••"}}`
	if diff := cmp.Diff(want, jsonOf(m.Response(ResponseRecord(res, body)))); diff != "" {
		t.Error(diff)
	}
	if got := jsonOf(m.Response(value.Text("x").AsSecret())); got != `"••••"` {
		t.Errorf("marked value: %s", got)
	}
	form := &Outgoing{Method: "POST", URL: mustURL(t, "https://h.test/", true), Header: Header{{"Content-Type", media.Form}}, Body: FormBody([]byte("oauth_token=a&x=1"))}
	if got := jsonOf(m.Request(RequestRecord(form))); !strings.Contains(got, `"body":{"oauth_token":"••••","x":"1"}`) {
		t.Errorf("form: %s", got)
	}
	whole, _ := ParseSanitizePath("request.url")
	if got := jsonOf(NewMasker(nil, []SanitizePath{whole}).Request(RequestRecord(form))); !strings.Contains(got, `"url":"••••"`) {
		t.Errorf("url path: %s", got)
	}
}

func TestParseSanitizePathErrors(t *testing.T) {
	for _, text := range []string{"", "request", "body.x", "request.", "request..x", "response.qs.x", "response.url", "request.body.`x", "request.body[x].a", "request.body.a b`c`",
		"request.body[1", "request.cookies"} {
		if _, ok := ParseSanitizePath(text); ok {
			t.Errorf("%q is accepted", text)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"https://u@h?oauth_token=1", `"oauth_token":"x`, "<oauth_token>", "s3cret&1", "oauth_token%3D%26", "s3cs3cret&1ret&1"} {
		f.Add(s)
	}
	const secret = "s3cret&1"
	m := NewMasker([]string{secret}, nil)
	f.Fuzz(func(t *testing.T, text string) {
		if got := m.URL(text); strings.Contains(got, secret) {
			t.Fatalf("%q became %q", text, got)
		}
		if p, ok := ParseSanitizePath(text); ok && len(p.steps) == 0 {
			t.Fatalf("%q is a path without steps", text)
		}
	})
}
