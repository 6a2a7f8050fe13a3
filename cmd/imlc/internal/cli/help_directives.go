package cli

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/reference"
)

// helpDirective prints the directives that a text names: a dialect, a section, a key or a key of a section ("make",
// "request", "url", "oauth.token"); "" stands for all.
func (c *command) helpDirective(text string) error {
	found := false
	for _, s := range reference.Sections() {
		list := s.Directives
		if text != "" && text != s.Dialect && text != s.Name {
			list = slices.DeleteFunc(slices.Clone(list), func(d reference.Directive) bool { return text != d.Name && text != s.Name+"."+d.Name })
		}
		if len(list) == 0 {
			continue
		}
		if found {
			c.Out.Printf("\n")
		}
		found = true
		c.Out.Printf("%s\n", c.Out.Paint(show.Bold, s.Title))
		for _, d := range list {
			c.Out.Describe(d.Name, directiveText(d))
		}
	}
	if !found {
		return usagef("there is no directive %q\nrun \"imlc help directives\" for the list", text)
	}
	return nil
}

func directiveText(d reference.Directive) string {
	facts := []string{d.Type}
	switch d.Default {
	case "":
	case "required":
		facts = append(facts, "required")
	default:
		facts = append(facts, "default "+d.Default)
	}
	return strings.Join(facts, ", ") + ": " + d.Meaning
}
