// Command small links the expression machine and nothing else of the engine. It runs the plan that it reads.
package main

import (
	"fmt"
	"io"
	"os"

	_ "github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func main() {
	file, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		fmt.Println("load:", err)
		return
	}
	v, err := program.Run(nil)
	fmt.Println(value.ToText(v), err)
}
