package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

// TestOracleGeneratedFlows compares the oracle with the machine on made-up connections: what no author writes on
// purpose, directives in odd company and values of the wrong kind. The specs are the same in every run; the forms of
// the machine take turns.
func TestOracleGeneratedFlows(t *testing.T) {
	const flows = 2000
	refused, failed, engines := 0, 0, BuiltIn()
	for i := range flows {
		c := newGenerator(i).flow(fmt.Sprintf("generated/%d", i))
		machine, diff := bothWays(t, engines[i%len(engines)].Flow, c)
		if diff != "" {
			t.Errorf("%s: the oracle (+) differs from the machine (-):\n%s\n%s", c.ID, diff, value.AppendJSON(nil, c.Flow.Source))
		}
		switch {
		case machine == nil: // told already
		case machine.Refused:
			refused++
		case machine.Steps[0].Error != nil:
			failed++
		}
	}
	t.Logf("%d flows: %d refused, %d fail in their first step", flows, refused, failed)
	if refused > flows/10 || failed > flows*3/4 {
		t.Errorf("of %d flows %d were refused and %d failed in their first step: they compare too little", flows, refused, failed)
	}
}

func bothWays(t *testing.T, engine flow, c *Case) (machine *seen, diff string) {
	t.Helper()
	machine = outcomeOf(t, engine, c)
	return machine, cmp.Diff(machine, outcomeOf(t, oracleFlow{}, c))
}

// generator makes connections up.
type generator struct {
	*rand.Rand
	roots []string // that expressions may name where they stand
}

func newGenerator(seed int) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
}

func (g *generator) one(list ...string) string { return list[g.IntN(len(list))] }

// often is true n times in ten.
func (g *generator) often(n int) bool { return g.IntN(10) < n }

var storeRoots = []string{"parameters.a", "parameters.l", "parameters.none", "data.k", "data.t", "connection.o", "temp.x", "temp.o.y", "temp.t", "temp",
	"common.s", "environment.e", "now"}

var answerRoots = append([]string{"body", "body.oauth_token", "body.o", "body.l[2]", "body.l[].n", "body.n", "headers.`x-a`", "statusCode", "body.missing.deep"}, storeRoots...)

// within makes what answers bring visible, or hides it.
func (g *generator) within(roots []string, more ...string) *generator {
	inner := *g
	inner.roots = slices.Concat(roots, more)
	return &inner
}

func (g *generator) hole() string {
	switch g.IntN(25) {
	case 0:
		return `{{undefined}}`
	case 1:
		return `{{null}}`
	case 2:
		return g.one(`{{\"\"}}`, `{{emptyarray}}`, `{{1/0}}`, `{{9007199254740993}}`, `{{true}}`, `{{false}}`)
	case 3:
		return g.one(`{{parseDate(environment.e)}}`, `{{map(common.s; \"x\")}}`, `{{uuid}}`, `{{random}}`)
	case 4:
		return `{{if(` + g.root() + `; ` + g.root() + `; ` + g.root() + `)}}`
	}
	return `{{` + g.root() + `}}`
}

func (g *generator) root() string { return g.roots[g.IntN(len(g.roots))] }

// text is a directive of text: fixed, computed, or both.
func (g *generator) text(fixed ...string) string {
	switch {
	case len(fixed) > 0 && g.often(9):
		return `"` + g.one(fixed...) + `"`
	case g.often(3):
		return `"a ` + g.hole() + ` b"`
	}
	return `"` + g.hole() + `"`
}

// any is a value of a tree.
func (g *generator) any(depth int) string {
	switch g.IntN(9) {
	case 0:
		return g.one("null", "true", "false", "0", "9007199254740993", "1.5", `""`, `"é%2F&=+ \u0001"`)
	case 1:
		if depth > 0 {
			return g.object(depth-1, "x", "y", "o", "n")
		}
	case 2:
		if depth > 0 {
			return "[" + g.any(depth-1) + "," + g.any(depth-1) + "]"
		}
	}
	return g.text("fixed")
}

// object is an object of some of the keys, now and then with a spread, or a template instead.
func (g *generator) object(depth int, keys ...string) string {
	if g.often(1) {
		return `"` + g.hole() + `"`
	}
	var members []string
	for _, k := range keys {
		if g.often(4) {
			members = append(members, `"`+k+`": `+g.any(depth))
		}
	}
	if g.often(1) {
		members = append(members, `"{{...}}": "`+g.hole()+`"`)
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ", ") + "}"
}

// members joins the directives that are written, each one as often as it says in ten.
type members struct {
	g    *generator
	list []string
}

func (m *members) add(often int, key string, v func() string) {
	if m.g.often(often) {
		m.list = append(m.list, `"`+key+`": `+v())
	}
}

func (m *members) String() string { return "{" + strings.Join(m.list, ", ") + "}" }

func (g *generator) oauth(full bool) string {
	if !full && g.often(1) {
		return g.one("false", "null", `"{{undefined}}"`, `"{{null}}"`, `"{{parameters.none}}"`, `"{{temp}}"`)
	}
	m := &members{g: g}
	text := func(fixed ...string) func() string { return func() string { return g.text(fixed...) } }
	often := 1
	if full {
		often = 9
	}
	m.add(often, "consumer_key", text("ck", "ck", "ck", "ck", "ck", ""))
	m.add(often, "consumer_secret", text("c&s", "c&s", "supersecret"))
	m.add(3, "token", text("tk", "{{temp.t}}", "{{data.t}}"))
	m.add(3, "token_secret", text("ts", ""))
	m.add(1, "verifier", text("vv"))
	m.add(1, "signature_method", text("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT", "RSA-SHA1", "hmac-sha1"))
	m.add(2, "transport_method", text("header", "query", "body"))
	m.add(1, "body_hash", func() string { return g.one("true", "false", `"abc"`, `"true"`, `"`+g.hole()+`"`) })
	m.add(1, "callback", func() string {
		return g.one("false", "null", `"https://own.example.test/cb"`, `"oob"`, `"`+g.hole()+`"`)
	})
	m.add(1, "realm", text("R \\\"q\\\"", ""))
	if !strings.Contains(m.String(), "signature_method") {
		m.add(1, "private_key", text("no key"))
	}
	return m.String()
}

func (g *generator) condition() string {
	return g.one("true", "false", `""`, `"x"`, `"`+g.hole()+`"`, `{"condition": "`+g.hole()+`"}`, "{}")
}

func (g *generator) response(kind string) string {
	g = g.within(answerRoots, g.roots...)
	m := &members{g: g}
	object := func(keys ...string) func() string { return func() string { return g.object(1, keys...) } }
	m.add(4, "type", func() string {
		return g.one(`"json"`, `"urlencoded"`, `"text"`, `"automatic"`, `"xml"`, `"binary"`, `{"*": "json", "400-499": "text", "404-410": "urlencoded", "2": "xml"}`,
			`{"200-299": "urlencoded", "404": "json"}`, `"{{if(statusCode = 200; \"json\"; headers.none)}}"`)
	})
	m.add(5, "temp", object("x", "o", "t", "n"))
	m.add(5, "temp", func() string { return `{"t": "{{body.oauth_token}}", "x": "{{body.n}}", "o": "{{body.o}}"}` })
	m.add(3, "valid", func() string {
		if g.often(5) {
			return g.one("true", "false", `"`+g.hole()+`"`, `""`)
		}
		v := &members{g: g}
		v.add(8, "condition", func() string { return g.one("false", `"`+g.hole()+`"`) })
		v.add(6, "message", func() string { return g.text("not valid", "") })
		v.add(4, "type", func() string { return g.text("DataError", "InvalidAccessTokenError", "AnotherError") })
		return v.String()
	})
	m.add(4, "error", g.failure)
	if kind != "" {
		m.add(3, "output", func() string { return g.within(g.roots, "item.n", "item").any(1) })
		m.add(2, "iterate", func() string {
			inner := g.within(g.roots, "item.n", "item")
			return g.one(`"{{body.l}}"`, `{"container": "{{body.l}}", "condition": "`+inner.hole()+`"}`, `{"container": "`+g.hole()+`"}`, `{}`)
		})
		m.add(2, "limit", func() string { return g.one("1", "0", `"`+g.hole()+`"`, `"1"`) })
	}
	if kind != "" {
		return m.String()
	}
	m.add(6, "data", object("k", "t", "o", "a", "l"))
	m.add(3, "uid", func() string { return g.text("{{body.n}}", "u") })
	m.add(3, "metadata", func() string {
		return g.one(`{"type": "email", "value": "`+g.hole()+`"}`, `{"value": "`+g.hole()+`"}`, `{"type": "`+g.hole()+`", "value": "v"}`, `"`+g.hole()+`"`)
	})
	m.add(1, "expires", func() string { return g.one("1700000000", `"2030-01-02T03:04:05Z"`, `"never"`, `"`+g.hole()+`"`) })
	return m.String()
}

func (g *generator) failure() string {
	if g.often(3) {
		return g.text("went wrong", "c&s", "")
	}
	m := &members{g: g}
	m.add(6, "message", func() string { return g.text("general", "supersecret is c&s") })
	m.add(4, "type", func() string { return `"` + g.one("DataError", "RateLimitError", "OwnError") + `"` })
	for _, status := range []string{"200", "404", "503"} {
		m.add(3, status, func() string {
			s := &members{g: g}
			s.add(7, "message", func() string { return g.text("of the status", "") })
			s.add(4, "type", func() string { return `"OutOfSpaceError"` })
			return s.String()
		})
	}
	return m.String()
}

// kinds of requests: of a section, of a call, or Base.
func (g *generator) request(kind string) string {
	m := &members{g: g}
	object := func(keys ...string) func() string { return func() string { return g.object(0, keys...) } }
	url := func() string {
		if g.often(8) {
			return `"https://api.example.test/` + g.one("a", "b?x=1&y=a+b", "a%2Fb c") + `"`
		}
		return g.text("https://api.example.test/a", "https://api.example.test/a b/é%2F?q=1&r=a+b#f", "https://u:p@API.example.test:443?oauth_callback=x",
			"http://other.example.test:8080/x?", "https://api.example.test/{{temp.x}}", "")
	}
	m.add(4, "temp", func() string { return g.object(1, "x", "o", "t", "y") })
	m.add(2, "condition", g.condition)
	switch kind {
	case "base":
		m.add(8, "baseUrl", func() string { return g.text("https://api.example.test/v1") })
		m.add(3, "url", url)
		m.list = append(m.list, g.literals()...)
	case "call":
		m.add(9, "url", func() string { return g.one(`"/c"`, `"/c?z=1"`, url()) })
	default:
		m.add(9, "url", url)
	}
	m.add(6, "method", func() string { return g.text("POST", "POST", "GET", "PUT", "delete", "HEAD") })
	m.add(3, "headers", object("X-A", "x-a", "Content-Type", "authorization", "Host", "Cookie"))
	m.add(1, "headers", func() string { return `{"content-type": "application/x-www-form-urlencoded"}` })
	m.add(4, "qs", object("a", "b", "oauth_callback", "oauth_token"))
	m.add(6, "body", func() string { return g.any(2) })
	m.add(1, "body", func() string {
		return g.one(`{"oauth_callback": "own", "a": 1}`, `"a=b&oauth_callback=z"`, `"{\"a\":1}"`)
	})
	m.add(5, "type", func() string {
		return g.one(`"json"`, `"urlencoded"`, `"urlencoded"`, `"multipart/form-data"`, `"text"`, `"raw"`, `"binary"`, `"`+g.hole()+`"`)
	})
	m.add(4, "oauth", func() string { return g.oauth(false) })
	m.list = append(m.list, g.literals()...)
	m.add(1, "repeat", func() string {
		return `{"condition": "{{` + g.one("temp.x", "temp.o.y", "temp.n") + `}}", "limit": ` + g.one("0", "1", "3") + `}`
	})
	m.add(8, "response", func() string { return g.response(kind) })
	return m.String()
}

// literals are the directives that take no template.
func (g *generator) literals() []string {
	m := &members{g: g}
	for _, name := range []string{"encodeUrl", "gzip", "followRedirects", "followAllRedirects", "shareCookies", "rejectUnauthorized"} {
		m.add(1, name, func() string { return g.one("true", "false") })
	}
	return m.list
}

// requests is a section: one request, several, or none.
func (g *generator) requests() string {
	switch g.IntN(8) {
	case 0:
		return "[" + g.request("") + ", " + g.request("") + "]"
	case 1:
		return g.one("{}", "[]")
	}
	return g.request("")
}

func (g *generator) authorize() string {
	m := &members{g: g}
	m.add(3, "temp", func() string { return g.object(1, "x", "t") })
	m.add(1, "condition", g.condition)
	m.list = append(m.list, `"url": "`+g.one("https://www.example.test/go?ui=1", "https://www.example.test/go?oauth_token=&oauth_token=own#frag", "https://www.example.test/go é/{{temp.x}}")+`"`)
	m.add(3, "qs", func() string { return `{"a": ` + g.any(1) + `, "oauth_token": ` + g.text("own") + `}` })
	m.add(8, "oauth", func() string { return g.one(`{"token": "{{temp.t}}"}`, `{"token": `+g.text("rq")+`}`, "false") })
	m.add(5, "response", func() string {
		r := g.within(storeRoots, "query.oauth_verifier", "query.error", "query", "oauth.redirectUri")
		inner := &members{g: r}
		inner.add(6, "temp", func() string { return r.object(1, "v", "x") })
		inner.add(4, "valid", func() string {
			return r.one(`"`+r.hole()+`"`, "false", `{"condition": "`+r.hole()+`", "message": `+r.text("no", "")+`}`, `{"condition": false, "type": `+r.text("DataError")+`}`)
		})
		inner.add(4, "error", r.failure)
		return inner.String()
	})
	return m.String()
}

// definitions are those of the parameters of every spec.
const definitions = `[
	{"name": "a", "type": "any"}, {"name": "l", "type": "any"},
	{"name": "p", "type": "password", "default": "pass{{word}}", "validate": {"min": 4, "max": 12}},
	{"name": "mail", "type": "email"}, {"name": "port", "type": "port"}, {"name": "title", "type": "banner", "required": true},
	{"name": "flag", "type": "boolean", "nested": [{"name": "why", "type": "text", "required": true}]},
	{"name": "kind", "type": "select", "default": "one", "options": [{"label": "One", "value": "one"},
		{"label": "Two", "value": "two", "nested": [{"name": "port", "type": "number", "validate": {"min": 100}}]}]},
	{"name": "deep", "type": "collection", "spec": [{"name": "pin", "type": "text", "default": "0000", "validate": {"pattern": "^\\d+$"}}, {"name": "n", "type": "integer", "validate": {"max": 10}}]},
	{"name": "many", "type": "array", "validate": {"minItems": 1}, "spec": [{"name": "pin", "type": "text", "default": "none"}]}
]`

// source is a whole spec by its parts.
func (g *generator) source() *value.Object {
	start := append([]string{"oauth.redirectUri", "oauth.scope"}, storeRoots...)
	o := value.NewObject(5)
	root := g.within(storeRoots)
	o.Set("parameters", value.Text(definitions))
	if g.often(3) {
		o.Set("communication", value.Text(root.requests()))
	} else {
		m := &members{g: root}
		m.add(9, "oauth", func() string { return root.oauth(true) })
		m.add(8, "requestToken", g.within(start).requests)
		m.add(8, "authorize", g.within(start).authorize)
		m.add(7, "accessToken", g.within(start, "query.oauth_verifier", "query").requests)
		m.add(7, "info", g.within(start, "query.oauth_verifier").requests)
		o.Set("communication", value.Text(m.String()))
	}
	module := g.within(storeRoots, "input.q", "input")
	if g.often(7) {
		o.Set("base", value.Text(module.request("base")))
	}
	o.Set("common", value.Text(`{"s": "shared", "z": 1}`))
	calls := value.NewObject(1)
	calls.Set("one", value.Text(module.request("call")))
	if g.often(2) {
		calls.Set("one", value.Text("["+module.request("call")+", "+module.request("call")+"]"))
	}
	o.Set("calls", value.Collection(calls))
	return o
}

func (g *generator) answer() exchange {
	r := respond{Status: append([]int{201, 302, 302, 304, 307, 401, 404, 429, 503, 600}, slices.Repeat([]int{200}, 25)...)[g.IntN(35)]}
	header := func(name, v string) {
		r.Headers = append(r.Headers, headerField{Name: name, Values: []string{v}})
	}
	if r.Status == 302 || r.Status == 307 {
		header("Location", g.one("/next?a=1", "https://api.example.test/n?oauth_nonce=x&b=2", "https://evil.example.test/", "http://api.example.test/n", "ftp://x/"))
	}
	if g.IntN(40) == 0 {
		return exchange{Respond: respond{Error: g.one("timeout", "dns", "connect", "reset")}}
	}
	switch g.IntN(6) {
	case 0:
		header("Content-Type", "text/html")
		r.Body = []byte("oauth_token=rt%2F1&oauth_token_secret=rs+1&n=5" + g.one("", "&oauth_callback_confirmed=true"))
	case 1:
		header("Content-Type", "application/x-www-form-urlencoded")
		r.Body = []byte("oauth_token=rt%2F1&oauth_token_secret=verysecret&l=1&l=2&oauth_callback_confirmed=true")
	case 2:
		header("Content-Type", g.one("application/xml", "text/plain", "application/json"))
		r.Body = []byte(g.one("<r><n>1</n></r>", "", "broken {", "{\"n\":1,\"n\":2}"))
	default:
		header("Content-Type", "application/json")
		r.Body = []byte(`{"oauth_token":"rt/1","oauth_token_secret":"verysecret","n":9007199254740993,"o":{"y":1,"z":null},"l":[{"n":1},{"n":null},{"n":"é"}],"e":""}`)
	}
	header("X-A", "of the answer")
	header("Set-Cookie", "sid=1")
	r.Advance = time.Duration(g.IntN(3)) * time.Second
	return exchange{Respond: r}
}

func (g *generator) step(run string) flowStep {
	s := flowStep{Run: run, Advance: time.Duration(g.IntN(2)) * time.Minute}
	for range 3 + g.IntN(10) {
		s.HTTP = append(s.HTTP, g.answer())
	}
	return s
}

// client sends a request of the host's own.
func (g *generator) client() flowStep {
	s := g.step("client")
	s.Request = &clientRequest{Method: g.one("GET", "GET", "POST", "DELETE"),
		URL: g.one("https://api.example.test/v1?x=1", "https://api.example.test/v1?x=1", "/items?x=%2f&w", "items", "https://API.example.test:443/a?z=&=1#f")}
	if g.often(3) {
		s.Request.Query = parse(`{"x": "own 1", "m": ["é", ""], "n": null}`)
	}
	for _, name := range []string{"X-A", "x-b", "Content-Type", "User-Agent", "authorization"} {
		if g.often(1) {
			s.Request.Headers = append(s.Request.Headers, headerField{Name: name, Values: []string{"of the host", "twice"}[:1+g.IntN(2)]})
		}
	}
	switch g.IntN(6) {
	case 0, 1:
		s.Request.Form = parse(`{"f": "1 2", "g": ["é", ""]}`)
	case 2:
		s.Request.Data = value.Collection(parse(`{"d": [1, null]}`))
	case 3:
		s.Request.Body, s.Request.HasBody = g.one("", "a=1&a", "verysecret"), true
	}
	return s
}

// flow is a case of a generated spec: an authorisation, perhaps a callback, then what a host does with a connection.
func (g *generator) flow(id string) *Case {
	c := &flowCase{Source: value.Collection(g.source()), Options: parse(g.one("{}", "{}", `{"legacyErrorTypes": true, "maxRedirects": 1}`,
		`{"maxRequests": 2, "userAgent": "host/1"}`, `{"allowHttp": false, "strictEquality": true}`, `{"allowInsecureTls": true, "pendingTtl": "30s"}`)),
		Flags: []string{"--ignore=MAKE311,MAKE314,MAKE315,MAKE316,MAKE317,MAKE318,MAKE319,MAKE320,MAKE321"}} // odd company is meant
	c.Input.Parameters = parse(g.one(`{"a": "A", "l": [1, {"n": 2}]}`, `{"a": "A", "l": [1, {"n": 2}]}`, `{"a": "A"}`, `{"mail": "a@b.test", "port": 443, "many": [{}]}`, `{"a": "A", "l": [1, {"n": 2}], "p": "hunter22"}`, `{"a": null, "l": {}}`, `{}`,
		`{"p": 5, "mail": "x", "port": -1, "deep": {"pin": "é"}}`, `{"mail": "a@b.test", "port": 80.5, "kind": "two", "deep": {"n": 3}, "many": [{"pin": "1234"}, 2]}`,
		`{"kind": ["one", "zero"], "many": [], "flag": true, "deep": {"pin": "12", "n": 11}}`))
	c.Input.Common = parse(`{"s": "of the host"}`)
	c.Input.Environment = parse(`{"e": {"f": 1}}`)
	c.Input.RedirectURI = g.one("https://connect.example.test/cb", "https://connect.example.test/cb", "")
	c.Input.Scope = []string{"read"}
	c.Steps = append(c.Steps, g.step("authorize"))
	callback := g.step("callback")
	callback.Query = value.Text(g.one("oauth_token=rt%2F1&oauth_verifier=v1", "oauth_token=rt%2F1&oauth_verifier=v1", "oauth_token=tk&oauth_verifier=v", "oauth_token=own", "", "denied=rt%2F1", "oauth_problem=user_refused",
		"error=no&oauth_token=rt%2F1", "error=no&oauth_verifier=1&oauth_token=rt%2F1", "oauth_token=other"))
	call := g.step("call:one")
	call.Input = value.Collection(parse(`{"q": {"a": 1, "b": null}, "a": "input"}`))
	c.Steps = append(c.Steps, callback, call, g.step(g.one("test", "validate", "reauthorize", "extendScope")), call, g.client())
	return &Case{ID: id, Flow: c}
}

func parse(text string) *value.Object {
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		panic(err)
	}
	return v.Object()
}
