package imlc_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// probe is a connection that says what a row of the table of docs/dialects.md is about, and the code of the loss where it cannot be
// carried over.
type probe struct {
	code     string
	old, new string
}

// probes are by the rows that they hold to.
var probes = map[string]probe{
	"method of the token calls":                       {"CNV202", `/rt", "method": "POST"`, `/rt", "method": "PUT"`},
	"headers of the token calls":                      {"CNV205", `/rt", "method": "POST"`, `/rt", "method": "POST", "headers": {"X-Client": "a"}`},
	"body of the token calls":                         {"CNV206", `/rt", "method": "POST"`, `/rt", "method": "POST", "type": "urlencoded", "body": {"scope": "read"}`},
	"inputs in the address of the request-token call": {"CNV203", `a.example.test/rt`, `{{parameters.site}}.example.test/rt`},
	"inputs in the authorisation URL":                 {"CNV203", `a.example.test/au`, `{{parameters.site}}.example.test/au`},
	"other names for the request token there":         {"CNV204", `/au", "oauth": {"token": "{{temp.t}}"}`, `/au", "qs": {"token": "{{temp.t}}"}`},
	"other fields of the first answer there":          {"CNV204", `/au", `, `/au", "qs": {"x": "{{temp.t}}"}, `},
	"no `oauth_callback`, or one of its own":          {"CNV301", `/rt", "method": "POST"`, `/rt", "method": "POST", "oauth": {"callback": false}`},
	"signature method, realm":                         {"CNV301", `"{{common.s}}"}`, `"{{common.s}}", "signature_method": "PLAINTEXT"}`},
	"transport in query or body, body hash":           {"CNV301", `"{{common.s}}"}`, `"{{common.s}}", "transport_method": "query"}`},
	"a handshake with other names than `oauth_token`": {"CNV101", `"t": "{{body.oauth_token}}"`, `"t": "{{body.key}}"`},
	"what the answer of the test must be":             {"CNV401", `"{{data.oauth_token_secret}}"}}`, `"{{data.oauth_token_secret}}"}, "response": {"valid": {"condition": "{{body.id}}"}}}`},
	"messages of failures":                            {"CNV401", `"s": "{{body.oauth_token_secret}}"}`, `"s": "{{body.oauth_token_secret}}"}, "error": "none"`},
	"id of the user":                                  {"CNV403", `"{{data.oauth_token_secret}}"}}`, `"{{data.oauth_token_secret}}"}, "response": {"uid": "{{body.id}}"}}`},
	"named calls":                                     {"CNV201", `"base": {`, `"calls": {"me": {"url": "https://a.example.test/me"}}, "base": {`},
	"requests that are not signed":                    {"CNV301", `/me", "oauth": {"token": "{{data.oauth_token}}", "token_secret": "{{data.oauth_token_secret}}"}`, `/me", "oauth": false`},
}

// TestTable holds the table of docs/dialects.md to what conversions carry over: • is no warning of the code, – is one.
func TestTable(t *testing.T) {
	doc, err := os.ReadFile("docs/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.SplitSeq(string(doc), "\n") {
		if cells := strings.Split(line, "|"); len(cells) == 8 {
			name := strings.TrimSpace(cells[1])
			for _, c := range cells[2:7] {
				rows[name] = append(rows[name], strings.TrimSpace(c))
			}
		}
	}
	for name, p := range probes {
		spec := strings.Replace(connection(nil), p.old, p.new, 1)
		if spec == connection(nil) {
			t.Errorf("%s: the probe is a plain connection", name)
		}
		if len(rows[name]) != 5 {
			t.Errorf("the table has no row %q", name)
			continue
		}
		for i, to := range []string{"membrane", "zapier", "zapier:legacy", "supermetrics"} {
			_, codes := written(t, "c.jsonc", spec, to)
			lost := slices.Contains(codes, p.code+" warning") || slices.Contains(codes, p.code+" error")
			switch cell := rows[name][i+1]; {
			case cell == "•" && lost, cell == "–" && !lost:
				t.Errorf("%s in %s is %s in the table, but the losses are %v", name, to, cell, codes)
			}
		}
	}
}
