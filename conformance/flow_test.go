package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oneRequest is a case whose spec sends one signed POST form; %s is the expectation and the rest of the case.
const oneRequest = `
id: case
source: |
  {"url": "https://api.example.test/a?x=1", "method": "POST", "type": "urlencoded", "body": {"b": "2 3"},
   "headers": {"X-One": ["a", "b"]}, "oauth": {"consumer_key": "ck", "consumer_secret": "cs"%s},
   "log": {"sanitize": []}, "response": {"data": {"id": "{{body.id}}"}}}
now: 2023-11-14T22:13:20Z
nonce: [n1]
flow:
  - run: authorize
    http:
      - expect: %s
        respond: {headers: {Content-Type: application/json}, body: {id: 9007199254740993}}
%s`

func flowFailures(t *testing.T, text string) []string {
	t.Helper()
	report, err := Run(context.Background(), []string{write(t, "case.yaml", text)}, Options{Engines: BuiltIn()[:1]})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Results[0].Failures {
		if f.Problem != "" {
			got = append(got, f.Problem)
		}
		for _, m := range f.Mismatches {
			got = append(got, m.Where)
		}
	}
	return got
}

func TestFlowExpectations(t *testing.T) {
	const oauth = `oauth_consumer_key: ck, oauth_nonce: n1, oauth_signature_method: HMAC-SHA1, oauth_timestamp: "1700000000", oauth_version: "1.0"`
	tests := map[string]struct {
		oauth, expect, rest string
		want                []string
	}{
		"everything holds": {"", `{method: POST, url: "HTTPS://API.example.test:443/a?x=1", body: "b=2%203", headers: {x-one: [a, b], content-length: "7"}, absent_headers: [Accept], oauth: {` + oauth + `}}`,
			"    want: {data: {id: 9007199254740993}, stored: true}\n", nil},
		"wrong method, url, body": {"", `{method: PUT, url: "https://api.example.test/a", body: "b=2+3"}`, "",
			[]string{"flow[0].http[0].expect.method", "flow[0].http[0].expect.url", "flow[0].http[0].expect.body"}},
		"wrong headers":         {"", `{headers: {X-One: a, X-Two: b}, absent_headers: [X-ONE]}`, "", []string{"flow[0].http[0].expect.headers.X-One", "flow[0].http[0].expect.headers.X-Two", "flow[0].http[0].expect.absent_headers.X-ONE"}},
		"missing parameter":     {"", `{oauth: {oauth_consumer_key: ck}}`, "", []string{"flow[0].http[0].expect.oauth"}},
		"wrong signature":       {"", `{oauth: {` + oauth + `, oauth_signature: x}}`, "", []string{"flow[0].http[0].expect.oauth"}},
		"must be unsigned":      {"", `{oauth: null}`, "", []string{"flow[0].http[0].expect.oauth"}},
		"realm":                 {`, "realm": "R"`, `{oauth_realm: Q, oauth: {` + oauth + `}}`, "", []string{"flow[0].http[0].expect.oauth_realm"}},
		"body transport":        {`, "transport_method": "body"`, `{url: "https://api.example.test/a?x=1", body: "b=2%203", oauth: {` + oauth + `}, absent_headers: [Authorization]}`, "", nil},
		"query transport":       {`, "transport_method": "query"`, `{url: "https://api.example.test/a?x=1", oauth: {` + oauth + `}, absent_headers: [Authorization]}`, "", nil},
		"base string":           {"", `{base_string: "POST&https%3A%2F%2Fapi.example.test%2Fa&b%3D2%25203%26oauth_consumer_key%3Dck%26oauth_nonce%3Dn1%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1700000000%26oauth_version%3D1.0%26x%3D1"}`, "", nil},
		"wrong base string":     {"", `{base_string: "POST&x"}`, "", []string{"flow[0].http[0].expect.base_string"}},
		"last digit":            {"", `{}`, "    want: {data: {id: 9007199254740992}}\n", []string{"flow[0].want.data"}},
		"wrong results":         {"", `{}`, "    want: {uid: \"1\", stored: false, trace: [MAKE501], redirect: x}\n", []string{"flow[0].want.redirect", "flow[0].want.stored", "flow[0].want.trace", "flow[0].want.uid"}},
		"an error was wanted":   {"", `{}`, "    want_error: {type: RuntimeError}\n", []string{"flow[0].want_error"}},
		"error of the case":     {"", `{}`, "want_error: oauth1/expired\n", []string{"flow[0].want_error"}},
		"diagnostics":           {"", `{}`, "want_diagnostics: [\"spec.jsonc:1:1 MAKE101\"]\n", []string{"want_diagnostics"}},
		"asserts":               {"", `{}`, "assert: [\"len(exchanges) == 1\", \"connection.data.id == '9007199254740993'\", \"exchanges[0].oauth.oauth_nonce == 'n2'\"]\n", []string{"assert[2]"}},
		"assert that is broken": {"", `{}`, "assert: [\"1 +\"]\n", []string{"assert[0]"}},
		"assert that is huge":   {"", `{}`, "assert: [\"" + strings.Repeat("(", 5000) + "\"]\n", []string{"assert[0]: 5000 bytes"}},
		"one request too few":   {"", `{}`, "      - expect: {method: GET, url: x}\n        respond: {}\n", []string{"flow[0].http[1]"}},
		"unknown flag":          {"", `{}`, "flags: [--dance]\n", []string{"flags: --dance is not supported by this build"}},
		"unknown option":        {"", `{}`, "options: {dance: true}\n", []string{"options: unknown key dance"}},
		"other dialect":         {"", `{}`, "dialect: dance\n", []string{"compile"}},
		"no connection yet":     {"", `{}`, "  - run: callback\n    query: {oauth_token: x}\n", []string{"flow[1]"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := flowFailures(t, fmt.Sprintf(oneRequest, tt.oauth, tt.expect, tt.rest))
			if len(got) == 1 && len(tt.want) == 1 && strings.HasPrefix(got[0], tt.want[0]) {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnexpectedRequestFails(t *testing.T) {
	got := flowFailures(t, "id: a\nsource: '{\"url\": \"https://api.example.test/\", \"log\": {\"sanitize\": []}}'\nflow: [{run: authorize}]\n")
	if diff := cmp.Diff([]string{"flow[0].http[0]", "flow[0]"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWrongPlaceFails(t *testing.T) {
	const flow = "id: a\nsource: '{\"url\": \"{{parameters.base}}/me\", \"log\": {\"sanitize\": []}}'\nflow: [{run: authorize, want_error: {place: %q, template: %q, undefined: [%s]}}]\n"
	if got := flowFailures(t, fmt.Sprintf(flow, "spec.jsonc:1:12", "{{parameters.base}}/me", "parameters.base")); got != nil {
		t.Error(got)
	}
	got := flowFailures(t, fmt.Sprintf(flow, "spec.jsonc:1:10", "{{parameters.base}}", ""))
	if diff := cmp.Diff([]string{"flow[0].want_error.place", "flow[0].want_error.template", "flow[0].want_error.undefined"}, got); diff != "" {
		t.Error(diff)
	}
}
