package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// callSignedOnly collects what the vendor counts in a signature although it is not sent (spec dialects.md §3.4): a realm; of the
// parameters and the URL before removal what those that are sent do not have; and, with the last argument, an empty pair for each
// name that the sent query repeats. Undefined is none.
func callSignedOnly(c *builtin.Context, a builtin.Args) (value.Value, error) {
	d := deviation{out: value.NewObject(2)}
	if realm := a.At(0); !value.IsEmpty(realm) {
		s, err := c.ToText(realm)
		if err != nil {
			return value.Undefined, err
		}
		d.add("realm", value.Text(s))
	}
	sent := queryPairs(a.At(2).Str())
	params := a.At(1).Object()
	for _, size := range [...]int{params.Len() + len(sent), a.At(3).Object().Len() + len(a.At(4).Str())} {
		if err := c.Object(size); err != nil {
			return value.Undefined, err
		}
	}
	if before := a.At(3).Object(); before != nil {
		removed := queryPairs(a.At(4).Str())
		for _, p := range removed {
			if _, stays := uri.Lookup(sent, p.Name); !stays {
				d.add(p.Name, value.Text(p.Value))
			}
		}
		for i := range before.Len() {
			k, v := before.At(i)
			_, stays := params.Get(k)
			if _, own := uri.Lookup(removed, k); own || stays {
				continue
			}
			s, err := text(c, v)
			if err != nil {
				return value.Undefined, err
			}
			d.add(k, value.Text(s))
		}
	}
	if a.At(5).IsTrue() {
		d.repeated(sent, params)
	}
	return value.Collection(d.out), nil
}

// queryPairs are the pairs of the query of a URL.
func queryPairs(url string) []uri.Pair {
	rest, _, _ := strings.Cut(url, "#")
	_, query, _ := strings.Cut(rest, "?")
	return uri.SplitPairs(query)
}

type deviation struct{ out *value.Object }

func (d deviation) add(name string, v value.Value) {
	d.out.Set(name, value.Array(append(d.out.Value(name).Items(), v)))
}

// repeated adds an empty pair for each name that stands in the query more than once; what the URL has wins over parameters.
func (d deviation) repeated(sent []uri.Pair, params *value.Object) {
	count := map[string]int{}
	var names []string
	for _, p := range sent {
		if count[p.Name]++; count[p.Name] == 2 {
			names = append(names, p.Name)
		}
	}
	for i := range params.Len() {
		if k, v := params.At(i); count[k] == 0 && len(v.Items()) > 1 {
			names = append(names, k)
		}
	}
	for _, name := range names {
		d.add(name, value.Text(""))
	}
}
