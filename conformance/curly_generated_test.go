package conformance

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

func encode(s string) string { return uri.Encode(s) }

// decode undoes the encoding of a query; "+" is a blank.
func decode(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}

// TestGeneratedCurlies compares what calls of made-up definitions send with a second reading of spec dialects.md §3.3 and
// §3.4. They are the same in every run.
func TestGeneratedCurlies(t *testing.T) {
	calls := 600
	if testing.Short() {
		calls = 200
	}
	failed, signed, engines := 0, 0, BuiltIn()
	for i := range calls {
		g := &curlyMaker{rand.New(rand.NewPCG(uint64(i), 3))}
		want, got, gotErr, source, err := g.bothWays(t, engines[i%len(engines)].Flow)
		switch {
		case gotErr == notConnected: // the template stands under the handshake too, where it failed
			failed++
			continue
		case err != nil || gotErr != "":
			failed++
			if err == nil || gotErr != err.Error() {
				t.Errorf("call %d fails with %q, read again it is %v\n%s", i, gotErr, err, source)
			}
			continue
		case cmp.Diff(want, got) != "":
			t.Errorf("call %d: the second reading (-) differs from what is sent (+):\n%s\n%s", i, cmp.Diff(want, got), source)
		}
		if got.OAuth != nil {
			signed++
		}
	}
	t.Logf("%d calls: %d fail, %d are signed", calls, failed, signed)
	if failed > calls/3 || signed < calls/3 {
		t.Errorf("of %d calls %d fail and %d are signed: they compare too little", calls, failed, signed)
	}
}

// notConnected is why a call cannot run.
const notConnected = "there is no connection yet: a step before this one must have made it"

type curlyMaker struct{ *rand.Rand }

func (g *curlyMaker) one(list ...string) string { return list[g.IntN(len(list))] }

func (g *curlyMaker) often(n int) bool { return g.IntN(10) < n }

// name is a name of a curly: one that the bank has, one that it has not, or one that it cannot have.
func (g *curlyMaker) name() string {
	if g.often(8) {
		return g.one("bundle.inputData.s", "bundle.inputData.n", "bundle.inputData.t", "bundle.inputData.z", "bundle.inputData.e", "bundle.inputData.u", "bundle.inputData.o.a",
			"bundle.inputData.o.b.c", "bundle.inputData.x.y", "bundle.authData.site", "bundle.authData.user", "bundle.authData.oauth_token", "process.env.E", "bundle.inputData.c")
	}
	return g.one("bundle.inputData.none", "bundle.inputData.s.length", "bundle.inputData.o.b", "bundle.authData.none", "bundle.meta.page", "bundle.targetUrl", "process.env.NONE",
		"x", "", " bundle.inputData.s ", "bundle.inputData", "s", "json.id", "bundle.inputData.l", "bundle.inputData.o", "bundle.inputData.m")
}

// text is a text with curlies or without.
func (g *curlyMaker) text() string {
	switch g.IntN(6) {
	case 0:
		return g.one("plain", "a b&c=d", "é/ü", "{x}", "{{", "}}", "{{x", "x}}", "{ {x}}", "0")
	case 1, 2, 3:
		return "{{" + g.name() + "}}"
	case 4:
		return g.one("a", "{", "é ", "{{ {") + "{{" + g.name() + "}}" + g.one("", "}", "b", " {{{{")
	}
	return g.one("", "x") + "{{" + g.name() + "}}" + g.one("-", "", "{}") + "{{" + g.name() + "}}"
}

func (g *curlyMaker) scalar() value.Value {
	if g.often(8) {
		return value.Text(g.text())
	}
	return parse(`{"v": ` + g.one(`null`, `true`, `false`, `0`, `-1.5`, `12345678901234567890`, `""`) + `}`).Value("v")
}

// members are an object of some of the names, in any order.
func (g *curlyMaker) members(names []string, v func() value.Value) value.Value {
	o := value.NewObject(0)
	for range g.IntN(4) {
		o.Set(names[g.IntN(len(names))], v())
	}
	return value.Collection(o)
}

func (g *curlyMaker) tree(depth int) value.Value {
	switch {
	case depth > 0 && g.often(3):
		return g.members([]string{"a", "b", "{{x}}", "d"}, func() value.Value { return g.tree(depth - 1) })
	case depth > 0 && g.often(3):
		items := make([]value.Value, g.IntN(4))
		for i := range items {
			items[i] = g.tree(depth - 1)
		}
		return value.Array(items)
	}
	return g.scalar()
}

// request is a request, or a template of one.
func (g *curlyMaker) request(core int, template bool) *value.Object {
	o := value.NewObject(0)
	if !template {
		path := strings.NewReplacer("{{bundle.inputData.u}}", "u", "?", "", "{}", "", "{{ {", "", "{ {x}}", "", "{{x", "", "x}}", "", "}}-", "}}", "&", "").Replace("/" + g.one("p", g.text()))
		query := ""
		for range g.IntN(4) {
			query += g.one("&", "&", "&&") + g.one("a", "b", "q", "f%5B0%5D", "d") + g.one("", "=", "=1+2", "=%2F", "={{"+g.name()+"}}", "=x{{"+g.name()+"}}")
		}
		if query != "" {
			query = "?" + query[1:]
		}
		o.Set("url", value.Text("https://api.example.test"+path+query))
		if g.often(8) {
			o.Set("method", value.Text(g.one("GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD")))
		}
	}
	if g.often(6) {
		o.Set("params", g.members([]string{"a", "b", "c", "d", "{{x}}"}, g.scalar))
	}
	if g.often(6) {
		headers := g.members([]string{"X-A", "x-a", "X-B", "X-C"}, g.scalar)
		if g.often(3) {
			headers.Object().Set("Content-Type", value.Text(g.one("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "application/json", "")))
		}
		o.Set("headers", headers)
	}
	if g.often(6) {
		body := g.tree(3)
		if k := body.Kind(); k == value.KindBool || k == value.KindNumber || k == value.KindInteger {
			body = value.Null()
		}
		o.Set("body", body)
	}
	if !template && g.often(4) {
		o.Set("removeMissingValuesFrom", value.Collection(parse(g.one(`{"params": true}`, `{"body": true}`, `{"params": true, "body": true}`, `{"params": false}`))))
	}
	if template && (core >= 17 || g.often(7)) {
		return o
	}
	auth := value.NewObject(0)
	auth.Set("oauth_consumer_key", value.Text("ck"))
	for _, name := range []string{"oauth_token", "oauth_token_secret", "oauth_version", "oauth_signature_method", "oauth_verifier", "x_extra", "realm"} {
		if !g.often(3) {
			continue
		}
		text := g.text()
		switch {
		case name == "oauth_signature_method":
			text = g.one("HMAC-SHA1", "HMAC-SHA256", "")
		case core >= 17 && strings.Contains(text, "{{"):
			text = g.one("literal", "a b", "")
		}
		auth.Set(name, value.Text(text))
	}
	if g.often(8) {
		o.Set("auth", value.Collection(auth))
	}
	return o
}

const curlyApp = `{"authentication": {"type": "oauth1", "fields": [{"key": "site"}], "oauth1Config": {
 "getRequestToken": {"url": "https://api.example.test/rt", "method": "POST", "auth": {"oauth_consumer_key": "k", "oauth_version": "1.0"}},
 "authorizeUrl": {"url": "https://api.example.test/au", "params": {"oauth_token": "{{bundle.inputData.oauth_token}}"}},
 "getAccessToken": {"url": "https://api.example.test/at", "method": "POST", "auth": {"oauth_consumer_key": "k", "oauth_version": "1.0"}}},
 "test": {"url": "https://api.example.test/me", "auth": {"oauth_consumer_key": "k"}}}}`

// bothWays makes a definition up, runs its call, and reads it again.
func (g *curlyMaker) bothWays(t *testing.T, engine flow) (want, got called, gotErr, source string, wantErr error) {
	t.Helper()
	core := []int{0, 16, 16, 18}[g.IntN(4)]
	app, template := parse(curlyApp), value.NewObject(0)
	if core > 0 {
		app.Set("platformVersion", value.Text(fmt.Sprint(core, ".1.0")))
	}
	if g.often(6) {
		template = g.request(core, true)
		app.Set("requestTemplate", value.Collection(template))
	}
	request := g.request(core, false)
	call := parse(`{"one": {"key": "one", "noun": "X", "display": {"label": "L", "description": "D"}, "operation": {}}}`)
	call.Value("one").Object().Value("operation").Object().Set("perform", value.Collection(request))
	app.Set("creates", value.Collection(call))
	source = string(value.AppendJSON(nil, value.Collection(app)))

	files := value.NewObject(1)
	files.Set("app.json", value.Text(source))
	c := &flowCase{Dialect: "zapier", Source: value.Collection(files), Nonce: []string{"n"}}
	c.Input.Parameters, c.Input.Common = parse(`{"site": "s/1"}`), parse(`{"E": "env {{process.env.E}}"}`)
	c.Input.RedirectURI = "https://app.example.test/cb"
	input := parse(`{"s": "a b", "n": 5, "t": true, "z": null, "e": "", "u": "{{process.env.E}}", "o": {"a": "in", "b": {"c": 1.5}}, "l": [1, "b"], "m": [], "x.y": "dot", "c": "{{bundle.inputData.s}}"}`)
	answer := func(body string) exchange {
		return exchange{Respond: respond{Status: 200, Body: []byte(body)}}
	}
	c.Steps = []flowStep{
		{Run: "authorize", HTTP: []exchange{answer("oauth_token=rt&oauth_token_secret=rts")}},
		{Run: "callback", Query: value.Text("oauth_token=rt&oauth_verifier=v"), HTTP: []exchange{answer("oauth_token=at&oauth_token_secret=ats&user=u+7"), answer("{}")}},
		{Run: "call:creates.one", Input: value.Collection(input), HTTP: []exchange{answer("{}")}},
	}
	read := &curlies{input: input, env: c.Input.Common, core: core, auth: parse(`{"site": "s/1", "oauth_token": "at", "oauth_token_secret": "ats", "user": "u 7"}`)}
	want, wantErr = read.call(template, request)
	got, gotErr = g.sent(t, engine, c, source)
	return want, got, gotErr, source, wantErr
}

// sent is what the call of a case sends, or the code of its error.
func (g *curlyMaker) sent(t *testing.T, engine flow, c *flowCase, source string) (got called, code string) {
	t.Helper()
	o := outcomeOf(t, engine, &Case{ID: "generated", Flow: c})
	if o == nil || o.Refused || len(o.Steps) < 3 {
		if o != nil && strings.Contains(fmt.Sprint(o.Diagnostics), "ZAP3") && o.Refused {
			return got, "refused"
		}
		t.Fatalf("the flow does not run: %+v\n%s", o, source)
	}
	step := o.Steps[2]
	if step.Error != nil {
		if step.Error.Code == "" {
			return got, step.Error.Message
		}
		return got, step.Error.Code
	}
	x := step.Exchanges[0]
	before, query, _ := strings.Cut(x.URL, "?")
	got = called{Method: x.Method, Before: decodePath(before), Body: x.Body, Headers: map[string]string{}}
	if query != "" {
		got.Query = strings.Split(query, "&")
	}
	for _, h := range x.Headers {
		switch name := strings.ToLower(h.Name); name {
		case "x-a", "x-b", "x-c":
			got.Headers[name] = h.Values[0]
		case "content-type":
			got.Headers[name] = h.Values[0]
		case "authorization":
			got.OAuth = protocolParameters(h.Values[0])
		}
	}
	return got, ""
}

func decodePath(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}

// protocolParameters are those of an Authorization header that neither clock nor signature decides.
func protocolParameters(header string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(header, "OAuth "), ",") {
		name, text, _ := strings.Cut(part, "=")
		switch name = decodePath(name); name {
		case "oauth_nonce", "oauth_timestamp", "oauth_signature":
		default:
			out[name] = decodePath(strings.Trim(text, `"`))
		}
	}
	return out
}
