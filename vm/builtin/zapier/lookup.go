package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// callLookup finds a name in the flat bank of an object (spec dialects.md §3.3): names of nested values are their keys with
// dots between, and a key may hold a dot itself. Lists count as wholes at every depth, objects only where the last argument
// asks for those of the first level.
func callLookup(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := search{c: c, wholes: a.At(2).IsTrue()}
	v, _ := s.find(a.At(0), a.At(1).Str(), true)
	return v, s.err
}

type search struct {
	c      *builtin.Context
	wholes bool
	err    error
}

// find looks for a name below v. The longest key that begins the name is tried first.
func (s *search) find(v value.Value, name string, top bool) (value.Value, bool) {
	o := v.Object()
	for end := len(name); o != nil && end >= 0 && s.err == nil; end = strings.LastIndexByte(name[:end], '.') {
		if s.err = s.c.Tick(1); s.err != nil {
			break
		}
		member, ok := o.Get(name[:end])
		if !ok {
			continue
		}
		member = member.Under(v)
		if end < len(name) {
			if found, ok := s.find(member, name[end+1:], false); ok {
				return found, true
			}
			continue
		}
		if member.Object() == nil || top && s.wholes {
			return member, true
		}
	}
	return value.Undefined, false
}
