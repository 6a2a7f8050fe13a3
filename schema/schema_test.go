package schema

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/make"
)

func readText(t *testing.T, text string) *document.Node {
	t.Helper()
	doc, problems := document.ParseJSONC(source.NewFile("f", text), document.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return doc.Root
}

func places(items []diag.Diagnostic) []string {
	var out []string
	for _, d := range items {
		out = append(out, d.Span.String()+" "+d.Code+" "+d.Pointer)
	}
	return out
}

// specs hold every directive of every part once, well formed.
var specs = map[string]struct {
	role string
	text string
}{
	"communication.oauth1": {make.Communication, `{"oauth":{"consumer_key":"k","consumer_secret":"s","token":"t","token_secret":"ts","verifier":"v","body_hash":true,"callback":"c","realm":null,"signature_method":"HMAC-SHA1"},
 "requestToken":{"url":"https://x.test/","method":"POST","type":"json","ca":"x","gzip":true,"encodeUrl":true,"timeout":5,"shareCookies":true,"rejectUnauthorized":true,
  "followRedirect":true,"followAllRedirects":true,"headers":{"a":"b","c":["d",1],"{{...}}":"{{data.h}}"},"qs":"{{data.q}}","body":{"a":[1]},"temp":{"a":1},"condition":{"condition":true},
  "oauth":{"callback":false},"log":{"sanitize":["request.url"]},"repeat":{"condition":"{{temp.x}}","delay":1,"limit":2},
  "response":{"type":{"*":"json","404":"text"},"temp":{"a":"b"},"valid":{"condition":true,"message":"m","type":"DataError"},"error":{"message":"m","type":"DataError","404":{"message":"x","type":"DataError"}},"data":{"a":"b"},"uid":1}},
 "authorize":{"url":"https://x.test/","method":"GET","condition":"{{data.c}}","oauth":{"token":"t","verifier":"v"},"response":{"error":"e","valid":true,"type":"json"}},
 "accessToken":[{"url":"https://x.test/","response":{"type":"json","expires":"{{body.e}}","metadata":{},"data":"{{body}}"}}],
 "info":{"url":"https://x.test/","response":{"uid":"{{body.id}}","metadata":{"type":"text","value":"v"},"expires":5,"iterate":"x"}}}`},
	"communication.basic": {make.Communication, `[{"url":"https://x.test/","oauth":false,"condition":"{{data.x}}","response":{"uid":1,"valid":"{{body.x}}","error":{"500":{"message":"m"}}}}]`},
	"params": {make.Params, `[{"name":"a","type":"select","label":"l","help":"h","required":true,"advanced":true,"editable":true,"multiline":true,"multiple":true,"default":1,
  "options":{"store":[{"label":"x","value":1,"nested":[{"name":"n","type":"text"}]}]},"validate":{"min":1,"max":2,"enum":["a",1],"pattern":"a"}},
  {"name":"b","type":"array","spec":{"type":"text","label":"x"}},{"name":"c","type":"collection","spec":[{"name":"d","type":"text"}],"nested":[{"type":"banner"}]}]`},
	"common": {make.Common, `{"a":{"b":[1]}}`},
	"scope":  {make.DefaultScope, `["a","b"]`},
	"scopes": {make.ScopeList, `{"a":"b"}`},
	"base": {make.Base, `{"baseUrl":"https://x.test","url":"/x","timeout":1,"headers":{"a":"b"},"oauth":{"token":"t"},"log":{"sanitize":[]},
  "response":{"type":"json","error":{"message":"m"},"output":"{{body}}","iterate":{"container":"{{body.x}}","condition":"{{item}}"},"limit":5,"data":{}}}`},
}

func parse(role string, text string) *diag.List {
	parts := map[string]*source.File{role: source.NewFile("f", text)}
	if role != make.Communication {
		parts[make.Communication] = source.NewFile("c", "{}")
	}
	_, list := make.Dialect{}.Parse(make.Source("", parts, nil), parser.Options{})
	return list
}

// codesOf returns the codes that Make has for a part.
func codesOf(part string) Codes {
	if part == "params" {
		return Codes{Root: "MAKE101", Value: "MAKE211"}
	}
	return Codes{Root: "MAKE101", Value: "MAKE202"}
}

func TestWellFormed(t *testing.T) {
	for part, s := range specs {
		t.Run(part, func(t *testing.T) {
			got, err := Validate("make", part, readText(t, s.text), codesOf(part))
			if err != nil || len(got) > 0 {
				t.Errorf("schema: %v %v", err, got)
			}
			if list := parse(s.role, s.text); list.HasErrors() {
				t.Errorf("front end: %v", list.Items)
			}
		})
	}
}

// TestFrontEndAgrees puts values of every type in every place of the specs: whatever the schema refuses, the front end
// refuses at the same place.
func TestFrontEndAgrees(t *testing.T) {
	for part, s := range specs {
		t.Run(part, func(t *testing.T) {
			refused := 0
			for _, span := range spans(readText(t, s.text)) {
				for _, value := range []string{"null", "true", "false", "1", "-1.5", `"x"`, `"{{x}}"`, "[]", `[{"a":{}}]`, "{}", `{"a":{}}`, `{"404":1}`} {
					text := s.text[:span.Start] + value + s.text[span.End:]
					list := parse(s.role, text)
					if kindChanged(part, text) {
						continue
					}
					root := readText(t, text)
					if root.Kind == document.KindNull && part != "call" && !strings.HasPrefix(part, "communication") {
						continue // a part that is null is kept out of the local copy (spec make.md §2.2)
					}
					shape, err := Validate("make", part, root, codesOf(part))
					if err != nil {
						t.Fatal(err)
					}
					refused += len(shape)
					before := len(list.Items)
					Merge(list, shape)
					if len(list.Items) > before {
						t.Errorf("only the schema refuses %s at %s: %v", value, span, places(shape))
					}
				}
			}
			if refused == 0 && part != "common" {
				t.Error("the schema refused nothing")
			}
		})
	}
}

// kindChanged reports mutations that make another kind of connection, for which another schema is meant.
func kindChanged(part, text string) bool {
	oauth1 := strings.Contains(text, `"requestToken"`) || strings.Contains(text, `"accessToken"`)
	return part == "communication.oauth1" && !oauth1
}

func spans(n *document.Node) []source.Span {
	out := []source.Span{n.Span}
	for _, m := range n.Members {
		out = append(out, spans(m.Value)...)
	}
	for _, x := range n.Items {
		out = append(out, spans(x)...)
	}
	return out
}

func TestValidatePlaces(t *testing.T) {
	tests := []struct {
		name, part, text string
		want             []string
	}{
		{"root", "communication.oauth1", `"x"`, []string{"f:1:1 MAKE101 "}},
		{"key", "communication.oauth1", "{\"info\":{\n\"gzip\":1}}", []string{"f:2:1 MAKE202 /info/gzip"}},
		{"item", "communication.basic", `[{}, 5]`, []string{"f:1:6 MAKE202 /1"}},
		{"several", "communication.basic", `{"url":1,"method":[],"response":{"uid":{}}}`, []string{"f:1:2 MAKE202 /url", "f:1:10 MAKE202 /method", "f:1:34 MAKE202 /response/uid"}},
		{"escaped keys", "scopes", `{"a b/c~d%é":1}`, []string{"f:1:2 MAKE202 /a b~1c~0d%é"}},
		{"params", "params", `[{"name":1}]`, []string{"f:1:2 MAKE211 /0", "f:1:3 MAKE211 /0/name"}},
		{"huge numbers", "communication.basic", `{"timeout":1e999999999}`, []string{"f:1:2 MAKE202 /timeout"}},
		{"good", "scope", `["a"]`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Validate("make", tt.part, readText(t, tt.text), codesOf(tt.part))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, places(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestOtherDialects is what an editor underlines in the documents of dialects whose front ends check shapes themselves.
func TestOtherDialects(t *testing.T) {
	tests := []struct {
		dialect, part, text string
		want                []string
	}{
		{"zapier", "definition", `{"authentication": {"type": "oauth1", "oauth1Config": {"getRequestToken": {"url": "u", "metod": "POST"}, "authorizeUrl": {"url": "u"}, "getAccessToken": {"url": "u"}}}}`,
			[]string{"f:1:56 X /authentication/oauth1Config/getRequestToken"}},
		{"zapier", "definition", `{"authentication": {"type": "oauth2"}}`, []string{"f:1:21 X /authentication/type"}},
		{"zapier", "legacy", `{"zapier": "legacy", "authentication": {"consumer_key": "k"}}`, []string{"f:1:22 X /authentication"}},
		{"membrane", "spec", `{"type": "oauth1", "test": {"type": "rest"}}`, []string{"f:1:29 X /test/type"}},
		{"supermetrics", "config", `{"authentication": {"type": "oauth1", "oauth1": {"consumerKey": 5}}}`, []string{"f:1:39 X /authentication/oauth1", "f:1:50 X /authentication/oauth1/consumerKey"}},
		{"supermetrics", "config", `{}`, []string{"f:1:1 X "}},
	}
	for _, tt := range tests {
		got, err := Validate(tt.dialect, tt.part, readText(t, tt.text), Codes{Root: "X", Value: "X"})
		if diff := cmp.Diff(tt.want, places(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n-want +got\n%s", tt.text, err, diff)
		}
	}
	for dialect, want := range map[string]string{"zapier": "definition", "membrane": "spec", "supermetrics": "config", "make": "communication.oauth1", "nowhere": ""} {
		if got := Main(dialect, nil); got != want {
			t.Errorf("the main part of %s is %q, expected %q", dialect, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	f := source.NewFile("f", "0123456789")
	at := func(i int) source.Span { return source.Span{File: f, Start: i, End: i + 1} }
	list := &diag.List{Items: []diag.Diagnostic{{Code: "A", Span: at(5)}, {Code: "B", Severity: diag.Warning, Span: at(3)}}}
	Merge(list, []diag.Diagnostic{{Code: "S1", Span: at(5)}, {Code: "S2", Span: at(3)}, {Code: "S3", Span: at(1)}})
	var got []string
	for _, d := range list.Items {
		got = append(got, d.Code)
	}
	if diff := cmp.Diff([]string{"S3", "B", "S2", "A"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSource(t *testing.T) {
	want := []string{"base", "call", "common", "communication.basic", "communication.oauth1", "params", "scope", "scopes"}
	if diff := cmp.Diff(want, Parts("make")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, part := range want {
		text := Source("make", part)
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil || schema["title"] == nil {
			t.Errorf("%s: %v, title %v", part, err, schema["title"])
		}
		if strings.Contains(string(text), "directives.json") || !bytes.HasSuffix(text, []byte("}\n")) {
			t.Errorf("%s is not whole", part)
		}
	}
	if Source("make", "directives") != nil || Source("nowhere", "x") != nil || Parts("nowhere") != nil {
		t.Error("a schema that does not exist")
	}
	if _, err := Validate("make", "nothing", nil, Codes{}); err == nil || !strings.Contains(err.Error(), `no schema for part "nothing"`) {
		t.Errorf("unknown part: %v", err)
	}
}
