// Command runner runs a plan of one template and prints its result: the smallest host of this engine, for the cold
// start.
package main

import (
	"fmt"
	"os"

	_ "github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func main() {
	args := os.Args[1:]
	status := len(args) == 2 && args[1] == "status" // for the measure of memory
	if status {
		args = args[:1]
	}
	v, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(value.ToText(v))
	if status {
		text, _ := os.ReadFile("/proc/self/status")
		os.Stdout.Write(text)
	}
}

func run(args []string) (value.Value, error) {
	if len(args) != 1 {
		return value.Undefined, fmt.Errorf("usage: runner FILE.imlc")
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return value.Undefined, err
	}
	p, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		return value.Undefined, err
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		return value.Undefined, err
	}
	context, err := value.ParseJSON(`{"body":{"name":" ada ","id":41}}`, &value.JSONOptions{Shapes: program.Shapes()})
	if err != nil {
		return value.Undefined, err
	}
	return program.Run(&expr.Env{Context: context.Object()})
}
