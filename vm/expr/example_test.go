package expr_test

import (
	"fmt"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

func ExampleSession_RunAny() {
	p, problems := imlc.CompileTemplateJSON("row", `{"user": "{{upper(row.name)}}", "adult": "{{row.age >= 18}}"}`, imlc.TemplateOptions{})
	if p == nil {
		fmt.Println(problems.Items)
		return
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	session := program.Session(nil)
	defer session.Close()
	for _, text := range []string{`{"name": "ada", "age": 36}`, `{"name": "bo", "age": 7}`} {
		row, err := value.ParseJSON(text, &value.JSONOptions{Shapes: program.Shapes()})
		if err != nil {
			fmt.Println(err)
			return
		}
		session.Set("row", row)
		result, err := session.RunAny()
		fmt.Println(result, err)
	}
	// Output:
	// map[adult:true user:ADA] <nil>
	// map[adult:false user:BO] <nil>
}
