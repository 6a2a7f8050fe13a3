package cli

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// findCode explains a code of imlc, or a problem that providers report.
func findCode(code string) (reference.Code, bool) {
	if e, ok := reference.FindCode(code); ok {
		return e, true
	}
	problem := oauth1.ProblemCode(strings.ToLower(code))
	return reference.Code{Code: string(problem), Severity: "provider", Meaning: "a problem that the provider reported (oauth_problem)", Advice: problem.Advice()},
		problem.Advice() != ""
}

func (c *command) codeList() {
	for _, e := range reference.Codes() {
		c.Out.Describe(fmt.Sprintf("%s (%s)", e.Code, e.Severity), e.Meaning)
	}
	c.Out.Printf("\nSeverities: error, warning (an error with --strict), info, lint (imlc check --lint), run (fails a run), limit, trace (a note of a run).\n" +
		"imlc help CODE shows one with its remedy; provider problems such as token_rejected are known too.\n")
}

func (c *command) helpCode(code string) error {
	e, ok := findCode(code)
	if !ok {
		return usagef("there is no diagnostic %q\nrun \"imlc help errors\" for the list", code)
	}
	c.Out.Printf("%s (%s)\n  %s\n", c.Out.Paint(show.Bold, e.Code), e.Severity, e.Meaning)
	if e.Advice != "" {
		c.Out.Printf("\nWhat to do:\n  %s\n", e.Advice)
	}
	if e.Example == "" {
		return nil
	}
	c.Out.Printf("\nExample:\n  imlc eval '%s'\n", e.Example)
	o := imlc.TemplateOptions{}
	if e.Code == "IML210" {
		o.Roots = []string{"parameters"}
	}
	if _, list := imlc.CompileTemplate("example", e.Example, o); len(list.Items) > 0 {
		own := &diag.List{}
		for _, d := range list.Items {
			if d.Code == e.Code {
				own.Add(d)
			}
		}
		c.Out.Diagnostics(own)
	}
	return nil
}
