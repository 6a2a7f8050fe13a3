package parser_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/parser/membrane"
	"github.com/imlc-lang/imlc/parser/supermetrics"
	"github.com/imlc-lang/imlc/parser/zapier"
)

// finder recognises as a dialect does and takes every path that it is asked to load as a connection of that name.
type finder struct{ parser.Dialect }

func (finder) Load(_ fs.FS, path string) ([]parser.Source, *diag.List) {
	return []parser.Source{{Name: path}}, &diag.List{}
}

var dialects = []parser.Dialect{finder{zapier.Dialect{}}, finder{supermetrics.Dialect{}}, finder{membrane.Dialect{}}, finder{make.Dialect{}}}

// found says which dialect reads which path, and the diagnostics as "file:line:col CODE".
func found(files map[string]string, path, choice string) []string {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	sources, list := parser.Load(tree, path, dialects, choice)
	out := []string{}
	for _, s := range sources {
		dialect := s.Dialect
		if s.Variant != "" {
			dialect += ":" + s.Variant
		}
		out = append(out, dialect+" "+s.Name)
	}
	for _, d := range list.Items {
		out = append(out, fmt.Sprintf("%s %s", d.Span, d.Code))
	}
	return out
}

// TestRecogniseFile holds the file rows of spec dialects.md §1.4.
func TestRecogniseFile(t *testing.T) {
	tests := []struct{ text, choice, want string }{
		{`{"zapier":"legacy"}`, "", "zapier:legacy f.json"},
		{`{"zapier":"cli"}`, "", "f.json:1:1 DIA001"},
		{`{"legacy":{"authentication":{}}}`, "", "zapier:legacy f.json"},
		{`{"authentication":{"oauth1Config":{}}}`, "", "zapier:cli f.json"},
		{`{"platformVersion":"1","authentication":{"type":"custom"}}`, "", "zapier:cli f.json"},
		{`{"platformVersion":"1"}`, "", "f.json:1:1 DIA001"},
		{`{"authentication":{"oauth1":{}}}`, "", "supermetrics f.json"},
		{`{"$schema":"https://x.test/schema/connector.json"}`, "", "supermetrics f.json"},
		{`{"$schema":"https://x.test/connector_builder/v1"}`, "", "supermetrics f.json"},
		{`{"$schema":"https://json-schema.org/draft-07"}`, "", "f.json:1:1 DIA001"},
		{`{"dataSourceUser":{},"reporting":{}}`, "", "supermetrics f.json"},
		{`{"secrets":{"items":[]},"signers":{}}`, "", "supermetrics f.json"},
		{`{"secrets":{},"signers":{}}`, "", "f.json:1:1 DIA001"},
		{`{"reporting":{}}`, "", "f.json:1:1 DIA001"},
		{`{"auth":{"getOAuthConfig":{}}}`, "", "membrane:inline f.json"},
		{`{"auth":{"options":{}}}`, "", "membrane:inline f.json"},
		{`{"auth":{"type":"oauth1"}}`, "", "f.json:1:1 DIA001"},
		{`{"type":"oauth1","getOAuthConfig":{}}`, "", "membrane:inline f.json"},
		{`{"getOAuthConfig":{}}`, "", "f.json:1:1 DIA001"},
		{`{"options":{"a":{"getOAuthConfig":{}}}}`, "", "membrane:inline f.json"},
		{`{"options":[{"getOAuthConfig":{}}]}`, "", "membrane:inline f.json"},
		{`[]`, "", "make f.json"},
		{`{"requestToken":{}}`, "", "make f.json"}, {`{"accessToken":{}}`, "", "make f.json"}, {`{"authorize":{}}`, "", "make f.json"},
		{`{"info":{}}`, "", "make f.json"}, {`{"oauth":{}}`, "", "make f.json"}, {`{"url":""}`, "", "make f.json"}, {`{"token":{}}`, "", "make f.json"},
		{`{"preauthorize":{}}`, "", "make f.json"}, {`{"refresh":{}}`, "", "make f.json"}, {`{"invalidate":{}}`, "", "make f.json"},
		{`{"communication":{}}`, "", "make f.json"}, {`{"api":[]}`, "", "make f.json"}, {`{"api":"x"}`, "", "f.json:1:1 DIA001"},

		// Markers of two dialects, where common words of Make do not count.
		{`{"authentication":{"type":"oauth1"}}`, "", "f.json:1:20 DIA002"},
		{`{"authentication":{"oauth1Config":{},"oauth1":{}}}`, "", "f.json:1:38 DIA002"},
		{`{"auth":{"options":{}},"authentication":{"oauth1":{}}}`, "", "f.json:1:10 DIA002"},
		{`{"requestToken":{},"authentication":{"oauth1":{}}}`, "", "f.json:1:2 DIA002"},
		{`{"info":{},"authentication":{"oauth1":{}}}`, "", "supermetrics f.json"},
		{`{"url":"x","oauth":{},"auth":{"options":{}}}`, "", "membrane:inline f.json"},

		// The option wins, with a warning against a clear marker of another dialect.
		{`{"authentication":{"type":"oauth1"}}`, "zapier", "zapier f.json"},
		{`{"authentication":{"oauth1":{}}}`, "zapier", "zapier f.json, f.json:1:20 DIA003"},
		{`{"authentication":{"oauth1":{}}}`, "zapier:legacy", "zapier:legacy f.json, f.json:1:20 DIA003"},
		{`{"authentication":{"oauth1Config":{}}}`, "zapier", "zapier:cli f.json"},
		{`{"name":"x"}`, "make", "make f.json"},
		{`{"info":{}}`, "zapier", "zapier f.json"},
		{`{"accessToken":{}}`, "zapier", "zapier f.json, f.json:1:2 DIA003"},
		{`{"authentication":{"oauth1Config":{},"oauth1":{}}}`, "supermetrics", "supermetrics f.json"},
		{`{}`, "workato", "- DIA001"},

		{`{"name":"x"}`, "", "f.json:1:1 DIA001"},
		{`"text"`, "", "f.json:1:1 DIA001"},
		{`{"name":`, "", "f.json:1:9 DIA001"},
		{`{"info":`, "", "make f.json"},
	}
	for _, tt := range tests {
		t.Run(tt.text+" "+tt.choice, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, strings.Join(found(map[string]string{"f.json": tt.text}, "f.json", tt.choice), ", ")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestRecogniseFolder holds the folder rows, and what is found below a folder.
func TestRecogniseFolder(t *testing.T) {
	const super, legacy, inline = `{"authentication":{"oauth1":{}}}`, `{"zapier":"legacy"}`, "auth:\n  options: {}\n"
	tests := []struct {
		name   string
		files  map[string]string
		path   string
		choice string
		want   []string
	}{
		{"make project", map[string]string{"a/makecomapp.json": "{}", "a/spec.yml": inline}, "a", "", []string{"make a"}},
		{"make parts", map[string]string{"a/api.imljson": "{}"}, "a", "", []string{"make a"}},
		{"make, local app", map[string]string{"a/connections/b/b.oauth-communication.iml.json": "{}", "a/general/base.iml.json": "{}"}, "a", "", []string{"make a"}},
		{"membrane", map[string]string{"a/spec.yml": "auth: {}\n", "a/auth/x.json": "[]"}, "a", "", []string{"membrane:files a"}},
		{"membrane, without auth", map[string]string{"a/spec.yaml": "name: x\n"}, "a", "", []string{"- DIA001"}},
		{"supermetrics", map[string]string{"a/config.yaml": "authentication: {oauth1: {}}\n"}, "a", "", []string{"supermetrics a"}},
		{"zapier", map[string]string{"a/definition.json": legacy}, "a", "", []string{"zapier:legacy a"}},
		{"zapier, other name", map[string]string{"a/app.json": `{"authentication":{"oauth1Config":{}}}`}, "a", "", []string{"zapier:cli a"}},
		{"zapier, sources", map[string]string{"a/package.json": `{"dependencies":{"zapier-platform-core":"16"}}`, "a/index.js": ""}, "a", "", []string{"zapier:cli a"}},
		{"sources of something else", map[string]string{"a/package.json": `{"dependencies":{"react":"16"}}`, "a/index.js": ""}, "a", "", []string{"- DIA001"}},
		{"several dialects", map[string]string{"a/1.json": super, "a/2.json": legacy, "a/3.yml": inline, "a/4.jsonc": `{"authorize":{}}`, "a/5.txt": super, "a/6.json": `{"url":"x"}`, "a/7.json": "[]"},
			"a", "", []string{"supermetrics a/1.json", "zapier:legacy a/2.json", "membrane:inline a/3.yml", "make a/4.jsonc"}},
		{"several folders", map[string]string{"m/c/communication.jsonc": "{}", "s/config.json": super, "z/deep/app.json": legacy, ".git/config.json": super, "node_modules/x/config.json": super},
			".", "", []string{"make m/c", "supermetrics s", "zapier:legacy z/deep"}},
		{"files beside folders", map[string]string{"a/1.json": super, "a/calls/me.json": `{"url":"/me"}`, "a/b/2.json": legacy, "a/c/communication.jsonc": "{}"}, "a", "",
			[]string{"supermetrics a/1.json", "zapier:legacy a/b/2.json", "make a/c"}},
		{"one dialect of several", map[string]string{"m/c/communication.jsonc": "{}", "s/config.json": super}, ".", "supermetrics", []string{"supermetrics s"}},
		{"asked for and absent", map[string]string{"a/x.txt": ""}, "a", "make", []string{"make a"}},
		{"undecided file", map[string]string{"a/1.json": `{"authentication":{"type":"oauth1"}}`}, "a", "", []string{"a/1.json:1:20 DIA002"}},
		{"nothing", map[string]string{"a/x.json": `{"name":"x"}`}, "a", "", []string{"- DIA001"}},
		{"unreadable", map[string]string{"a/x.json": "?", "a/y.jsonc": "?"}, "a/x.json", "", []string{"a/x.json:1:1 DIA001"}},
		{"unreadable, of any name", map[string]string{"a/x.json": "?", "a/y.jsonc": "?"}, "a/y.jsonc", "", []string{"a/y.jsonc:1:1 DIA001"}},
		{"missing", nil, "nowhere", "", []string{"- DIA001"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(tt.files, tt.path, tt.choice)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestUnrecognised checks that the diagnostic lists what was looked for, of every dialect.
func TestUnrecognised(t *testing.T) {
	_, list := parser.Load(fstest.MapFS{"f.json": {Data: []byte(`{"name":"x"}`)}}, "f.json", dialects, "")
	help := list.Items[0].Help
	for _, part := range []string{"zapier: the key zapier with", "supermetrics: authentication.oauth1", "membrane: the key auth", "make: makecomapp.json", "requestToken"} {
		if !strings.Contains(help, part) {
			t.Errorf("%q is not in %q", part, help)
		}
	}
}

func ExampleLoad() {
	files := fstest.MapFS{"a.json": {Data: []byte(`{"auth": {}, "authentication": {"type": "oauth1"}}`)}}
	_, problems := parser.Load(files, "a.json", []parser.Dialect{zapier.Dialect{}, supermetrics.Dialect{}}, "")
	for _, d := range problems.Items {
		fmt.Println(d)
	}
	// Output:
	// a.json:1:33: error DIA002: the key authentication.type is in specs of zapier and of supermetrics (say which one it is with --dialect, in Go with Options.Dialect)
}

// FuzzRecognise reads files of any content: there is one dialect or one error, at a place in the file.
func FuzzRecognise(f *testing.F) {
	for _, text := range []string{`{}`, `[]`, `{"auth":{"options":[{"getOAuthConfig":1}]},"authentication":{"type":"oauth1"}}`, "auth: &a {options: *a}", `{"secrets":{"items":[]},"signers":1}`, "\xff{"} {
		f.Add("f.json", text)
		f.Add("f.yml", text)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if !fs.ValidPath(name) || name == "." {
			t.Skip("no name of a file")
		}
		tree := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
		sources, list := parser.Load(tree, name, dialects, "")
		if len(sources)+len(list.Items) != 1 {
			t.Errorf("%d sources, %v", len(sources), list.Items)
		}
	})
}
