package membrane_test

import (
	"math/big"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/membrane"
)

const (
	spec = "auth:\n  type: oauth1\n  getOAuthConfig: {implementationType: mapping}\n  makeApiClient: {implementationType: mapping}\n" +
		"  test: {implementationType: rest-api-mapping}\n"
	config = "consumerKey: k\nconsumerSecret: ''\nrequestTokenUri: https://a.example.test/rt\nauthorizeUri: https://a.example.test/au\n" +
		"tokenUri: https://a.example.test/at\n"
)

func folder(more map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range map[string]string{"s/spec.yml": spec, "s/auth/oauth-config.yml": config,
		"s/auth/make-api-client.map.yml": "baseUri: https://a.example.test\n", "s/auth/test.rest.yml": "path: /me\nmethod: get\n"} {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range more {
		delete(out, name)
		if text != "" {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

func codes(list *diag.List) []string {
	var out []string
	for _, d := range list.Items {
		out = append(out, d.Span.String()+" "+d.Code)
	}
	return out
}

// TestLoadFolder looks at what is read of a folder, and at what is refused of it.
func TestLoadFolder(t *testing.T) {
	large := strings.Repeat("#", document.MaxBytes) + "\n"
	for name, tt := range map[string]struct {
		more map[string]string
		want []string
	}{
		"complete":                   {nil, nil},
		"no spec":                    {map[string]string{"s/spec.yml": ""}, []string{"- MEM101"}},
		"spec.yaml":                  {map[string]string{"s/spec.yml": "", "s/spec.yaml": spec}, nil},
		"spec too large":             {map[string]string{"s/spec.yml": spec + large}, []string{"- MEM101"}},
		"method file too large":      {map[string]string{"s/auth/old.map.yml": large}, []string{"- MEM101"}},
		"named file too large":       {map[string]string{"s/spec.yml": strings.Replace(spec, "g}", "g, filePath: big.yml}", 1), "s/big.yml": large, "s/auth/oauth-config.yml": ""}, []string{"s/spec.yml:3:49 MEM101"}},
		"file outside is not read":   {map[string]string{"s/spec.yml": strings.Replace(spec, "g}", "g, filePath: ../x.yml}", 1), "x.yml": config, "s/auth/oauth-config.yml": ""}, []string{"s/spec.yml:3:49 MEM106"}},
		"backslashes are slashes":    {map[string]string{"s/spec.yml": strings.Replace(spec, "g}", "g, filePath: 'x\\c.yml'}", 1), "s/x/c.yml": config, "s/auth/oauth-config.yml": ""}, nil},
		"files far below are unread": {map[string]string{"s/auth/1/2/3/4/5/x.map.yml": "a: 1\n"}, nil},
		"files below are unused":     {map[string]string{"s/auth/1/2/3/4/x.map.yml": "a: 1\n"}, []string{"s/auth/1/2/3/4/x.map.yml:1:1 MEM105"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, list := imlc.Compile(folder(tt.more), "s", imlc.Options{Dialect: "membrane"})
			if diff := cmp.Diff(tt.want, codes(list)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if (p == nil) != list.HasErrors() {
				t.Errorf("plan is nil: %t, with %v", p == nil, codes(list))
			}
		})
	}
}

// TestJSONataAbsent tells MEM308 apart by what the host links.
func TestJSONataAbsent(t *testing.T) {
	for linked, want := range map[bool][]string{true: nil, false: {"f.yml:1:2 MEM308"}} {
		doc, _ := document.ParseYAML(source.NewFile("f.yml", "{$jsonata: a.b}"), document.Options{})
		_, list := membrane.Formula(doc.Root, []string{"a"}, membrane.FormulaOptions{JSONata: linked})
		if diff := cmp.Diff(want, codes(list)); diff != "" {
			t.Errorf("linked %t: -want +got\n%s", linked, diff)
		}
	}
}

// TestSchemaLayers lays the schema of an option over that of the root: its properties come first, both count, and what either
// requires is required.
func TestSchemaLayers(t *testing.T) {
	const text = `inputSchema: {required: [a], properties: {a: {type: string, title: root}, b: {type: integer}}}
makeApiClient: {type: mapping, mapping: {baseUri: "https://a.example.test"}}
test: {type: rest-api-mapping, mapping: {path: /me, method: get}}
options:
  live:
    type: oauth1
    inputSchema: {properties: {c: {type: string, format: password}, a: {type: string, title: option}}}
    getOAuthConfig: {type: mapping, mapping: {consumerKey: k, consumerSecret: "", requestTokenUri: "https://a.example.test/rt", authorizeUri: "https://a.example.test/au", tokenUri: "https://a.example.test/at"}}
`
	d := membrane.Dialect{}
	sources, list := d.Load(fstest.MapFS{"f.yml": {Data: []byte(text)}}, "f.yml")
	if list.HasErrors() || len(sources) != 1 {
		t.Fatalf("%d sources, %v", len(sources), codes(list))
	}
	conn, list := d.Parse(sources[0], parser.Options{})
	if list.HasErrors() {
		t.Fatal(codes(list))
	}
	type row struct {
		Name, Label      string
		Required, Secret bool
	}
	var got []row
	for _, p := range conn.Parameters {
		got = append(got, row{p.Name, p.Label, p.Required, p.Secret})
	}
	want := []row{{Name: "c", Secret: true}, {Name: "a", Label: "option", Required: true}, {Name: "b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestNotations reads the same definition as YAML and as JSON to the same tree, but for its places.
func TestNotations(t *testing.T) {
	const text = `{"type": "oauth1", "getOAuthConfig": {"type": "mapping", "mapping": {"consumerKey": {"$var": "connectorParameters.k"}, "consumerSecret": "",
"requestTokenUri": "https://a.example.test/rt", "authorizeUri": "https://a.example.test/au", "tokenUri": "https://a.example.test/at", "extra": {"b": 1, "a": [true, null, 9007199254740993]}}},
"makeApiClient": {"type": "mapping", "mapping": {"baseUri": "https://a.example.test"}}, "test": {"type": "rest-api-mapping", "mapping": {"path": "/me", "method": "get"}}}`
	var trees [2]*ast.Connection
	for i, name := range []string{"f.json", "f.yml"} {
		sources, _ := membrane.Dialect{}.Load(fstest.MapFS{name: {Data: []byte(text)}}, name)
		var list *diag.List
		if trees[i], list = (membrane.Dialect{}).Parse(sources[0], parser.Options{}); len(list.Items) > 0 {
			t.Fatalf("%s: %v", name, codes(list))
		}
		trees[i].Files = nil
	}
	ignored := cmp.Options{cmpopts.IgnoreTypes(source.Span{}), cmp.Comparer(func(a, b ast.Origin) bool { return a.Pointer == b.Pointer }),
		cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })}
	if diff := cmp.Diff(trees[0], trees[1], ignored); diff != "" {
		t.Errorf("-JSON +YAML\n%s", diff)
	}
}
