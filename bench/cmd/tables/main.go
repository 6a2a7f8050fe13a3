// Command tables prints the performance tables of the project (see docs/performance.md). Run it from the bench folder.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	perfbench "github.com/imlc-lang/imlc/bench"
)

func main() {
	quick := flag.Bool("quick", false, "short rounds: all sections within a minute, less exact")
	sections := flag.String("sections", "abcdef", "the letters of the sections to run")
	rounds := flag.Int("rounds", 0, "rounds per measurement; 0 means the default")
	flag.Parse()
	if err := perfbench.Run(os.Stdout, *quick, *rounds, strings.ToLower(*sections)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
