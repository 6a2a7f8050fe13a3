package cli

import (
	"encoding/json"
	"runtime"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/plan"
)

// versionCommand prints versions.
type versionCommand struct {
	Format string `help:"Output as text or json." enum:"text,json" default:"text"`
}

// Run implements the sub-command.
func (k *versionCommand) Run(c *command) error {
	functions, pack := len(iml.Library().All(false)), len(iml.Library().All(true))
	if k.Format == "json" {
		enc := json.NewEncoder(c.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"imlc": imlc.Version(), "planFormat": plan.FormatVersion, "dialects": dialectNames(),
			"functions": functions, "whiteLabel": pack - functions, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	c.Out.Printf("imlc %s (%s, %s/%s)\n", imlc.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	c.Out.Printf("plan format %d\n", plan.FormatVersion)
	c.Out.Printf("%d functions, %d more in the white-label edition\n", functions, pack-functions)
	return nil
}

// dialectNames are the names of the dialects that this build reads.
func dialectNames() []string {
	var names []string
	for _, d := range imlc.Dialects() {
		names = append(names, d.Name())
	}
	return names
}
