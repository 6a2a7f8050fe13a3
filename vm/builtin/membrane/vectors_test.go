package membrane_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
	formula "github.com/imlc-lang/imlc/parser/membrane"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	_ "github.com/imlc-lang/imlc/vm/builtin/jsonata"
	"github.com/imlc-lang/imlc/vm/builtin/membrane"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestSharedVectors runs the formula vectors.
func TestSharedVectors(t *testing.T) {
	file, err := os.Open("../../../../shared/data/membrane-formulas.jsonl")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the shared vectors are not here")
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		run(t, lines.Text())
	}
}

func run(t *testing.T, line string) {
	t.Helper()
	d, problems := document.ParseJSONC(source.NewFile("vector", line), document.Options{})
	if len(problems) > 0 {
		t.Fatalf("%s: %v", line, problems)
	}
	v, err := value.ParseJSON(line, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := v.Object().Value("id").Str()
	variables := v.Object().Value("variables").Object()
	tree, list := formula.Formula(d.Root.Get("formula"), variables.Keys(), formula.FormulaOptions{JSONata: true, Pattern: func(p string) error {
		_, err := builtin.CompilePattern(p, "g")
		return err
	}})
	got, err := func() (value.Value, error) {
		for _, d := range list.Items {
			if d.Severity == 0 {
				return value.Undefined, &builtin.Error{Code: d.Code}
			}
		}
		p, list := compiler.Template(tree, false, compiler.Options{Library: membrane.Name})
		if p == nil {
			return value.Undefined, &builtin.Error{Code: list.Items[0].Code, Message: list.Items[0].Message}
		}
		program, err := expr.NewProgram(p)
		if err != nil {
			return value.Undefined, err
		}
		return program.Run(&expr.Env{Context: variables})
	}()
	want, missing := v.Object().Get("want")
	missing = !missing
	code := v.Object().Value("want_error").Str()
	switch {
	case code != "":
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: got %v, %v, want error %s", id, got, err, code)
		}
	case err != nil:
		t.Errorf("%s: %v\n%s", id, err, line)
	case missing:
		if !got.IsUndefined() {
			t.Errorf("%s: got %s, want nothing\n%s", id, value.AppendJSON(nil, got), line)
		}
	case !value.StrictEqual(got, want):
		t.Errorf("%s: got %s, want %s\n%s", id, value.AppendJSON(nil, got), value.AppendJSON(nil, want), line)
	}
}
