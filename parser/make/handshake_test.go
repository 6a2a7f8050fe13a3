package make

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/parser"
)

// TestHandshake holds what a handshake cannot do without.
func TestHandshake(t *testing.T) {
	const whole = `"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://x.test","response":{"temp":{"t":"{{body.oauth_token}}","s":"{{body.oauth_token_secret}}"}}},` +
		`"authorize":{"url":"https://x.test","oauth":{"token":"{{temp.t}}"}},`
	const exchange = `"oauth":{"token":"{{temp.t}}","token_secret":"{{temp.s}}","verifier":"{{query.oauth_verifier}}"}`
	const stored = `"response":{"data":{"token":"{{body.oauth_token}}"}}`
	const request = `"requestToken":{"url":"https://x.test"}`
	tests := []struct{ name, text string }{
		{"good", `{` + whole + `"accessToken":{"url":"https://x.test",` + exchange + `,` + stored + `},"info":{"url":"https://x.test"}}`},
		{"good by spread", `{` + whole + `"accessToken":{"url":"https://x.test","oauth":"{{temp}}",` + stored + `}}`},
		{"good by body", `{` + whole + `"accessToken":{"url":"https://x.test","method":"POST","body":{"oauth_verifier":"x"},"oauth":{"token":"t","token_secret":"x"},"response":{"data":"{{body}}"}}}`},
		{"no secret, no verifier", `{` + whole + `‹MAKE314 MAKE315 MAKE319›"accessToken":{"url":"https://x.test",` + stored + `}}`},
		{"no secret in the directive", `{` + whole + `"accessToken":{"url":"https://x.test",‹MAKE314 MAKE319›"oauth":{"verifier":"x"},` + stored + `}}`},
		{"verifier missing with a callback", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://x.test","oauth":{‹MAKE401›"callback":"{{oauth.redirectUri}}"},"response":{"temp":{"t":"{{body.t}}"}}},` +
			`"authorize":{"url":"https://x.test","oauth":{"token":"{{temp.t}}"}},"accessToken":{"url":"https://x.test",‹MAKE315›"oauth":{"token":"{{temp.t}}","token_secret":""},` + stored + `}}`},
		{"verifier missing without a callback", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://x.test","oauth":{‹MAKE401›"callback":false},"response":{"temp":{"t":"{{body.t}}"}}},` +
			`"authorize":{"url":"https://x.test","oauth":{"token":"{{temp.t}}"}},"accessToken":{"url":"https://x.test","oauth":{"token":"{{temp.t}}","token_secret":""},` + stored + `}}`},
		{"misspelt keys alone", `{` + whole + `"accessToken":{"url":"https://x.test",` + strings.Replace(exchange, `"token_secret"`, `‹MAKE201›"tokenSecret"`, 1) + `,‹MAKE201›"repsonse":{‹MAKE201›"dat":{"token":"{{body.oauth_token}}"}}},` +
			`"info":{"url":"https://x.test/{{data.token}}"}}`},
		{"signed twice", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://x.test","headers":{‹MAKE301›"authorization":"x"},"qs":{‹MAKE302›"oauth_nonce":"1","oauth_token":"x"}}}`},
		{"beside a signature in the query", `{"oauth":{"consumer_key":"k","consumer_secret":"s","transport_method":"query"},"info":{"url":"https://x.test","headers":{"authorization":"x"}}}`},
		{"token lost", `{` + whole + `‹MAKE316›"accessToken":{"url":"https://x.test",` + exchange + `,"response":{"data":{"a":"b"}}}}`},
		{"temp unwritten", `{"oauth":{},"info":{"temp":{"b":1,‹MAKE311›"a":"{{temp.b}}"},"url":"https://x.test/{{temp.b}}","qs":{‹MAKE311›"x":"{{1 + max(2; temp.c)}}"},"response":{"uid":"{{temp.a}}"}}}`},
		{"temp by repeat", `{"oauth":{},"info":{"url":"https://x.test/{{temp.n}}","repeat":{"condition":"{{temp.n}}"},"response":{"temp":{"n":"{{body.n}}"}}}}`},
		{"temp computed", `{"oauth":{},"info":{"temp":"{{data.x}}","url":"https://x.test/{{temp.n}}"}}`},
		{"no consumer", `{‹MAKE317›"requestToken":{"url":"https://x.test"}}`},
		{"no consumer secret", `{‹MAKE317›"oauth":{"consumer_key":"k"},` + request + `}`},
		{"empty consumer secret", `{"oauth":{"consumer_key":"k","consumer_secret":""},` + request + `}`},
		{"key for HMAC", `{‹MAKE317›"oauth":{"consumer_key":"k","private_key":"p"},` + request + `}`},
		{"no key for RSA", `{‹MAKE317›"oauth":{"consumer_key":"k","signature_method":"RSA-SHA1"},` + request + `}`},
		{"key for RSA", `{"oauth":{"consumer_key":"k","private_key":"p","signature_method":"RSA-SHA1"},` + request + `}`},
		{"method of the run", `{"oauth":{"consumer_key":"k","signature_method":"{{data.m}}"},` + request + `}`},
		{"removed secret", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://x.test",‹MAKE317›"oauth":{"consumer_secret":null}}}`},
		{"unsigned by choice", `{"requestToken":{"url":"https://x.test","oauth":false}}`},
		{"token without secret", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://x.test","oauth":{‹MAKE318›"token":"{{data.t}}"}}}`},
		{"token without secret, RSA", `{"oauth":{"consumer_key":"k","private_key":"s","signature_method":"RSA-SHA1"},"info":{"url":"https://x.test","oauth":{"token":"{{data.t}}"}}}`},
		{"redirect without token", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},` + request + `,‹MAKE319›"authorize":{"url":"https://x.test"}}`},
		{"redirect with its own token", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},` + request + `,"authorize":{"url":"https://x.test?oauth_token={{data.t}}"}}`},
		{"redirect with a token in qs", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},` + request + `,"authorize":{"url":"https://x.test","qs":{"oauth_token":"{{data.t}}"}}}`},
		{"redirect with the token under a name of the service", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://x.test","response":{"temp":{"t":"{{body.x}}"}}},"authorize":{"url":"https://x.test","qs":{"token":"{{temp.t}}"}}}`},
		{"form of GET", `{"oauth":{"consumer_key":"k","consumer_secret":"s",‹MAKE320›"transport_method":"body"},` + request + `}`},
		{"form of POST", `{"oauth":{"consumer_key":"k","consumer_secret":"s","transport_method":"body"},"requestToken":{"url":"https://x.test","method":"post","type":"urlencoded"}}`},
		{"form of a method of the run", `{"oauth":{"consumer_key":"k","consumer_secret":"s","transport_method":"body"},"requestToken":{"url":"https://x.test","method":"{{data.m}}"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{}, map[string]string{Communication: tt.text})
		})
	}
}
