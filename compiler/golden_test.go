package compiler_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// lowerings has one golden listing for each way in which an expression or a tree becomes code.
var lowerings = []struct {
	name     string
	template string
	json     bool
	options  imlc.TemplateOptions
}{
	{name: "literal-text", template: "plain text"},
	{name: "whole-hole-keeps-type", template: "{{a}}"},
	{name: "empty-hole", template: "{{}}"},
	{name: "text-and-holes", template: "x {{a}} y <<b.c>> z"},
	{name: "empty-hole-in-text", template: "x{{}}y{{ }}"},
	{name: "path-of-constant-steps", template: "{{a.b.`odd name`[2][-1][].c['k']}}"},
	{name: "path-with-computed-index", template: "{{a.b[c.d].e[1+1].f}}"},
	{name: "path-from-call", template: "{{parseJSON(a).b[2].c[d]}}"},
	{name: "module-root", template: "{{1.email}}"},
	{name: "root-and-keyword", template: "{{`now`}}{{now.x}}"},
	{name: "variables", template: "{{now}}{{timestamp}}{{random}}{{uuid}}{{executionId}}"},
	{name: "arithmetic", template: "{{a + b - c * d / e % f mod -g}}"},
	{name: "relations", template: "{{(a < b) = (c <= d) != (e > f)}}{{a >= !b}}"},
	{name: "short-circuit", template: "{{a && b || c and d or e}}"},
	{name: "conditional", template: "{{if(a; b; c)}}{{if(a; b)}}"},
	{name: "ifempty", template: "{{ifempty(a; ifempty(b; 1))}}"},
	{name: "switch", template: "{{switch(a; 1; b; 2; c; d)}}{{switch(a; 1; b)}}"},
	{name: "adjacent-operands", template: "{{a ' ' b 'x' 'y'}}"},
	{name: "calls-with-empty-slots", template: `{{replace(a; "x"; )}}{{uuid}}{{max(a;;b)}}`},
	{name: "fold-arithmetic", template: `{{1 + 2 * 3 - 10 % 4 / 2}}{{-"5"}}{{"a" + 1 + true}}{{!"" && 2 > 1}}`},
	{name: "fold-calls", template: `{{upper("abc") + length(split("a,b"; ","))}}{{replace("aXb"; "/x/i"; "-")}}`},
	{name: "fold-keeps-what-needs-the-run", template: `{{formatDate("2024-01-01"; "YYYY")}}{{uuid + "x"}}{{parseNumber("1x")}}`},
	{name: "fold-dead-branches", template: `{{if(true; a; b)}}{{if(1 = 2; a; b)}}{{false && a}}{{"" || a}}{{ifempty(""; a)}}{{ifempty("x"; a)}}{{1 && a}}{{2 or a}}`},
	{name: "fold-constant-index", template: `{{split("a,b,c"; ",")[2]}}{{emptyarray[1]}}`},
	{name: "fold-text-pieces", template: `a{{"b"}}c{{1}}{{x}}{{true}}{{null}}d`},
	{name: "exact-integers", template: `{{9007199254740993}}{{-9007199254740993}}{{9007199254740993 + 0}}`},
	{name: "strict-equality", template: `{{"1" = 1}}{{a = 1}}`, options: imlc.TemplateOptions{StrictEquality: true}},
	{name: "constants-are-shared", template: `{{f(1; "a"; 1; "a"; 0; -0)}}`, options: imlc.TemplateOptions{Functions: hostFunctions("f")}},
	{name: "host-function", template: `{{f(a;)}}`, options: imlc.TemplateOptions{Functions: hostFunctions("f")}},
	{name: "white-label", template: `{{round(a)}}{{sqrt(a)}}`, options: imlc.TemplateOptions{WhiteLabel: true}},
	{name: "record", json: true, template: `{"a":"{{x}}","b":{"c":"{{y}}","d":[1,null,true]},"e":"t{{z}}"}`},
	{name: "record-of-constants", json: true, template: `{"a":1,"b":{"c":"{{1+1}}"},"gone":"{{undefined}}","n":null}`},
	{name: "list", json: true, template: `["{{a}}","{{undefined}}",["{{b}}"],{"c":"{{d}}"}]`},
	{name: "list-of-constants", json: true, template: `[1,"{{undefined}}",[2,"x"],9007199254740993,1.5e300]`},
	{name: "spread", json: true, template: `{"a":1,"{{...}}":"{{x}}","b":"{{y}}","<<...>>":"<<z>>"}`},
	{name: "spread-of-constants", json: true, template: `{"a":1,"{{...}}":"{{parseJSON('{\"a\":2,\"b\":3}')}}"}`},
	{name: "key-written-twice", json: true, template: `{"a":"{{x}}","a":"{{y}}"}`},
	{name: "key-with-hole", json: true, template: `{"k{{a}}":"{{b}}"}`},
	{name: "emit-object", json: true, options: imlc.TemplateOptions{Emit: true}, template: `{"a":"{{x}}","b":1,"c":{"d":"{{y}}"},"e":["{{z}}",2,"t{{u}}v"],"f":"{{w}}!","gone":"{{undefined}}","q":"é\"<"}`},
	{name: "emit-list", json: true, options: imlc.TemplateOptions{Emit: true}, template: `["{{x}}","{{undefined}}",{"a":"{{upper(y)}}!"},[]]`},
	{name: "emit-spread-inside", json: true, options: imlc.TemplateOptions{Emit: true}, template: `{"a":{"{{...}}":"{{x}}","b":"{{y}}"}}`},
	{name: "emit-of-a-spread-is-a-value", json: true, options: imlc.TemplateOptions{Emit: true}, template: `{"{{...}}":"{{x}}"}`},
	{name: "deep-constants-once", json: true, template: strings.Repeat(`{"a":["`, 1) + `{{x}}",` + strings.Repeat(`{"k":[`, 20) + "1" + strings.Repeat(`]}`, 20) + `]}`},
}

func compileLowering(t *testing.T, i int) *plan.Plan {
	t.Helper()
	c := lowerings[i]
	compile := imlc.CompileTemplate
	if c.json {
		compile = imlc.CompileTemplateJSON
	}
	p, problems := compile("template", c.template, c.options)
	if p == nil {
		t.Fatalf("%s does not compile: %v", c.template, problems.Items)
	}
	return p
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test with -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestLowering(t *testing.T) {
	for i, c := range lowerings {
		t.Run(c.name, func(t *testing.T) {
			p := compileLowering(t, i)
			if err := plan.Verify(p); err != nil {
				t.Fatalf("the plan does not verify: %v", err)
			}
			var b bytes.Buffer
			b.WriteString(c.template + "\n\n")
			if err := plan.Disassemble(&b, p, plan.DisassembleOptions{HideSource: true}); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, b.Bytes())
		})
	}
}

// Every operation is written by some golden, so that a change of any lowering is a diff.
func TestGoldensCoverEveryOperation(t *testing.T) {
	seen := map[plan.Op]bool{}
	see := func(p *plan.Plan) {
		for _, f := range p.Functions {
			for _, in := range f.Code {
				seen[in.Op] = true
			}
		}
	}
	for i := range lowerings {
		see(compileLowering(t, i))
	}
	for name := range trees {
		see(compileTree(t, name))
	}
	for op := plan.OpInvalid + 1; op.String() != "invalid"; op++ {
		if !seen[op] {
			t.Errorf("no golden shows %s", op)
		}
	}
}
