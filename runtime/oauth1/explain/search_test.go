package explain_test

import (
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// BenchmarkExplainWrongSecret is the longest search: nothing matches.
func BenchmarkExplainWrongSecret(b *testing.B) {
	req := post(form, "status=Hello%20Ladies%20%2B%20Gentlemen&include_entities=true&lat=37.7821120598956&long=-122.400612831116&display_coordinates=false&trim_user=1")
	in := explain.Input{
		Params: oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"}, Request: req, Nonce: "n", Timestamp: 1,
		Foreign: &explain.Foreign{Authorization: `OAuth oauth_consumer_key="ck",oauth_nonce="n",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1",oauth_token="tk",oauth_version="1.0",oauth_signature="eA%3D%3D"`},
	}
	for b.Loop() {
		if d := explain.Explain(in).Difference; d == nil || d.Causes[0].ID != "wrong-secret" {
			b.Fatal(d)
		}
	}
}

func FuzzExplain(f *testing.F) {
	f.Add("GET", "https://a.example/x?y=1", "text/plain", "a=1", `OAuth oauth_nonce="1",oauth_signature="x"`, "GET&http&a=1")
	f.Add("", "x", media.Form, "x_auth_password=hunter2", "OAuth", "&&")
	f.Fuzz(func(t *testing.T, method, url, contentType, body, header, base string) {
		in := explain.Input{
			Params:  oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "s", Token: "t", TokenSecret: "u"},
			Request: oauth1.Request{Method: method, URL: url, ContentType: contentType, Body: []byte(body)},
			Foreign: &explain.Foreign{Authorization: header, BaseString: base},
		}
		e := explain.Explain(in)
		if e.Difference != nil {
			_ = e.Difference.String()
		}
		if (e.Err == nil) == (e.Trace == nil) {
			t.Error("neither trace nor error")
		}
	})
}
