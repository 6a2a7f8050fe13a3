package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/runtime/media"
)

func TestParseToken(t *testing.T) {
	const form, js, x = media.Form, "application/json", "application/xml"
	const bad = "error oauth1/bad-token-answer DataError "
	tests := []struct {
		name, contentType string
		status            int
		body, want        string // fields, kind and traces; or the error
	}{
		{"form", form, 200, "oauth_token=a%2Fb&oauth_token_secret=c+d&x=%zz", `{"oauth_token":"a/b","oauth_token_secret":"c d","x":"%zz"} urlencoded `},
		{"text label", "text/plain", 200, "\n oauth_token=a&oauth_token_secret=\n", `{"oauth_token":"a","oauth_token_secret":""} urlencoded `},
		{"byte order mark", "text/html", 201, "\ufeff oauth_token=a&oauth_token_secret=b\n", `{"oauth_token":"a","oauth_token_secret":"b"} urlencoded `},
		{"no label json", "", 200, ` {"oauth_token":"a","oauth_token_secret":"b","n":9007199254740993,"o":{"k":[1]}}`,
			`{"oauth_token":"a","oauth_token_secret":"b","n":9007199254740993,"o":{"k":[1]}} json `},
		{"json numbers", js, 200, `{"oauth_token":12345678901234567890,"oauth_token_secret":1.50e1}`,
			`{"oauth_token":"12345678901234567890","oauth_token_secret":"1.50e1"} json `},
		{"json suffix", "application/hal+json; charset=utf-8", 200, `{"oauth_token":"a","oauth_token_secret":"b"}`, `{"oauth_token":"a","oauth_token_secret":"b"} json `},
		{"xml", x, 200, `<?xml version="1.0"?><t:answer a="1"><t:oauth_token> a </t:oauth_token><oauth_token_secret><![CDATA[b&c]]></oauth_token_secret><u><n>1</n></u></t:answer>`,
			`{"oauth_token":"a","oauth_token_secret":"b&c","u":{"n":"1"}} xml `},
		{"xml without label", "text/plain", 200, `<r><oauth_token>a</oauth_token><oauth_token_secret/></r>`, `{"oauth_token":"a","oauth_token_secret":""} xml `},
		{"xml declared encoding", x, 200, "<?xml version='1.0' encoding='latin1'?><r><oauth_token>\xe9</oauth_token><oauth_token_secret/></r>", `{"oauth_token":"é","oauth_token_secret":""} xml `},
		{"xml repeated", x, 200, `<r><oauth_token>a</oauth_token><oauth_token>b</oauth_token><oauth_token_secret>c</oauth_token_secret></r>`,
			`{"oauth_token":"a","oauth_token_secret":"c"} xml oauth1/repeated-field`},
		{"form repeated", form, 200, "oauth_token=a&oauth_token=b&oauth_token_secret=c", `{"oauth_token":"a","oauth_token_secret":"c"} urlencoded oauth1/repeated-field`},
		{"json label, form body", js, 200, "oauth_token=a&oauth_token_secret=b", `{"oauth_token":"a","oauth_token_secret":"b"} urlencoded oauth1/content-type-mismatch`},
		{"form label, json body", form, 200, `{"oauth_token":"a","oauth_token_secret":"b"}`, `{"oauth_token":"a","oauth_token_secret":"b"} json oauth1/content-type-mismatch`},
		{"xml label, json body", x, 200, `{"oauth_token":"a","oauth_token_secret":"b"}`, `{"oauth_token":"a","oauth_token_secret":"b"} json oauth1/content-type-mismatch`},
		{"form label, xml body", form, 200, `<r><oauth_token>a</oauth_token><oauth_token_secret>b</oauth_token_secret></r>`,
			`{"oauth_token":"a","oauth_token_secret":"b"} xml oauth1/content-type-mismatch`},
		{"missing token", form, 200, "oauth_token_secret=b", bad + "the token answer has no field oauth_token with a text"},
		{"empty token", form, 200, "oauth_token=&oauth_token_secret=b", bad + "the token answer has no field oauth_token with a text"},
		{"missing secret", form, 200, "oauth_token=a", bad + "the token answer has no field oauth_token_secret with a text"},
		{"secret of another type", js, 200, `{"oauth_token":"a","oauth_token_secret":null}`, bad + "the token answer has no field oauth_token_secret with a text"},
		{"json list", js, 200, `["oauth_token"]`, bad + "the token answer (status 200) cannot be read as json"},
		{"trailing comma", js, 200, `{"oauth_token":"a","oauth_token_secret":"b",}`, bad + "the token answer (status 200) cannot be read as json"},
		{"html page", "text/html", 200, `<html><body>oauth_token</body></html>`, bad + "the token answer is an HTML page, expected oauth_token and oauth_token_secret"},
		{"html document", x, 200, "<!DOCTYPE HTML><html></html>", bad + "the token answer is an HTML page, expected oauth_token and oauth_token_secret"},
		{"document type", x, 200, `<!DOCTYPE r><r><oauth_token>a</oauth_token><oauth_token_secret/></r>`, bad + "the token answer (status 200) cannot be read as xml"},
		{"empty", "", 200, "", bad + "the token answer has no field oauth_token with a text"},
		{"problem with 200", form, 200, "oauth_problem=token_expired", "error  RuntimeError [200] OK: token_expired"},
		{"problem with tokens", form, 200, "oauth_token=a&oauth_token_secret=b&oauth_problem=x", "error  RuntimeError [200] OK: x"},
		{"401 problem", form, 401, "oauth_problem_advice=try&oauth_problem=consumer_key_unknown", "error  RuntimeError [401] Unauthorized: consumer_key_unknown"},
		{"400 advice", "", 400, "oauth_problem=&oauth_problem_advice=try+it", "error  RuntimeError [400] Bad Request: try it"},
		{"403 json", js, 403, `{"error":"","message":"no way"}`, "error  RuntimeError [403] Forbidden: no way"},
		{"429 plain", "text/plain", 429, "slow down", "error  RateLimitError [429] Too Many Requests"},
		{"503 page", "text/html", 503, "<html>", "error  ConnectionError [503] Service Unavailable"},
		{"401 xml", x, 401, "<e><error>bad key</error></e>", "error  RuntimeError [401] Unauthorized: bad key"},
		{"401 mislabelled", js, 401, "error=bad+key", "error  RuntimeError [401] Unauthorized: bad key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tokenText(tt.contentType, tt.status, tt.body, nil); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func tokenText(contentType string, status int, body string, o *TokenOptions) string {
	a, err := ParseToken(contentType, status, body, o)
	var token *TokenError
	if errors.As(err, &token) {
		message, _, _ := strings.Cut(token.Message, ";")
		return "error " + token.Code + " " + token.Type + " " + message
	}
	if err != nil {
		return "error " + err.Error()
	}
	return jsonOf(a.Fields) + " " + a.Kind + " " + strings.Join(a.Traces, ",")
}

func TestTrailingCommas(t *testing.T) {
	o := &TokenOptions{TrailingCommas: true}
	tests := []struct{ body, want string }{
		{`{"oauth_token":"a,}","oauth_token_secret":"b\",]" , "l":[1, 2 , ] , }`, `{"oauth_token":"a,}","oauth_token_secret":"b\",]","l":[1,2]} json ZAP501`},
		{`{"oauth_token":"a","oauth_token_secret":"b"}`, `{"oauth_token":"a","oauth_token_secret":"b"} json `},
		{`{"oauth_token":7,"oauth_token_secret":8,}`, `{"oauth_token":"7","oauth_token_secret":"8"} json ZAP501`},
		{`{"oauth_token":"a",,}`, "error oauth1/bad-token-answer DataError the token answer (status 200) cannot be read as json"},
	}
	for _, tt := range tests {
		if got := tokenText("application/json", 200, tt.body, o); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestTokenFields(t *testing.T) {
	for text, want := range map[string]int64{"3600": 3600, "0": -1, "-5": -1, "x": -1, "": -1, "1.9": 1, "1e999": -1, "NaN": -1} {
		a, err := ParseToken("", 200, "oauth_token=tk&oauth_token_secret=ts&oauth_expires_in="+text, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := a.ExpiresIn()
		if !ok {
			got = -1
		}
		if got != want || a.Token() != "tk" || a.Secret() != "ts" {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	deep := strings.Repeat("[", 251) + strings.Repeat("]", 251)
	_, err := ParseToken("application/json", 200, `{"oauth_token":"a","oauth_token_secret":"b","d":`+deep+`}`, nil)
	var limit *LimitError
	if !errors.As(err, &limit) {
		t.Errorf("deep answer: %v", err)
	}
}
