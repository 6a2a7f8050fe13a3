package value

import "strings"

// Object is an ordered map from text to value: the content of a collection. Overwriting a key keeps its place; storing
// undefined removes it. The zero Object is empty and ready to use. An Object may be read concurrently once nobody
// changes it any more.
type Object struct {
	keys     []string
	vals     []Value
	shape    *Shape         // when set, keys belongs to the shape and must not be changed
	index    map[string]int // built when there are more than IndexAt keys and no shape
	caseless bool
	depth    uint16 // at least that of its values and one more, 0 for an object without lists and objects
}

// IndexAt is the number of keys from which on a look-up goes through a map instead of a scan.
const IndexAt = 16

// NewObject returns an empty object with room for n keys.
func NewObject(n int) *Object {
	if n <= 0 {
		return &Object{}
	}
	o := withRoom(n)
	o.keys = make([]string, 0, n)
	return o
}

// withRoom returns an empty object whose values have room for n, in one piece of memory when n is small.
func withRoom(n int) *Object {
	switch {
	case n <= 2:
		m := new(struct {
			Object
			room [2]Value
		})
		m.vals = m.room[:0]
		return &m.Object
	case n <= 4:
		m := new(struct {
			Object
			room [4]Value
		})
		m.vals = m.room[:0]
		return &m.Object
	case n <= 8:
		m := new(struct {
			Object
			room [8]Value
		})
		m.vals = m.room[:0]
		return &m.Object
	}
	return &Object{vals: make([]Value, 0, n)}
}

// Len returns the number of keys; a nil object has none.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.vals)
}

// At returns the key and value at position i, counted from 0 in insertion order.
func (o *Object) At(i int) (string, Value) { return o.keys[i], o.vals[i] }

// Keys returns the keys in insertion order; the slice must not be changed.
func (o *Object) Keys() []string {
	if o == nil {
		return nil
	}
	return o.keys
}

// Shape returns the shared shape of the object, or nil when it has keys of its own.
func (o *Object) Shape() *Shape { return o.shape }

// deepen notes that v lies in o now.
func (o *Object) deepen(v Value) {
	if v.kind >= KindArray {
		o.depth = max(o.depth, deeper(v))
	}
}

// SetCaseless marks o as one whose keys are compared in ASCII without case, such as response headers (spec iml.md §2).
// Its keys must be lower-case. It gets keys of its own, since whoever remembers a place in a shape compares keys
// exactly.
func (o *Object) SetCaseless() {
	o.own()
	o.caseless = true
}

// Caseless reports whether the keys are compared without case.
func (o *Object) Caseless() bool { return o != nil && o.caseless }

// Index returns the position of key, or -1.
func (o *Object) Index(key string) int {
	if o == nil {
		return -1
	}
	if o.caseless {
		key = lowerASCII(key)
	}
	return o.position(key)
}

func (o *Object) position(key string) int {
	if o.shape != nil {
		return o.shape.Index(key)
	}
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range o.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// Get returns the value of key; undefined and false when there is none. A nil object has no keys.
func (o *Object) Get(key string) (Value, bool) {
	if i := o.Index(key); i >= 0 {
		return o.vals[i], true
	}
	return Undefined, false
}

// Value returns the value of key, or undefined.
func (o *Object) Value(key string) Value {
	v, _ := o.Get(key)
	return v
}

// Set stores v under key; undefined removes the key.
func (o *Object) Set(key string, v Value) {
	i := o.Index(key)
	switch {
	case v.kind == KindUndefined:
		if i >= 0 {
			o.remove(i)
		}
	case i >= 0:
		o.vals[i] = v
		o.deepen(v)
	default:
		o.append(key, v)
	}
}

func (o *Object) append(key string, v Value) {
	o.own()
	if o.caseless {
		key = lowerASCII(key)
	}
	o.keys = append(o.keys, key)
	o.vals = append(o.vals, v)
	o.deepen(v)
	switch {
	case o.index != nil:
		o.index[key] = len(o.keys) - 1
	case len(o.keys) > IndexAt:
		o.reindex()
	}
}

// memberBytes returns what one more member takes up.
func (o *Object) memberBytes() int {
	if o.index != nil {
		return ItemBytes + KeyBytes + IndexBytes
	}
	return ItemBytes + KeyBytes
}

// own gives the object keys of its own, so that they may change.
func (o *Object) own() {
	if o.shape == nil {
		return
	}
	o.keys = append(make([]string, 0, len(o.keys)+1), o.keys...)
	o.shape = nil
	if len(o.keys) > IndexAt {
		o.reindex()
	}
}

func (o *Object) reindex() {
	o.index = make(map[string]int, len(o.keys)*2)
	for i, k := range o.keys {
		o.index[k] = i
	}
}

// Delete removes key.
func (o *Object) Delete(key string) {
	if i := o.Index(key); i >= 0 {
		o.remove(i)
	}
}

func (o *Object) remove(i int) {
	o.own()
	o.keys = append(o.keys[:i], o.keys[i+1:]...)
	o.vals = append(o.vals[:i], o.vals[i+1:]...)
	o.index = nil
	if len(o.keys) > IndexAt {
		o.reindex()
	}
}

// Clone returns a copy that may be changed; the values themselves are shared. The copy of a caseless object is an
// ordinary one (spec iml.md §2).
func (o *Object) Clone() *Object {
	if o == nil {
		return &Object{}
	}
	c := withRoom(len(o.vals) + 1)
	c.shape, c.vals, c.depth = o.shape, append(c.vals, o.vals...), o.depth
	if o.shape != nil {
		c.keys = o.keys
		return c
	}
	c.keys = append(make([]string, 0, len(o.keys)+1), o.keys...)
	if o.index != nil {
		c.reindex()
	}
	return c
}

func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			return strings.Map(func(r rune) rune {
				if 'A' <= r && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}
