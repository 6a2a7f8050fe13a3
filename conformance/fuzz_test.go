package conformance

import (
	"context"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// FuzzEval evaluates any template in any context: nothing panics, and tree walker, machine and machine after encode and
// decode agree on the value or the code of the error.
func FuzzEval(f *testing.F) {
	cases, err := Load([]string{"cases/iml"})
	if err != nil {
		f.Fatal(err)
	}
	for i, c := range cases {
		if i%7 == 0 && c.Expression != nil && c.Expression.Template.Kind() == value.KindText {
			f.Add(c.Expression.Template.Str(), string(value.AppendJSON(nil, value.Collection(c.Expression.Context))))
		}
	}
	engines := threeWays()
	f.Fuzz(func(t *testing.T, template, document string) {
		if len(template) > 4096 || len(document) > 4096 {
			return
		}
		doc, err := value.ParseJSON(document, nil)
		if err != nil || doc.Kind() != value.KindCollection {
			doc = value.Collection(value.NewObject(0))
		}
		v := &expressionVector{Template: value.Text(value.ValidText(template)), Context: doc.Object()}
		first, err := engines[0].Evaluator.Evaluate(context.Background(), v)
		if err != nil {
			t.Fatalf("%s: %v", engines[0].Name, err)
		}
		for _, e := range engines[1:] {
			got, err := e.Evaluator.Evaluate(context.Background(), v)
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
			if limited(first.Error) || limited(got.Error) {
				continue
			}
			if got.Error != first.Error || got.Error == "" && show(got.Value) != show(first.Value) {
				t.Fatalf("%q in %s\n%s: %s %s\n%s: %s %s", template, document, engines[0].Name, first.Error, show(first.Value), e.Name, got.Error, show(got.Value))
			}
		}
	})
}

// limited says that a limit ended the evaluation. What counts as a step is the machine's own matter, so the tree walker
// may reach one and the machine not.
func limited(code string) bool { return strings.HasPrefix(code, "IML50") }

func show(v value.Value) string {
	t := Encode(v)
	return t.String()
}
