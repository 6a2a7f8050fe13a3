package hostile

import (
	"errors"
	"fmt"
	"strings"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// evaluate compiles, reads the data and evaluates.
func evaluate(compile func() (*plan.Plan, *diag.List), data string, started func()) error {
	caller.look()
	p, l := compile()
	caller.forget() // compiling has attacks of its own
	if p == nil {
		return fmt.Errorf("%s %s", l.Items[0].Code, l.Items[0].Message)
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		return err
	}
	context_, err := value.ParseJSON(data, nil)
	if err != nil {
		return err
	}
	started()
	_, err = program.Run(&expr.Env{Context: context_.Object(), Now: time.Unix(1700000000, 0), Ctx: caller})
	return err
}

// attackTemplate adds an attack by a template of IML and its data.
func attackTemplate(name string, make func(n int) (template, data string), ends ...string) {
	add("template/"+name, attack{run: func(n int, started func()) error {
		template, data := make(n)
		return evaluate(func() (*plan.Plan, *diag.List) {
			return imlc.CompileTemplate("t", template, imlc.TemplateOptions{WhiteLabel: true})
		}, data, started)
	}, ends: ends})
}

// attackFormula adds an attack by a formula of Membrane over the variables x and y.
func attackFormula(name string, make func(n int) (formula, data string), ends ...string) {
	add("formula/"+name, attack{run: func(n int, started func()) error {
		formula, data := make(n)
		return evaluate(func() (*plan.Plan, *diag.List) { return imlc.CompileFormula("f", formula, []string{"x", "y"}) }, data, started)
	}, ends: ends})
}

// attackSpec adds an attack by the files of a spec, which are compiled.
func attackSpec(name string, make func(n int) map[string]string, ends ...string) {
	add("spec/"+name, attack{run: func(n int, started func()) error {
		files := fstest.MapFS{}
		for name, text := range make(n) {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		started()
		p, l, err := imlc.CompileContext(caller, files, ".", imlc.Options{})
		if err != nil {
			return err
		}
		if p != nil {
			return nil
		}
		for _, d := range l.Items {
			if d.Severity == diag.Error {
				return fmt.Errorf("%s %s", d.Code, d.Message)
			}
		}
		return errors.New("no plan and no error")
	}, ends: ends, most: 5 * time.Second})
}

// references is a list of n copies of an expression, 990 in a call at most.
func references(x string, n int) string {
	var parts []string
	for ; n > 0; n -= 990 {
		parts = append(parts, "add(emptyarray"+strings.Repeat(";"+x, min(n, 990))+")")
	}
	return "merge(" + strings.Join(parts, ";") + ")"
}

func init() {
	defer func() {
		for _, name := range []string{"alternatives-of-a-pattern", "slow-patterns-often"} {
			a := attacks["template/"+name]
			a.matches = true
			attacks["template/"+name] = a
		}
	}()
	limits := []string{"memory", "items", "value bytes", "steps", "nesting", "regular expression time", "IML502", ""}
	text := func(unit string, size int) string { return strings.Repeat(unit, size/len(unit)) }
	quoted := func(s string) string { return string(value.AppendJSON(nil, value.Text(s))) }

	attackTemplate("text-of-integers", func(n int) (string, string) {
		return "{{length(" + references("x", 200*n) + ` + "")}}`, `{"x":[` + repeated(1000, strings.Repeat("9", 1000)) + "]}"
	}, limits...)
	attackTemplate("replacement-of-references", func(n int) (string, string) {
		return `{{length(replace(x;"/[^]*/";"` + strings.Repeat("$&", min(3000*n, 30_000)) + `"))}}`, `{"x":"` + strings.Repeat("a", 100_000) + `"}`
	}, limits...)
	attackTemplate("sort-of-containers", func(n int) (string, string) {
		return "{{length(sort(" + references("x", 100*n) + "))}}", `{"x":[` + repeated(1000, `"`+strings.Repeat("a", 7000)+`"`) + "]}"
	}, limits...)
	attackTemplate("sort-of-long-texts", func(n int) (string, string) {
		t := strings.Repeat("a", 4<<20)
		return "{{length(sort(" + references("b;c", 200*n) + "))}}", `{"b":"` + t + `1","c":"` + t + `0"}`
	}, append(limits, "IML202")...)
	attackTemplate("map-with-many-wanted", func(n int) (string, string) {
		return `{{length(map(items;"a";"b";wanted))}}`, `{"items":[` + repeated(100*n, `{"b":"x"}`) + `],"wanted":"` + strings.Repeat(",", 4<<20) + `"}`
	}, limits...)
	attackTemplate("collection-of-undefined", func(n int) (string, string) {
		return `{{length(toCollection(items;"k";"v"))}}`, `{"items":[` + numbered(8000*n, `{"k":%d,"v":1}`) + "," + numbered(8000*n, `{"k":%d}`) + "]}"
	}, limits...)
	attackTemplate("distinct-big-collections", func(n int) (string, string) {
		return "{{length(deduplicate(" + references("b", 100*n) + "))}}", `{"b":{` + numbered(400_000, `"%d":1`) + "}}"
	}, limits...)
	attackTemplate("parsed-json-kept", func(n int) (string, string) {
		l := "[" + repeated(900_000, "{}") + "]"
		return "{{length(" + references("parseJSON(b)", 4*n) + ")}}", `{"b":"[` + repeated(3, l) + `]"}`
	}, limits...)
	attackTemplate("date-of-many-separators", func(n int) (string, string) {
		return "{{parseDate(x;y)}}", `{"x":"` + text("- ", 32_000*n) + `1","y":"` + text("- ", 32_000*n) + `D"}`
	}, append(limits, "IML402")...)
	for name, call := range map[string]string{ // each over a text of 1 MiB or more, as often as a template can
		"lower": "lower(x)", "startcase": "startcase(x)", "trim": "trim(x)", "length": "length(x)", "md5": "md5(x)", "base64": "base64(x)", "split": `split(x;" ")`, "strip": "stripHTML(x)",
		"escape": "escapeHTML(x)", "markdown": "escapeMarkdown(x)", "ascii": "ascii(x;true)", "number": `parseNumber(x;".")`, "date": `formatDate(now;x)`, "index": `indexOf(x;"zz")`,
		"contains": "contains(x;y)", "replace": `replace(x;"/b+$/g";"")`, "emoji": `replaceEmojiCharacters(x;"")`, "equal": "x = y", "order": "x < y", "sum": "x + y", "list": `join(split(x;"a");"bb")`,
	} {
		for kind, unit := range map[string]string{"words": "a é ", "tags": "<7", "marks": "Σ\u0301"} {
			attackTemplate("often-"+name+"-of-"+kind, func(int) (string, string) { // what it costs in all is the budget, whatever the scale
				t := text(unit, 2<<20)
				return "{{length(add(emptyarray" + strings.Repeat(";"+call, 900) + "))}}", `{"x":` + quoted(t+"1") + `,"y":` + quoted(t+"2") + "}"
			}, append(limits, "IML4")...)
			often := attacks["template/often-"+name+"-of-"+kind]
			often.scales, often.matches = []int{1}, name == "replace"
			attacks["template/often-"+name+"-of-"+kind] = often
		}
	}
	attackTemplate("alternatives-of-a-pattern", func(n int) (string, string) {
		p := ""
		for i := range 60 * n {
			p += strings.Repeat("a", i%80) + "b|"
		}
		return "{{replace(x;p;x)}}", `{"x":"` + strings.Repeat("a", 1000) + `","p":"/` + p + `c/g"}`
	}, append(limits, "IML4")...)
	attackTemplate("slow-patterns-often", func(n int) (string, string) {
		return "{{length(add(emptyarray" + strings.Repeat(`;replace(x;"/^(a|aa)+$/";"")`, 900) + "))}}", `{"x":"` + strings.Repeat("a", 18+4*n) + `b"}`
	}, limits...)

	list := func(n int, item string) string {
		return `{"x":[` + repeated(n, item) + `],"y":` + quoted(text("a", 1<<20)+"1") + "}"
	}
	each := func(item string) string { return `{"$iterate":{"source":{"$var":"x"},"item":` + item + "}}" }
	for name, item := range map[string]string{
		"contains": `{"$eval":{"$var":"parent.y"},"contains":"zz"}`, "is": `{"$eval":{"$var":"parent.y"},"is":5}`, "less": `{"$eval":{"$var":"parent.y"},"lt":5}`, "concat": `{"$concat":[{"$var":"parent.y"},"a"]}`,
		"names": `{"$firstName":{"$var":"parent.y"}}`, "date": `{"$extractDate":{"$var":"parent.y"}}`, "template": `{"$tpl":{"template":{"$var":"parent.y"},"values":{"a*b":"x"}}}`,
		"filter": `{"$case":[{"filter":[{"field":"parent.y","operator":"contains","value":"zz"}],"value":1}]}`, "map": `{"$map":{"value":{"$var":"parent.y"},"mapping":[{"from":{"$var":"parent.x"},"to":1}]}}`,
		"all": `{"$var":"parent.x"}`, "merge": `{"$mergeObjects":[{"$var":"parent.x"},{"$var":"parent.x"}]}`, "one": `{"$eval":1,"oneOf":{"$var":"parent.x"}}`, "and": `{"$and":{"$var":"parent.x"}}`,
		"nested": `{"$iterate":{"source":{"$var":"parent.x"},"item":{"$var":"parent.parent.y"}}}`, "domain": `{"$domainFromEmail":{"$var":"parent.y"}}`,
	} {
		attackFormula("each-"+name, func(n int) (string, string) { return each(item), list(5000*n, "null") }, append(limits, "MEM")...)
	}
	nested := func(n int, format string) string {
		out := "1"
		for range n {
			out = fmt.Sprintf(format, out)
		}
		return out
	}
	attackFormula("nested", func(n int) (string, string) { return nested(200*n, `{"$concat":[%s]}`), `{}` }, append(limits, "MEM")...)

	attackSpec("alternatives", func(n int) map[string]string {
		p := ""
		for i := range 60 * n {
			p += strings.Repeat("a", i) + "b|"
		}
		return map[string]string{"communication.json": `{"url":"https://a.test/{{replace(\"x\";\"/` + p + `c/\";\"\")}}"}`}
	}, "", "IML", "MAKE")
	attackSpec("folded-patterns", func(n int) map[string]string {
		return map[string]string{"communication.json": `{"url":"https://a.test/","temp":{` + numbered(100*n, `"k%d":"{{replace(\"`+strings.Repeat("a", 40)+`b\";\"/^(a+)+$/\";\"\")}}"`) + "}}"}
	}, "", "IML")
	attackSpec("folded-replacements", func(n int) map[string]string {
		return map[string]string{"communication.json": `{"url":"https://a.test/","temp":{"k":"{{replace(\"` + strings.Repeat("a", 5000) + `\";\"/[^]*/\";\"` + strings.Repeat("$&", 6000*n) + `\")}}"}}`}
	}, "", "IML", "MAKE")
	attackSpec("one-line", func(n int) map[string]string {
		return map[string]string{"communication.json": "[" + repeated(9000*n, `{"url":"https://a.test/"}`) + "]"}
	}, "", "IMLC00", "MAKE", "DIA")
	for name, parts := range map[string][4]string{
		"holes": {"communication.json", `{"url":"`, "{{1}}", `"}`}, "openers": {"communication.json", `{"url":"`, "{{'", `"}`}, "calls": {"communication.json", `{"url":"{{`, "add(1;", `"}`}, "sums": {"communication.json", `{"url":"{{1`, "+1", `}}"}`},
		"comments": {"communication.json", "", "/**/", `{"url":"https://a.test"}`}, "lists": {"communication.json", "", "[", ""}, "objects": {"communication.json", "", `{"url":`, ""}, "keys": {"communication.json", `{"url":"x"`, `,"url":"x"`, "}"},
		"unknown": {"communication.json", `{"url":"x"`, `,"é":1`, "}"}, "digits": {"communication.json", `{"url":1`, "0", "}"}, "escapes": {"communication.json", `{"url":"`, `\u0041`, `"}`}, "blanks": {"communication.json", "", " ", "{}"},
		"broken": {"communication.json", "", "\x00", ""}, "anchors": {"spec.yml", "auth: {type: oauth1}\n", "a: &a [*a, *a]\n", ""}, "aliases": {"spec.yml", "auth: {type: oauth1}\nx: &x [1]\n", "- *x\n", ""}, "merges": {"spec.yml", "auth: &a {type: oauth1}\n", "b: {<<: *a}\n", ""},
		"depth": {"spec.yml", "auth: ", "[", ""}, "flow": {"spec.yml", "auth: ", "{a: ", ""}, "tags": {"spec.yml", "auth: ", "!!x ", ""}, "documents": {"spec.yml", "auth: {type: oauth1}\n", "---\n", ""}, "indents": {"spec.yml", "auth:\n", " ", "x"},
		"blanks-in-a-scalar": {"spec.yml", "auth: a", " ", "b"}, "breaks-in-a-scalar": {"spec.yml", "auth: 'a", "\n", "b'"}, "breaks-in-a-plain-scalar": {"spec.yml", "auth: a", "\r\n ", "b"}, "breaks-in-a-block": {"spec.yml", "auth: |\n  a", "\n", "  b"},
		"curlies": {"provider.json", `{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","test":{"url":"`, "{{bundle.authData.a}}", `"}}}`},
		"path":    {"config.json", `{"authentication":{"type":"oauth1","oauth1":{}},"dataSourceUser":{"userInfo":{"id":{"source":"jsonPath","value":"$`, "..*", `"}}}}`},
		"filters": {"config.json", `{"authentication":{"type":"oauth1","oauth1":{}},"dataSourceUser":{"userInfo":{"id":{"source":"jsonPath","value":"$`, "[?(@.a", `"}}}}`},
	} {
		attackSpec("long-"+name, func(n int) map[string]string {
			size := min(n*(250<<10), 1<<20-1000)
			return map[string]string{parts[0]: parts[1] + strings.Repeat(parts[2], size/len(parts[2])) + parts[3]}
		}, "", "IML", "MAKE", "DIA", "MEM", "ZAP", "SUP")
	}
}
