package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/internal/source"
)

// hiding are the codes of what hides what it makes unreadable, so that a fix may bring that to light; syntax are those that
// may not come to light then.
var (
	hiding = regexp.MustCompile(`^(IML1(0[1-9]|1[0-7])|MAKE101|IML501|MAKE322|MEM102|MEM301|MEM311|SUP101|SUP301|ZAP101)$`)
	syntax = regexp.MustCompile(`^(IML1(0[2-9]|1[0-7])|MAKE101|IML501|MEM102|SUP101|ZAP101)$`)
)

// TestFixesFix applies every fix of every diagnostic of every case, alone: the diagnostic goes away and no other comes, but
// for what a mistake of syntax has hidden.
func TestFixesFix(t *testing.T) {
	cases, err := Load([]string{"cases"})
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string]int{}
	for _, c := range cases {
		switch {
		case c.Flow != nil && c.Flow.Syntax == nil:
			s, err := c.Flow.Settings()
			if err != nil {
				t.Fatal(err)
			}
			src, problems, err := c.Flow.source(s)
			if err != nil {
				continue
			}
			s.Compile.Lint = true
			if len(src.Parts) == 0 || problems.HasErrors() {
				loadedFixes(t, c, s, fixed)
				continue
			}
			fixesFix(t, c.ID, src.Files(), fixed, func(files map[*source.File]*source.File) *diag.List {
				next := src
				next.Parts = slices.Clone(src.Parts)
				for i, p := range next.Parts {
					next.Parts[i].File = files[p.File]
				}
				_, list := imlc.CompileSource(next, s.Compile)
				return list
			})
		case c.Expression != nil:
			templateFixes(t, c.ID, c.Expression.Template.Str(), fixed)
		}
	}
	for _, e := range reference.Codes() {
		if e.Example != "" && e.Severity != "run" {
			templateFixes(t, e.Code, e.Example, fixed)
		}
	}
	for _, m := range slips {
		text := []byte(m.bad)
		if m.good != "" {
			if text, err = os.ReadFile(filepath.Join("..", "examples", filepath.FromSlash(m.file))); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), m.good) {
				t.Fatalf("%s holds no %q", m.file, m.good)
			}
		}
		name, n := filepath.Base(m.file), fixed[m.code]
		f := source.NewFile(name, changed(string(text), m.good, m.bad))
		fixesFix(t, m.bad, []*source.File{f}, fixed, func(now map[*source.File]*source.File) *diag.List {
			return compiled(fstest.MapFS{name: &fstest.MapFile{Data: []byte(now[f].Text)}}, name, imlc.Options{Lint: true})
		})
		if fixed[m.code] == n {
			t.Errorf("%s: %q has no fix for %s", m.file, m.bad, m.code)
		}
	}
	share(t, fixed)
}

func changed(text, good, bad string) string {
	if good == "" {
		return bad
	}
	return strings.Replace(text, good, bad, 1)
}

// slips are single mistakes in examples, and whole specs, with a code that has a fix for them.
var slips = []struct{ file, good, bad, code string }{
	{"spec.jsonc", "", `{"oauth": {"consumer_key": "{{common.k}}"},
 "requestToken": {"url": "api.example.test/rt?x=1", "qs": {"a": "b"}},
 "authorize": {"url": "/au"},
 "accessToken": {"url": "https://api.example.test/at", "method": "POST"}}`, "MAKE319"},
	{"make/demo/demo.jsonc", "{{parameters.consumerKey}}", "{{parmeters.consumerKey}}", "IML210"},
	{"make/demo/demo.jsonc", "{{parameters.baseUrl}}/request_token", "http://api.example.com/rt?key={{parameters.consumerSecret}}", "MAKE313"},
	{"membrane/plurk/plurk.yml", "https://www.plurk.com/OAuth/request_token", "www.plurk.com/OAuth/request_token", "MEM211"},
	{"membrane/plurk/plurk.yml", "https://www.plurk.com/OAuth/request_token", "htps://www.plurk.com/OAuth/request_token", "MEM211"},
	{"membrane/plurk/plurk.yml", "https://www.plurk.com/OAuth/request_token", "https:/www.plurk.com/OAuth/request_token", "MEM211"},
	{"membrane/plurk/plurk.yml", "https://www.plurk.com/OAuth/request_token", "/OAuth/request_token", "MEM211"},
	{"membrane/plurk/plurk.yml", "connectorParameters.", "connectorParamters.", "MEM310"},
	{"membrane/plurk/plurk.yml", "method: ", "method: x", "MEM210"},
	{"membrane/plurk/plurk.yml", "type: oauth1", "type: oauth1\ndisconnect: {type: mapping, mapping: {}}\ngetTokenData: {type: mapping, mapping: {a: 1}}", "MEM205"},
	{"make/demo/demo.jsonc", "\"{{parameters.baseUrl}}/request_token", "\"api.example.com/request_token", "MAKE210"},
	{"membrane/plurk/plurk.yml", "type: mapping", "type: maping", "MEM204"},
	{"supermetrics/demo/config.json", "\"sync\"", "\"snyc\"", "SUP204"},
	{"supermetrics/demo/config.json", "http://127.0.0.1:8765/authorize", "/authorize", "SUP206"},
	{"zapier/provider/provider.json", "{{bundle.inputData.base}}/authorize", "api.example.com/authorize", "ZAP207"},
	{"zapier/provider/provider.json", "\"oauth_version\": \"1.0\"", "\"oauth_version\": \"1.0\", \"oauth_signature_method\": \"HMAC_SHA1\"", "ZAP305"},
	{"zapier/provider/provider.json", "\"POST\"", "\"post\"", "ZAP206"},
}

// share fails when fewer than three of five codes have a fix. Counted are the codes that stand for something written in a
// spec: not those of a run, of a limit that a run meets, of what a conversion leaves out, and of bugs of the program.
func share(t *testing.T, fixed map[string]int) {
	t.Helper()
	all, without := 0, []string{}
	for _, e := range reference.Codes() {
		if slices.Contains([]string{"run", "trace", "limit"}, e.Severity) || noSpec.MatchString(e.Code) {
			continue
		}
		all++
		if fixed[e.Code] == 0 {
			without = append(without, e.Code)
		}
	}
	t.Logf("%d of %d codes have a fix; without one are %v", all-len(without), all, without)
	if len(without)*5 > all*2 {
		t.Errorf("%d of %d codes have no fix; at most two of five may have none", len(without), all)
	}
}

var noSpec = regexp.MustCompile(`^(CNV|IMLC00[134])`)

// loadedFixes looks at a spec that cannot be read whole.
func loadedFixes(t *testing.T, c *Case, s *flowSettings, fixed map[string]int) {
	t.Helper()
	fsys, name, err := c.Flow.files()
	if err != nil {
		return
	}
	texts, files := fstest.MapFS{}, []*source.File{}
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		texts[path] = &fstest.MapFile{Data: text}
		files = append(files, source.NewFile(path, string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o := s.Compile
	o.Dialect = cmp.Or(o.Dialect, c.Flow.Dialect)
	if o.Dialect == "auto" {
		o.Dialect = ""
	}
	fixesFix(t, c.ID, files, fixed, func(now map[*source.File]*source.File) *diag.List {
		all := maps.Clone(texts)
		for f, next := range now {
			all[f.Name] = &fstest.MapFile{Data: []byte(next.Text)}
		}
		return compiled(all, name, o)
	})
}

// compiled returns what is said of the spec that a path names.
func compiled(fsys fs.FS, name string, o imlc.Options) *diag.List {
	sources, list := imlc.Load(fsys, name, o)
	if len(sources) == 1 && !list.HasErrors() {
		_, more := imlc.CompileSource(sources[0], o)
		list.Items = append(list.Items, more.Items...)
	}
	return list
}

// templateFixes looks at a template in a document.
func templateFixes(t *testing.T, id, template string, fixed map[string]int) {
	t.Helper()
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(template)
	f := source.NewFile("spec.jsonc", `{"a": `+strings.TrimSpace(text.String())+`}`)
	fixesFix(t, id, []*source.File{f}, fixed, func(files map[*source.File]*source.File) *diag.List {
		_, list := imlc.CompileTemplateJSON(f.Name, files[f].Text, imlc.TemplateOptions{})
		return list
	})
}

// fixesFix compiles files, and again with each fix.
func fixesFix(t *testing.T, id string, files []*source.File, fixed map[string]int, compile func(map[*source.File]*source.File) *diag.List) {
	t.Helper()
	same := map[*source.File]*source.File{}
	for _, f := range files {
		same[f] = f
	}
	list := compile(same)
	imlc.AddFixes(list)
	before, codesBefore := said(list), counted(list)
	if len(codesBefore) > 0 {
		fixedTogether(t, id, same, codesBefore, compile)
	}
	for _, d := range list.Items {
		for _, fix := range d.Fixes {
			texts, n := diag.Fixed([]diag.Diagnostic{{Fixes: []diag.Fix{fix}}})
			next := maps.Clone(same)
			for f, text := range texts {
				for _, mine := range files { // a template has its document read into a file of its own
					if mine == f || mine.Name == f.Name {
						next[mine] = source.NewFile(f.Name, text)
					}
				}
			}
			list := compile(next)
			after, codes := said(list), counted(list)
			if text := d.Code + " " + d.Message; n != 1 || after[text] >= before[text] {
				t.Errorf("%s: %q leaves %s at %s: %s\n%v", id, fix.Title, d.Code, d.Span, d.Message, texts)
			}
			for code, n := range codes {
				if n > codesBefore[code] && (!hiding.MatchString(d.Code) || syntax.MatchString(code)) {
					t.Errorf("%s: %q of %s at %s brings %s\n%v", id, fix.Title, d.Code, d.Span, code, texts)
				}
			}
			fixed[d.Code]++
		}
	}
}

// fixedTogether makes fixes as check --fix does, until there are none: nothing is told then that was not told before.
func fixedTogether(t *testing.T, id string, same map[*source.File]*source.File, before map[string]int, compile func(map[*source.File]*source.File) *diag.List) {
	t.Helper()
	now := maps.Clone(same)
	var list *diag.List
	for range 10 {
		list = compile(now)
		imlc.AddFixes(list)
		texts, n := diag.Fixed(list.Items)
		if n == 0 {
			break
		}
		for f, text := range texts {
			for mine, written := range now {
				if written == f || written.Name == f.Name {
					now[mine] = source.NewFile(f.Name, text)
				}
			}
		}
	}
	for code := range before {
		if hiding.MatchString(code) {
			return
		}
	}
	for code, n := range counted(list) {
		if n > before[code] {
			texts := ""
			for _, f := range now {
				texts += f.Text
			}
			t.Errorf("%s: all fixes together bring %s\n%s", id, code, texts)
		}
	}
}

// said counts what a list says.
func said(list *diag.List) map[string]int {
	out := map[string]int{}
	for _, d := range list.Items {
		out[fmt.Sprint(d.Code, " ", d.Message)]++
	}
	return out
}

// counted counts the errors and warnings of a list by their codes; a note may be about something that a mistake has hidden.
func counted(list *diag.List) map[string]int {
	out := map[string]int{}
	for _, d := range list.Items {
		if d.Severity != diag.Info {
			out[d.Code]++
		}
	}
	return out
}
