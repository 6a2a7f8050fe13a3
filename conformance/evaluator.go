package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
	_ "time/tzdata" // zones of vectors must not depend on the machine

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/interpret"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// planEvaluator judges compiler and virtual machine; with reload the plan goes through its file form first, with
// interpreted the interpreter runs it instead of closures.
type planEvaluator struct{ reload, interpreted bool }

// Evaluate implements evaluator.
func (e planEvaluator) Evaluate(ctx context.Context, v *expressionVector) (outcome, error) {
	zone, err := v.Zone()
	if err != nil {
		return outcome{}, err
	}
	p, diagnostics := compileVector(v.Template)
	return e.run(p, diagnostics, &expr.Env{Context: v.Context, Now: v.Instant(), Timezone: zone, Entropy: v.Entropy(), Ctx: ctx})
}

// EvaluateFormula implements formulaEvaluator.
func (e planEvaluator) EvaluateFormula(ctx context.Context, v *formulaVector) (outcome, error) {
	p, diagnostics := imlc.CompileFormula("formula", string(value.AppendJSON(nil, v.Formula)), v.Variables.Keys())
	return e.run(p, diagnostics, &expr.Env{Context: v.Variables, Ctx: ctx})
}

// run runs what was compiled.
func (e planEvaluator) run(p *plan.Plan, diagnostics *diag.List, env *expr.Env) (outcome, error) {
	if d := firstError(diagnostics); d != nil {
		return outcome{Error: d.Code, Detail: d.Error()}, nil
	}
	if p == nil {
		return outcome{}, errors.New("the compiler gave neither a plan nor an error")
	}
	var err error
	if e.reload {
		if p, err = reload(p); err != nil {
			return outcome{}, err
		}
	}
	var program *expr.Program
	link := func() { program, err = expr.NewProgram(p) }
	if e.interpreted {
		interpret.During(link)
	} else {
		link()
	}
	if err != nil {
		return outcome{}, err
	}
	return runOutcome(program.Run(env))
}

func compileVector(template value.Value) (*plan.Plan, *diag.List) {
	if template.Kind() == value.KindText {
		return imlc.CompileTemplate("template", template.Str(), imlc.TemplateOptions{})
	}
	return imlc.CompileTemplateJSON("template", string(value.AppendJSON(nil, template)), imlc.TemplateOptions{})
}

func firstError(l *diag.List) *diag.Diagnostic {
	if l == nil {
		return nil
	}
	for i := range l.Items {
		if l.Items[i].Severity == diag.Error {
			return &l.Items[i]
		}
	}
	return nil
}

func runOutcome(result value.Value, err error) (outcome, error) {
	if err == nil {
		return outcome{Value: result}, nil
	}
	var eval *expr.EvalError
	if errors.As(err, &eval) {
		return outcome{Error: eval.Code, Detail: err.Error()}, nil
	}
	var limit *builtin.LimitError
	if errors.As(err, &limit) {
		return outcome{Error: limit.Code, Detail: err.Error()}, nil
	}
	return outcome{}, err
}

// reload writes a plan as a file and reads it back.
func reload(p *plan.Plan) (*plan.Plan, error) {
	file, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	p, err = plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("decoding the plan: %w", err)
	}
	return p, nil
}

// Zone returns the time zone of the vector, UTC when it names none.
func (v *expressionVector) Zone() (*time.Location, error) {
	if v.Timezone == "" {
		return time.UTC, nil
	}
	return time.LoadLocation(v.Timezone)
}

// Instant returns the frozen instant: that of the vector, else a fixed one, so that runs are repeatable.
func (v *expressionVector) Instant() time.Time {
	if v.Now.IsZero() {
		return time.Date(2024, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	}
	return v.Now
}

// Entropy returns a source of bytes that is the same on every call, so that engines can be compared.
func (v *expressionVector) Entropy() io.Reader {
	return rand.NewChaCha8([32]byte([]byte("conformance vectors are repeated")))
}
