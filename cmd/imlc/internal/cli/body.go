package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// bodyFlags describe the headers and body of a request.
type bodyFlags struct {
	Header []string `short:"H" help:"Add a header." placeholder:"'NAME: VALUE'" sep:"none"`
	Data   string   `short:"d" help:"Body as it is, @FILE to read it; a form unless a Content-Type says otherwise." placeholder:"TEXT"`
	Form   []string `short:"F" help:"Add a form field; the body becomes application/x-www-form-urlencoded." placeholder:"NAME=VALUE" sep:"none"`
	JSON   string   `name:"json" help:"JSON body, @FILE to read it." placeholder:"TEXT"`
}

// apply adds headers and body to a request.
func (f bodyFlags) apply(c *command, r *paste.Request) error {
	for _, line := range f.Header {
		h, err := paste.ParseHeader(line)
		if err != nil {
			return usagef("--header: %v", err)
		}
		r.Add(h)
	}
	kinds := 0
	for _, given := range []bool{f.Data != "", len(f.Form) > 0, f.JSON != ""} {
		if given {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return usagef("--data, --form and --json exclude each other")
	case f.Data != "":
		body, err := c.bodyText(f.Data)
		if err != nil {
			return err
		}
		r.SetBody(body, media.Form)
	case f.JSON != "":
		body, err := c.bodyText(f.JSON)
		if err != nil {
			return err
		}
		r.SetBody(body, "application/json")
	case len(f.Form) > 0:
		var pairs []uri.Pair
		for _, s := range f.Form {
			name, text, ok := strings.Cut(s, "=")
			if !ok {
				return usagef("--form: expected NAME=VALUE")
			}
			pairs = append(pairs, uri.Pair{Name: name, Value: text})
		}
		r.SetBody([]byte(uri.JoinPairs(pairs)), media.Form)
	}
	return nil
}

func (c *command) bodyText(s string) ([]byte, error) {
	if name, ok := strings.CutPrefix(s, "@"); ok {
		return c.readInput(name)
	}
	return []byte(s), nil
}
