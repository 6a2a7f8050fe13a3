package vm_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// shown is everything that a host sees of its runs: events and records, as text and as JSON.
func shown(t *testing.T, w *world) string {
	t.Helper()
	var b strings.Builder
	for _, e := range w.events {
		j, jerr := json.Marshal(e)
		if jerr != nil {
			t.Fatal(jerr)
		}
		fmt.Fprintf(&b, "%s\n%+v\n%v\n", j, e, e.Value)
		if e.Signature != nil {
			fmt.Fprintf(&b, "%+v\n", *e.Signature)
		}
	}
	for _, r := range w.records {
		j, jerr := json.Marshal(r)
		if jerr != nil {
			t.Fatal(jerr)
		}
		fmt.Fprintf(&b, "%s\n%+v\n", j, r)
	}
	return b.String()
}

// said is everything that an error says. Common data may stand there: messages are the author's words.
func said(err error) string {
	var e *vm.Error
	if !errors.As(err, &e) {
		return ""
	}
	return fmt.Sprintf("%v\n%s\n%s\n%s\n%s\n", e, e.Type, e.Message, e.Provider, e.Help)
}

// forms are the ways in which a secret may stand in a request.
func forms(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	once := strings.ReplaceAll(url.QueryEscape(secret), "+", "%20")
	return map[string]string{"plain": secret, "JSON": string(quoted[1 : len(quoted)-1]), "percent-encoded": once, "form": url.QueryEscape(secret), "encoded twice": url.PathEscape(once)}
}

// No secret that the engine knows of shows in any event, record or error, in any encoding that it is sent in, whether
// the requests succeed or fail and whatever the specification copies where.
func TestSecretsStayHidden(t *testing.T) {
	secrets := map[string]string{"consumer secret": "cons sec/ret&1", "password": "pass \"word\"%2", "nested password": "deep pa$$word", "list password": "listed pa$$word", "common": "common=salt+3", "common inside": "inner salt/4",
		"token secret": "tok sec&ret5", "access secret": "acc sec&ret6"}
	spec := `{"oauth":{"consumer_key":"ck","consumer_secret":"{{parameters.cs}}"},
	"requestToken":{"url":"https://u%s:{{parameters.pw}}@a.test/{{parameters.pw}}/t","method":"POST","type":"urlencoded","encodeUrl":false,"headers":{"X-Pw":"{{parameters.pw}}","X-Salt":"{{common.salt}}"},
	  "qs":{"pw":"{{parameters.pw}}","n":"{{parameters.npw}}"},"body":{"pw":"{{parameters.pw}}","salt":"{{common.salt}}","l":"{{parameters.list[1].lpw}}"},
	  "response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}","renamed":"{{body.oauth_token_secret}}","copy":"x{{parameters.pw}}y"},"error":"{{parameters.cs}} {{parameters.pw}} {{parameters.npw}} {{body}}"},"log":{"sanitize":["request.headers.x-none"]}},
	"authorize":{"url":"https://a.test/go","qs":{"s":"{{parameters.pw}}"},"oauth":{"token":"{{temp.t}}"},"response":{"temp":{"again":"{{temp.renamed}}"},"error":"{{temp.renamed}} {{parameters.pw}}"}},
	"accessToken":{"url":"https://a.test/x","method":"POST","body":{"pw":"{{parameters.pw}}","s":"{{temp.renamed}}"},"oauth":{"token":"{{temp.t}}","token_secret":"{{temp.renamed}}","verifier":"{{query.oauth_verifier}}"},
	  "response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}","secret":"{{body.oauth_token_secret}}"},"error":{"message":"{{temp.renamed}}","type":"{{parameters.pw}}"}},"log":{"sanitize":["response.headers.x-none"]}},
	"info":{"url":"https://a.test/i","oauth":{"token":"{{data.token}}","token_secret":"{{data.secret}}"},"response":{"uid":"{{parameters.pw}}","metadata":{"type":"{{parameters.cs}}","value":"{{parameters.pw}}"},"valid":{"condition":"{{body.ok}}","message":"{{data.secret}}"}},"log":{"sanitize":["response.body.x"]}}}`
	p := mustCompileParts(t, map[string]string{make.Communication: strings.Replace(spec, "u%s:", "u:", 1), make.Params: `[{"name":"cs","type":"password"},{"name":"pw","type":"password"},
		{"name":"kind","type":"select","options":[{"value":"x","label":"X","nested":[{"name":"npw","type":"password"}]}]},{"name":"list","type":"array","spec":[{"name":"lpw","type":"password"}]}]`}, nil, imlc.Options{})
	params := value.NewObject(4)
	params.Set("cs", value.Text(secrets["consumer secret"]))
	params.Set("pw", value.Text(secrets["password"]))
	params.Set("kind", value.Text("x"))
	params.Set("npw", value.Text(secrets["nested password"]))
	item := value.NewObject(1)
	item.Set("lpw", value.Text(secrets["list password"]))
	params.Set("list", value.Array([]value.Value{value.Collection(item)}))
	inner := value.NewObject(1)
	inner.Set("salt", value.Text(secrets["common inside"]))
	common := value.NewObject(2)
	common.Set("salt", value.Text(secrets["common"]))
	common.Set("inner", value.Collection(inner))

	form := func(name, secret string) reply {
		return reply{contentType: "text/plain", body: "oauth_token=tk" + name + "&oauth_token_secret=" + url.QueryEscape(secret) + "&oauth_callback_confirmed=true&echo=" + url.QueryEscape(secrets["password"]+secrets["common inside"])}
	}
	first, second := form("1", secrets["token secret"]), form("2", secrets["access secret"])
	failing := func(r reply) reply {
		r.status = 401
		return r
	}
	good := reply{contentType: "application/json", body: `{"ok":true,"echo":` + fmt.Sprintf("%q", secrets["access secret"]) + `}`}
	for name, replies := range map[string][]reply{
		"good": {first, second, good}, "request token fails": {failing(first)}, "access token fails": {first, failing(second)}, "info is not valid": {first, second, {contentType: "application/json", body: `{"ok":0}`}},
		"info is unreadable": {first, second, {contentType: "application/json", body: `{` + secrets["password"]}}, "refused": {first},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(replies...)
			h := w.host()
			h.Egress.AllowHTTP = true
			h.Common = func(context.Context, string, string) (*value.Object, error) { return common, nil }
			e := mustEngine(t, p, h)
			step, err := e.Authorize(context.Background(), vm.Grant{Parameters: params, RedirectURI: "https://b.test/"})
			if err == nil {
				query := "oauth_token=tk1&oauth_verifier=v"
				if name == "refused" {
					query = "denied=tk1&echo=" + url.QueryEscape(secrets["password"])
				}
				_, err = e.Callback(context.Background(), step.State, query)
			}
			if (err == nil) != (name == "good") {
				t.Fatal(err)
			}
			for what, secret := range secrets {
				text := shown(t, w)
				if !strings.HasPrefix(what, "common") {
					text += said(err)
				}
				all := forms(secret)
				all["base64"], all["hex"] = base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret))
				for form, s := range all {
					if i := strings.Index(text, s); i >= 0 {
						t.Errorf("the %s (%s) shows: …%s…", what, form, text[max(0, i-150):min(len(text), i+60)])
						break
					}
				}
			}
			if len(w.events) == 0 || len(w.records) == 0 || !strings.Contains(shown(t, w), value.Mask) {
				t.Error("nothing was traced, logged or masked")
			}
		})
	}
}

// Without log.sanitize neither contents nor query are logged; a sanitised path is masked.
func TestLogContents(t *testing.T) {
	spec := func(log string) string {
		return `{"url":"https://a.test/p?q=visible","method":"POST","body":{"a":"visible","b":"hidden"},"response":{"data":{"x":"{{body.x}}"}}` + log + `}`
	}
	for log, want := range map[string]struct{ contents, hidden bool }{"": {false, false}, `,"log":{}`: {false, false}, `,"log":{"sanitize":[]}`: {true, true}, `,"log":{"sanitize":["request.body.b"]}`: {true, false}} {
		w := newWorld(reply{status: 201, contentType: "application/json", body: `{"x":"visible"}`})
		h := w.host()
		h.Tracer = nil
		if _, err := mustEngine(t, mustCompile(t, spec(log), imlc.Options{}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		text := shown(t, w)
		if strings.Contains(text, "visible") != want.contents || strings.Contains(text, "hidden") != want.hidden {
			t.Errorf("log %q: %s", log, text)
		}
		if r := w.records[0]; r.Method != "POST" || r.Host != "a.test" || r.Path != "/p" || r.Status != 201 || r.Section != "communication" {
			t.Errorf("log %q: %+v", log, r)
		}
	}
}

// A secret in a host name, a method or a body type is in no record and in no error, whole or unwrapped.
func TestSecretsInOddPlaces(t *testing.T) {
	const secret = "hunter2secret"
	for name, request := range map[string]string{
		"host":     `{"url": "https://{{parameters.secret}}.example.test/"}`,
		"path":     `{"url": "https://api.example.test/{{parameters.secret}} x"}`,
		"method":   `{"url": "https://api.example.test/", "method": "{{parameters.secret}} x"}`,
		"type":     `{"url": "https://api.example.test/", "method": "POST", "type": "{{parameters.secret}}", "body": "x"}`,
		"url":      `{"url": "{{parameters.secret + \"://h.test\"}}"}`,
		"ca":       `{"url": "https://api.example.test/", "ca": "-----BEGIN {{parameters.secret}}-----\nAAAA\n-----END {{parameters.secret}}-----"}`,
		"header":   `{"url": "https://api.example.test/", "headers": {"{{parameters.secret}} x": "1"}}`,
		"response": `{"url": "https://api.example.test/", "response": {"type": "{{parameters.secret}}"}}`,
	} {
		w := newWorld(reply{err: errors.New("no route to " + secret)})
		if name == "response" {
			w = newWorld(reply{body: "x"})
		}
		e := mustEngine(t, mustCompileParts(t, map[string]string{make.Communication: request, make.Params: `[{"name": "secret", "type": "password"}]`}, nil, imlc.Options{}), w.host())
		params := value.NewObject(1)
		params.Set("secret", value.Text(secret))
		_, err := e.Authorize(context.Background(), vm.Grant{Parameters: params})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		for at := err; at != nil; at = errors.Unwrap(at) {
			if text := fmt.Sprintf("%v %+v", at, at); strings.Contains(text, secret) {
				t.Errorf("%s: %T shows %s", name, at, text)
			}
		}
		if text := shown(t, w); strings.Contains(text, secret) {
			t.Errorf("%s: a host sees %s", name, text)
		}
	}
}
