package vm_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

var update = flag.Bool("update", false, "rewrite the goldens, and add what is missing to those that are kept for ever")

// corpus is the folder of plans that every later version must load and run.
const corpus = "plan/testdata/v2"

// corpusContext is what the template plans of the corpus run on.
const corpusContext = `{"parameters":{"a":"x","n":5,"list":[3,1,2],"objs":[{"k":"a","v":1},{"k":"b","v":2}]},"body":{"id":9007199254740993,"ok":true,"none":null}}`

// corpusTemplates are compiled into the corpus once; their plans are never rewritten.
var corpusTemplates = map[string]string{
	"arithmetic": `"{{(parameters.n + 1) * 2 - 7 % 4}}"`,
	"text":       `"n={{parameters.n}}, {{upper(parameters.a)}} {{join(sort(parameters.list); '-')}} {{body.id}}"`,
	"choice":     `"{{switch(parameters.a; 'y'; 1; 'x'; if(body.ok; 'yes'; 'no'); 3)}}"`,
	"object":     `{"{{...}}":"{{parameters.objs[1]}}","gone":"{{body.missing}}","list":[1,"{{body.none}}","{{parameters.objs[-1].v}}"]}`,
	"logic":      `"{{body.missing || !body.ok && 'a' || ifempty(''; parameters.list[2])}}"`,
}

func TestCorpusOfTheCompiler(t *testing.T) {
	if *update {
		addToCorpus(t)
	}
	files, err := filepath.Glob(filepath.Join(corpus, "*.imlc"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Decode(data, plan.DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".imlc") + ".want.json")
			if os.IsNotExist(err) {
				return // a plan made by hand; package plan judges it
			}
			if got := runCorpus(t, p); got != string(want) {
				t.Errorf("the plan gives\n%s\nand gave\n%s", got, want)
			}
		})
	}
}

// runCorpus loads a connection, or runs a template, and says what came out.
func runCorpus(t *testing.T, p *plan.Plan) string {
	t.Helper()
	if p.Connection != nil {
		if _, err := vm.New(p, vm.Host{}); err != nil {
			t.Fatal(err)
		}
		return "a connection\n"
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	context, err := value.ParseJSON(corpusContext, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := program.Run(&expr.Env{Context: context.Object()})
	if err != nil {
		t.Fatal(err)
	}
	return string(value.AppendJSON(nil, v)) + "\n"
}

func addToCorpus(t *testing.T) {
	add := func(name string, p *plan.Plan, problems *imlc.Diagnostics) {
		file := filepath.Join(corpus, name)
		if _, err := os.Stat(file + ".imlc"); err == nil {
			return
		}
		if p == nil {
			t.Fatalf("%s: %v", name, problems.Items)
		}
		data, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range map[string][]byte{file + ".imlc": data, file + ".want.json": []byte(runCorpus(t, p))} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, doc := range corpusTemplates {
		p, problems := imlc.CompileTemplateJSON(name, doc, imlc.TemplateOptions{})
		add("template-"+name, p, problems)
	}
	for _, name := range []string{"demo", "x", "trello", "jira", "netsuite", "zotero-key"} {
		p, problems := imlc.Compile(os.DirFS("../examples/make"), name, imlc.Options{})
		add("example-"+name, p, problems)
	}
}
