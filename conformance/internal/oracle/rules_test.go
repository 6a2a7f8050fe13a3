package oracle

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestQueryModes holds the tables of spec make.md §7.2 and the sentences of dialects.md §3.4.
func TestQueryModes(t *testing.T) {
	tests := []struct {
		mode                ast.QueryMode
		query, params, want string
	}{
		{ast.QueryReplace, "x=1", `{}`, ""},
		{ast.QueryReplace, "x=1", `{"y":["b c",null,2],"z":""}`, "y=b%20c&y=2&z="},
		{ast.QueryReplace, "", `{"o":{"a":[1,2],"n":null},"l":[[1,2]],"e":[]}`, "o%5Ba%5D=1&o%5Ba%5D=2&l=1%2C2"},
		{ast.QueryOverride, "x=1", `{}`, "x=1"},
		{ast.QueryOverride, "x=1&y=0", `{"y":2}`, "x=1&y=2"},
		{ast.QueryOverride, "x=%2f+&y=0&y=1&z", `{"y":[2,3]}`, "x=%2f+&z&y=2&y=3"},
		{ast.QueryAppend, "x=1", `{"x":2}`, "x=1&x=2"},
		{ast.QueryMerge, "fields=id", `{"lang":"en","fields":"id,username","board":""}`, "lang=en&fields=id&board="},
		{ast.QueryMerge, "b=1+2&b=3&c", `{"a":1,"b":[7,8]}`, "a=1&b=1%202&b=3&c="},
	}
	for _, tt := range tests {
		if got := addQuery(tt.query, object(t, tt.params), tt.mode); got != tt.want {
			t.Errorf("mode %d of %q with %s: %q, want %q", tt.mode, tt.query, tt.params, got, tt.want)
		}
	}
	if got := fillQuery("x=1", object(t, `{"x":2,"y":3}`)); got != "x=1&y=3" {
		t.Errorf("filled to %q", got)
	}
}

// TestHeaders holds spec make.md §7.3 and §26.10.
func TestHeaders(t *testing.T) {
	spec := New(&ast.Connection{}, (&world{t: t}).host("n", 1))
	r := spec.begin(context.Background(), Connection{})
	base := &ast.Request{Headers: tree(t, `{"x-a": 1, "X-B": "base", "x-c": "c"}`)}
	tests := map[string]struct {
		own  ast.Value
		want string
	}{
		"later spelling":      {tree(t, `{"x-api-KEY": 1, "X-Api-Key": [2, null, 3], "x-api-key": null, "Connection": "close"}`), "X-A=1 X-B=base X-C=c X-Api-Key=2 X-Api-Key=3"},
		"over Base":           {tree(t, `{"X-b": "own", "X-C": null}`), "X-A=1 X-B=own"},
		"template for all":    {text(`{{parseJSON("{""X-D"": 1}")}}`), "X-D=1"},
		"template of nothing": {text("{{undefined}}"), "X-A=1 X-B=base X-C=c"},
	}
	for name, tt := range tests {
		h := r.headerOf(nil, r.headers(layers{base, {Headers: tt.own}}))
		if r.err != nil {
			t.Fatal(r.err)
		}
		got := ""
		for _, f := range h {
			got += f.Name + "=" + f.Value + " "
		}
		if want := tt.want + " "; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{`{"a b": 1}`, `{"a": "x\r\ny"}`, `{"Host": "a/b"}`} {
		r.headerOf(nil, r.headers(layers{{Headers: tree(t, bad)}}))
		if r.err == nil {
			t.Errorf("%s is accepted", bad)
		}
		r.err = nil
	}
}

// TestTokenAnswers holds the rules of spec dialects.md §1.3.
func TestTokenAnswers(t *testing.T) {
	tests := map[string]struct {
		reply
		lenient bool
		want    string // the fields, or the error
		events  []string
	}{
		"form as HTML":           {reply{200, "text/html", "oauth_token=a+b&oauth_token_secret=&n=1"}, false, `{"oauth_token":"a b","oauth_token_secret":"","n":"1"}`, nil},
		"the first counts":       {reply{201, "", "oauth_token=a&oauth_token=b&oauth_token_secret=s"}, false, `{"oauth_token":"a","oauth_token_secret":"s"}`, []string{"oauth1/repeated-field"}},
		"JSON numbers":           {reply{200, "application/vnd.x+json; a=b", `{"oauth_token":12345678901234567890,"oauth_token_secret":1.50,"n":9007199254740993}`}, false, `{"oauth_token":"12345678901234567890","oauth_token_secret":"1.50","n":9007199254740993}`, nil},
		"XML":                    {reply{200, "text/xml", `<?xml version="1.0"?><r><x:oauth_token xmlns:x="u"> t </x:oauth_token><oauth_token_secret><![CDATA[s]]></oauth_token_secret><u><id>1</id></u></r>`}, false, `{"oauth_token":"t","oauth_token_secret":"s","u":{"id":"1"}}`, nil},
		"JSON that says form":    {reply{200, "application/x-www-form-urlencoded", `{"oauth_token":"t","oauth_token_secret":"s"}`}, false, `{"oauth_token":"t","oauth_token_secret":"s"}`, []string{"oauth1/content-type-mismatch"}},
		"form that says JSON":    {reply{200, "application/json", "oauth_token=t&oauth_token_secret=s"}, false, `{"oauth_token":"t","oauth_token_secret":"s"}`, []string{"oauth1/content-type-mismatch"}},
		"trailing comma":         {reply{200, "application/json", `{"oauth_token":"t,}","oauth_token_secret":"s",}`}, true, `{"oauth_token":"t,}","oauth_token_secret":"s"}`, []string{"oauth1/trailing-comma"}},
		"trailing comma refused": {reply{200, "application/json", `{"oauth_token":"t","oauth_token_secret":"s",}`}, false, "DataError oauth1/bad-token-answer", nil},
		"page":                   {reply{200, "text/html", "<html><body>no</body></html>"}, false, "DataError oauth1/bad-token-answer", nil},
		"document type":          {reply{200, "text/xml", "<!DOCTYPE r [<!ENTITY a 'b'>]><r><oauth_token>t</oauth_token><oauth_token_secret>s</oauth_token_secret></r>"}, false, "DataError oauth1/bad-token-answer", nil},
		"no secret":              {reply{200, "", "oauth_token=t"}, false, "DataError oauth1/bad-token-answer", nil},
		"empty token":            {reply{200, "", "oauth_token=&oauth_token_secret=s"}, false, "DataError oauth1/bad-token-answer", nil},
		"problem with 200":       {reply{200, "", "oauth_problem=token_used"}, false, "RuntimeError oauth1/refused [200] OK: token_used", nil},
		"problem with 401":       {reply{401, "", "oauth_problem=token_used"}, false, "X oauth1/token-used [401] Unauthorized: token_used", nil},
		"message with 400":       {reply{400, "application/json", `{"error":"","message":"no"}`}, false, "X  [400] Bad Request: no", nil},
		"anything with 500":      {reply{500, "text/html", "<html/>"}, false, "X  [500] Internal Server Error", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, answers: []reply{tt.reply}}
			kind := ast.ParseToken
			if tt.lenient {
				kind = ast.ParseTokenLenient
			}
			spec := New(&ast.Connection{Stages: []*ast.Stage{{Requests: []*ast.Request{{URL: text("https://api.example.test/"), Response: &ast.Response{
				Type: &ast.ResponseType{Value: ast.Parser{Kind: kind}}, DataFields: []string{"*"}}, Verdict: &ast.Verdict{
				Accept: []ast.StatusRange{{First: 200, Last: 299}}, OnStatus: []ast.StatusFailure{{First: 1, Last: 999, Failure: ast.Failure{Type: "X"}}}}}}}}}, w.host("n", 1))
			step, err := spec.Authorize(context.Background(), Grant{})
			got := ""
			if err != nil {
				f := err.(*Failure)
				if got = f.Type + " " + f.Code; f.Code != "oauth1/bad-token-answer" {
					got += " " + f.Message
				}
			} else {
				got = jsonOf(step.Connection.Data)
			}
			if got != tt.want || !slices.Equal(w.events, tt.events) {
				t.Errorf("%s with events %q, want %s with %q", got, w.events, tt.want, tt.events)
			}
		})
	}
}

// TestOAuthLevels holds spec make.md §12.2 and the comments of ast.OAuth.
func TestOAuthLevels(t *testing.T) {
	root := &ast.OAuth{ConsumerKey: text("root"), ConsumerSecret: text("cs"), Verifier: text("v"), Realm: text("R")}
	tests := map[string]struct {
		levels  []*ast.OAuth
		calling bool
		want    map[string]string
	}{
		"undefined shows through": {[]*ast.OAuth{root, {ConsumerKey: text("{{undefined}}"), Token: text("t")}}, false,
			map[string]string{"consumer_key": "root", "consumer_secret": "cs", "verifier": "v", "realm": "R", "token": "t"}},
		"null removes":         {[]*ast.OAuth{root, {ConsumerKey: text("{{null}}"), Realm: text("")}}, false, map[string]string{"consumer_secret": "cs", "verifier": "v"}},
		"secrets may be empty": {[]*ast.OAuth{root, {ConsumerSecret: text(""), TokenSecret: text("")}}, false, map[string]string{"consumer_key": "root", "consumer_secret": "", "token_secret": "", "verifier": "v", "realm": "R"}},
		"no flow in calls":     {[]*ast.OAuth{root, {Verifier: text("own")}}, true, map[string]string{"consumer_key": "root", "consumer_secret": "cs", "verifier": "own", "realm": "R"}},
		"off clears":           {[]*ast.OAuth{root, {Off: true}, {Token: text("t")}}, false, map[string]string{"token": "t"}},
		"whole":                {[]*ast.OAuth{root, {Whole: tree(t, `{"token": "w", "realm": null, "zzz": 1}`)}}, false, map[string]string{"consumer_key": "root", "consumer_secret": "cs", "verifier": "v", "token": "w"}},
		"whole false clears":   {[]*ast.OAuth{root, {Whole: text("{{false}}")}}, false, map[string]string{}},
		"whole of nothing":     {[]*ast.OAuth{root, {Whole: text("{{undefined}}")}}, true, map[string]string{"consumer_key": "root", "consumer_secret": "cs", "realm": "R"}},
	}
	for name, tt := range tests {
		spec := New(&ast.Connection{}, (&world{t: t}).host("n", 1))
		r := spec.begin(context.Background(), Connection{})
		r.calling = tt.calling
		k := r.laid(tt.levels...)
		k.prune()
		got := map[string]string{}
		for name := range k.of {
			got[name] = k.text(name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestTokenExpiry holds spec dialects.md §1.3.9: the answer's own term counts where the spec has none.
func TestTokenExpiry(t *testing.T) {
	for _, tt := range []struct {
		own  ast.Value
		want int64
	}{{nil, 1700003600}, {&ast.Literal{Kind: ast.LiteralNumber, Number: 1800000000}, 1800000000}} {
		w := &world{t: t, now: time.Unix(1700000000, 0), answers: []reply{{200, "", "oauth_token=t&oauth_token_secret=s&oauth_expires_in=3600"}}}
		spec := New(&ast.Connection{Stages: []*ast.Stage{{Requests: []*ast.Request{{URL: text("https://api.example.test/"),
			Response: &ast.Response{Type: &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseToken}}, Expires: tt.own}}}}}}, w.host("n", 1))
		step, err := spec.Authorize(context.Background(), Grant{})
		if err != nil {
			t.Fatal(err)
		}
		if got := step.Connection.Expires.Unix(); got != tt.want {
			t.Errorf("expires %d, want %d", got, tt.want)
		}
	}
}

// TestScopeGivesNames holds the comments of ast.Scope and ast.Binding.
func TestScopeGivesNames(t *testing.T) {
	x := text("{{oauth.redirectUri}}|{{parameters.a}}|{{oauth}}").(*ast.Template)
	x.Scope = &ast.Scope{Names: map[string]ast.Binding{"parameters": {Root: ast.RootData}, "oauth": {Members: []ast.Member{
		{Name: "scope", Binding: ast.Binding{Root: ast.RootScope}}, {Name: "redirectUri", Binding: ast.Binding{Root: ast.RootRedirect, Key: ast.DefaultRedirect}}}}}}
	v, err := Evaluate(x, Env{Context: object(t, `{"data":{"a":"A"},"scope":["s"],"redirect":{"default":"u"}}`)})
	if want := `u|A|{"scope":["s"],"redirectUri":"u"}`; err != nil || value.ToText(v) != want {
		t.Errorf("%s, %v, want %s", value.ToText(v), err, want)
	}
	x.Scope = &ast.Scope{}
	if v, err := Evaluate(x, Env{Context: object(t, `{"oauth":1,"parameters":1}`)}); err != nil || value.ToText(v) != "||" {
		t.Errorf("names that the scope does not have gave %q, %v", value.ToText(v), err)
	}
}
