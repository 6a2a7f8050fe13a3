package vm_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// A connection that no front end wrote: it says in the syntax tree what other ways of writing connections mean, which
// differ from Make in much that an engine might take for granted. Lists lose what is missing, objects that come to
// nothing vanish, a failing proof says that the credentials do not work, a token answer says when they end, and the
// spec offers two ways to authorise.

// tree builds values whose holes name the neutral roots.
type tree struct{ t *testing.T }

func (b tree) text(s string) ast.Value {
	v, problems := template.Parse(s, source.Identity(source.NewFile("tree", s), 0), template.Options{})
	if v == nil {
		b.t.Fatal(problems)
	}
	return v
}

func (b tree) object(prune bool, pairs ...any) *ast.Object {
	o := &ast.Object{Prune: prune}
	for i := 0; i < len(pairs); i += 2 {
		v, ok := pairs[i+1].(ast.Value)
		if !ok {
			v = b.text(pairs[i+1].(string))
		}
		o.Entries = append(o.Entries, ast.Entry{Key: pairs[i].(string), Value: v})
	}
	return o
}

// filter is a body with much that may be missing: objects within objects, items of a list, and an item per id.
func (b tree) filter() ast.Value {
	return b.object(true,
		"where", b.object(true, "owner", b.object(true, "name", "{{data.owner}}")),
		"tags", &ast.Array{Items: []ast.Value{b.text("{{data.tag}}"), b.text("all"), b.text("{{data.other}}")}, Missing: ast.MissingDrop, Prune: true},
		"ids", &ast.Each{Source: b.text("{{data.ids}}"), Item: "id", Index: "at", Missing: ast.MissingDrop, Prune: true,
			Body: b.object(true, "id", &ast.Local{Name: "id"}, "rank", &ast.Local{Name: "at"})},
		"none", &ast.Each{Source: b.text("{{data.missing}}"), Item: "x", Body: &ast.Local{Name: "x"}, Missing: ast.MissingDrop, Prune: true},
	)
}

// verdict accepts 2xx only, and says of most other answers that the credentials do not work.
func verdict() *ast.Verdict {
	failed := ast.Failure{Type: "InvalidAccessTokenError", Code: vm.CodeTestFailed, Message: "The connection does not work."}
	return &ast.Verdict{Accept: []ast.StatusRange{{First: 200, Last: 299}}, OnInvalid: failed, OnStatus: []ast.StatusFailure{
		{First: 429, Last: 429, Failure: ast.Failure{Type: "RateLimitError"}},
		{First: 500, Last: 599, Failure: ast.Failure{Type: vm.ConnectionError}},
		{First: 1, Last: 999, Failure: failed},
	}}
}

// threeLegged is a flow of three stages and a proof; its host is that of the variant.
func (b tree) threeLegged(host string) *ast.Connection {
	token := func() *ast.ResponseType { return &ast.ResponseType{Value: ast.Parser{Kind: ast.ParseToken}} }
	return &ast.Connection{
		Parameters: []*ast.Parameter{{Name: "owner", Type: "text", Kind: ast.ParameterText}},
		OAuth:      &ast.OAuth{ConsumerKey: b.text("{{common.key}}"), ConsumerSecret: b.text("{{common.secret}}")},
		Redirects:  []string{"popup"},
		Stages: []*ast.Stage{
			{Name: "begin", Requests: []*ast.Request{{
				URL: b.text(host + "/begin"), Method: b.text("post"), Callback: ast.CallbackInject, Verdict: verdict(),
				Response: &ast.Response{Type: token(), Temp: b.object(false, "t", "{{body.oauth_token}}", "s", "{{body.oauth_token_secret}}")},
			}}},
			{Name: "consent", Redirect: &ast.Redirect{URL: b.text(host + "/consent?lang=en"), QueryMode: ast.QueryAppend, TokenFirst: true,
				Query: b.object(false, "popup", "{{redirect.popup}}", "state", "{{state}}"), OAuth: &ast.OAuth{Token: b.text("{{temp.t}}")}}},
			{Name: "exchange", Requests: []*ast.Request{{
				URL: b.text(host + "/exchange"), Method: b.text("POST"), Verdict: verdict(),
				OAuth:    &ast.OAuth{Token: b.text("{{temp.t}}"), TokenSecret: b.text("{{temp.s}}"), Verifier: b.text("{{callback.oauth_verifier}}")},
				Response: &ast.Response{Type: token(), DataFields: []string{"*"}},
			}}},
			{Name: "prove", Proof: true, Requests: []*ast.Request{{
				URL: b.text(host + "/prove"), Method: b.text("POST"), Body: b.filter(), Verdict: verdict(),
				OAuth:    &ast.OAuth{Token: b.text("{{data.oauth_token}}"), TokenSecret: b.text("{{data.oauth_token_secret}}")},
				Response: &ast.Response{Valid: &ast.Valid{Condition: b.text("{{body.ok}}")}, UID: b.text("{{body.id}}")},
			}}},
		},
		Calls: []*ast.Call{{Name: "where", Requests: []*ast.Request{{URL: b.text(host + "/{{input.what}}"), Verdict: verdict()}}}},
	}
}

// treePlan compiles the connection; every engine of a test loads it from its file.
func treePlan(t *testing.T) *plan.Plan {
	t.Helper()
	b := tree{t}
	p, l := compiler.Connection(&ast.Connection{Name: "tree", Dialect: "none", Variants: []*ast.Variant{
		{Name: "live", Enabled: b.text(`{{data.mode = "live"}}`), Connection: b.threeLegged("https://live.test")},
		{Name: "sandbox", Enabled: b.text(`{{data.mode = "sandbox" || data.mode = "live" && data.both}}`), Connection: b.threeLegged("https://sandbox.test")},
	}}, compiler.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	file, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = plan.Decode(file, plan.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	begun = reply{contentType: "application/json", body: `{"oauth_token":"rt","oauth_token_secret":"rs","oauth_callback_confirmed":"true"}`}
	given = reply{contentType: "text/plain", body: "oauth_token=at&oauth_token_secret=as&oauth_expires_in=3600&shop=9"}
	works = reply{contentType: "application/json", body: `{"ok":true,"id":7}`}
)

func treeHost(w *world, t *testing.T) vm.Host {
	h := w.host()
	h.Seal, h.Pending, h.Entropy = sealer(t, "k"), vm.NewMemoryPending(w.clock), strings.NewReader(strings.Repeat("entropy ", 100))
	h.Common = func(context.Context, string, string) (*value.Object, error) {
		return object(t, `{"key":"ck","secret":"cs"}`), nil
	}
	return h
}

// treeConnected runs the whole flow, each half of it in an engine of its own.
func treeConnected(t *testing.T, w *world, h vm.Host, parameters string) *vm.Connection {
	t.Helper()
	w.script(begun)
	step, err := mustEngine(t, treePlan(t), h).Authorize(context.Background(), vm.Grant{Parameters: object(t, parameters), RedirectURI: "https://app.test/cb",
		RedirectURIs: map[string]string{"popup": "https://app.test/popup"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "https://live.test/consent?lang=en&oauth_token=rt&popup=https%3A%2F%2Fapp.test%2Fpopup&state="
	if state, ok := strings.CutPrefix(step.RedirectURL, want); !ok || len(state) != 32 {
		t.Errorf("redirected to %s", step.RedirectURL)
	}
	w.script(given, works)
	conn, err := mustEngine(t, treePlan(t), h).Callback(context.Background(), step.State, "oauth_token=rt&oauth_verifier=v")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestTree(t *testing.T) {
	w := newWorld()
	conn := treeConnected(t, w, treeHost(w, t), `{"mode":"live","ids":["a","b"]}`)
	if got, want := w.sent[1].Body, `{"tags":["all"],"ids":[{"id":"a","rank":0},{"id":"b","rank":1}]}`; got != want {
		t.Errorf("the proof sent %s, expected %s", got, want)
	}
	want := `{"mode":"live","ids":["a","b"],"oauth_token":"at","oauth_token_secret":"as","oauth_expires_in":"3600","shop":"9"}`
	if diff := cmp.Diff(want, jsonOf(conn.Data)); diff != "" {
		t.Error(diff)
	}
	if !conn.Expires.Equal(w.now.Add(time.Hour)) || conn.UID != "7" || conn.Variant != "live" {
		t.Errorf("expires %v, uid %q, variant %q", conn.Expires, conn.UID, conn.Variant)
	}
	stored, err := conn.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again := new(vm.Connection)
	if err := again.UnmarshalJSON(stored); err != nil {
		t.Fatal(err)
	}
	w.script(reply{body: "there"})
	got, err := mustEngine(t, treePlan(t), treeHost(w, t)).Call(context.Background(), again, "where", object(t, `{"what":"here"}`))
	if err != nil || value.ToText(got) != "there" || w.sent[0].URL != "https://live.test/here" {
		t.Errorf("the call gave %v, %v from %s", got, err, w.sent[0].URL)
	}
}

// Everything missing leaves no body at all, and no empty object or list in its place.
func TestTreePrunesToNothing(t *testing.T) {
	b := tree{t}
	p, l := compiler.Connection(&ast.Connection{Stages: []*ast.Stage{{Name: "only", Requests: []*ast.Request{
		{URL: b.text("https://h.test/"), Method: b.text("POST"), Body: b.object(true, "where", b.object(true, "owner", "{{data.owner}}"),
			"tags", &ast.Array{Items: []ast.Value{b.text("{{data.tag}}")}, Missing: ast.MissingDrop, Prune: true})},
	}}}}, compiler.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	for given, want := range map[string]string{`{}`: "", `{"tag":"x"}`: `{"tags":["x"]}`, `{"owner":{}}`: `{"where":{"owner":{}}}`, `{"owner":null}`: `{"where":{"owner":null}}`} {
		w := newWorld(reply{})
		if _, err := mustEngine(t, p, w.host()).Authorize(context.Background(), vm.Grant{Parameters: object(t, given)}); err != nil {
			t.Fatal(err)
		}
		if w.sent[0].Body != want {
			t.Errorf("%s sent %q, expected %q", given, w.sent[0].Body, want)
		}
	}
}

// A proof that fails is what its verdict says, by status and by the answer; the author has said nothing.
func TestTreeProofFails(t *testing.T) {
	w := newWorld()
	h := treeHost(w, t)
	conn := treeConnected(t, w, h, `{"mode":"live"}`)
	e := mustEngine(t, treePlan(t), h)
	for name, c := range map[string]struct {
		answer reply
		want   vm.Error
	}{
		"not valid":  {reply{contentType: "application/json", body: `{"ok":0}`}, vm.Error{Type: "InvalidAccessTokenError", Code: vm.CodeTestFailed, Message: "The connection does not work.", Status: 200}},
		"refused":    {reply{status: 401}, vm.Error{Type: "InvalidAccessTokenError", Code: vm.CodeTestFailed, Message: "The connection does not work.", Status: 401}},
		"redirected": {reply{status: 304}, vm.Error{Type: "InvalidAccessTokenError", Code: vm.CodeTestFailed, Message: "The connection does not work.", Status: 304}},
		"too fast":   {reply{status: 429}, vm.Error{Type: "RateLimitError", Message: "[429] Too Many Requests", Status: 429}},
		"down":       {reply{status: 503}, vm.Error{Type: vm.ConnectionError, Message: "[503] Service Unavailable", Status: 503}},
	} {
		w.script(c.answer)
		c.want.Section = "prove"
		got := errorOf(t, e.Test(context.Background(), conn))
		trimmed := vm.Error{Type: got.Type, Code: got.Code, Message: got.Message, Section: got.Section, Status: got.Status}
		if diff := cmp.Diff(c.want, trimmed); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What a token endpoint answers beside a token (spec dialects.md §1.3).
func TestTreeTokenAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		want   vm.Error
		warns  string
	}{
		"status":  {answer: reply{status: 503, contentType: "application/json", body: `{"message":"try later"}`}, want: vm.Error{Type: vm.ConnectionError, Message: "[503] Service Unavailable: try later", Status: 503}},
		"words":   {answer: reply{status: 401, body: "oauth_problem=token_rejected"}, want: vm.Error{Type: "InvalidAccessTokenError", Code: vm.CodeTestFailed, Message: "The connection does not work.", Status: 401}},
		"problem": {answer: reply{body: "oauth_problem=consumer_key_refused"}, want: vm.Error{Type: vm.RuntimeError, Code: vm.CodeRefused, Message: "[200] OK: consumer_key_refused", Status: 200}},
		"page":    {answer: reply{contentType: "text/html", body: "<html><body>hello</body></html>"}, want: vm.Error{Type: vm.DataError, Code: vm.CodeBadTokenAnswer, Status: 200}},
		"nothing": {answer: reply{contentType: "application/json", body: `{"ok":true}`}, want: vm.Error{Type: vm.DataError, Code: vm.CodeBadTokenAnswer, Status: 200}},
		"twice":   {answer: reply{body: "oauth_token=rt&oauth_token=other&oauth_token_secret=rs&oauth_callback_confirmed=true"}, warns: "oauth1/repeated-field"},
		"mistold": {answer: reply{contentType: "application/json", body: "oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true"}, warns: "oauth1/content-type-mismatch"},
	} {
		w := newWorld(c.answer)
		_, err := mustEngine(t, treePlan(t), treeHost(w, t)).Authorize(context.Background(), vm.Grant{Parameters: object(t, `{"mode":"live"}`), RedirectURI: "https://app.test/cb"})
		warned := ""
		for _, event := range w.events {
			if event.Kind == vm.EventWarning {
				warned += event.Code
			}
		}
		if warned != c.warns {
			t.Errorf("%s: warned of %q, expected %q", name, warned, c.warns)
		}
		if c.want.Type == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		got := errorOf(t, err)
		trimmed := vm.Error{Type: got.Type, Code: got.Code, Message: got.Message, Status: got.Status}
		if c.want.Message == "" {
			trimmed.Message = ""
		}
		if diff := cmp.Diff(c.want, trimmed); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Exactly one variant is taken: the one that is enabled, or the one that the grant names and that is enabled.
func TestTreeVariants(t *testing.T) {
	for name, c := range map[string]struct{ parameters, variant, host, want string }{
		"enabled":         {`{"mode":"sandbox"}`, "", "https://sandbox.test/begin", ""},
		"named":           {`{"mode":"live","both":true}`, "live", "https://live.test/begin", ""},
		"other one named": {`{"mode":"live","both":true}`, "sandbox", "https://sandbox.test/begin", ""},
		"none":            {`{"mode":"dry"}`, "", "", "no variant of the spec is enabled; expected exactly one of live, sandbox"},
		"several":         {`{"mode":"live","both":true}`, "", "", "several variants of the spec are enabled: live, sandbox; expected exactly one of live, sandbox"},
		"unknown":         {`{"mode":"live"}`, "old", "", "the spec has no variant named old that is enabled; expected exactly one of live, sandbox"},
		"named, disabled": {`{"mode":"live"}`, "sandbox", "", "the spec has no variant named sandbox that is enabled; expected exactly one of live, sandbox"},
	} {
		w := newWorld(begun)
		_, err := mustEngine(t, treePlan(t), treeHost(w, t)).Authorize(context.Background(), vm.Grant{Parameters: object(t, c.parameters), Variant: c.variant, RedirectURI: "https://app.test/cb"})
		if c.want != "" {
			if e := errorOf(t, err); e.Type != vm.InvalidConfigurationError || e.Code != vm.CodeVariant || e.Message != c.want || len(w.sent) > 0 {
				t.Errorf("%s: %v after %d requests", name, e, len(w.sent))
			}
			continue
		}
		if err != nil || w.sent[0].URL != c.host {
			t.Errorf("%s: %v, sent to %v", name, err, w.sent)
		}
	}
	// The parameters of a variant are its own.
	_, err := mustEngine(t, treePlan(t), newWorld().host()).Authorize(context.Background(), vm.Grant{Parameters: object(t, `{"mode":"live","owner":5}`)})
	if err == nil || err.Error() != "parameters are not valid: owner: Expected type 'string', got type 'number'." {
		t.Errorf("a parameter of the variant: %v", err)
	}
	// A stored connection goes on with the variant that made it.
	e := mustEngine(t, treePlan(t), newWorld().host())
	for name, want := range map[string]string{"": "the connection names none of the variants of the spec", "old": "the spec has no variant named old"} {
		got := errorOf(t, e.Test(context.Background(), &vm.Connection{Variant: name}))
		if got.Code != vm.CodeVariant || !strings.HasPrefix(got.Message, want) {
			t.Errorf("a connection of variant %q: %v", name, got)
		}
	}
}

// A script that a connection needs is refused where it stands; one that it can do without is left out with a warning.
func TestTreeHooks(t *testing.T) {
	file := source.NewFile("hooks.json", "{\n  \"test\": \"js\"\n}")
	span := source.Span{File: file, Start: 4, End: 10}
	for needed, want := range map[bool]string{true: "hooks.json:2:3 IMLC004", false: "hooks.json:2:3 IMLC006"} {
		p, l := compiler.Connection(&ast.Connection{Hooks: []*ast.Hook{{Name: "test", Needed: needed, At: ast.Origin{Span: span, Key: span}}}}, compiler.Options{})
		if len(l.Items) != 1 || (p == nil) != needed {
			t.Fatalf("needed is %v: %v", needed, l.Items)
		}
		d := l.Items[0]
		at := d.Span.File.Position(d.Span.Start)
		if got := fmt.Sprintf("%s:%d:%d %s", file.Name, at.Line, at.Column, d.Code); got != want {
			t.Errorf("%s, expected %s", got, want)
		}
	}
}
