package jsonata

var objectRows = map[string]row{
	"keys":   {"<x-:a<s>>", 1, func(c *call) any { return c.keys(c.at(0)) }},
	"lookup": {"<x-s:x>", 2, looked},
	"spread": {"<x-:a<o>>", 1, func(c *call) any { return c.spread(c.at(0)) }},
	"merge":  {"<a<o>:o>", 1, orMissing(merged)},
	"each":   {"<o-f:a>", 2, eachMember},
	"sift":   {"<o-f?:o>", 2, sifted},
}

func looked(c *call) any {
	if c.at(1) == nil {
		return nil
	}
	return c.member(c.at(0), c.text(1))
}

// keys are the keys of an object, or those of all objects of a list.
func (r *run) keys(v any) any {
	result := sequence()
	switch v := v.(type) {
	case *list:
		all := &object{}
		for _, item := range v.items {
			for _, key := range r.keys(item).(*list).items {
				r.must(r.c.Object(1))
				all.set(key.(string), true)
			}
		}
		return r.keys(all.arrange())
	case *object:
		r.list(len(v.keys))
		for _, key := range v.keys {
			result.items = append(result.items, key)
		}
	}
	return result
}

// spread makes an object of each member of an object, or of all objects of a list.
func (r *run) spread(v any) any {
	switch v := v.(type) {
	case *list:
		out := sequence()
		for _, item := range v.items {
			r.step(1)
			switch x := r.spread(item).(type) {
			case nil:
			case *list:
				r.list(len(x.items))
				out = &list{items: append(out.items, x.items...)}
			default:
				r.list(1)
				out = &list{items: append(out.items, x)}
			}
		}
		return out
	case *object:
		out := sequence()
		r.list(len(v.keys))
		for i, key := range v.keys {
			r.must(r.c.Object(1))
			out.items = append(out.items, &object{keys: []string{key}, values: []any{v.values[i]}})
		}
		return out
	}
	return v
}

func merged(c *call) any {
	out := &object{}
	for _, item := range c.items(0) {
		o := item.(*object)
		c.step(len(o.keys))
		for i, key := range o.keys {
			c.must(c.c.Object(1))
			out.set(key, o.values[i])
		}
	}
	return out.arrange()
}

func eachMember(c *call) any {
	result := sequence()
	o, ok := c.at(0).(*object)
	if !ok {
		return result
	}
	f := c.function(1)
	for i, key := range o.keys {
		if v := c.each(f, o.values[i], key, o); v != nil {
			c.list(1)
			result.items = append(result.items, v)
		}
	}
	return result
}

func sifted(c *call) any {
	o, ok := c.at(0).(*object)
	if !ok {
		return nil
	}
	f, out := c.function(1), &object{}
	for i, key := range o.keys {
		if truth(c.each(f, o.values[i], key, o)) {
			c.must(c.c.Object(1))
			out.set(key, o.values[i])
		}
	}
	if len(out.keys) == 0 {
		return nil
	}
	return out
}
