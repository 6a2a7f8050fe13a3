package make

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
)

// scopeAt returns the scope of the first template at a pointer.
func scopeAt(t *testing.T, c *ast.Connection, pointer string) *ast.Scope {
	t.Helper()
	var found *ast.Scope
	look := func(values ...ast.Value) {
		for _, v := range values {
			for _, leaf := range leavesOf(v) {
				if leaf.At.Pointer == pointer {
					found = leaf.Scope
				}
			}
		}
	}
	request := func(req *ast.Request) {
		look(req.URL, req.Temp, req.Headers)
		if req.OAuth != nil {
			look(oauthValues(req.OAuth)...)
		}
		if req.Repeat != nil {
			look(req.Repeat.Condition)
		}
		if res := req.Response; res != nil {
			look(append(responseValues(res), res.Temp, res.Output)...)
			if res.Type != nil {
				look(res.Type.Value.Value)
			}
		}
	}
	for _, s := range c.Stages {
		for _, req := range s.Requests {
			request(req)
		}
		if s.Redirect != nil {
			look(s.Redirect.URL, s.Redirect.Response.Temp)
		}
	}
	if c.Base != nil {
		request(c.Base)
	}
	for _, call := range c.Calls {
		request(call.Requests[0])
	}
	if c.OAuth != nil {
		look(oauthValues(c.OAuth)...)
	}
	if found == nil {
		t.Fatalf("no template with a scope at %s", pointer)
	}
	return found
}

// TestScopes holds the table of spec make.md §14: which names exist where, and what they stand for.
func TestScopes(t *testing.T) {
	oauth1 := `{"oauth":{"consumer_key":"{{a}}","consumer_secret":"s","token":"t","token_secret":"ts","verifier":"v"},
		"requestToken":{"url":"{{a}}","response":{"temp":{"x":"{{a}}"}}},
		"authorize":{"url":"{{a}}","response":{"temp":{"x":"{{a}}"}}},
		"accessToken":{"url":"{{a}}","response":{"type":"{{a}}","temp":{"x":"{{a}}"},"data":{"t":"{{body}}"}},"repeat":{"condition":"{{a}}"}}}`
	basic := `{"url":"{{a}}","response":{"temp":{"x":"{{a}}"}}}`
	call := `{"communication":{},"base":{"headers":{"x":"{{a}}"}},"calls":{"c":{"url":"{{a}}","response":{"output":"{{a}}"}}}}`
	const (
		store  = "common=common connection=data data=data environment=environment parameters=data temp=temp"
		answer = "body=body headers=headers statusCode=status"
		full   = "oauth={scope=scope redirectUri=redirect.default localRedirectUri=redirect.local makeRedirectUri=redirect.make}"
		module = "common=common connection=data data=data environment=environment parameters=input temp=temp input=input pagination=-"
	)
	tests := []struct{ name, text, pointer, want string }{
		{"root", oauth1, "/oauth/consumer_key", store + " " + full + " query=callback"},
		{"requestToken", oauth1, "/requestToken/url", store + " " + full},
		{"requestToken.response", oauth1, "/requestToken/response/temp/x", store + " " + full + " " + answer},
		{"authorize", oauth1, "/authorize/url", store + " " + full},
		{"authorize.response", oauth1, "/authorize/response/temp/x", store + " " + full + " query=callback"},
		{"accessToken", oauth1, "/accessToken/url", store + " " + full + " query=callback"},
		{"accessToken.response", oauth1, "/accessToken/response/temp/x", store + " " + full + " query=callback " + answer},
		{"response.type", oauth1, "/accessToken/response/type", store + " " + full + " query=callback headers=headers statusCode=status"},
		{"repeat", oauth1, "/accessToken/repeat/condition", store + " " + full + " query=callback " + answer},
		{"basic", basic, "/url", store + " oauth={scope=scope redirectUri=redirect.default}"},
		{"basic.response", basic, "/response/temp/x", store + " oauth={scope=scope redirectUri=redirect.default} " + answer},
		{"base", call, "/base/headers/x", module + " " + full},
		{"call", call, "/calls/c/url", module + " " + full},
		{"call.response", call, "/calls/c/response/output", module + " " + full + " " + answer + " item=item output=-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := scopeAt(t, parseText(t, tt.text), tt.pointer)
			var got []string
			for name, b := range s.Names {
				got = append(got, name+"="+showBinding(b))
			}
			if diff := cmp.Diff(sorted(bindings(tt.want)), sorted(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// bindings splits a list at the blanks that are not in braces.
func bindings(text string) []string {
	depth := 0
	return strings.FieldsFunc(text, func(c rune) bool {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		}
		return c == ' ' && depth == 0
	})
}

func showBinding(b ast.Binding) string {
	switch {
	case b.Members != nil:
		var parts []string
		for _, m := range b.Members {
			parts = append(parts, m.Name+"="+showBinding(m.Binding))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case b.Root == "":
		return "-"
	case b.Key != "":
		return b.Root + "." + b.Key
	}
	return b.Root
}

func TestElsewhere(t *testing.T) {
	want := map[string]string{
		"query":      "accessToken, authorize.response, info",
		"body":       "accessToken.response, info.response, renew.response, requestToken.response",
		"headers":    "accessToken.response, info.response, renew.response, requestToken.response",
		"statusCode": "accessToken.response, info.response, renew.response, requestToken.response",
	}
	if diff := cmp.Diff(want, oauth1Places[inRequestToken].request.Elsewhere); diff != "" {
		t.Errorf("requestToken: -want +got\n%s", diff)
	}
	delete(want, "query")
	if diff := cmp.Diff(want, oauth1Places[inAuthorize].response.Elsewhere); diff != "" {
		t.Errorf("authorize.response: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"body", "headers", "statusCode"}, slices.Sorted(maps.Keys(basicPlaces[inBasic].request.Elsewhere))); diff != "" {
		t.Errorf("basic: -want +got\n%s", diff)
	}
}

func TestCallbackPolicies(t *testing.T) {
	c := parseText(t, `{"communication":{"oauth":{},"requestToken":{"url":"https://x.test"},"accessToken":{"url":"https://x.test"},"info":{"url":"https://x.test"}},
		"calls":{"a":{"url":"/a"}}}`)
	got := map[string]ast.CallbackPolicy{"call": c.Calls[0].Requests[0].Callback}
	for _, s := range c.Stages {
		got[s.Name] = s.Requests[0].Callback
	}
	want := map[string]ast.CallbackPolicy{"requestToken": ast.CallbackInjectUnlessCarried, "accessToken": ast.CallbackNotAsked,
		"info": ast.CallbackNotAsked, "call": ast.CallbackNotAsked}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestVerdicts(t *testing.T) {
	text := `{"communication":{"requestToken":{"url":"https://x.test"},"authorize":{"url":"https://x.test"}},"base":{"baseUrl":"https://x.test"},"calls":{"a":{"url":"/a"}}}`
	for _, tt := range []struct {
		legacy bool
		want   map[int]string
	}{
		{false, map[int]string{100: "RuntimeError", 404: "RuntimeError", 429: "RateLimitError", 500: "ConnectionError", 599: "ConnectionError", 600: "RuntimeError"}},
		{true, map[int]string{100: "RuntimeError", 404: "RuntimeError", 429: "RuntimeError", 500: "RuntimeError", 599: "RuntimeError", 600: "RuntimeError"}},
	} {
		c, list := parse(map[string]*source.File{Communication: source.NewFile("c", text)}, parser.Options{LegacyErrorTypes: tt.legacy})
		if list.HasErrors() {
			t.Fatal(list.Items)
		}
		v := c.Stages[0].Requests[0].Verdict
		for status, want := range tt.want {
			i := slices.IndexFunc(v.OnStatus, func(f ast.StatusFailure) bool { return f.First <= status && status <= f.Last })
			if i < 0 || v.OnStatus[i].Failure != (ast.Failure{Type: want}) {
				t.Errorf("legacy %t, status %d: entry %d of %v", tt.legacy, status, i, v.OnStatus)
			}
		}
		if diff := cmp.Diff([]ast.StatusRange{{First: 200, Last: 399}}, v.Accept); diff != "" {
			t.Errorf("accepted: %s", diff)
		}
		if c.Base.Verdict != v || c.Calls[0].Requests[0].Verdict != v {
			t.Error("calls are judged otherwise than stages")
		}
		if v.OnInvalid != (ast.Failure{Type: "RuntimeError", Message: "Response marked as invalid."}) {
			t.Errorf("invalid: %+v", v.OnInvalid)
		}
		if r := c.Stages[1].Redirect.Verdict.OnInvalid; r.Code != "oauth1/callback-invalid" || r.Message != v.OnInvalid.Message {
			t.Errorf("invalid callback: %+v", r)
		}
	}
}

// TestOAuthForms checks how the forms of the directive are told apart.
func TestOAuthForms(t *testing.T) {
	tests := []struct{ text, want string }{
		{`null`, "off"}, {`false`, "off"},
		{`"{{data.o}}"`, `whole "{{data.o}}"`},
		{`{"token":"t","consumer_secret":"s"}`, `token consumer_secret`},
		{`{"consumer_key":null}`, `needs consumer_key`},
		{`{"token":"t","{{...}}":"{{data.o}}","consumer_key":"k"}`, `needs whole {token:"t" ...:"{{data.o}}" consumer_key:"k"}`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			o := stageOf(t, parseText(t, `{"requestToken":{"url":"https://x.test","oauth":`+tt.text+`}}`), inRequestToken).Requests[0].OAuth
			var got []string
			if o.Off {
				got = append(got, "off")
			}
			if o.NeedsKey {
				got = append(got, "needs")
			}
			for _, key := range []string{"consumer_key", "token", "consumer_secret"} {
				if *oauthField(o, key) != nil {
					got = append(got, key)
				}
			}
			if o.Whole != nil {
				got = append(got, "whole "+showValue(o.Whole))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	for key := range oauthKeys {
		if oauthField(new(ast.OAuth), key) == nil {
			t.Errorf("the key %s has no field", key)
		}
	}
}

// TestBasicCallsAreNotSigned checks spec make.md §16: module requests of a basic connection cannot be signed.
func TestBasicCallsAreNotSigned(t *testing.T) {
	const raise = `core.raise["" "InvalidConfigurationError" "oauth: the connection is not OAuth 1.0"]`
	calls := `"base":{"oauth":{"token":"t"}},"calls":{"a":{"url":"/a","oauth":{"token":"t"}},"b":{"url":"/b","oauth":false},"c":{"url":"/c"}}}`
	for communication, want := range map[string]string{`{"url":"https://x.test"}`: raise, `{"oauth":{}}`: "-"} {
		c := parseText(t, `{"communication":`+communication+`,`+calls)
		if got := showValue(c.Base.OAuth.Whole); got != want {
			t.Errorf("%s: Base has %s", communication, got)
		}
		if got := showValue(c.Calls[0].Requests[0].OAuth.Whole); got != want {
			t.Errorf("%s: a has %s", communication, got)
		}
		if b, o := c.Calls[1].Requests[0].OAuth, c.Calls[2].Requests[0].OAuth; !b.Off || b.Whole != nil || o != nil {
			t.Errorf("%s: b has %+v, c has %+v", communication, b, o)
		}
	}
}
