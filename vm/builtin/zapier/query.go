package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// callPrunedURL drops the parameters of a URL that have no value (spec dialects.md §3.3, removeMissingValuesFrom).
func callPrunedURL(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s, err := text(c, a.At(0))
	if err != nil {
		return value.Undefined, err
	}
	if err := c.Text(len(s)); err != nil {
		return value.Undefined, err
	}
	rest, fragment, marked := strings.Cut(s, "#")
	path, query, _ := strings.Cut(rest, "?")
	kept := make([]string, 0, 8)
	for pair := range strings.SplitSeq(query, "&") {
		if _, v, _ := strings.Cut(pair, "="); v != "" {
			kept = append(kept, pair)
		}
	}
	if len(kept) > 0 {
		path += "?" + strings.Join(kept, "&")
	}
	if marked {
		path += "#" + fragment
	}
	return value.Text(path), nil
}

// callPruned drops parameters that are undefined, null or empty. Of those that the query of the URL has too, the URL decides:
// what has a value there stays in its place, and what has none goes.
func callPruned(c *builtin.Context, a builtin.Args) (value.Value, error) {
	params := a.At(0).Object()
	s, err := text(c, a.At(1))
	if err != nil {
		return value.Undefined, err
	}
	if err := c.Tick(params.Len()); err != nil {
		return value.Undefined, err
	}
	if err := c.Object(params.Len()); err != nil {
		return value.Undefined, err
	}
	empty := emptyNames(s)
	out := value.NewObject(params.Len())
	for i := range params.Len() {
		k, v := params.At(i)
		switch gone, there := empty[k]; {
		case there && !gone && value.IsEmpty(v):
			out.Set(k, value.Text("")) // only its place counts
		case !gone && !value.IsEmpty(v):
			out.Set(k, v)
		}
	}
	return value.Collection(out), nil
}

// emptyNames are the names in the query of a URL, with whether they never have a value there.
func emptyNames(url string) map[string]bool {
	rest, _, _ := strings.Cut(url, "#")
	_, query, _ := strings.Cut(rest, "?")
	names := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		name, v, _ := strings.Cut(pair, "=")
		if name = uri.DecodeForm(name); name != "" {
			empty, seen := names[name]
			names[name] = v == "" && (empty || !seen)
		}
	}
	return names
}
