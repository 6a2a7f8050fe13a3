package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

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
	var from checkout
	if info, ok := debug.ReadBuildInfo(); ok {
		from = checkoutOf(info)
	}
	if k.Format == "json" {
		return c.printJSON(map[string]any{"imlc": imlc.Version(), "commit": from.Commit, "commitTime": from.Time, "modified": from.Modified,
			"planFormat": plan.FormatVersion, "dialects": dialectNames(), "functions": functions, "whiteLabel": pack - functions,
			"go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	c.Out.Printf("imlc %s (%s, %s/%s)\n", imlc.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	c.Out.Printf("%s", from)
	c.Out.Printf("plan format %d\n", plan.FormatVersion)
	c.Out.Printf("%d functions, %d more in the white-label edition\n", functions, pack-functions)
	return nil
}

// printJSON prints data for machines.
func (c *command) printJSON(data any) error {
	enc := json.NewEncoder(c.Out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(data)
}

// dialectNames are the names of the dialects that this build reads.
func dialectNames() []string {
	var names []string
	for _, d := range imlc.Dialects() {
		names = append(names, d.Name())
	}
	return names
}

// checkout is what the go command recorded of the repository that a program was built in; nothing for go run, go test,
// and programs that were installed from the module proxy, whose version says it.
type checkout struct {
	Commit, Time string
	Modified     bool
}

func checkoutOf(info *debug.BuildInfo) checkout {
	var c checkout
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			c.Commit = s.Value
		case "vcs.time":
			c.Time = s.Value
		case "vcs.modified":
			c.Modified = s.Value == "true"
		}
	}
	return c
}

// String is the line of imlc version, "" when nothing is known.
func (c checkout) String() string {
	if c.Commit == "" {
		return ""
	}
	changed := ""
	if c.Modified {
		changed = ", with changes"
	}
	return fmt.Sprintf("commit %s of %s%s\n", c.Commit, c.Time, changed)
}
