package make

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

var markPattern = regexp.MustCompile(`‹([A-Z0-9 ]+)›`)

// marked takes the marks ‹CODE› out of a text and returns what is expected where: each mark stands before the key that
// its codes are about.
func marked(name, text string) (*source.File, []string) {
	var plain strings.Builder
	type expectation struct {
		at   int
		code string
	}
	var expected []expectation
	for {
		m := markPattern.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		plain.WriteString(text[:m[0]])
		for _, code := range strings.Fields(text[m[2]:m[3]]) {
			expected = append(expected, expectation{plain.Len(), code})
		}
		text = text[m[1]:]
	}
	plain.WriteString(text)
	f := source.NewFile(name, plain.String())
	var want []string
	for _, x := range expected {
		p := f.Position(x.at)
		want = append(want, fmt.Sprintf("%s:%d:%d %s", name, p.Line, p.Column, x.code))
	}
	return f, want
}

// reported lists the diagnostics as place and code. Info about missing log directives is left out unless it is wanted:
// nearly every short request would have it.
func reported(list *diag.List, want []string) []string {
	wanted := slices.ContainsFunc(want, func(s string) bool { return strings.HasSuffix(s, "MAKE307") })
	var out []string
	for _, d := range list.Items {
		if d.Code != "MAKE307" || wanted {
			out = append(out, d.Span.String()+" "+d.Code)
		}
	}
	return out
}

// parse reads files by role.
func parse(files map[string]*source.File, o parser.Options) (*ast.Connection, *diag.List) {
	return Dialect{}.Parse(Source("", files, nil), o)
}

func check(t *testing.T, o parser.Options, parts map[string]string) (*ast.Connection, *diag.List) {
	t.Helper()
	return checkDeclared(t, "", o, parts)
}

func checkDeclared(t *testing.T, declared string, o parser.Options, parts map[string]string) (*ast.Connection, *diag.List) {
	t.Helper()
	files := map[string]*source.File{}
	var want []string
	for _, role := range Roles() {
		if text, ok := parts[role]; ok {
			f, w := marked(role, text)
			files[role] = f
			want = append(want, w...)
		}
	}
	src := Source("", files, nil)
	src.Declared = declared
	c, list := Dialect{}.Parse(src, o)
	got := reported(list, want)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics: -want +got\n%s", diff)
	}
	return c, list
}

// TestRequestChecks holds one request; %s stands for it in an info section, after its url.
func TestRequestChecks(t *testing.T) {
	tests := []struct{ name, request string }{
		{"plain", `"method":"POST"`},
		{"unknown key", `‹MAKE201›"metod":"POST"`},
		{"baseUrl in a section", `‹MAKE201›"baseUrl":"https://x.test"`},
		{"not in connections", `‹MAKE301›"aws":{},‹MAKE301›"pagination":{"qs":{}}`},
		{"of modules and webhooks", `‹MAKE301›"endpoint":1,‹MAKE301›"input":1,‹MAKE301›"respond":1,‹MAKE301›"verification":1,‹MAKE301›"output":1,‹MAKE301›"iterate":1`},

		{"method", `"method":"{{data.m}}"`},
		{"method in small letters", `"method":"post"`},
		{"other method", `"method":"PROPFIND"`},
		{"method of nobody", `‹MAKE302›"method":"FETCH"`},
		{"body of GET", `‹MAKE301›"body":{"a":1}`},
		{"empty body of GET", `"method":"GET","qs":{},"body":{}`},
		{"body of POST", `"method":"POST","body":{"a":1}`},
		{"stored beside response", `‹MAKE201›"data":{"a":1},"response":{}`},
		{"text like a name of another place", `"headers":{"a":"‹MAKE322›body.oauth_token"}`},
		{"no method", `‹MAKE203›"method":"P OST"`},
		{"empty method", `‹MAKE203›"method":""`},
		{"method type", `‹MAKE202›"method":1`},

		{"headers", `"headers":{"a":"x","b":1,"c":true,"d":null,"e":["x",1,null]}`},
		{"headers template", `"headers":"{{data.h}}"`},
		{"headers null", `"headers":null`},
		{"headers nested", `"headers":{‹MAKE202›"a":{"b":1}}`},
		{"headers list with an object", `"headers":{"a":["x",‹MAKE202›{"b":1}]}`},
		{"headers text", `‹MAKE202›"headers":"x"`},
		{"headers mixed text", `‹MAKE202›"headers":"a{{data.h}}"`},
		{"headers list", `‹MAKE202›"headers":[]`},
		{"headers of the engine", `"headers":{‹MAKE301›"content-LENGTH":"1",‹MAKE301›"Transfer-Encoding":"x",‹MAKE301›"Connection":"close","Host":"x"}`},
		{"headers spread", `"headers":{"{{...}}":"{{data.h}}","<<...>>":{"a":1}}`},
		{"headers spread nested", `"headers":{"{{...}}":{‹MAKE202›"a":{}}}`},
		{"key with a hole", `"headers":{"a‹IML312›{{b}}":"x"}`},
		{"qs nested", `"qs":{"a":[],‹MAKE202›"b":{}}`},
		{"qs type", `‹MAKE202›"qs":5`},

		{"literals", `"encodeUrl":false,"gzip":true,"followRedirects":false,"followAllRedirects":false,"shareCookies":true,"rejectUnauthorized":true`},
		{"encodeUrl template", `‹MAKE204›"encodeUrl":"{{data.x}}"`},
		{"gzip template", `‹MAKE204›"gzip":"<<data.x>>"`},
		{"flag templates", `‹MAKE204›"followRedirect":"{{data.x}}",‹MAKE204›"followAllRedirect":"{{data.x}}"`},
		{"encodeUrl text", `‹MAKE202›"encodeUrl":"true"`},
		{"gzip number", `‹MAKE202›"gzip":1`},
		{"two spellings", `"followRedirect":false,"followRedirects":false,"followAllRedirects":true,"followAllRedirect":true`},
		{"two spellings differ", `"followRedirect":false,‹MAKE209›"followRedirects":true`},
		{"two other spellings differ", `"followAllRedirects":false,‹MAKE209›"followAllRedirect":true`},
		{"TLS off", `‹MAKE306›"rejectUnauthorized":false`},

		{"sanitize that matches nothing", `"log":{"sanitize":[‹MAKE213›"token",‹MAKE213›"body.x",‹MAKE213›"request",‹MAKE213›"request.",‹MAKE213›"request..x",‹MAKE213›"response.qs.x",` +
			`‹MAKE213›"response.url",‹MAKE213›"request.method",‹MAKE213›"request.body.` + "`x" + `",‹MAKE213›"request.body[x].a",‹MAKE213›"request.body[1",‹MAKE213›"request.cookies",` +
			`‹MAKE213›"request.body<parameters.x",‹MAKE213›"request.body< >"]}`},
		{"sanitize expressions", `"log":{"sanitize":["request.body<parameters.x>","request.body<a +‹IML103›>"]}`},
		{"repeat", `"repeat":{"condition":"{{temp.more}}","delay":10,"limit":5}`},
		{"repeat templates", `"repeat":{"condition":"{{temp.more}}",‹MAKE204›"delay":"{{data.d}}",‹MAKE204›"limit":"{{data.d}}"}`},
		{"repeat types", `"repeat":{‹MAKE202›"condition":true,‹MAKE202›"delay":"5",‹MAKE202›"limit":-1}`},
		{"repeat is a list", `‹MAKE202›"repeat":[]`},
		{"repeat unknown", `"repeat":{"condition":"{{temp.more}}","note":1}`},
		{"repeat literal condition", `"repeat":{‹MAKE302›"condition":"yes"}`},

		{"timeout", `‹MAKE401›"timeout":300000`},
		{"timeout zero", `‹MAKE202›"timeout":0`},
		{"timeout too long", `‹MAKE202›"timeout":300001`},
		{"timeout fraction", `‹MAKE202›"timeout":1.5`},
		{"timeout text", `‹MAKE202›"timeout":"1"`},
		{"timeout template", `‹MAKE204›"timeout":"{{data.t}}"`},

		{"body types", `"method":"POST","type":"multipart/form-data","body":{"a":{"value":"x"}}`},
		{"body type template", `"type":"{{data.t}}"`},
		{"body type unknown", `‹MAKE203›"type":"yaml"`},
		{"body type number", `‹MAKE202›"type":1`},
		{"text body", `"method":"POST",‹MAKE304›"body":"<a>{{data.x}}</a>"`},
		{"text body as json", `"method":"POST","type":"json",‹MAKE304›"body":"x"`},
		{"text body as text", `"method":"POST","type":"text","body":"x"`},
		{"typed body", `"method":"POST","body":"{{data.x}}"`},

		{"condition", `"condition":"{{data.x}}"`},
		{"condition boolean", `"condition":false`},
		{"condition object", `"condition":{"condition":"{{data.x}}"}`},
		{"condition default", `"condition":{"condition":true,‹MAKE301›"default":{"a":1}}`},
		{"condition literal", `‹MAKE302›"condition":"data.x"`},
		{"condition empty", `‹MAKE302›"condition":""`},
		{"condition inner literal", `"condition":{‹MAKE302›"condition":"x"}`},
		{"condition type", `‹MAKE202›"condition":1`},
		{"condition unknown", `"condition":{‹MAKE201 MAKE301›"defualt":1}`},

		{"temp", `"temp":{"a":{"b":"{{data.x}}"}}`},
		{"temp text", `‹MAKE202›"temp":"x"`},
		{"temp template", `"temp":"{{data.x}}"`},

		{"ca", `"ca":"{{data.ca}}"`},
		{"ca long", `‹MAKE207›"ca":"` + strings.Repeat("x", 8193) + `"`},
		{"ca type", `‹MAKE202›"ca":null`},

		{"log", `"log":{"sanitize":["request.headers.a","RESPONSE.body"]}`},
		{"log root", `"log":{"sanitize":["request.url",‹MAKE213›"headers.a",‹MAKE213›"response"]}`},
		{"log template", `"log":{‹MAKE204›"sanitize":"{{data.x}}"}`},
		{"log item template", `"log":{"sanitize":[‹MAKE204›"request.{{data.x}}"]}`},
		{"log item type", `"log":{"sanitize":[‹MAKE202›1]}`},
		{"log type", `"log":{‹MAKE202›"sanitize":{}}`},
		{"log is no object", `‹MAKE202›"log":true`},
		{"log unknown", `"log":{"sanitize":[],‹MAKE201›"sanitise":[]}`},
		{"log without sanitize", `‹MAKE307›"log":{}`},

		{"oauth off", `"oauth":false`},
		{"oauth null", `"oauth":null`},
		{"oauth template", `"oauth":"{{data.o}}"`},
		{"oauth true", `‹MAKE202›"oauth":true`},
		{"oauth keys", `"oauth":{"token":"{{data.t}}","token_secret":"","verifier":null,"body_hash":true,"signature_method":"RSA-SHA1","transport_method":"query"}`},
		{"oauth unknown", `"oauth":{‹MAKE201›"nonce":"1"}`},
		{"oauth type", `"oauth":{‹MAKE202›"token":1,‹MAKE202›"body_hash":1}`},
		{"oauth long", `"oauth":{"token_secret":"s",‹MAKE207›"token":"` + strings.Repeat("é", 513) + `"}`},
		{"oauth method", `"oauth":{‹MAKE203›"signature_method":"hmac-sha1",‹MAKE203›"transport_method":"cookie"}`},
		{"oauth method templates", `"oauth":{"signature_method":"{{data.m}}","transport_method":"{{data.m}}"}`},
		{"oauth extensions", `"oauth":{‹MAKE401›"signature_method":"HMAC-SHA256",‹MAKE401›"realm":"x"}`},
		{"oauth callback outside requestToken", `"oauth":{"consumer_key":"k","consumer_secret":"s",‹MAKE301›"callback":"x"}`},
		{"oauth spread", `"oauth":{"{{...}}":"{{data.o}}"}`},

		{"broken template", `"headers":{"a":"‹IML101›{{x"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{}, map[string]string{Communication: `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://api.example.test/",` + "\n" + tt.request + `}}`})
		})
	}
}

func TestURLChecks(t *testing.T) {
	long := "https://api.example.test/" + strings.Repeat("x", 487)
	tests := []struct{ name, request string }{
		{"absolute", `"url":"https://api.example.test/a"`},
		{"template", `"url":"{{parameters.base}}/a"`},
		{"scheme in a template", `"url":"http{{data.s}}://x"`},
		{"host in a template", `"url":"https://{{data.host}}/x"`},
		{"all after the scheme", `"url":"https:{{data.rest}}"`},
		{"host and port", `"url":"localhost:{{data.port}}/x"`},
		{"512 characters", `"url":"` + long + `"`},
		{"513 characters", `‹MAKE207›"url":"` + long + `x"`},
		{"empty", `‹MAKE207›"url":""`},
		{"number", `‹MAKE202›"url":1`},
		{"relative", `‹MAKE210›"url":"/a"`},
		{"relative with template", `‹MAKE210›"url":"/a/{{data.id}}"`},
		{"no scheme", `‹MAKE210›"url":"api.example.test/a"`},
		{"no scheme with template", `‹MAKE210›"url":"api.example.test/{{data.id}}"`},
		{"scheme-relative", `‹MAKE210›"url":"//api.example.test"`},
		{"other scheme", `‹MAKE210›"url":"ftp://api.example.test"`},
		{"no host", `‹MAKE210›"url":"https:///a"`},
		{"absent", ``},
		{"query kept", `"url":"https://api.example.test/a?x=1"`},
		{"query dropped", `‹MAKE303›"url":"https://api.example.test/a?x=1","qs":{}`},
		{"query dropped with template", `"qs":"{{data.q}}",‹MAKE303›"url":"https://api.example.test/{{data.id}}?x={{data.x}}"`},
		{"bare question mark", `"url":"https://api.example.test/a?","qs":{}`},
		{"question mark in a fragment", `"url":"https://api.example.test/a#?x","qs":{}`},
		{"question mark in a hole", `"url":"https://api.example.test/{{join(data.a; '?')}}","qs":{}`},
		{"query and null", `"url":"https://api.example.test/a?x=1","qs":null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := `"info"`
			if tt.name == "absent" {
				key = `‹MAKE208›"info"`
			}
			sep := ","
			if tt.request == "" {
				sep = ""
			}
			check(t, parser.Options{}, map[string]string{Communication: `{"oauth":{},` + key + `:{"method":"GET"` + sep + tt.request + `}}`})
		})
	}
}

func TestResponseChecks(t *testing.T) {
	tests := []struct{ name, response string }{
		{"type", `"type":"xml"`},
		{"type template", `"type":"{{headers.x}}"`},
		{"type unknown", `‹MAKE203›"type":"yaml"`},
		{"type number", `‹MAKE202›"type":1`},
		{"status map", `"type":{"*":"json","400-499":"text","404-410":"xml","404":"urlencoded"}`},
		{"status map without star", `‹MAKE206›"type":{"200":"json"}`},
		{"status map overlap", `"type":{"*":"json","400-410":"text",‹MAKE206›"405-415":"xml"}`},
		{"status map equal", `"type":{"*":"json",‹MAKE206 MAKE302›"1-999":"text","404":"text",‹MAKE206›"404-404":"xml"}`},
		{"status map keys", `"type":{"*":"json",‹MAKE205›"500-400":"text",‹MAKE205›"4xx":"text",‹MAKE205›"1000":"text",‹MAKE205›"":"text",‹MAKE302›"7":"text",‹MAKE302›"4-499":"xml"}`},
		{"status map values", `"type":{"*":"json",‹MAKE203›"404":"yaml",‹MAKE202›"405":1}`},

		{"error text", `"error":"{{body.e}}"`},
		{"error object", `"error":{"message":"m","type":"DataError","404":{"message":"x","type":"{{body.t}}"}}`},
		{"error types", `"error":{‹MAKE305›"type":"UnknownError","404":{‹MAKE305›"type":"runtimeerror"}}`},
		{"error status", `"error":{‹MAKE205›"4xx":{},‹MAKE205›"40":{},‹MAKE205›"400-404":{},‹MAKE205›"*":{}}`},
		{"error unknown", `"error":{‹MAKE201›"mesage":"x","404":{‹MAKE201›"msg":"x"}}`},
		{"error shapes", `"error":{‹MAKE202›"message":1,‹MAKE202›"404":"x"}`},
		{"error list", `‹MAKE202›"error":[]`},
		{"error long", `‹MAKE207›"error":"` + strings.Repeat("x", 1025) + `"`},
		{"error message long", `"error":{‹MAKE207›"message":"` + strings.Repeat("x", 1025) + `"}`},

		{"valid", `"valid":"{{body.ok}}"`},
		{"valid boolean", `"valid":true`},
		{"valid object", `"valid":{"condition":"{{body.ok}}","message":"m","type":"DataError"}`},
		{"valid literal", `‹MAKE302›"valid":"body.ok"`},
		{"valid empty", `‹MAKE302›"valid":""`},
		{"valid inner literal", `"valid":{‹MAKE302›"condition":"x",‹MAKE305›"type":"Bad"}`},
		{"valid number", `‹MAKE202›"valid":1`},
		{"valid unknown", `"valid":{‹MAKE201›"cond":true}`},

		{"uid", `"uid":"{{body.id}}"`},
		{"uid number", `"uid":5`},
		{"uid boolean", `‹MAKE202›"uid":true`},
		{"metadata", `"metadata":{"type":"email","value":"{{body.e}}"}`},
		{"metadata template", `"metadata":"{{body.m}}"`},
		{"metadata type", `"metadata":{‹MAKE203›"type":"phone"}`},
		{"metadata type of old", `"metadata":{‹MAKE302›"type":"url","value":"x"}`},
		{"metadata type template", `"metadata":{"type":"{{body.t}}"}`},
		{"metadata long", `"metadata":{‹MAKE207›"value":"` + strings.Repeat("x", 513) + `"}`},
		{"metadata text", `‹MAKE202›"metadata":"x"`},
		{"metadata unknown", `"metadata":{"value":"x","note":"x"}`},
		{"expires", `‹MAKE401›"expires":"{{body.e}}"`},
		{"expires long", `‹MAKE401 MAKE207›"expires":"` + strings.Repeat("x", 513) + `"`},
		{"data", `"data":{"a":{"b":"{{body.x}}"}}`},
		{"data list", `‹MAKE202›"data":[]`},
		{"temp", `"temp":{"a":"{{body.x}}"}`},
		{"temp number", `‹MAKE202›"temp":1`},
		{"not in connections", `‹MAKE301›"output":"x",‹MAKE301›"iterate":"x",‹MAKE301›"limit":1,‹MAKE301›"wrapper":{},‹MAKE301›"trigger":{},‹MAKE301›"oauth":{}`},
		{"unknown", `‹MAKE201›"uids":1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{}, map[string]string{Communication: `{"oauth":{},"info":{"url":"https://api.example.test/","response":{` + "\n" + tt.response + `}}}`})
		})
	}
}

func TestConnectionChecks(t *testing.T) {
	const url = `"url":"https://api.example.test/"`
	tests := []struct{ name, text string }{
		{"sections", `{"oauth":{"consumer_key":"k","consumer_secret":"s","token":"t","token_secret":"ts","verifier":"v"},"requestToken":{` + url + `},"authorize":{` + url + `},` +
			`"accessToken":[{` + url + `},{` + url + `,"response":{"data":{"t":"{{body.t}}"}}}],"info":{` + url + `}}`},
		{"empty sections", `{"oauth":{},"requestToken":{},"authorize":{},"accessToken":[],"info":{}}`},
		{"unknown section", `{"oauth":{},‹MAKE201›"requesttoken":{}}`},
		{"mixed", `{"requestToken":{},‹MAKE103›"token":{},‹MAKE103›"refresh":{}}`},
		{"authorize list", `{"requestToken":{},‹MAKE103›"authorize":[{}]}`},
		{"authorize text", `{"requestToken":{},‹MAKE202›"authorize":"x"}`},
		{"section type", `{‹MAKE202›"requestToken":5,"info":[‹MAKE202›"x"]}`},
		{"duplicate", `{"oauth":{},"info":{` + url + `},‹MAKE102›"oauth":{"verifier":"x",‹MAKE102›"verifier":"y"}}`},
		{"OAuth 2.0", `{"authorize":{},‹MAKE105›"token":{}}`},
		{"basic", `{` + url + `,"response":{"uid":"{{body.id}}","metadata":{"value":"x"},"expires":"{{body.e}}"}}`},
		{"basic without url", `{‹MAKE208›"method":"GET"}`},
		{"basic unlogged", `{‹MAKE307›"method":"GET",` + url + `}`},
		{"basic list", `[{` + url + `},‹MAKE208›{"method":"GET"}]`},
		{"basic unlogged list", `[‹MAKE307›{` + url + `},{"log":{"sanitize":[]},` + url + `}]`},
		{"basic oauth", `{` + url + `,‹MAKE401›"oauth":{"consumer_key":"k",‹MAKE301›"callback":"x"}}`},
		{"empty", `{}`},
		{"empty list", `[]`},
		{"root callback", `{"oauth":{"consumer_key":"k","consumer_secret":"s",‹MAKE401›"callback":"x"},"requestToken":{` + url + `,"oauth":{‹MAKE401›"callback":false}}}`},
		{"plaintext over http", `{"oauth":{"signature_method":"PLAINTEXT","consumer_key":"k","consumer_secret":"s"},"requestToken":{‹MAKE306›"url":"http://x.test/"},"info":{"url":"https://x.test"}}`},
		{"plaintext overridden", `{"oauth":{"signature_method":"PLAINTEXT","consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"http://x.test/","oauth":{"signature_method":"HMAC-SHA1"}},"info":{"url":"http://x.test","oauth":false}}`},
		{"effect in requestToken", `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{` + url + `,"response":{"data":{},"type":"json",‹MAKE301›"uid":1,‹MAKE301›"metadata":{},‹MAKE301›"expires":"x"}}}`},
		{"effect in accessToken", `{"accessToken":{` + url + `,"response":{"data":{"a":"{{body.a}}"},"type":"json",‹MAKE301›"uid":1,‹MAKE301›"metadata":{},‹MAKE401›"expires":"{{body.x}}"}}}`},
		{"effect in authorize", `{"requestToken":{},"authorize":{` + url + `,"temp":{},"condition":true,"encodeUrl":false,"qs":{},"oauth":{"token":"x",‹MAKE301›"verifier":"y",‹MAKE301›"realm":"z"},` +
			`‹MAKE301›"method":"POST",‹MAKE301›"headers":{},‹MAKE301›"body":"x",‹MAKE301›"type":"text",‹MAKE301›"ca":"x",‹MAKE301›"gzip":true,‹MAKE301›"followRedirects":true,` +
			`‹MAKE301›"followAllRedirects":true,‹MAKE301›"rejectUnauthorized":false,‹MAKE301›"shareCookies":true,‹MAKE301›"timeout":1,‹MAKE301›"log":{},‹MAKE301›"repeat":{},` +
			`"response":{"temp":{},"valid":true,"error":"x","type":"nothing looks at it",‹MAKE301›"data":{},‹MAKE301›"uid":1,‹MAKE301›"metadata":{},‹MAKE301›"expires":"x"}}}`},
		{"step that computes", `[{"temp":{"a":1}},{"condition":true},{"response":{"temp":{"a":1}}},{"response":{"data":{"a":1}}},{"response":{"valid":true}},{"response":{"error":"x"}},‹MAKE208›{"response":{}}]`},
		{"first key twice", `{‹MAKE208›"method":"GET","gzip":true,‹MAKE102›"method":"PUT",‹MAKE102›"method":"PUT"}`},
		{"null", `‹MAKE101›null`},
		{"wrong root", `‹MAKE101›"x"`},
		{"bad JSON", "{\n  \"oauth\": {},\n  ‹MAKE101›oops\n}"},
		{"two problems", "{‹MAKE101›'a':1,\n \"oauth\": {\"token\": \"x\" ‹MAKE101›\"verifier\": \"y\"}}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{}, map[string]string{Communication: tt.text})
		})
	}
}

func TestKinds(t *testing.T) {
	tests := []struct {
		text, declared string
		want           kind
	}{
		{`[]`, "", kindBasic},
		{`{"url":"https://x.test","requestToken":{}}`, "", kindBasic},
		{`{"requestToken":{}}`, "", kindOAuth1},
		{`{"accessToken":{}}`, "", kindOAuth1},
		{`{"token":{}}`, "", kindOAuth2},
		{`{"preauthorize":{}}`, "", kindOAuth2},
		{`{"invalidate":{},"oauth":{}}`, "", kindOAuth2},
		{`{"oauth":{}}`, "", kindOAuth1},
		{`{}`, "oauth1", kindOAuth1},
		{`{}`, "oauth-1", kindOAuth1},
		{`{}`, "oauth", kindOAuth2},
		{`{}`, "basic", kindBasic},
		{`{}`, "", kindBasic},
	}
	for _, tt := range tests {
		t.Run(tt.text+tt.declared, func(t *testing.T) {
			doc, _ := document.ParseJSONC(source.NewFile("c", tt.text), document.Options{})
			if got, _ := kindOf(doc.Root, tt.declared); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDeclaredType(t *testing.T) {
	tests := []struct{ declared, text string }{
		{"oauth", `{"oauth":{}}`},
		{"oauth1", `{"oauth":{}}`},
		{"basic", `{‹MAKE104›"oauth":{}}`},
		{"oauth", `{‹MAKE104›"url":"https://x.test"}`},
		{"oauth1", `‹MAKE104›[]`},
		{"oauth1", `{‹MAKE104 MAKE105›"token":{}}`},
		{"basic", `{"url":"https://x.test"}`},
		{"other", `{"oauth":{}}`},
		{"basic", `{}`},
		{"", `{‹MAKE201 MAKE208›"info":{"url":"https://x.test","ouath":{}}}`},
		{"oauth1", `{"info":{"url":"https://x.test"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.declared+tt.text, func(t *testing.T) {
			checkDeclared(t, tt.declared, parser.Options{}, map[string]string{Communication: tt.text})
		})
	}
}

func TestPositionsThroughEscapes(t *testing.T) {
	f := source.NewFile("c", "{\"oauth\":{},\n\"info\":{\"url\":\"https:\\u002f\\u002Fx.test/{{1 + }}\"}}")
	_, list := parse(map[string]*source.File{Communication: f}, parser.Options{})
	got := reported(list, nil)
	if diff := cmp.Diff([]string{"c:2:47 IML103"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if p := list.Items[1].Pointer; p != "/info/url" {
		t.Errorf("pointer %s", p)
	}
}

func TestSeverities(t *testing.T) {
	text := `{"oauth":{"realm":"x"},"info":{"url":"https://x.test","bad":1,"gzip":1}}`
	severities := func(strict bool) map[string]string {
		_, list := parse(map[string]*source.File{Communication: source.NewFile("c", text)}, parser.Options{Strict: strict})
		out := map[string]string{}
		for _, d := range list.Items {
			out[d.Code] = d.Severity.String()
		}
		return out
	}
	if diff := cmp.Diff(map[string]string{"MAKE401": "info", "MAKE307": "info", "MAKE201": "warning", "MAKE202": "error"}, severities(false)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"MAKE401": "info", "MAKE307": "info", "MAKE201": "error", "MAKE202": "error"}, severities(true)); diff != "" {
		t.Errorf("strict: -want +got\n%s", diff)
	}
}

func TestSuggestions(t *testing.T) {
	for name, want := range map[string]string{"metod": "method", "Url": "url", "header": "headers", "qss": "qs", "respnose": "response", "zzz": "", "": ""} {
		if got := suggestion(name, requestKeys); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
