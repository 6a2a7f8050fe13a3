package perfbench

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/bench/internal/work"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

// workload is one compiled for this project's engine, with the document it runs on.
type workload struct {
	run *expr.Program
	env *expr.Env
}

func compile(w work.W, data map[string]any, emit bool) (*workload, error) {
	doc, err := json.Marshal(work.Template(w.N))
	if err != nil {
		return nil, err
	}
	p, diags := imlc.CompileTemplateJSON(w.Name, string(doc), imlc.TemplateOptions{Emit: emit})
	if p == nil {
		return nil, fmt.Errorf("%s: %v", w.Name, diags.Items)
	}
	prog, err := expr.NewProgram(p)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	v, err := value.ParseJSON(string(text), &value.JSONOptions{Shapes: prog.Shapes()})
	if err != nil {
		return nil, err
	}
	return &workload{prog, &expr.Env{Context: v.Object(), Now: time.Unix(1700000000, 0)}}, nil
}

func init() {
	engines = append(engines, engine{name: "B_imlc", mk: func(w work.W, d map[string]any) (runner, error) {
		p, err := compile(w, d, false)
		if err != nil {
			return nil, err
		}
		return p.run.Session(p.env).RunAny, nil
	}})
}
