package cli

import "github.com/imlc-lang/imlc/vm/plan"

// disasmCommand lists a plan.
type disasmCommand struct {
	Plan string `arg:"" help:"Plan file, or a spec that is compiled first."`
	specFlags
	trustFlags
	Format   string `help:"Output as text or json." enum:"text,json" default:"text"`
	NoSource bool   `help:"Leave out the source lines beside the code."`
}

// Run implements the sub-command.
func (k *disasmCommand) Run(c *command) error {
	p, err := c.loadPlan(k.Plan, k.specFlags, k.trustFlags)
	if err != nil {
		return err
	}
	if k.Format == "json" {
		return plan.DumpJSON(c.Out, p)
	}
	return plan.Disassemble(c.Out, p, plan.DisassembleOptions{HideSource: k.NoSource})
}
