package make

import (
	"testing"

	"github.com/imlc-lang/imlc/parser"
)

func TestLint(t *testing.T) {
	const whole = `"requestToken":{"url":"https://x.test","response":{"temp":{"t":"{{body.oauth_token}}","s":"{{body.oauth_token_secret}}"}}},` +
		`"authorize":{"url":"https://x.test","oauth":{"token":"{{temp.t}}"}},`
	const exchange = `"oauth":{"token":"{{temp.t}}","token_secret":"{{temp.s}}","verifier":"{{query.oauth_verifier}}"}`
	const stored = `"response":{"data":{"token":"{{body.oauth_token}}"}}`
	tests := []struct{ name, text string }{
		{"good", `{` + whole + `"accessToken":{"url":"https://x.test",` + exchange + `,` + stored + `},"info":{"url":"https://x.test"}}`},
		{"good by spread", `{` + whole + `"accessToken":{"url":"https://x.test","oauth":"{{temp}}",` + stored + `}}`},
		{"good by body", `{` + whole + `"accessToken":{"url":"https://x.test","body":{"oauth_verifier":"x"},"oauth":{"token_secret":"x"},"response":{"data":"{{body}}"}}}`},
		{"no secret, no verifier", `{` + whole + `‹MAKE314 MAKE315›"accessToken":{"url":"https://x.test",` + stored + `}}`},
		{"no secret in the directive", `{` + whole + `"accessToken":{"url":"https://x.test",‹MAKE314›"oauth":{"verifier":"x"},` + stored + `}}`},
		{"token lost", `{` + whole + `‹MAKE316›"accessToken":{"url":"https://x.test",` + exchange + `,"response":{"data":{"a":"b"}}}}`},
		{"temp unwritten", `{"oauth":{},"info":{"temp":{"b":1,‹MAKE311›"a":"{{temp.b}}"},"url":"https://x.test/{{temp.b}}","qs":{‹MAKE311›"x":"{{1 + max(2; temp.c)}}"},"response":{"uid":"{{temp.a}}"}}}`},
		{"temp by repeat", `{"oauth":{},"info":{"url":"https://x.test/{{temp.n}}","repeat":{"condition":"{{temp.n}}"},"response":{"temp":{"n":"{{body.n}}"}}}}`},
		{"temp computed", `{"oauth":{},"info":{"temp":"{{data.x}}","url":"https://x.test/{{temp.n}}"}}`},
		{"success status", `{"oauth":{},"info":{"url":"https://x.test","response":{"error":{‹MAKE310›"200":{},"404":{},"199":{}}}}}`},
		{"success status with valid", `{"oauth":{},"info":{"url":"https://x.test","response":{"valid":"{{body.ok}}","error":{"200":{}}}}}`},
		{"redirect status", `{"requestToken":{},"authorize":{"url":"https://x.test","response":{"error":{‹MAKE310›"404":{}}}}}`},
		{"covered range", `{"oauth":{},"info":{"url":"https://x.test","response":{"type":{"*":"json",‹MAKE310›"400-401":"text","400":"xml","401":"xml"}}}}`},
		{"secret over http", `{"oauth":{},"info":{‹MAKE313›"url":"http://x.test/?k={{parameters.apiKey}}"}}`},
		{"secret in qs over http", `{"oauth":{},"info":{"url":"http://x.test/",‹MAKE313›"qs":{"k":"{{data.clientSecret}}"}}}`},
		{"secret over https", `{"oauth":{},"info":{"url":"https://x.test/","qs":{"k":"{{data.clientSecret}}"}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{Lint: true}, map[string]string{Communication: tt.text})
		})
	}
}
