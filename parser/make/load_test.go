package make

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
)

// fileSystem builds a file system from path and text pairs.
func fileSystem(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// summary lists the roles and files of an input.
func summary(s parser.Source) []string {
	out := []string{s.Name + " " + s.Declared}
	for _, p := range s.Parts {
		what := p.Role
		if p.Name != "" {
			what += " " + p.Name
		}
		out = append(out, what+"="+p.File.Name)
	}
	return out
}

const project = `{
  "fileVersion": 1,
  "generalCodeFiles": {"base": "general/base.iml.json", "common": null},
  "components": {"connection": {
    "my-oauth": {"label": "A", "connectionType": "oauth", "codeFiles": {
      "communication": "connections/my-oauth/my-oauth.oauth-communication.iml.json",
      "params": "connections/my-oauth/my-oauth.params.iml.json", "scopeList": null}},
    "other": {"connectionType": "basic", "codeFiles": {"communication": "connections/other/other.communication.iml.json"}}
  }}
}`

func TestLoad(t *testing.T) {
	app := map[string]string{
		"app/makecomapp.json":       project,
		"app/general/base.iml.json": `{}`,
		"app/general/common.json":   `{}`,
		"app/connections/my-oauth/my-oauth.oauth-communication.iml.json": `{"oauth":{}}`,
		"app/connections/my-oauth/my-oauth.params.iml.json":              `[]`,
		"app/connections/other/other.communication.iml.json":             `{}`,
		"app/connections/other/other.common.json":                        `{}`,
		"app/connections/other/calls/me.json":                            `{}`,
	}
	withoutProject := maps.Clone(app)
	delete(withoutProject, "app/makecomapp.json")
	editor := map[string]string{"c/api.imljson": `{}`, "c/parameters.imljson": `[]`, "c/scope.imljson": `[]`, "c/scopes.jsonc": `{}`, "c/common.json": `{}`, "c/base.jsonc": `{}`, "c/notes.txt": ``, "c/install.json": `{}`}
	below := map[string]string{"specs/a/whole.jsonc": `{"communication": {}}`, "specs/a/data.json": `{"x": 1}`, "specs/a/bad.json": `{`, "specs/b/c/communication.jsonc": `{}`,
		"specs/node_modules/m/api.json": `{}`, "specs/.git/api.json": `{}`, "specs/b/notes.md": ``}
	const mine, other = "my-oauth oauth", "other basic"
	tests := []struct {
		name  string
		files map[string]string
		path  string
		want  [][]string
	}{
		{"project", app, "app", [][]string{
			{mine, "communication=app/connections/my-oauth/my-oauth.oauth-communication.iml.json", "params=app/connections/my-oauth/my-oauth.params.iml.json", "base=app/general/base.iml.json"},
			{other, "communication=app/connections/other/other.communication.iml.json", "base=app/general/base.iml.json", "call me=app/connections/other/calls/me.json"}}},
		{"project file", app, "app/makecomapp.json", [][]string{
			{mine, "communication=app/connections/my-oauth/my-oauth.oauth-communication.iml.json", "params=app/connections/my-oauth/my-oauth.params.iml.json", "base=app/general/base.iml.json"},
			{other, "communication=app/connections/other/other.communication.iml.json", "base=app/general/base.iml.json", "call me=app/connections/other/calls/me.json"}}},
		{"layout without project", withoutProject, "app", [][]string{
			{mine, "communication=app/connections/my-oauth/my-oauth.oauth-communication.iml.json", "params=app/connections/my-oauth/my-oauth.params.iml.json", "base=app/general/base.iml.json", "appCommon=app/general/common.json"},
			{"other ", "communication=app/connections/other/other.communication.iml.json", "common=app/connections/other/other.common.json", "base=app/general/base.iml.json", "appCommon=app/general/common.json", "call me=app/connections/other/calls/me.json"}}},
		{"one connection's folder", app, "app/connections/other", [][]string{
			{"other ", "communication=app/connections/other/other.communication.iml.json", "common=app/connections/other/other.common.json", "base=app/general/base.iml.json", "appCommon=app/general/common.json", "call me=app/connections/other/calls/me.json"}}},
		{"one communication", app, "app/connections/my-oauth/my-oauth.oauth-communication.iml.json", [][]string{
			{mine, "communication=app/connections/my-oauth/my-oauth.oauth-communication.iml.json", "params=app/connections/my-oauth/my-oauth.params.iml.json", "base=app/general/base.iml.json", "appCommon=app/general/common.json"}}},
		{"all below a folder", below, "specs", [][]string{
			{"whole ", "communication=specs/a/whole.jsonc"}, {"c ", "communication=specs/b/c/communication.jsonc"}}},
		{"editor names", editor, "c", [][]string{
			{"c ", "communication=c/api.imljson", "params=c/parameters.imljson", "common=c/common.json", "defaultScope=c/scope.imljson", "scopeList=c/scopes.jsonc", "installDirectives=c/install.json", "base=c/base.jsonc"}}},
		{"single file", map[string]string{"x/trello.jsonc": `{}`}, "x/trello.jsonc", [][]string{{"trello ", "communication=x/trello.jsonc"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, list := parser.Load(fileSystem(tt.files), tt.path, []parser.Dialect{Dialect{}}, "make")
			for _, d := range list.Items {
				t.Error(d)
			}
			var got [][]string
			for _, in := range all {
				got = append(got, summary(in))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestAppLayouts holds the layouts of apps that editors keep: folders with and without a project file, and one flat folder.
func TestAppLayouts(t *testing.T) {
	editor := map[string]string{
		"app/base.imljson": "{}", "app/connections/desk/api.imljson": "{}", "app/connections/desk/parameters.imljson": "[]",
		"app/connections/desk/metadata.json": `{"name": "desk", "type": "oauth"}`, "app/modules/list/api.imljson": "{}", "app/rpcs/o/api.imljson": "{}",
		"app/webhooks/h/api.imljson": "{}",
	}
	flat := map[string]string{"connection.api.imljson": "{}", "connection.params.imljson": "[]", "base.imljson": "{}", "module.list.api.imljson": "{}", "rpc.o.api.imljson": "{}"}
	for _, tt := range []struct {
		name, path string
		files      map[string]string
		want       []string
	}{
		{"editor", "app", editor, []string{"desk oauth", "communication=app/connections/desk/api.imljson", "params=app/connections/desk/parameters.imljson", "base=app/base.imljson"}},
		{"one connection of it", "app/connections/desk", editor, []string{"desk oauth", "communication=app/connections/desk/api.imljson", "params=app/connections/desk/parameters.imljson", "base=app/base.imljson"}},
		{"flat", ".", flat, []string{" ", "communication=connection.api.imljson", "params=connection.params.imljson", "base=base.imljson"}},
		{"flat with names", ".", map[string]string{"connection.a.api.imljson": "{}", "module.x.api.imljson": "{}"}, []string{"a ", "communication=connection.a.api.imljson"}},
		{"with comments by name", "connections/a", map[string]string{"connections/a/communication.iml.jsonc": "{}"}, []string{"a ", "communication=connections/a/communication.iml.jsonc"}},
		{"folder without a connection", ".", map[string]string{"connections/x.txt": "", "modules/a/api.imljson": "{}"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sources, list := parser.Load(fileSystem(tt.files), tt.path, []parser.Dialect{Dialect{}}, "")
			var got []string
			for _, s := range sources {
				got = append(got, summary(s)...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || list.HasErrors() {
				t.Errorf("-want +got\n%s%v", diff, list.Items)
			}
		})
	}
}

// TestProjectSettings checks what a project file says of reading.
func TestProjectSettings(t *testing.T) {
	files := map[string]string{"makecomapp.json": `{"imlc":{"query":"join","other":5},"generalCodeFiles":{"common":"g.json"},"components":{"connection":{"c":{"codeFiles":{"communication":"c.json"}}}}}`,
		"c.json": `{"url":"https://x.test/?a=1","qs":{}}`, "g.json": `{"key":"k"}`}
	all, list := Dialect{}.Load(fileSystem(files), ".")
	if len(all) != 1 || len(list.Items) > 0 {
		t.Fatalf("%v, %v", all, list.Items)
	}
	if diff := cmp.Diff(map[string]string{"query": "join"}, all[0].Settings); diff != "" {
		t.Errorf("settings: %s", diff)
	}
	for option, want := range map[string]ast.QueryMode{"": ast.QueryOverride, "join": ast.QueryOverride, "replace": ast.QueryReplace} {
		c, list := Dialect{}.Parse(all[0], parser.Options{Query: option})
		if got := stageOf(t, c, inBasic).Requests[0].QueryMode; got != want {
			t.Errorf("option %q: mode %d, want %d", option, got, want)
		}
		dropped := slices.ContainsFunc(list.Items, func(d diag.Diagnostic) bool { return d.Code == "MAKE303" })
		if dropped != (want == ast.QueryReplace) {
			t.Errorf("option %q: MAKE303 %t", option, dropped)
		}
		for _, f := range c.Files {
			if f.Name == "g.json" {
				t.Error("the common data of the app goes into plans")
			}
		}
	}
}

func TestLoadProblems(t *testing.T) {
	connection := func(file string) map[string]string {
		return map[string]string{"makecomapp.json": `{"components":{"connection":{"c":{"codeFiles":{"communication":` + file + `}}}}}`}
	}
	tests := []struct {
		name  string
		files map[string]string
		path  string
		want  string
	}{
		{"missing", nil, "nowhere.json", "-: error MAKE100: nowhere.json does not exist"},
		{"empty folder", map[string]string{"a/b.txt": ""}, "a", "MAKE100: a holds no connection"},
		{"folder named like the project file", map[string]string{"a/makecomapp.json/b.txt": ""}, "a", "MAKE100: a holds no connection"},
		{"leaves the project", connection(`"../../x.json"`), ".", `makecomapp.json:1:64: error MAKE100: the path "../../x.json" leaves the project`},
		{"absolute", connection(`"/etc/x.json"`), ".", `MAKE100: the path "/etc/x.json" leaves the project`},
		{"missing code file", connection(`"x.json"`), ".", `makecomapp.json:1:64: error MAKE100: the file "x.json" does not exist`},
		{"path is a number", connection(`5`), ".", `MAKE100: a code file is a number, expected a path or null`},
		{"two communications", map[string]string{"c/api.imljson": `{}`, "c/communication.jsonc": `{}`}, "c", "warning MAKE100: c/communication.jsonc is left aside: c/api.imljson is the communication of this folder already"},
		{"broken project", map[string]string{"makecomapp.json": `{"a":`}, ".", "makecomapp.json:1:6: error MAKE101"},
		{"project without connections", map[string]string{"makecomapp.json": `[]`}, ".", "info MAKE100: . is an app without a connection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, list := Dialect{}.Load(fileSystem(tt.files), tt.path)
			if len(list.Items) != 1 || !strings.Contains(list.Items[0].Error(), tt.want) {
				t.Errorf("got %v, want %s", list.Items, tt.want)
			}
		})
	}
}
