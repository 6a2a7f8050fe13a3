package value

import "math"

// Step is one constant step of a path, with a memory of where it found its key last. The zero Step finds nothing. A
// Step must not be copied once used; it is safe for concurrent use.
type Step struct {
	name  string
	item  int32
	named bool
	site  Site
}

// SetName makes s the step to the value of a key.
func (s *Step) SetName(name string) { s.name, s.named = name, true }

// SetItem makes s the step to the n-th item of a list, counted from 1, or from the end when n is negative.
func (s *Step) SetItem(n int32) { s.item, s.named = n, false }

// nothing is the place of what is not there.
var nothing Value

// Walk follows steps from the value that v points to; undefined where a step finds nothing. What comes out of a secret
// is secret. It goes from place to place in the documents without copying the values on the way.
func Walk(v *Value, steps []Step) Value {
	at, secret := At(v, steps)
	if secret {
		return at.AsSecret()
	}
	return *at
}

// At is Walk that returns the place where the value lies, which must not be changed, and whether it is secret.
func At(v *Value, steps []Step) (at *Value, secret bool) {
	flags := v.flags
	for i := range steps {
		s := &steps[i]
		switch {
		case s.named && v.kind == KindCollection:
			o := v.Object()
			w := s.site.word.Load()
			if sh := o.shape; sh != nil && uint32(w>>32) == sh.id {
				if j := uint(uint32(w)); j < uint(len(o.vals)) {
					v = &o.vals[j]
					flags |= v.flags
					continue
				}
			}
		case !s.named && v.kind == KindArray:
			if items, j := v.Items(), uint(int(s.item)-1); j < uint(len(items)) {
				v = &items[j]
				flags |= v.flags
				continue
			}
		}
		if v = s.find(v); v == nil {
			return &nothing, false
		}
		flags |= v.flags
	}
	return v, flags&flagSecret != 0
}

// find takes the step without the memory of the site, and renews it; nil when there is nothing.
func (s *Step) find(v *Value) *Value {
	if !s.named {
		items, n := v.Items(), int(s.item)
		if n < 0 {
			n += len(items) + 1
		}
		if n < 1 || n > len(items) {
			return nil
		}
		return &items[n-1]
	}
	if v.kind != KindCollection {
		return nil
	}
	o := v.Object()
	i := o.Index(s.name)
	if i < 0 {
		return nil
	}
	if sh := o.shape; sh != nil && !o.caseless {
		s.site.word.Store(uint64(sh.id)<<32 | uint64(uint32(i)))
	}
	return &o.vals[i]
}

// Pluck appends to dst the value of key in each collection of items that filter, when set, finds something truthy in.
// What has no such key gives null. ok is false, and dst unfinished, when an item is no collection. Both steps must be
// names.
func Pluck(dst, items []Value, key, filter *Step) (out []Value, ok bool) {
	for i := range items {
		item := &items[i]
		if item.kind != KindCollection {
			return dst, false
		}
		o := item.Object()
		if filter != nil {
			if v := filter.in(item, o); v == nil || !IsTruthy(*v) {
				continue
			}
		}
		if v := key.in(item, o); v != nil {
			dst = append(dst, v.Under(*item))
		} else {
			dst = append(dst, Null())
		}
	}
	return dst, true
}

// in returns the place of the named step in o, which is the object of v.
func (s *Step) in(v *Value, o *Object) *Value {
	if sh := o.shape; sh != nil {
		if w := s.site.word.Load(); uint32(w>>32) == sh.id {
			if j := uint(uint32(w)); j < uint(len(o.vals)) {
				return &o.vals[j]
			}
		}
	}
	return s.find(v)
}

// Double returns the double of v; ok is false when v is no double.
func (v Value) Double() (f float64, ok bool) { return math.Float64frombits(v.n), v.kind == KindNumber }
