package zapier_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
)

func codes(list *diag.List) []string {
	var out []string
	for _, d := range list.Items {
		out = append(out, strings.TrimPrefix(d.Span.String()+" "+d.Code, "- "))
	}
	return out
}

const settings = `zapier: legacy
authentication:
  type: oauth1
  request_token_url: https://api.example.test/rt
  authorization_url: https://api.example.test/au
  access_token_url: https://api.example.test/at
  consumer_key: ck
  consumer_secret: '{{process.env.S}}'
`

// TestFolders looks at what a folder may hold: an export, settings with a script of their own, or sources alone.
func TestFolders(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	pack := file(`{"dependencies": {"zapier-platform-core": "16.5.1"}}`)
	definition := file(`{"platformVersion": "16.0.0", "authentication": {"type": "session"}}`)
	for name, tt := range map[string]struct {
		fsys fstest.MapFS
		path string
		want []string
	}{
		"sources only":           {fstest.MapFS{"package.json": pack, "index.js": file("")}, ".", []string{"index.js:1:1 ZAP102"}},
		"sources in TypeScript":  {fstest.MapFS{"package.json": pack, "index.ts": file("")}, ".", []string{"index.ts:1:1 ZAP102"}},
		"an export beside them":  {fstest.MapFS{"package.json": pack, "index.js": file(""), "definition.json": definition}, ".", []string{"definition.json:1:50 ZAP202"}},
		"the other name":         {fstest.MapFS{"app.json": definition}, ".", []string{"app.json:1:50 ZAP202"}},
		"a script with a hook":   {fstest.MapFS{"a/s.yml": file(settings + "scripting: x/hooks.js\n"), "a/x/hooks.js": file("var Zap = {'n_pre_poll': 1}")}, "a/s.yml", []string{"a/s.yml:9:1 ZAP402"}},
		"a script without hooks": {fstest.MapFS{"s.yml": file(settings + "scripting: hooks.js\n"), "hooks.js": file("// n_pre_poll")}, "s.yml", nil},
		"a script outside":       {fstest.MapFS{"a/s.yml": file(settings + "scripting: ../hooks.js\n"), "hooks.js": file("")}, "a/s.yml", []string{"a/s.yml:9:1 ZAP206"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, list := imlc.Compile(tt.fsys, tt.path, imlc.Options{})
			if diff := cmp.Diff(tt.want, codes(list)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if (p == nil) != list.HasErrors() {
				t.Errorf("plan %v with %v", p, codes(list))
			}
		})
	}
}

// TestMessagesShowNoSecret writes a secret at every place that has a diagnostic about secrets.
func TestMessagesShowNoSecret(t *testing.T) {
	const secret = "s3cr3t-value"
	for _, text := range []string{
		strings.Replace(settings, "'{{process.env.S}}'", secret, 1),
		`{"platformVersion": "16.0.0", "authentication": {"type": "oauth1", "oauth1Config": {"getRequestToken": {"url": "https://a.test", "auth": {"oauth_consumer_secret": "` + secret + `", "oauth_token_secret": "` + secret + `"}}}}}`,
	} {
		name := "s.yml"
		if strings.HasPrefix(text, "{") {
			name = "s.json"
		}
		_, list := imlc.Compile(fstest.MapFS{name: {Data: []byte(text)}}, name, imlc.Options{})
		found := false
		for _, d := range list.Items {
			found = found || d.Code == "ZAP209"
			if strings.Contains(d.Message+d.Help, secret) {
				t.Errorf("%s shows the secret: %s", d.Code, d.Message)
			}
		}
		if !found {
			t.Errorf("no ZAP209 in %v", codes(list))
		}
	}
}

// TestMarkersGetNoAdviceOnScripts holds that nobody is told to enable scripts for functions whose source is not there.
func TestMarkersGetNoAdviceOnScripts(t *testing.T) {
	for _, version := range []string{"16.5.1", "19.1.0"} {
		name := "definition-core-" + version + ".json"
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		_, list := imlc.Compile(fstest.MapFS{name: {Data: data}}, name, imlc.Options{})
		want := []string{name + ":36:7 ZAP401", name + ":41:5 ZAP402", name + ":48:3 ZAP403", name + ":52:5 ZAP402", name + ":108:9 ZAP402"}
		if version == "19.1.0" {
			want = append([]string{name + ":23:11 ZAP301"}, want...)
		}
		if diff := cmp.Diff(want, codes(list)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		for _, d := range list.Items {
			if strings.Contains(d.Message+d.Help, "--enable-js") {
				t.Errorf("%s advises scripts: %s", d.Code, d.Help)
			}
		}
	}
}

// TestStrict makes errors of warnings.
func TestStrict(t *testing.T) {
	text := strings.Replace(settings, "https://api.example.test/rt", "http://api.example.test/rt", 1)
	p, list := imlc.Compile(fstest.MapFS{"s.yml": {Data: []byte(text)}}, "s.yml", imlc.Options{Strict: true})
	if p != nil || len(list.Items) != 1 || list.Items[0].Severity != diag.Error {
		t.Errorf("plan %v with %v", p, list.Items)
	}
}
