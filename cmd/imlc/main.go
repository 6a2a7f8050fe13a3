// Command imlc compiles connection specs to plans, runs them, and explains OAuth 1.0a signatures. Package cli is the
// command.
package main

import (
	"os"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/cli"
)

func main() { os.Exit(cli.Main()) }
