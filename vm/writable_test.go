package vm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

// A list that shares its items has a text of any length; it must end in IML503 before the text is built, in every form
// of evaluation (spec iml.md §13).
func TestSharedValuesAreNotWrittenOut(t *testing.T) {
	shared := value.Array([]value.Value{value.Text(strings.Repeat("x", 1000))})
	for range 40 {
		shared = value.Array([]value.Value{shared, shared})
	}
	context := value.NewObject(1)
	context.Set("a", shared)
	for _, template := range []string{`"{{a}}"`, `"x{{a}}"`, `"{{a + 'x'}}"`, `"{{a ' ' a}}"`, `{"k":"{{a}}"}`, `{"k":"x{{a}}"}`, `["{{a}}"]`, `["x{{a}}y"]`, `"{{createJSON(a)}}"`,
		`"{{join(a; ',')}}"`, `"{{switch(1; 1; a + 'x')}}"`, `{"k":"{{switch(1; 1; a)}}"}`, `{"{{...}}":"{{toCollection(add(emptyarray; 1); 'a'; 'b')}}","b":"{{a}}"}`} {
		for _, emit := range []bool{false, true} {
			p, l := imlc.CompileTemplateJSON("t", template, imlc.TemplateOptions{Emit: emit})
			if p == nil {
				t.Fatal(template, l.Items)
			}
			program, err := expr.NewProgram(p)
			if err != nil {
				t.Fatal(err)
			}
			env := &expr.Env{Context: context}
			_, err = program.AppendJSON(nil, env)
			var limit *vm.LimitError
			if !errors.As(err, &limit) || limit.Code != "IML503" {
				t.Errorf("%s, emit %v: %v", template, emit, err)
			}
			if !emit {
				if _, err = program.Run(env); !errors.As(err, &limit) || limit.Code != "IML503" {
					t.Errorf("%s: %v", template, err)
				}
			}
		}
	}
}
