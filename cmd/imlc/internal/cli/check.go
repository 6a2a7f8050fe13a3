package cli

import (
	"fmt"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
)

// checkCommand reports every problem of specs.
type checkCommand struct {
	Paths []string `arg:"" optional:"" default:"." name:"path" help:"Spec files, folders or projects; - for a spec on standard input."`
	specFlags
	watchFlag
	Lint   bool   `help:"Add opinions that no platform demands (MAKE310, MAKE313)."`
	Fix    bool   `help:"Write the fixes that are known into the files, and check again."`
	Format string `help:"Output as text, json, sarif, or as commands of GitHub Actions." enum:"text,json,sarif,github" default:"text"`
}

// passes bounds how often --fix checks again: fixes that touch each other are made one after the other.
const passes = 10

// Run implements the sub-command.
func (k *checkCommand) Run(c *command) error {
	return k.watched(c, k.Paths, func() error { return k.check(c) })
}

func (k *checkCommand) check(c *command) error {
	all, connections, err := k.read(c)
	fixed := 0
	for n := 0; k.Fix && err == nil && n < passes; n++ {
		var made int
		if made, err = c.fix(all.Items); err != nil || made == 0 {
			break
		}
		fixed += made
		all, connections, err = k.read(c)
	}
	if err != nil {
		return err
	}
	if err := k.print(c, all, connections); err != nil {
		return err
	}
	if k.Fix && k.Format == "text" {
		c.Out.Printf("%s made\n", countedFix(fixed))
	}
	if all.HasErrors() {
		return errReported
	}
	return nil
}

func countedFix(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}

// read reads and compiles every connection of the paths.
func (k *checkCommand) read(c *command) (*diag.List, int, error) {
	all := &diag.List{}
	connections := 0
	opts := k.options()
	opts.Lint, opts.Scripts = k.Lint, c.checker()
	for _, path := range k.Paths {
		sources, list, err := c.loadSpecs(path, opts)
		if err != nil {
			return nil, 0, err
		}
		all.Items = append(all.Items, list.Items...)
		for _, src := range sources {
			connections++
			if err := k.parts(c, &src); err != nil {
				return nil, 0, err
			}
			_, list := imlc.CompileSource(src, opts)
			all.Items = append(all.Items, list.Items...)
		}
	}
	all.Sort()
	if k.Strict {
		all.Promote()
	}
	imlc.AddFixes(all)
	return all, connections, nil
}

func (k *checkCommand) print(c *command, all *diag.List, connections int) error {
	switch k.Format {
	case "json":
		return diag.RenderJSON(c.Out, all.Items)
	case "sarif":
		return imlc.WriteSARIF(c.Out, all)
	case "github":
		return diag.RenderGitHub(c.Out, all.Items)
	}
	c.Out.Diagnostics(all)
	count := map[diag.Severity]int{}
	for _, d := range all.Items {
		count[d.Severity]++
	}
	c.Out.Printf("%s checked: %s, %s, %s\n", counted(connections, "connection"), counted(count[diag.Error], "error"),
		counted(count[diag.Warning], "warning"), counted(count[diag.Info], "note"))
	return nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
