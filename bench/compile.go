package perfbench

import (
	"bytes"
	"fmt"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/bench/internal/work"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The targets of section b, in nanoseconds. The first is that of expressions of a typical size.
const (
	typicalBytes = 60
	mustCompile  = 15e3
	mustSpec     = 20e6
)

// compileSection prints section b: from template text to verified bytecode.
func compileSection(r *report) error {
	t := &table{title: "b. Compilation", heads: []string{"expression", "bytes", "imlc", "must", "", "to expr", "to cel"},
		note: "From text to verified code; \"to expr\" and \"to cel\" are the ratios to expr.Compile and to compiling and planning with cel-go."}
	data := work.Data()
	env, err := newCelEnv()
	if err != nil {
		return err
	}
	for _, w := range work.All {
		if w.N.K == "obj" || w.N.K == "str" {
			continue
		}
		text, ok := work.Template(w.N).(string)
		if !ok {
			return fmt.Errorf("%s is no text", w.Name)
		}
		exprText, celText, options := work.Print(w.N, "expr"), work.Print(w.N, "cel"), exprOpts(data)
		results := measure(r.Plan, []variant{
			{"imlc", func(n int) {
				for range n {
					sink = compileText(text)
				}
			}},
			{"expr", func(n int) {
				for range n {
					sink, err = expr.Compile(exprText, options...)
				}
			}},
			{"cel", func(n int) {
				for range n {
					sink, err = compileCel(env, celText)
				}
			}},
		})
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		own := results[0]
		must, verdict := "", ""
		if len(text) <= typicalBytes {
			must, verdict = duration(mustCompile), r.verdict("b "+w.Name, own.median(), mustCompile)
		}
		r.verdict("b "+w.Name+" against expr", own.over(results[1]), 1)
		r.verdict("b "+w.Name+" against cel", own.over(results[2]), 1)
		t.add(w.Name, len(text), duration(own.median()), must, verdict, own.over(results[1]), own.over(results[2]))
	}
	r.print(t)
	return compileSpec(r)
}

// compileText compiles one template and verifies its code; nil when that fails.
func compileText(text string) *plan.Plan {
	p, _ := imlc.CompileTemplate("t", text, imlc.TemplateOptions{})
	if p == nil || plan.Verify(p) != nil {
		return nil
	}
	return p
}

func compileCel(env *cel.Env, text string) (any, error) {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
}

// largeSpec is a connection with a number of templates in its headers, eight to a request.
func largeSpec(templates int) string {
	var b bytes.Buffer
	b.WriteString(`{"info":[`)
	for i := 0; i < templates; i += 8 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"url":"https://api.example.com/v1/%d","headers":{`, i)
		for k := range 8 {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `"X-Header-%d":"{{if(parameters.field%d = %d; upper(data.name%d); 'x')}}"`, k, i+k, i, k)
		}
		b.WriteString(`}}`)
	}
	b.WriteString(`]}`)
	return b.String()
}

func specSource(communication string) parser.Source {
	src := make.Source("bench", map[string]*source.File{make.Communication: source.NewFile("api.jsonc", communication)}, nil)
	src.Declared = "oauth1" // a file with info alone does not show it
	return src
}

func compileSpec(r *report) error {
	text := largeSpec(1000)
	if p, problems := imlc.CompileSource(specSource(text), imlc.Options{}); p == nil {
		return fmt.Errorf("the large spec does not compile: %v", problems.Items[0])
	}
	plan := r.Plan
	plan.Chunk = 1 // one compilation to a turn
	own := measure(plan, []variant{{"imlc", func(n int) {
		for range n {
			sink, _ = imlc.CompileSource(specSource(text), imlc.Options{})
		}
	}}})[0]
	t := &table{title: "b. A spec of 1 000 templates", heads: []string{"bytes", "time", "must", ""}}
	t.add(len(text), duration(own.median()), duration(mustSpec), r.verdict("b large spec", own.median(), mustSpec))
	r.print(t)
	return nil
}
