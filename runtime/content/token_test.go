package content

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

func TestTokenValue(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"z=1&oauth_token=a%ff&oauth_token_secret=", `{"z":"1","oauth_token":"a\ufffd","oauth_token_secret":""}`},
		{`{"oauth_token":12345678901234567890,"oauth_token_secret":1.50e1,"n":9007199254740993,"o":{"k":[1,null]},"u":null,"t":"x"}`,
			`{"oauth_token":"12345678901234567890","oauth_token_secret":"1.50e1","n":9007199254740993,"o":{"k":[1,null]},"u":null,"t":"x"}`},
		{`<r><oauth_token>a</oauth_token><oauth_token_secret/><u><n>1</n><m><k> x </k></m></u></r>`,
			`{"oauth_token":"a","oauth_token_secret":"","u":{"n":"1","m":{"k":"x"}}}`},
	} {
		a, err := oauth1.ParseTokenAnswer(200, "", c.body, (*ParseOptions)(nil).TokenOptions(false))
		if err != nil {
			t.Fatal(err)
		}
		v, err := TokenValue(a, nil)
		want := strings.ReplaceAll(c.want, `\ufffd`, "\ufffd")
		if got := jsonOf(v); got != want || err != nil {
			t.Errorf("got  %s (%v)\nwant %s", got, err, want)
		}
	}
	o := &ParseOptions{MaxItems: 2}
	a, err := oauth1.ParseTokenAnswer(200, "", `{"oauth_token":"a","oauth_token_secret":"b","l":[1,2,3]}`, o.TokenOptions(false))
	if err != nil {
		t.Fatal(err)
	}
	var reached *limit.Error
	if _, err := TokenValue(a, o); !errors.As(err, &reached) {
		t.Errorf("error %v", err)
	}
}

func TestTokenOptions(t *testing.T) {
	left := meter(10)
	o := &ParseOptions{MaxDepth: 7, Meter: &left}
	got := o.TokenOptions(true)
	if got.MaxDepth != 7 || !got.TrailingCommas || got.Reserve(11) != errFull {
		t.Errorf("%+v", got)
	}
}
