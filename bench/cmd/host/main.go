// Command host makes an engine of the plan of a connection: the smallest host that links requests too, for the cold
// start.
package main

import (
	"fmt"
	"os"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: host FILE.imlc")
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	p, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		return err
	}
	e, err := vm.New(p, vm.Host{})
	if err != nil {
		return err
	}
	e.Close()
	return nil
}
