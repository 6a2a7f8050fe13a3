package formula

import (
	"math"
	"strconv"
	"strings"
)

// step is a step of a locator: a name, or an index.
type step struct {
	name    string
	index   float64
	indexed bool
}

// parseLocator reads a locator; ok is false when it is no text, empty or invalid.
func parseLocator(v any) (steps []step, ok bool) {
	s, isText := v.(string)
	if !isText || s == "" {
		return nil, false
	}
	if s[0] == '$' {
		s = s[1:]
	} else {
		s = "." + s
	}
	for s != "" {
		switch s[0] {
		case '.':
			var name strings.Builder
			i := 1
			for ; i < len(s) && s[i] != '.' && s[i] != '['; i++ {
				if s[i] == '\\' && i+1 < len(s) {
					i++
				}
				name.WriteByte(s[i])
			}
			steps, s = append(steps, step{name: name.String()}), s[i:]
		case '[':
			end := strings.IndexByte(s, ']')
			if end < 0 {
				return nil, false
			}
			n := toNumber(s[1:end])
			if math.IsNaN(n) || n < 0 {
				return nil, false
			}
			steps, s = append(steps, step{index: n, indexed: true}), s[end+1:]
		default:
			return nil, false
		}
	}
	return steps, true
}

// follow walks a locator; an index that meets something falsy finds nothing, unless keep.
func follow(v any, steps []step, keep bool) any {
	for _, s := range steps {
		if !s.indexed {
			v = property(v, s.name)
			continue
		}
		v = element(v, s.index)
		if !keep && !truthy(v) {
			v = missing{}
		}
	}
	return v
}

func property(v any, name string) any {
	switch v := v.(type) {
	case *object:
		return v.get(name)
	case *list:
		if n, ok := arrayIndex(name); ok && n < uint64(len(v.items)) {
			return v.items[n]
		}
		if name == "length" {
			return float64(len(v.items))
		}
	}
	return missing{}
}

func element(v any, n float64) any {
	if l, ok := v.(*list); ok && n == math.Trunc(n) && n < float64(len(l.items)) {
		return property(l, strconv.Itoa(int(n)))
	}
	return missing{}
}
