package plan_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// greeting is the plan of the template Hello {{parameters.name}}.
func greeting() *plan.Plan {
	p := &plan.Plan{
		Meta:      plan.Meta{Compiler: "example", Dialect: "make", Name: "greeting", Capabilities: []string{"fn/iml.upper@1"}},
		Strings:   []string{"name"},
		Constants: []value.Value{value.Text("Hello ")},
		Roots:     []string{"parameters"},
		Paths:     []plan.Path{{Root: 0, Steps: []plan.PathStep{{Name: 0}}}},
		Functions: []plan.Function{{File: -1, Code: []plan.Instr{
			{Op: plan.OpConst, A: 0}, {Op: plan.OpPath, A: 0}, {Op: plan.OpJoin, A: 2}, {Op: plan.OpReturn},
		}}},
	}
	depth, err := plan.StackDepth(p, &p.Functions[0])
	if err != nil {
		fmt.Println(err)
	}
	p.Functions[0].MaxStack = depth
	return p
}

func ExampleEncode() {
	data, err := plan.Encode(greeting(), plan.EncodeOptions{StripLines: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Decode(data, plan.DecodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Meta.Name, len(p.Functions), p.Functions[0].MaxStack)
	// Output: greeting 1 2
}

func ExampleDecode() {
	data, err := plan.Encode(greeting(), plan.EncodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	data[4] = 9 // the version of the format
	_, err = plan.Decode(data, plan.DecodeOptions{})
	fmt.Println(errors.Is(err, plan.ErrStale))
	fmt.Println(err)
	// Output:
	// true
	// stale plan: header at byte 4: format version 9, this version reads 2: compile the spec again
}

func ExampleVerify() {
	p := greeting()
	p.Functions[0].Code[1].A = 7
	fmt.Println(plan.Verify(p))
	// Output: corrupt plan: FUNCTIONS: function 0 instruction 1 (path): operand 7 is out of range
}

func ExampleDisassemble() {
	if err := plan.Disassemble(os.Stdout, greeting(), plan.DisassembleOptions{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// plan "greeting", dialect "make", compiled by "example", format 2
	// source hash 0000000000000000000000000000000000000000000000000000000000000000
	// needs fn/iml.upper@1
	//
	// function 0, value, stack 2
	//      0  const         "Hello "
	//      1  path          parameters.name
	//      2  join          2
	//      3  return
}

func ExampleMissing() {
	fmt.Println(plan.Missing(greeting(), func(capability string) bool { return capability == "iml/upper@1" }))
	// Output: [fn/iml.upper@1]
}
