// Command imlc compiles connection specs to plans, runs them, and explains OAuth 1.0a signatures. Package cli is the
// command.
package main

import (
	"os"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/cli"
	_ "github.com/imlc-lang/imlc/vm/builtin/jsonata" // the command evaluates every formula
)

func main() { os.Exit(cli.Main()) }
