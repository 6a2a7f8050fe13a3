package cli

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/schema"
)

// schemaCommand prints a JSON Schema.
type schemaCommand struct {
	Dialect string `arg:"" help:"Dialect whose documents the schema describes; oauth1 and basic are Make's communications."`
	Part    string `arg:"" optional:"" help:"Part of the connection, such as params or base of make, or legacy of zapier; the main document by default."`
}

// Run implements the sub-command.
func (k *schemaCommand) Run(c *command) error {
	dialect, part := k.Dialect, k.Part
	if dialect == "oauth1" || dialect == "basic" {
		dialect, part = "make", "communication."+dialect
	}
	parts := schema.Parts(dialect)
	if len(parts) == 0 {
		names := []string{"oauth1", "basic"}
		for _, d := range imlc.Dialects() {
			names = append(names, d.Name())
		}
		return usagef("there is no schema of %q documents; expected one of %s", dialect, strings.Join(names, ", "))
	}
	if part == "" {
		part = schema.Main(dialect, nil)
	}
	if !slices.Contains(parts, part) {
		return usagef("%s has no part %q; expected one of %s", dialect, part, strings.Join(parts, ", "))
	}
	_, err := c.Out.Write(schema.Source(dialect, part))
	return err
}
