package compiler_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func connection(text string, o imlc.Options) (*plan.Plan, *diag.List) {
	return imlc.CompileSource(make.Source("", map[string]*source.File{make.Communication: source.NewFile("dir/api.jsonc", text)}, nil), o)
}

func workedExample(t *testing.T) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile("testdata/worked-example.jsonc")
	if err != nil {
		t.Fatal(err)
	}
	p, l := connection(string(text), imlc.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	return p
}

func encode(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	b, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The same input gives the same bytes: again and again in this process, and, by the golden digests, in every other
// process and on every platform.
func TestPlansAreDeterministic(t *testing.T) {
	var digests strings.Builder
	for i, c := range lowerings {
		first := encode(t, compileLowering(t, i))
		for range 3 {
			if !bytes.Equal(first, encode(t, compileLowering(t, i))) {
				t.Errorf("%s compiles to other bytes the second time", c.name)
			}
		}
		sum := sha256.Sum256(first)
		fmt.Fprintf(&digests, "%s %s\n", hex.EncodeToString(sum[:]), c.name)
	}
	first := encode(t, workedExample(t))
	if !bytes.Equal(first, encode(t, workedExample(t))) {
		t.Error("the connection compiles to other bytes the second time")
	}
	sum := sha256.Sum256(first)
	fmt.Fprintf(&digests, "%s worked-example\n", hex.EncodeToString(sum[:]))
	golden(t, "digests", []byte(digests.String()))
}

// Plans survive their file form.
func TestPlansDecode(t *testing.T) {
	for i, c := range lowerings {
		want := encode(t, compileLowering(t, i))
		p, err := plan.Decode(want, plan.DecodeOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !bytes.Equal(want, encode(t, p)) {
			t.Errorf("%s changes from encoding to encoding", c.name)
		}
	}
}

func TestConnectionListing(t *testing.T) {
	var b bytes.Buffer
	if err := plan.Disassemble(&b, workedExample(t), plan.DisassembleOptions{HideSource: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "worked-example", b.Bytes())
}

// A plan names what it needs, and nothing that was folded away.
func TestCapabilities(t *testing.T) {
	for template, want := range map[string][]string{
		`{{a}}`:                                nil,
		`{{upper("x")}}`:                       nil,
		`{{if(a; b; c)}}{{ifempty(a; b)}}`:     nil,
		`{{lower(upper(a))}}{{upper(b)}}`:      {"fn/iml.lower@1", "fn/iml.upper@1"},
		`{{if(true; a; upper(b))}}`:            nil,
		`{{switch(a; 1; upper(b))}}{{now}}`:    {"fn/iml.upper@1"},
		`{{formatDate("2024-01-01"; "YYYY")}}`: {"fn/iml.formatDate@1"},
	} {
		p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		if diff := cmp.Diff(want, p.Meta.Capabilities); diff != "" {
			t.Errorf("%s: %s", template, diff)
		}
	}
	if diff := cmp.Diff([]string(nil), workedExample(t).Meta.Capabilities); diff != "" {
		t.Error(diff)
	}
	p, l := connection(`{"oauth":{"consumer_key":"k","signature_method":"RSA-SHA256"},"info":{"url":"https://a.test/{{upper(temp.a)}}"}}`, imlc.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	if diff := cmp.Diff([]string{"fn/iml.upper@1", "oauth1/RSA-SHA256@1"}, p.Meta.Capabilities); diff != "" {
		t.Error(diff)
	}
}

// Each phase has the roots of spec make.md §14; the help of a wrong one names the phases that have it.
func TestRootsOfPhases(t *testing.T) {
	const requests = `"url":"https://a.test/","log":{"sanitize":[]}`
	all := []string{"parameters", "data", "connection", "common", "temp", "environment", "oauth", "query", "body", "headers", "statusCode"}
	section := func(name, directive string) string {
		if name == "communication" {
			return fmt.Sprintf(`{%s,%s}`, requests, directive)
		}
		return fmt.Sprintf(`{"oauth":{"consumer_key":"k"},"%s":{%s,%s}}`, name, requests, directive)
	}
	store := "parameters data connection common temp environment"
	for _, c := range []struct{ section, directive, roots string }{
		{"communication", `"qs":{"a":"{{%s}}"}`, store + " oauth"},
		{"communication", `"response":{"data":{"a":"{{%s}}"}}`, store + " oauth body headers statusCode"},
		{"communication", `"response":{"type":"{{%s}}"}`, store + " oauth headers statusCode"},
		{"requestToken", `"temp":{"a":"{{%s}}"}`, store + " oauth"},
		{"requestToken", `"response":{"temp":{"a":"{{%s}}"}}`, store + " oauth body headers statusCode"},
		{"authorize", `"qs":{"a":"{{%s}}"}`, store + " oauth"},
		{"authorize", `"response":{"temp":{"a":"{{%s}}"}}`, store + " oauth query"},
		{"accessToken", `"headers":{"a":"{{%s}}"}`, store + " oauth query"},
		{"accessToken", `"response":{"data":{"a":"{{%s}}"}}`, store + " oauth query body headers statusCode"},
		{"info", `"body":"{{%s}}","method":"POST"`, store + " oauth query"},
		{"info", `"response":{"valid":"{{%s}}"}`, store + " oauth query body headers statusCode"},
		{"info", `"repeat":{"condition":"{{%s}}","limit":2}`, store + " oauth query body headers statusCode"},
	} {
		have := strings.Fields(c.roots)
		for _, root := range append(all, "nonsense") {
			_, l := connection(section(c.section, fmt.Sprintf(c.directive, root+".x")), imlc.Options{})
			var got *diag.Diagnostic
			for i := range l.Items {
				if l.Items[i].Code == "IML210" {
					got = &l.Items[i]
				}
			}
			if want := !contains(have, root); (got != nil) != want {
				t.Errorf("%s, %s: %s is warned about: %v", c.section, c.directive, root, got != nil)
			}
			if got != nil && root == "query" && !strings.Contains(got.Help+got.Message, "accessToken") && c.section != "communication" {
				t.Errorf("%s: the message does not say where query exists: %v", c.section, got)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Hostile and long templates end in a plan or a diagnostic, soon; what compiles also runs to an end.
func TestHostileTemplates(t *testing.T) {
	const size = 64<<10 - 16
	chain := func(op string) string { return "{{a" + strings.Repeat(op+"a", size/(len(op)+1)) + "}}" }
	for name, template := range map[string]string{
		"long sum": chain("+"), "long sum of constants": "{{1" + strings.Repeat("+1", size/2) + "}}", "long conjunction": chain("&"), "long disjunction": chain("|"),
		"long equality": chain("="), "long relation": chain("<"), "long join": chain("''"), "long path": chain("."), "long text sum": "{{a" + strings.Repeat("+'x'", size/4) + "}}",
		"parentheses": "{{" + strings.Repeat("(", size), "closed parentheses": "{{" + strings.Repeat("(", size/2) + "1" + strings.Repeat(")", size/2-8) + "}}",
		"calls": "{{" + strings.Repeat("lower(", size/6), "negations": "{{" + strings.Repeat("!", size) + "a}}", "minus signs": "{{" + strings.Repeat("-", size) + "a}}",
		"indexes": "{{" + strings.Repeat("a[", size/2), "brackets": "{{" + strings.Repeat("[", size), "quotes": "{{" + strings.Repeat("'", size), "openers": strings.Repeat("{{", size/2),
		"angle openers": strings.Repeat("<<", size/2), "holes": strings.Repeat("{{a}}", size/5), "semicolons": "{{max(" + strings.Repeat(";", size), "holes of constants": strings.Repeat("{{1}}", size/5),
		"too long": strings.Repeat("x", 64<<10+1), "unknown functions": strings.Repeat("{{f()}}", size/7),
		"growing texts": "{{" + strings.Repeat("replace(", 100) + "'aaaaaaaa'" + strings.Repeat(";'a';'aaaaaaaa')", 100) + "}}",
	} {
		t.Run(name, func(t *testing.T) {
			start := cputime.Now()
			p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{})
			if p == nil && !l.HasErrors() {
				t.Fatal("neither plan nor error")
			}
			if p != nil {
				run(t, p)
			}
			if took := cputime.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Hostile documents: deep, wide, and small ones that would fold to large plans.
func TestHostileDocuments(t *testing.T) {
	deep := func(open, leaf, end string, n int) string {
		return strings.Repeat(open, n) + leaf + strings.Repeat(end, n)
	}
	bomb := `"{{replace(replace('aaaaaaaa';'a';'aaaaaaaaaaaaaaaa');'a';'` + strings.Repeat("a", 400) + `')}}",`
	for name, doc := range map[string]string{
		"deep constants": deep(`{"a":`, `"x"`, "}", 249), "deep hole": deep(`{"a":`, `"{{x}}"`, "}", 249), "deep lists": deep("[", `"{{x}}"`, "]", 249),
		"deep lists of constants": deep("[1,", `2`, "]", 249), "too deep": deep("[", "1", "]", 100_000), "wide": "[" + strings.Repeat(`{"a":"{{x.y}}","b":[1,"{{z}}"]},`, 5000) + "1]",
		"bomb": "[" + strings.Repeat(bomb, 2000) + "1]", "same key": "{" + strings.Repeat(`"a":"{{x}}",`, 5000) + `"b":1}`, "spreads": "{" + strings.Repeat(`"{{...}}":"{{x}}",`, 5000) + `"b":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			start := cputime.Now()
			p, l := imlc.CompileTemplateJSON("t", doc, imlc.TemplateOptions{})
			if p == nil && !l.HasErrors() {
				t.Fatal("neither plan nor error")
			}
			if p != nil {
				if b := encode(t, p); len(b) > 8<<20 {
					t.Errorf("%d bytes of source became a plan of %d bytes", len(doc), len(b))
				}
				run(t, p)
			}
			if took := cputime.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func run(t *testing.T, p *plan.Plan) {
	t.Helper()
	program, err := expr.NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	context := value.NewObject(1)
	context.Set("a", value.Number(1))
	_, _ = program.Run(&expr.Env{Context: context}) // any end is fine; only a crash is not
}

// TestTooManyRequests: requests count wherever they are.
func TestTooManyRequests(t *testing.T) {
	some := slices.Repeat([]*ast.Request{{}}, 1000)
	conn := &ast.Connection{Stages: []*ast.Stage{{Requests: some}}, Renew: some, Calls: []*ast.Call{{Requests: some}}, Variants: []*ast.Variant{{Connection: &ast.Connection{Stages: []*ast.Stage{{Requests: some}}}}}}
	for n, want := range map[int]bool{1000: false, 1001: true} {
		conn.Renew = slices.Repeat([]*ast.Request{{}}, n)
		_, l := compiler.Connection(conn, compiler.Options{})
		if got := slices.ContainsFunc(l.Items, func(d diag.Diagnostic) bool { return d.Code == "IMLC009" }); got != want {
			t.Errorf("with %d requests: too many %v, expected %v: %v", 3000+n, got, want, l.Items)
		}
	}
}

// TestUnderBase holds that a request of a stage goes over Base only when it asks for it, as a call does.
func TestUnderBase(t *testing.T) {
	text := func(s string) ast.Value { return &ast.Template{Text: s, Parts: []ast.Part{{Text: s}}} }
	own := func(under bool) *ast.Request { return &ast.Request{URL: text("/me"), UnderBase: under} }
	p, l := compiler.Connection(&ast.Connection{
		OAuth: &ast.OAuth{ConsumerKey: text("ck")}, Base: &ast.Request{BaseURL: text("https://a.test"), OAuth: &ast.OAuth{Token: text("t")}},
		Stages: []*ast.Stage{{Name: "test", Requests: []*ast.Request{own(true), own(false)}}},
	}, compiler.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	over, bare := p.Connection.Stages[0].Requests[0], p.Connection.Stages[0].Requests[1]
	if over.BaseURL == 0 || len(over.OAuth) != 2 || over.OAuth[0].ConsumerKey == 0 || over.OAuth[1].Token == 0 {
		t.Errorf("over Base: %+v", over)
	}
	if bare.BaseURL != 0 || len(bare.OAuth) != 1 {
		t.Errorf("beside Base: %+v", bare)
	}
}
