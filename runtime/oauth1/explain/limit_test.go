package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// TestTooLong holds that what would take too long to explain is refused before anything is tried on it.
func TestTooLong(t *testing.T) {
	many := strings.Repeat("a=b&", MaxParams+1)
	for name, in := range map[string]Input{
		"address": {Request: oauth1.Request{URL: "https://a.test/?" + strings.Repeat("a", MaxBytes)}},
		"names":   {Request: oauth1.Request{URL: "https://a.test/?" + many}},
		"form":    {Request: oauth1.Request{URL: "https://a.test/", ContentType: "application/x-www-form-urlencoded", Body: []byte(many)}},
		"header":  {Request: oauth1.Request{URL: "https://a.test/"}, Foreign: &Foreign{Authorization: "OAuth " + strings.Repeat(`a="b",`, MaxParams+1)}},
		"base":    {Request: oauth1.Request{URL: "https://a.test/"}, Foreign: &Foreign{BaseString: "GET&a&" + strings.Repeat("a%3Db%26", MaxParams+1)}},
	} {
		if e := Explain(in); e.Err == nil || !strings.Contains(e.Err.Error(), "too long to be explained") {
			t.Errorf("%s: got %v", name, e.Err)
		}
	}
	plain := Input{Request: oauth1.Request{URL: "https://a.test/", ContentType: "application/json", Body: []byte(many)}}
	if e := Explain(plain); e.Err != nil && strings.Contains(e.Err.Error(), "too long") {
		t.Errorf("a body that is not signed counts: %v", e.Err)
	}
}

// TestManyPasswords: each is looked for in everything that is shown, so there may not be many.
func TestManyPasswords(t *testing.T) {
	for n, refused := range map[int]bool{maxPasswords: false, maxPasswords + 1: true} {
		form := ""
		for i := range n {
			form += fmt.Sprintf("x_auth_password=secret-%d&", i)
		}
		e := Explain(Input{Request: oauth1.Request{Method: "POST", URL: "https://a.test/", ContentType: media.Form, Body: []byte(strings.Repeat(form, 2))}})
		if (e.Err != nil) != refused || strings.Contains(fmt.Sprint(e), "secret-") {
			t.Errorf("%d passwords: %+v", n, e)
		}
	}
}

// long is a request with a form or another body, and a header of somebody else with further parameters.
func long(query, contentType, body, header string) Input {
	return Input{
		Params:  oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"},
		Request: oauth1.Request{Method: "POST", URL: "https://a.test/?" + query, ContentType: contentType, Body: []byte(body)},
		Foreign: &Foreign{Authorization: `OAuth oauth_consumer_key="ck",oauth_nonce="n",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1",oauth_token="tk",oauth_version="1.0"` + header + `,oauth_signature="eA%3D%3D"`},
	}
}

// TestLongSearch: however long a request is and whatever it has many of, the search ends soon, and says when that is before
// its end.
func TestLongSearch(t *testing.T) {
	const most = 1 << 20
	count := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	fill := func(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
	words := fill("oauth_problem=<<😀|\n  &", 12_000)
	part := "--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nhi\r\n"
	for name, in := range map[string]Input{
		"words":             long(words, media.Form, words, fill(`,a="<<😀|"`, 12_000)),
		"bytes":             long("", media.Form, fill("\xff", 60_000), ""),
		"pairs":             long(fill("a&", 2_000), media.Form, fill("a&", 1_500), ""),
		"names in a header": long("", "", "", count(1_900, `,a%d="%%25"`)),
		"pairs of mistakes": long("", "", "", count(64, `,a%d=""`)),
		"a body of pairs":   long("", "text/plain", fill("a&", most), ""),
		"a body of signs":   long("", "text/plain", fill("%", most), ""),
		"lists in JSON":     long("", "application/json", `{"a":[`+fill("[],", most)+"[]]}", ""),
		"names in JSON":     long("", "application/json", "{"+count(60_000, `"%d":{"a":1},`)+`"z":1}`, ""),
		"parts":             long("", `multipart/form-data; boundary="b"`, fill(part, most)+"--b--", ""),
	} {
		t.Run(name, func(t *testing.T) {
			begin := cputime.Now()
			e := Explain(in)
			took := cputime.Since(begin)
			if e.Err != nil || e.Difference == nil || !e.Difference.Unfinished || !strings.Contains(e.Difference.String(), "\nnot every known mistake was tried") {
				t.Errorf("%v, %v", e.Err, e.Difference)
			}
			t.Log(took)
			if took > race.Slowdown*2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestLongFound: of a long request too the mistakes are found that are met most often, and those of the key.
func TestLongFound(t *testing.T) {
	in := long("", media.Form, "media="+strings.Repeat("ab%2Bcd%2F", 6_000), "")
	for want, other := range map[string]func(in *Input){
		"token-secret-missing": func(in *Input) { in.Params.TokenSecret = "" },
		"wrong-scheme":         func(in *Input) { in.Request.URL = "http" + strings.TrimPrefix(in.Request.URL, "https") },
	} {
		foreign := in
		foreign.Foreign, foreign.Nonce, foreign.Timestamp = nil, "n", 1
		other(&foreign)
		in.Foreign = &Foreign{Authorization: Explain(foreign).Authorization}
		if d := Explain(in).Difference; d == nil || d.Causes[0].ID != want || !d.Causes[0].Certain || d.Unfinished {
			t.Errorf("expected %s: %v", want, d)
		}
	}
}
