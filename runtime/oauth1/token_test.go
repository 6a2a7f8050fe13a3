package oauth1_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// shown writes an answer as format, fields and notes.
func shown(a *oauth1.TokenAnswer) string {
	var write func(b *strings.Builder, fields []oauth1.TokenField)
	write = func(b *strings.Builder, fields []oauth1.TokenField) {
		for i, f := range fields {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(f.Name + "=")
			if f.Fields != nil {
				b.WriteByte('{')
				write(b, f.Fields)
				b.WriteByte('}')
				continue
			}
			b.WriteString(f.Text)
			if f.JSON != nil && f.JSON[0] != '"' {
				b.WriteString("!") // typed
			}
		}
	}
	var b strings.Builder
	b.WriteString(a.Format + ": ")
	write(&b, a.Fields)
	for _, n := range a.Notes {
		b.WriteString(" #" + strings.TrimPrefix(string(n), "oauth1/"))
	}
	return b.String()
}

// outcome writes an answer, or its error as code, reason, missing field and the provider's words.
func outcome(status int, contentType, body string, o oauth1.TokenOptions) string {
	a, err := oauth1.ParseTokenAnswer(status, contentType, body, o)
	var token *oauth1.TokenError
	if errors.As(err, &token) {
		problem := ""
		if token.Problem != nil {
			problem = string(token.Problem.Code)
		}
		return strings.TrimRight(fmt.Sprintf("%s %s %s %s %s", token.Code(), token.Reason, token.Missing, token.Detail, problem), " ")
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return shown(a)
}

// TestTokenRules holds the rules of spec dialects.md §1.3.
func TestTokenRules(t *testing.T) {
	const js, x = "application/json", "application/xml"
	const bad = "oauth1/bad-token-answer "
	lenient := oauth1.TokenOptions{TrailingCommas: true}
	for _, c := range []struct {
		name, contentType string
		status            int
		options           oauth1.TokenOptions
		body, want        string
	}{
		{name: "form", contentType: form, body: "oauth_token=a%2Fb&oauth_token_secret=c+d&x=%zz", want: "form: oauth_token=a/b oauth_token_secret=c d x=%zz"},
		{name: "text label", contentType: "text/plain", body: "\n oauth_token=a&oauth_token_secret=\n", want: "form: oauth_token=a oauth_token_secret="},
		{name: "byte order mark", contentType: "text/html", status: 201, body: "\ufeff oauth_token=a&oauth_token_secret=b\n", want: "form: oauth_token=a oauth_token_secret=b"},
		{name: "order is kept", contentType: form, body: "z=1&oauth_token_secret=b&oauth_token=a&a=2", want: "form: z=1 oauth_token_secret=b oauth_token=a a=2"},
		{name: "no label json", body: ` {"oauth_token":"a","oauth_token_secret":"b","n":9007199254740993,"o":{"k":[1]},"u":null}`,
			want: `json: oauth_token=a oauth_token_secret=b n=9007199254740993! o={"k":[1]}! u=!`},
		{name: "json numbers", contentType: js, body: `{"oauth_token":12345678901234567890,"oauth_token_secret":1.50e1}`, want: "json: oauth_token=12345678901234567890! oauth_token_secret=1.50e1!"},
		{name: "json suffix", contentType: "application/hal+json; charset=utf-8", body: `{"oauth_token":"\u00e9","oauth_token_secret":"b"}`, want: "json: oauth_token=é oauth_token_secret=b"},
		{name: "xml", contentType: x, body: `<?xml version="1.0"?><t:answer a="1"><t:oauth_token> a </t:oauth_token><oauth_token_secret><![CDATA[b&c]]></oauth_token_secret><u> <n>1</n><n>2</n><m><k/></m> </u></t:answer>`,
			want: "xml: oauth_token=a oauth_token_secret=b&c u={n=1 m={k=}} #repeated-field"},
		{name: "xml without label", contentType: "text/plain", body: `<r><oauth_token>a</oauth_token><oauth_token_secret/></r>`, want: "xml: oauth_token=a oauth_token_secret="},
		{name: "xml declared encoding", contentType: x, body: "<?xml version='1.0' encoding='latin1'?><r><oauth_token>\xe9</oauth_token><oauth_token_secret/></r>", want: "xml: oauth_token=é oauth_token_secret="},
		{name: "xml repeated", contentType: x, body: `<r><oauth_token>a</oauth_token><oauth_token>b</oauth_token><oauth_token_secret>c</oauth_token_secret></r>`,
			want: "xml: oauth_token=a oauth_token_secret=c #repeated-field"},
		{name: "form repeated", contentType: form, body: "oauth_token=a&oauth_token=b&oauth_token_secret=c&x=1&x=2", want: "form: oauth_token=a oauth_token_secret=c x=1 #repeated-field"},
		{name: "json label, form body", contentType: js, body: "oauth_token=a&oauth_token_secret=b", want: "form: oauth_token=a oauth_token_secret=b #content-type-mismatch"},
		{name: "form label, json body", contentType: form, body: `{"oauth_token":"a","oauth_token_secret":"b"}`, want: "json: oauth_token=a oauth_token_secret=b #content-type-mismatch"},
		{name: "xml label, json body", contentType: x, body: `{"oauth_token":"a","oauth_token_secret":"b"}`, want: "json: oauth_token=a oauth_token_secret=b #content-type-mismatch"},
		{name: "form label, xml body", contentType: form, body: `<r><oauth_token>a</oauth_token><oauth_token_secret>b</oauth_token_secret></r>`, want: "xml: oauth_token=a oauth_token_secret=b #content-type-mismatch"},
		{name: "missing token", contentType: form, body: "oauth_token_secret=b", want: bad + "incomplete oauth_token"},
		{name: "empty token", contentType: form, body: "oauth_token=&oauth_token_secret=b", want: bad + "incomplete oauth_token"},
		{name: "null token", contentType: js, body: `{"oauth_token":null,"oauth_token_secret":"hidden"}`, want: bad + "incomplete oauth_token"},
		{name: "token of another type", contentType: js, body: `{"oauth_token":true,"oauth_token_secret":"hidden"}`, want: bad + "incomplete oauth_token"},
		{name: "xml token with children", contentType: x, body: `<r><oauth_token><a/></oauth_token><oauth_token_secret/></r>`, want: bad + "incomplete oauth_token"},
		{name: "missing secret", contentType: form, body: "oauth_token=a", want: bad + "incomplete oauth_token_secret"},
		{name: "secret of another type", contentType: js, body: `{"oauth_token":"a","oauth_token_secret":null}`, want: bad + "incomplete oauth_token_secret"},
		{name: "json list", contentType: js, body: `["oauth_token"]`, want: bad + "unreadable"},
		{name: "json and more", contentType: js, body: `{"oauth_token":"a","oauth_token_secret":"b"} x`, want: bad + "unreadable"},
		{name: "html page", contentType: "text/html", body: `<html><body>oauth_token</body></html>`, want: bad + "html page"},
		{name: "html document", contentType: x, body: "<!DOCTYPE HTML><html></html>", want: bad + "html page"},
		{name: "html page called json", contentType: js, body: "<HTML><p>x", want: bad + "html page"},
		{name: "document type", contentType: x, body: `<!DOCTYPE r [<!ENTITY x "y">]><r><oauth_token>&x;</oauth_token><oauth_token_secret/></r>`, want: bad + "unreadable"},
		{name: "empty", want: bad + "incomplete oauth_token"},
		{name: "trailing comma", contentType: js, body: `{"oauth_token":"a","oauth_token_secret":"b",}`, want: bad + "unreadable"},
		{name: "trailing commas accepted", contentType: js, options: lenient, body: `{"oauth_token":"a,}","oauth_token_secret":"b\",]" , "l":[1, 2 , ] , }`, want: `json: oauth_token=a,} oauth_token_secret=b",] l=[1, 2  ]! #trailing-comma`},
		{name: "no trailing comma", contentType: js, options: lenient, body: `{"oauth_token":"a","oauth_token_secret":"b"}`, want: "json: oauth_token=a oauth_token_secret=b"},
		{name: "numbers and a comma", contentType: js, options: lenient, body: `{"oauth_token":7,"oauth_token_secret":8,}`, want: "json: oauth_token=7! oauth_token_secret=8! #trailing-comma"},
		{name: "two commas", contentType: js, options: lenient, body: `{"oauth_token":"a",,}`, want: bad + "unreadable"},
		{name: "problem with 200", contentType: form, body: "oauth_problem=token_expired", want: "oauth1/refused refused  token_expired token_expired"},
		{name: "problem with tokens", contentType: form, body: "oauth_token=a&oauth_token_secret=b&oauth_problem=x", want: "oauth1/refused refused  x x"},
		{name: "no problem", contentType: js, body: `{"oauth_token":"a","oauth_token_secret":"b","oauth_problem":null}`, want: "json: oauth_token=a oauth_token_secret=b oauth_problem=!"},
		{name: "401 problem", contentType: form, status: 401, body: "oauth_problem_advice=try&oauth_problem=consumer_key_unknown", want: " failed  consumer_key_unknown consumer_key_unknown"},
		{name: "400 advice", status: 400, body: "oauth_problem=&oauth_problem_advice=try+it", want: " failed  try it"},
		{name: "403 json", contentType: js, status: 403, body: `{"error":"","message":"no way"}`, want: " failed  no way"},
		{name: "429 plain", contentType: "text/plain", status: 429, body: "slow down", want: " failed"},
		{name: "503 page", contentType: "text/html", status: 503, body: "<html>", want: " failed"},
		{name: "401 xml", contentType: x, status: 401, body: "<e><error>bad key</error></e>", want: " failed  bad key"},
		{name: "401 mislabelled", contentType: js, status: 401, body: "error=bad+key", want: " failed  bad key"},
		{name: "deep json", contentType: js, body: `{"oauth_token":"a","d":` + strings.Repeat("[", 250) + strings.Repeat("]", 250) + `}`, want: "error: limit/nesting: the limit on nesting is reached (250)"},
		{name: "deep xml", contentType: x, body: strings.Repeat("<a>", 251), want: "error: limit/nesting: the limit on nesting is reached (250)"},
		{name: "own depth", contentType: js, options: oauth1.TokenOptions{MaxDepth: 1}, body: `{"oauth_token":"a","d":[]}`, want: "error: limit/nesting: the limit on nesting is reached (1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status := c.status
			if status == 0 {
				status = 200
			}
			got := outcome(status, c.contentType, c.body, c.options)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			_, err := oauth1.ParseTokenAnswer(status, c.contentType, c.body, c.options)
			if err != nil && (strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "no way")) {
				t.Errorf("the error shows the answer: %v", err)
			}
		})
	}
}

func TestTokenAnswerFields(t *testing.T) {
	a, err := oauth1.ParseTokenAnswer(200, "", "oauth_token=a&oauth_token_secret=hidden&oauth_callback_confirmed=true&oauth_session_handle=h&oauth_expires_in=60&oauth_authorization_expires_in=-1", oauth1.TokenOptions{})
	if err != nil || !a.CallbackConfirmed || a.SessionHandle != "h" || a.ExpiresIn != 60 || a.AuthorizationExpiresIn != 0 {
		t.Errorf("%+v %v", a, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(text, "hidden") {
		t.Error(text)
	}
	now := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	if got := a.Expires(now); got != now.Add(time.Minute) || !a.AuthorizationExpires(now).IsZero() {
		t.Errorf("expires %v", got)
	}
	for text, want := range map[string]int64{"3600": 3600, "0": 0, "-5": 0, "x": 0, "": 0, "1.9": 1, "1e999": 0, "NaN": 0, "0.5": 0, "1e3": 1000} {
		a, err := oauth1.ParseTokenAnswer(200, media.Form, "oauth_token=tk&oauth_token_secret=ts&oauth_expires_in="+text, oauth1.TokenOptions{})
		if err != nil || a.ExpiresIn != want {
			t.Errorf("%q: %d, want %d (%v)", text, a.ExpiresIn, want, err)
		}
	}
	a.ExpiresIn = 1 << 53
	if got := a.Expires(now); got.Year() != 2123 {
		t.Errorf("a lifetime beyond all bounds ends in %d", got.Year())
	}
	_, err = oauth1.ParseTokenAnswer(401, media.Form, "oauth_problem=timestamp_refused", oauth1.TokenOptions{})
	if !errors.Is(err, oauth1.TimestampRefused) {
		t.Errorf("error %v is not its problem", err)
	}
}

// TestTokenReserve: every form asks for memory in proportion, and the error of who gives it comes back as it is.
func TestTokenReserve(t *testing.T) {
	full := &limit.Error{Name: "memory", Limit: 1 << 16, Code: limit.CodeOther}
	for _, body := range []string{
		"oauth_token=a&oauth_token_secret=b" + strings.Repeat("&=", 10_000),
		`{"oauth_token":"a","oauth_token_secret":"b"` + strings.Repeat(`,"":0`, 10_000) + "}",
		"<r><oauth_token>a</oauth_token>" + strings.Repeat("<a/>", 10_000) + "</r>",
	} {
		left := int64(full.Limit)
		_, err := oauth1.ParseTokenAnswer(200, "", body, oauth1.TokenOptions{Reserve: func(n int64) error {
			if left -= n; left < 0 {
				return full
			}
			return nil
		}})
		if err != full {
			t.Errorf("%.20s…: %v", body, err)
		}
	}
}
