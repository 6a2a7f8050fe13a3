package general

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/value"
)

func callGet(c *builtin.Context, a builtin.Args) (value.Value, error) {
	p := path.Parse(c, a.V[1])
	var site value.Site
	v := p.Lookup(a.V[0], &site)
	if p.Deep && v.IsUndefined() {
		return v, path.TooDeep(c, 2)
	}
	return v, nil
}
