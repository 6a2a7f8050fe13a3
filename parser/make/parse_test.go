package make

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
)

// TestWorkedExample reads the specification of spec make.md §23.1, whose diagnostics are complete with two.
func TestWorkedExample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "spec", "make.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "### 23.1 ")
	_, rest, _ = strings.Cut(rest, "```jsonc\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the example is not where it was")
	}
	for _, lint := range []bool{false, true} {
		c, list := parse(map[string]*source.File{Communication: source.NewFile("spec.jsonc", example)}, parser.Options{Lint: lint})
		if diff := cmp.Diff([]string{"spec.jsonc:16:5 MAKE303", "spec.jsonc:30:3 MAKE307"}, reported(list, []string{"MAKE307"})); diff != "" {
			t.Errorf("lint %v: -want +got\n%s", lint, diff)
		}
		want := []string{"requestToken 1", "authorize redirect", "accessToken 1", "info 1 proof"}
		if diff := cmp.Diff(want, stageNames(c)); diff != "" || c.OAuth == nil {
			t.Errorf("stages: -want +got\n%s", diff)
		}
	}
}

// stageNames lists the stages with what they do.
func stageNames(c *ast.Connection) []string {
	var out []string
	for _, s := range c.Stages {
		text := s.Name
		if s.Redirect != nil {
			text += " redirect"
		}
		if len(s.Requests) > 0 {
			text += fmt.Sprint(" ", len(s.Requests))
		}
		if s.Proof {
			text += " proof"
		}
		out = append(out, text)
	}
	return out
}

// stageOf returns the stage of that name.
func stageOf(t *testing.T, c *ast.Connection, name section) *ast.Stage {
	t.Helper()
	for _, s := range c.Stages {
		if s.Name == string(name) {
			return s
		}
	}
	t.Fatalf("no stage %s in %v", name, stageNames(c))
	return nil
}

// basicRequest returns the one request of a basic connection.
func basicRequest(t *testing.T, text string) *ast.Request {
	t.Helper()
	return stageOf(t, parseText(t, text), inBasic).Requests[0]
}

// showValue writes a value of the tree compactly: texts as they are, holes kept, spreads marked.
func showValue(v ast.Value) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case *ast.Template:
		b, _ := json.Marshal(v.Text)
		return string(b)
	case *ast.Literal:
		switch v.Kind {
		case ast.LiteralBool:
			return fmt.Sprint(v.Bool)
		case ast.LiteralNumber:
			if v.Exact != nil {
				return v.Exact.String()
			}
			return fmt.Sprint(v.Number)
		}
		return "null"
	case *ast.Array:
		var parts []string
		for _, x := range v.Items {
			parts = append(parts, showValue(x))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case *ast.Invoke:
		return v.Library + "." + v.Function + showValue(&ast.Array{Items: v.Args})
	case *ast.Object:
		var parts []string
		for _, x := range v.Entries {
			key := x.Key
			if x.Spread {
				key = "..."
			}
			parts = append(parts, key+":"+showValue(x.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprintf("%T", v)
}

func parseText(t *testing.T, text string) *ast.Connection {
	t.Helper()
	c, list := parse(map[string]*source.File{Communication: source.NewFile("c", text)}, parser.Options{})
	if list.HasErrors() {
		t.Fatalf("errors: %v", list.Items)
	}
	return c
}

func TestRequestDefaults(t *testing.T) {
	req := *basicRequest(t, `{"url":"https://x.test"}`)
	if req.URL == nil || req.Verdict == nil {
		t.Errorf("url %v, verdict %v", req.URL, req.Verdict)
	}
	req.At, req.URL, req.Verdict = ast.Origin{}, nil, nil
	if diff := cmp.Diff(ast.Request{}, req); diff != "" {
		t.Errorf("what is not written is set: -want +got\n%s", diff)
	}
}

func TestRequestTree(t *testing.T) {
	req := basicRequest(t, `{"url":"https://x.test/{{data.a}}","method":"post","encodeUrl":false,"followRedirect":false,"followAllRedirects":false,
		"gzip":true,"shareCookies":true,"rejectUnauthorized":false,"timeout":1000,"type":"urlencoded","ca":"pem",
		"headers":{"{{...}}":"{{data.h}}","X":["a",1,null]},"qs":{"q":9007199254740993},"body":{"a":"x","b":{"c":[true]}},
		"temp":{"t":"{{now}}"},"condition":{"condition":"{{data.c}}"},"oauth":{"token":"t","realm":null,"bad":1},
		"log":{"sanitize":["request.url"]},"repeat":{"condition":"{{temp.m}}","delay":5,"limit":0}}`)
	flags := []ast.Flag{req.EncodeURL, req.FollowRedirects, req.FollowAllRedirects, req.RejectUnauthorized, req.Gzip, req.ShareCookies}
	if diff := cmp.Diff([]ast.Flag{ast.FlagOff, ast.FlagOff, ast.FlagOff, ast.FlagOff, ast.FlagOn, ast.FlagOn}, flags); diff != "" || req.TimeoutMilliseconds != 1000 {
		t.Errorf("literals: timeout %d, flags -want +got\n%s", req.TimeoutMilliseconds, diff)
	}
	got := map[string]string{"url": showValue(req.URL), "method": showValue(req.Method), "type": showValue(req.BodyType), "ca": showValue(req.CA),
		"headers": showValue(req.Headers), "qs": showValue(req.Query), "body": showValue(req.Body), "temp": showValue(req.Temp),
		"condition": showValue(req.Condition.Expr), "oauth": showValue(req.OAuth.Token) + showValue(req.OAuth.Realm) + showValue(req.OAuth.Whole), "repeat": fmt.Sprint(showValue(req.Repeat.Condition), req.Repeat.DelayMilliseconds, req.Repeat.Limit),
		"log": fmt.Sprint(req.Log, req.Sanitize[0].Steps)}
	want := map[string]string{"url": `"https://x.test/{{data.a}}"`, "method": `"post"`, "type": `"urlencoded"`, "ca": `"pem"`,
		"headers": `{...:"{{data.h}}" X:["a" 1 null]}`, "qs": `{q:9007199254740993}`, "body": `{a:"x" b:{c:[true]}}`, "temp": `{t:"{{now}}"}`,
		"condition": `"{{data.c}}"`, "oauth": `"t"null-`, "repeat": `"{{temp.m}}"5 1`, "log": `true [url]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	at := req.Headers.(*ast.Object).Entries[1].Value.(*ast.Array).Items[1].Origin()
	if at.Pointer != "/headers/X/1" || at.Span.Text() != "1" || at.Key != at.Span {
		t.Errorf("origin of an item: %+v", at)
	}
	if at := req.URL.Origin(); at.Pointer != "/url" || at.Key.Text() != `"url"` || at.Span.Text() != `"https://x.test/{{data.a}}"` {
		t.Errorf("origin of the url: %+v", at)
	}
}

func TestResponseTree(t *testing.T) {
	res := basicRequest(t, `{"url":"https://x.test","response":{"type":{"*":"json","400-499":"text"},"valid":{"message":"m"},
		"error":{"message":"e","type":"DataError","404":{"message":"gone"}},"data":"{{body}}","uid":5,"metadata":"{{body.m}}","expires":"{{body.e}}","temp":{}}}`).Response
	if len(res.Type.Ranges) != 2 || res.Type.Ranges[0].Last != 999 || res.Type.Ranges[0].Parser.Kind != ast.ParseJSON ||
		res.Type.Ranges[1].First != 400 || res.Type.Ranges[1].Parser.Kind != ast.ParseText || res.Type.Value != (ast.Parser{}) {
		t.Errorf("type: %+v", res.Type)
	}
	if res.Valid.Condition != nil || showValue(res.Valid.Message) != `"m"` {
		t.Errorf("valid: %+v", res.Valid)
	}
	if len(res.Error.Status) != 1 || res.Error.Status[0].Status != 404 || showValue(res.Error.Status[0].Message) != `"gone"` || showValue(res.Error.Type) != `"DataError"` {
		t.Errorf("error: %+v", res.Error)
	}
	if showValue(res.Data) != `"{{body}}"` || showValue(res.UID) != "5" || showValue(res.Expires) != `core.instant["{{body.e}}"]` || showValue(res.Temp) != "{}" {
		t.Errorf("values: %+v", res)
	}
	if old := basicRequest(t, `{"url":"https://x.test","response":{"metadata":{"type":"url","value":"x"}}}`).Response.Metadata; showValue(old.Type) != `"text"` {
		t.Errorf("metadata of the first generation: %s", showValue(old.Type))
	}
	if showValue(res.Metadata.Value) != `"{{body.m}}"` || res.Metadata.Type != res.Metadata.Value {
		t.Errorf("metadata: %+v", res.Metadata)
	}
}

// TestAppTimeout checks that the timeout of the app's common data is below that of Base, and that below a request's.
func TestAppTimeout(t *testing.T) {
	for _, tt := range []struct {
		base string
		want []int
	}{{"", []int{7000, 5}}, {`{"baseUrl":"https://x.test"}`, []int{7000, 5}}, {`{"timeout":9000}`, []int{0, 5}}} { // 0: that of Base counts
		files := map[string]*source.File{AppCommon: source.NewFile("g", `{"timeout":7000}`),
			Communication: source.NewFile("c", `{"communication":{"url":"https://x.test"},"calls":{"a":{"url":"/a"},"b":{"url":"/b","timeout":5}}}`)}
		if tt.base != "" {
			files[Base] = source.NewFile("b", tt.base)
		}
		c, list := parse(files, parser.Options{})
		if list.HasErrors() {
			t.Fatal(list.Items)
		}
		got := []int{c.Calls[0].Requests[0].TimeoutMilliseconds, c.Calls[1].Requests[0].TimeoutMilliseconds}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("base %s: -want +got\n%s", tt.base, diff)
		}
		if stageOf(t, c, inBasic).Requests[0].TimeoutMilliseconds != 0 {
			t.Error("the connection itself has the timeout of modules")
		}
	}
}

func TestAuthorizeKeepsOnlyItsToken(t *testing.T) {
	c := parseText(t, `{"requestToken":{},"authorize":{"url":"https://x.test","method":"POST","oauth":{"token":"t","verifier":"v"}}}`)
	o := *stageOf(t, c, inAuthorize).Redirect.OAuth
	if token := showValue(o.Token); token != `"t"` {
		t.Errorf("token %s", token)
	}
	if o.At, o.Token = (ast.Origin{}), nil; o != (ast.OAuth{}) {
		t.Errorf("more than the token: %+v", o)
	}
}

func TestSingleFileForm(t *testing.T) {
	f, want := marked("one", `{"name":"Desk","type":"oauth1","communication":{"info":{"url":"https://x.test",‹MAKE201›"urll":1}},
		"parameters":[{"name":"key","type":"text","default":"{{x}}"}],"common":{"a":"{{b}}"},"scope":["r"],"scopes":{"r":"read"},
		"base":{"baseUrl":"https://x.test"},"calls":{"me":{"url":"/me","response":{"output":"{{body}}","iterate":"{{body.l}}"}},"two":[{"url":"/a"},{"url":"/b"}]},‹MAKE201›"extra":1}`)
	c, list := parse(map[string]*source.File{Communication: f}, parser.Options{})
	if diff := cmp.Diff(want, reported(list, want)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c.Name != "Desk" || len(c.Stages) != 1 || len(c.Parameters) != 1 || c.Base == nil || len(c.Calls) != 2 || len(c.Calls[1].Requests) != 2 {
		t.Errorf("connection: %+v", c)
	}
	if showValue(c.Common) != `{a:"{{b}}"}` || showValue(c.Parameters[0].Default) != `"{{x}}"` {
		t.Errorf("data: %s, %s", showValue(c.Common), showValue(c.Parameters[0].Default))
	}
	if text, fixed := c.Common.(*ast.Object).Entries[0].Value.(*ast.Template).Literal(); !fixed || text != "{{b}}" {
		t.Error("common data was read as a template")
	}
	if diff := cmp.Diff([]ast.ScopeEntry{{Name: "r", Description: "read"}}, c.ScopeList); diff != "" || len(c.DefaultScope) != 1 {
		t.Errorf("scope: %v %v", c.DefaultScope, c.ScopeList)
	}
	if got := stageOf(t, c, inInfo).Requests[0].URL.Origin().Pointer; got != "/communication/info/url" {
		t.Errorf("pointer %s", got)
	}
	if res := c.Calls[0].Requests[0].Response; res.Output == nil || res.Iterate == nil || res.Iterate.Container == nil {
		t.Errorf("call: %+v", res)
	}
}

func TestBaseServesCalls(t *testing.T) {
	const base = `"base":{"url":"/x","log":{"sanitize":["request.url"]}},`
	for _, text := range []string{
		`{"communication":{},` + base + `"calls":{"a":{"method":"GET"}}}`,
		`{"communication":{},"calls":{‹MAKE208 MAKE307›"a":{"method":"GET"}}}`,
		`{"communication":{},"calls":{"a":{"url":"/a","response":{‹MAKE301›"data":{}}}}}`,
	} {
		f, marks := marked("one", text)
		_, list := parse(map[string]*source.File{Communication: f}, parser.Options{})
		if diff := cmp.Diff(marks, reported(list, marks)); diff != "" {
			t.Errorf("%s: -want +got\n%s", text, diff)
		}
	}
}

// TestParameterShapes holds the shapes of options, nested fields and defaults (spec make.md §17.1).
func TestParameterShapes(t *testing.T) {
	f := source.NewFile("p", `["rpc://A",{"name":"a","type":"select","editable":{"enabled":true},"options":{"label":"name","value":"id","placeholder":{"nested":[{"name":"none","type":"text"}]},
		"store":[{"label":"g","options":[{"id":"x","name":"X"}]},{"id":2,"name":"Y","nested":{"store":[{"name":"y","type":"text"}]}}]}},
		{"name":"b","type":"{{x}}"},{"name":"h","type":"hidden","default":5},{"name":"i","type":"hidden","default":{"a": 1}},{"name":"j","type":"hidden","default":null},{"name":"k","type":"text","default":5}]`)
	c, list := parse(map[string]*source.File{Communication: source.NewFile("c", `{}`), Params: f}, parser.Options{})
	if len(list.Items) > 0 {
		t.Fatal(list.Items)
	}
	if len(c.Parameters) != 6 {
		t.Fatalf("%d parameters", len(c.Parameters))
	}
	a, b := c.Parameters[0], c.Parameters[1]
	var options []string
	for _, o := range a.Options {
		text := showValue(o.Value) + " " + o.Label
		for _, n := range o.Nested {
			text += " " + n.Name
		}
		options = append(options, text)
	}
	if diff := cmp.Diff([]string{`"x" X`, `2 Y y`, `-  none`}, options); diff != "" || !a.Editable {
		t.Errorf("editable %t, options: -want +got\n%s", a.Editable, diff)
	}
	if b.Kind != ast.ParameterAny {
		t.Errorf("a computed type has the kind %d", b.Kind)
	}
	var defaults []string
	for _, p := range c.Parameters[2:] {
		text := showValue(p.Default)
		if p.DefaultAsText {
			text += " as text"
		}
		defaults = append(defaults, text)
	}
	if diff := cmp.Diff([]string{`5 as text`, `{a:1} as text`, `null as text`, `5`}, defaults); diff != "" {
		t.Errorf("defaults: -want +got\n%s", diff)
	}
}

func TestParameterTree(t *testing.T) {
	f := source.NewFile("p", `[{"name":"a","type":"select","label":"A","help":"H","required":true,"advanced":true,"editable":true,"multiple":true,
		"options":{"store":[{"label":"X","value":1,"nested":[{"name":"n","type":"text"}]}]}},
		{"name":"b","type":"number","validate":{"min":1,"max":2}},{"name":"c","type":"text","multiline":true,"validate":{"min":1,"max":2,"enum":["x"],"pattern":"^a"}},
		{"name":"d","type":"array","spec":{"type":"text"},"validate":{"minItems":1,"max":3}},{"name":"e","type":"collection","spec":[{"name":"f","type":"date"}]}]`)
	c, list := parse(map[string]*source.File{Communication: source.NewFile("c", `{}`), Params: f}, parser.Options{})
	if len(list.Items) > 0 {
		t.Fatal(list.Items)
	}
	a, b, text, d, e := c.Parameters[0], c.Parameters[1], c.Parameters[2], c.Parameters[3], c.Parameters[4]
	if a.Label != "A" || a.Help != "H" || !a.Required || !a.Advanced || !a.Editable || !a.Multiple || a.HasDefault || len(a.Options) != 1 || a.Options[0].Label != "X" ||
		showValue(a.Options[0].Value) != "1" || len(a.Options[0].Nested) != 1 {
		t.Errorf("select: %+v", a)
	}
	if b.Validate.Min == nil || *b.Validate.Max != 2 || b.Validate.MinLength != nil {
		t.Errorf("number: %+v", b.Validate)
	}
	if text.Validate.MinLength == nil || *text.Validate.MaxLength != 2 || text.Validate.Min != nil || text.Validate.Pattern != "^a" || len(text.Validate.Enum) != 1 || !text.Multiline {
		t.Errorf("text: %+v", text.Validate)
	}
	if !d.SpecIsItem || d.Validate.MinItems == nil || *d.Validate.MaxItems != 3 || e.SpecIsItem || len(e.Spec) != 1 {
		t.Errorf("array %+v collection %+v", d, e)
	}
}

func TestMissingCommunication(t *testing.T) {
	_, list := parse(nil, parser.Options{})
	if len(list.Items) != 1 || list.Items[0].Code != "MAKE101" {
		t.Errorf("got %v", list.Items)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `null`, `{"oauth":{"{{...}}":1},"requestToken":[{"url":"{{a.b}}?","qs":{}}],"authorize":{},"info":{"response":{"type":{"1-2":"x"},"error":{"404":{}},"metadata":"{{x}}"}}}`,
		`{"api":{"url":"a"},"parameters":[{"name":1,"spec":{},"options":{"store":[{}]},"validate":{"min":"x"}}],"calls":{"a":[1]},"base":[]}`, `{"url":"https:","repeat":{},"log":{"sanitize":[1]}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, list := parse(map[string]*source.File{Communication: source.NewFile("f", text), Params: source.NewFile("g", text)}, parser.Options{Lint: true})
		for _, d := range list.Items {
			if d.Code == "" || d.Message == "" {
				t.Errorf("bare diagnostic %+v", d)
			}
		}
	})
}
