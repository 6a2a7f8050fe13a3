package imlc_test

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/plan"
)

// tree is a file system of one file.
func tree(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

// written converts a spec and returns the text, with the codes of what is lost as "CODE severity".
func written(t *testing.T, name, text, to string) (string, []string) {
	t.Helper()
	c, list := imlc.Convert(tree(name, text), name, to, imlc.Options{})
	if c == nil {
		t.Fatalf("%s does not compile: %v", name, list.Items)
	}
	var codes []string
	for _, d := range c.Losses.Items {
		codes = append(codes, d.Code+" "+d.Severity.String())
	}
	if len(c.Files) == 0 {
		return "", codes
	}
	if p, list := imlc.Compile(tree(c.Files[0].Name, c.Files[0].Text), c.Files[0].Name, imlc.Options{}); p == nil {
		t.Errorf("what is written does not compile: %v\n%s", list.Items, c.Files[0].Text)
	}
	return c.Files[0].Text, codes
}

// connection is a Make connection with pieces put into its places.
func connection(pieces map[string]string) string {
	text := `{"parameters": [{"name": "site", "type": "text"}], "communication": {
"oauth": {"consumer_key": "{{common.k}}", "consumer_secret": "{{common.s}}" OAUTH},
"requestToken": {"url": "https://a.example.test/rt", "method": "POST" REQUEST, "response": {"type": "urlencoded", "temp": {"t": "{{body.oauth_token}}", "s": "{{body.oauth_token_secret}}"} RESPONSE}},
"authorize": {"url": "https://a.example.test/au", "oauth": {"token": "{{temp.t}}"} AUTHORIZE},
"accessToken": {"url": "https://a.example.test/at", "method": "POST", "oauth": {"token": "{{temp.t}}", "token_secret": "{{temp.s}}", "verifier": "{{query.oauth_verifier}}"},
  "response": {"type": "urlencoded", "data": {"oauth_token": "{{body.oauth_token}}", "oauth_token_secret": "{{body.oauth_token_secret}}" DATA}}},
"info": {"url": "https://a.example.test/me" INFO, "oauth": {"token": "{{data.oauth_token}}", "token_secret": "{{data.oauth_token_secret}}"} INFORESPONSE}},
"base": {"oauth": {"token": "{{connection.oauth_token}}", "token_secret": "{{connection.oauth_token_secret}}"}}
CALLS}`
	for place, piece := range pieces {
		text = strings.Replace(text, " "+place, piece, 1)
		text = strings.Replace(text, "\n"+place, piece, 1)
	}
	for _, place := range strings.Fields("OAUTH REQUEST RESPONSE AUTHORIZE DATA INFORESPONSE INFO") {
		text = strings.ReplaceAll(text, " "+place, "")
	}
	return strings.ReplaceAll(text, "\nCALLS", "")
}

// TestLosses has what one dialect says and another cannot: the code and severity of the loss, and a dialect that carries it, which
// tells nothing under that code.
func TestLosses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		pieces  map[string]string
		to      string
		want    string
		carries string
	}{
		{"a call", map[string]string{"CALLS": `, "calls": {"me": {"url": "https://a.example.test/me"}}`}, "membrane", "CNV201 warning", "zapier"},
		{"a method", map[string]string{"INFO": `, "method": "OPTIONS"`}, "zapier", "CNV202 warning", "membrane"},
		{"an address", map[string]string{"INFO": `/{{lower(data.site)}}`}, "supermetrics", "", ""},
		{"a computed parameter", map[string]string{"AUTHORIZE": `, "qs": {"s": "{{lower(parameters.site)}}"}`}, "zapier", "CNV204 warning", ""},
		{"a header of a token call", map[string]string{"REQUEST": `, "headers": {"Accept": "text/plain"}`}, "membrane", "CNV205 warning", "zapier"},
		{"a body of a token call", map[string]string{"REQUEST": `, "type": "urlencoded", "body": {"scope": "read"}`}, "membrane", "CNV206 warning", "supermetrics"},
		{"a certificate", map[string]string{"REQUEST": `, "ca": "x"`}, "zapier", "CNV207 warning", ""},
		{"a signature method", map[string]string{"OAUTH": `, "signature_method": "PLAINTEXT"`}, "membrane", "CNV301 warning", "zapier"},
		{"a message", map[string]string{"RESPONSE": `, "error": "no token"`}, "zapier", "CNV401 warning", ""},
		{"a stored name", map[string]string{"DATA": `, "who": "{{body.user_id}}"`}, "zapier", "CNV402 info", ""},
		{"an id", map[string]string{"INFORESPONSE": `, "response": {"uid": "{{body.id}}"}`}, "zapier", "CNV403 warning", "supermetrics"},
		{"a result", map[string]string{"CALLS": `, "calls": {"me": {"url": "https://a.example.test/me", "response": {"output": "{{body.a}}"}}}`}, "zapier", "CNV404 warning", "supermetrics"},
		{"a moved credential", nil, "supermetrics", "CNV502 info", "membrane"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				return
			}
			spec := connection(tt.pieces)
			if _, codes := written(t, "c.jsonc", spec, tt.to); !slices.Contains(codes, tt.want) {
				t.Errorf("to %s: %v, expected %s", tt.to, codes, tt.want)
			}
			if tt.carries == "" {
				tt.carries, spec = tt.to, connection(nil)
			}
			if _, codes := written(t, "c.jsonc", spec, tt.carries); slices.Contains(codes, tt.want) && tt.want != "CNV402 info" {
				t.Errorf("to %s: %v, expected no %s", tt.carries, codes, tt.want)
			}
		})
	}
}

// TestImpossible is a connection that no other dialect has, and one that each has.
func TestImpossible(t *testing.T) {
	const key = `{"url": "https://a.example.test/me", "headers": {"X-Key": "{{parameters.key}}"}}`
	for _, to := range []string{"membrane", "zapier", "zapier:legacy", "supermetrics"} {
		if text, codes := written(t, "c.jsonc", key, to); text != "" || !slices.Equal(codes, []string{"CNV101 error"}) {
			t.Errorf("to %s: %v and\n%s", to, codes, text)
		}
		if text, _ := written(t, "c.jsonc", connection(nil), to); text == "" {
			t.Errorf("to %s: nothing is written of a plain connection", to)
		}
	}
}

// TestConvertRefuses is what Convert tells instead of converting.
func TestConvertRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, to, want string }{
		{"a spec with errors", `{"requestToken": {"url": 1}, "accessToken": {}}`, "zapier", "MAKE202"},
		{"no dialect", connection(nil), "workato", "DIA001"},
		{"an empty file", "", "make", "DIA001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, list := imlc.Convert(tree("c.jsonc", tt.text), "c.jsonc", tt.to, imlc.Options{})
			if c != nil || !slices.ContainsFunc(list.Items, func(d imlc.Diagnostic) bool { return d.Code == tt.want && d.Severity == imlc.Error }) {
				t.Errorf("%v, %v", c, list.Items)
			}
		})
	}
}

// TestConvertToItself hands back what was given, which compiles to the same plan.
func TestConvertToItself(t *testing.T) {
	for _, name := range []string{"make/trello", "membrane/smugmug", "zapier/trello/trello.json", "supermetrics/demo"} {
		t.Run(name, func(t *testing.T) {
			fsys := os.DirFS("examples")
			dialect, _, _ := strings.Cut(name, "/")
			c, list := imlc.Convert(fsys, name, dialect, imlc.Options{})
			if c == nil || len(c.Losses.Items) > 0 {
				t.Fatalf("%v, %v", c, list.Items)
			}
			again, folder := fstest.MapFS{}, path.Base(name)
			if path.Ext(name) != "" {
				folder = "."
			}
			for _, f := range c.Files {
				again[path.Join(folder, f.Name)] = &fstest.MapFile{Data: []byte(f.Text)}
			}
			want, _ := imlc.Compile(fsys, name, imlc.Options{})
			got, list := imlc.Compile(again, path.Base(name), imlc.Options{})
			if got == nil {
				t.Fatal(list.Items)
			}
			if !bytes.Equal(encoded(t, want), encoded(t, got)) {
				t.Error("the plans differ")
			}
		})
	}
}

func encoded(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	data, err := plan.Encode(p, plan.EncodeOptions{StripLines: true, StripSource: true})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzConvert holds that no spec makes a conversion panic, and that what is written compiles.
func FuzzConvert(f *testing.F) {
	seeds, _ := filepath.Glob("examples/*/*/*")
	for _, name := range seeds {
		if text, err := os.ReadFile(name); err == nil && !strings.Contains(name, ".cases.") {
			f.Add(filepath.Base(name), string(text))
		}
	}
	f.Add("c.jsonc", connection(nil))
	f.Fuzz(func(t *testing.T, name, text string) {
		name = "spec" + filepath.Ext(name)
		for _, to := range []string{"make", "membrane", "zapier", "zapier:legacy", "supermetrics"} {
			if p, _ := imlc.Compile(tree(name, text), name, imlc.Options{}); p == nil {
				return
			}
			c, _ := imlc.Convert(tree(name, text), name, to, imlc.Options{})
			if c == nil || len(c.Files) == 0 || strings.HasPrefix(to, dialectOf(c, to)) {
				continue
			}
			w := c.Files[0]
			if p, list := imlc.Compile(tree(w.Name, w.Text), w.Name, imlc.Options{}); p == nil && !c.Losses.HasErrors() {
				t.Errorf("to %s: %v\n%s", to, list.Items, w.Text)
			}
		}
	})
}

// dialectOf returns to when the conversion handed the spec back, which may have several files.
func dialectOf(c *imlc.Conversion, to string) string {
	if len(c.Losses.Items) == 0 && len(c.Moves) == 0 {
		return to
	}
	return "\x00"
}

// TestLossesStandWhereTheyBelong holds that a comment of a written spec stands above the entry that it is about, and that the
// head does not say it again.
func TestLossesStandWhereTheyBelong(t *testing.T) {
	for to, above := range map[string]string{"membrane": "authorizeUri:", "zapier:legacy": "authorization_url:"} {
		c, problems := imlc.Convert(os.DirFS("examples/make"), "trello", to, imlc.Options{})
		if c == nil || len(c.Files) != 1 {
			t.Fatalf("%s: %v", to, problems.Items)
		}
		lines := strings.Split(c.Files[0].Text, "\n")
		said := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "parameter scope") })
		if said < 0 || !strings.HasPrefix(lines[said], "  ") || !strings.HasPrefix(strings.TrimSpace(lines[said+1]), above) {
			t.Errorf("%s: the lost scope is not told above %s\n%s", to, above, c.Files[0].Text)
		}
		if strings.Count(c.Files[0].Text, "parameter scope") != 1 {
			t.Errorf("%s: the lost scope is told more than once", to)
		}
	}
}

// TestTextDefaults keeps the default of a hidden field the text that it becomes where it is written as a number.
func TestTextDefaults(t *testing.T) {
	text := strings.Replace(connection(nil), `"type": "text"`, `"type": "hidden", "default": 5`, 1)
	for to, want := range map[string]string{"zapier": `"default": "5"`, "membrane": `default: '5'`} {
		if got, _ := written(t, "spec.jsonc", text, to); !strings.Contains(got, want) {
			t.Errorf("%s: %s is missing:\n%s", to, want, got)
		}
	}
}

// TestConvertMissingInText: a name that nothing has is nothing in a text, in every dialect.
func TestConvertMissingInText(t *testing.T) {
	for to, want := range map[string]string{"make": "nobody", "membrane": "[left, right]", "zapier": "leftright", "zapier:legacy": "left out", "supermetrics": "leftright"} {
		spec := connection(map[string]string{"INFO": `, "headers": {"x": "{{'left' + nobody + 'right'}}"}`})
		if text, codes := written(t, "a.jsonc", spec, to); !strings.Contains(text, want) {
			t.Errorf("%s: %v\n%s", to, codes, text)
		}
	}
}

// TestConvertManyParts: expressions that are too long to be converted are told.
func TestConvertManyParts(t *testing.T) {
	header := ""
	for i := range 9 {
		header += fmt.Sprintf(`, "h%d": "{{a%s}}"`, i, strings.Repeat("|b", 30_000))
	}
	c, _ := imlc.Convert(tree("a.jsonc", connection(map[string]string{"INFO": `, "headers": {` + header[2:] + "}"})), "a.jsonc", "zapier", imlc.Options{})
	if c == nil || len(c.Files) > 0 || !c.Losses.HasErrors() || !strings.Contains(c.Losses.Items[0].Message, "parts") {
		t.Errorf("%+v", c)
	}
}

// TestConvertManyBraces: the end of a name is not looked for from every brace of a template, and names are found behind others.
func TestConvertManyBraces(t *testing.T) {
	spec := "key: a\ntype: oauth1\ngetOAuthConfig:\n  type: mapping\n  mapping:\n    consumerKey: k\n    consumerSecret: {$var: connectorParameters.s}\n    authorizeUri: https://a.test/au\n    tokenUri: https://a.test/at\n" +
		"    requestTokenUri: {$tpl: {template: 'https://a.test/{x}{{y}" + strings.Repeat("{", 400_000) + "}', values: {x: left, y: right}}}\n" +
		"makeApiClient:\n  type: mapping\n  mapping: {baseUri: 'https://a.test'}\ntest:\n  type: rest-api-mapping\n  mapping: {path: /me, method: GET}\n"
	begin := cputime.Now()
	c, list := imlc.Convert(tree("a.yml", spec), "a.yml", "make", imlc.Options{})
	if took := cputime.Since(begin); took > race.Slowdown*2*time.Second {
		t.Errorf("it took %v", took)
	}
	if c == nil || len(c.Files) == 0 || !strings.Contains(c.Files[0].Text, "left{right{") {
		t.Errorf("%v %.300v", list.Items, c)
	}
}
