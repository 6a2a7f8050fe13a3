package conformance

import (
	"context"
	"errors"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance/internal/oracle"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// oracleEvaluator runs the tree walker. What is wrong at compile time it asks the compiler, for checks of names and
// arguments are no matter of evaluation.
type oracleEvaluator struct{}

func (oracleEvaluator) Evaluate(_ context.Context, v *expressionVector) (outcome, error) {
	var l *diag.List
	if v.Template.Kind() == value.KindText {
		_, l = imlc.CompileTemplate("template", v.Template.Str(), imlc.TemplateOptions{})
	} else {
		_, l = imlc.CompileTemplateJSON("template", string(value.AppendJSON(nil, v.Template)), imlc.TemplateOptions{})
	}
	for _, d := range l.Items {
		if d.Severity == diag.Error {
			return outcome{Error: d.Code, Detail: d.Error()}, nil
		}
	}
	zone, err := v.Zone()
	if err != nil {
		return outcome{}, err
	}
	result, err := oracle.Evaluate(tree(v.Template), oracle.Env{Context: v.Context, Now: v.Instant(), Timezone: zone, Entropy: v.Entropy()})
	var failure *builtin.Error
	if errors.As(err, &failure) {
		return outcome{Error: failure.Code, Detail: err.Error()}, nil
	}
	var limit *builtin.LimitError
	if errors.As(err, &limit) {
		return outcome{Error: limit.Code, Detail: err.Error()}, nil
	}
	return outcome{Value: result}, err
}

// tree turns a JSON template into a syntax tree.
func tree(v value.Value) ast.Value {
	switch v.Kind() {
	case value.KindText:
		t, _ := template.Parse(v.Str(), nil, template.Options{})
		return t
	case value.KindBool:
		return &ast.Literal{Kind: ast.LiteralBool, Bool: v.IsTrue()}
	case value.KindNumber, value.KindInteger:
		return &ast.Literal{Kind: ast.LiteralNumber, Number: v.Float(), Exact: v.BigInt()}
	case value.KindArray:
		a := &ast.Array{}
		for _, item := range v.Items() {
			a.Items = append(a.Items, tree(item))
		}
		return a
	case value.KindCollection:
		o := &ast.Object{}
		for i := range v.Object().Len() {
			k, x := v.Object().At(i)
			spread, _ := template.IsSpreadKey(k, nil, template.Options{})
			o.Entries = append(o.Entries, ast.Entry{Key: k, Spread: spread, Value: tree(x)})
		}
		return o
	}
	return &ast.Literal{Kind: ast.LiteralNull}
}

// threeWays are the engines that every case of the suite runs on.
func threeWays() []Engine {
	return append(BuiltIn(), Engine{Name: "oracle", Evaluator: oracleEvaluator{}, Signer: BuiltIn()[0].Signer, Flow: oracleFlow{}})
}
