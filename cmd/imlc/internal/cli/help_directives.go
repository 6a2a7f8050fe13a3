package cli

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed directives.txt
var directivesText string

// helpDirective prints the directives, or those whose section or name is given ("request", "url", "oauth.token").
func (c *command) helpDirective(name string) error {
	section, key, dotted := strings.Cut(name, ".")
	last, found := "", false
	for line := range strings.Lines(directivesText) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 5)
		if strings.HasPrefix(line, "#") || len(f) < 5 {
			continue
		}
		if dotted && (f[0] != section || f[1] != key) || !dotted && name != "" && f[0] != name && f[1] != name {
			continue
		}
		found = true
		if f[0] != last {
			if last != "" {
				fmt.Fprintln(c.Out)
			}
			fmt.Fprintf(c.Out, "%s\n", c.paint(c.Out, styleBold, directiveTitles[f[0]]))
			last = f[0]
		}
		c.describe(f[1], directiveText(f))
	}
	if !found {
		return usagef("there is no directive %q\nrun \"imlc help directives\" for the list", name)
	}
	return nil
}

func directiveText(f []string) string {
	text := f[2]
	switch {
	case f[3] == "required":
		text += ", required"
	case f[3] != "":
		text += ", default " + f[3]
	}
	if text != "" {
		text += ": "
	}
	return text + f[4]
}

var directiveTitles = map[string]string{
	"connection": "Sections of a connection",
	"request":    "Directives of a request",
	"response":   "Directives of response",
	"oauth":      "Keys of oauth",
	"parameters": "Keys of a parameter definition",
}
