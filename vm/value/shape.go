package value

import (
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// Shape is the ordered set of keys that many objects share (a hidden class). It is immutable and safe for concurrent
// use. A program remembers "in shape S the key lies at position i" as one word, the identity of S and the position, so
// that a second look at an object of the same shape needs no comparison of keys.
type Shape struct {
	id    uint32 // unique in the process and never 0
	keys  []string
	index map[string]int
	table *Shapes
	start uint64                   // the first eight bytes of what stands in JSON for the last key: in quotes, with its colon
	mask  uint64                   // which of them count; 0 when the key needs escapes
	tail  string                   // the bytes behind them
	width int                      // the number of all of them
	next  atomic.Pointer[[]*Shape] // shapes with one more key, newest first
}

// ID returns the number of the shape, unique in the process and never 0; nil has 0.
func (s *Shape) ID() uint32 {
	if s == nil {
		return 0
	}
	return s.id
}

// Index returns the position of key, or -1.
func (s *Shape) Index(key string) int {
	if s.index != nil {
		if i, ok := s.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range s.keys {
		if k == key {
			return i
		}
	}
	return -1
}

var shapeIDs atomic.Uint32

// Shapes is a table of the shapes met in documents. Shapes are learnt from foreign input, so their number, their length
// and their branching are capped; beyond the caps objects keep keys of their own. It is safe for concurrent use.
type Shapes struct {
	mu    sync.Mutex
	root  *Shape
	count int
}

// The caps of one table.
const (
	maxShapes        = 4096
	maxShapeKeys     = 128
	maxShapeBranches = 32
)

// NewShapes returns an empty table.
func NewShapes() *Shapes {
	t := &Shapes{}
	t.root = &Shape{id: shapeIDs.Add(1), table: t}
	return t
}

// Of returns the shape with these keys, or nil when the caps are reached or a key repeats.
func (t *Shapes) Of(keys ...string) *Shape {
	s := t.root
	for _, k := range keys {
		if s = s.with(k); s == nil {
			return nil
		}
	}
	return s
}

// child returns the known shape that has one more key, or nil.
func (s *Shape) child(key string) *Shape {
	if list := s.next.Load(); list != nil {
		for _, c := range *list {
			if c.keys[len(c.keys)-1] == key {
				return c
			}
		}
	}
	return nil
}

// with returns the shape that has one more key, learning it if the caps allow; nil otherwise, when s has the key, and
// when s is nil.
func (s *Shape) with(key string) *Shape {
	if s == nil {
		return nil
	}
	if c := s.child(key); c != nil {
		return c
	}
	t := s.table
	t.mu.Lock()
	defer t.mu.Unlock()
	old := s.next.Load()
	var list []*Shape
	if old != nil {
		for _, c := range *old {
			if c.keys[len(c.keys)-1] == key {
				return c
			}
		}
		list = *old
	}
	if t.count >= maxShapes || len(s.keys) >= maxShapeKeys || len(list) >= maxShapeBranches || s.Index(key) >= 0 {
		return nil
	}
	t.count++
	c := &Shape{id: shapeIDs.Add(1), table: t, keys: append(s.keys[:len(s.keys):len(s.keys)], strings.Clone(key))}
	if len(c.keys) > IndexAt {
		c.index = make(map[string]int, len(c.keys))
		for i, k := range c.keys {
			c.index[k] = i
		}
	}
	c.expect()
	grown := append([]*Shape{c}, list...)
	s.next.Store(&grown)
	return c
}

// expect prepares the last key of s to be found in JSON by follow.
func (s *Shape) expect() {
	key := s.keys[len(s.keys)-1]
	if end, _ := spanText(key, 0); end < len(key) || !utf8.ValidString(key) {
		return
	}
	text := `"` + key + `":`
	s.width = len(text)
	s.mask = ^uint64(0)
	if len(text) < 8 {
		s.mask >>= 8 * (8 - len(text))
		text += "\x00\x00\x00\x00\x00"
	}
	s.start, s.tail = eight(text, 0)&s.mask, text[8:]
	if s.width < 8 {
		s.tail = ""
	}
}

// follow returns the known shape that has one more key, the one that stands in text at i, and the position behind its
// colon; or nil, when it must be looked at more closely.
func (s *Shape) follow(text string, i int) (*Shape, int) {
	if s == nil || i+8 > len(text) {
		return nil, i
	}
	list := s.next.Load()
	if list == nil {
		return nil, i
	}
	x := eight(text, i)
	for _, c := range *list {
		if x&c.mask == c.start && c.mask != 0 && (c.tail == "" || strings.HasPrefix(text[i+8:], c.tail)) {
			return c, i + c.width
		}
	}
	return nil, i
}

// NewShaped returns an object of shape s with a copy of vals: one for each key of s, none of them undefined.
func NewShaped(s *Shape, vals []Value) *Object {
	o := withRoom(len(vals))
	o.keys, o.shape, o.vals = s.keys, s, append(o.vals, vals...)
	if depth := above(vals); depth > 1 {
		o.depth = depth
	}
	return o
}

// Site remembers where one access found its key last. The zero Site has seen nothing; a Site is safe for concurrent
// use.
type Site struct{ word atomic.Uint64 }

// Get returns the value of key in o through the memory of the site.
func (s *Site) Get(o *Object, key string) Value {
	if sh := o.shape; sh != nil {
		w := s.word.Load()
		if uint32(w>>32) == sh.id {
			return o.vals[uint32(w)]
		}
		i := sh.Index(key)
		if i < 0 {
			return Undefined
		}
		s.word.Store(uint64(sh.id)<<32 | uint64(uint32(i)))
		return o.vals[i]
	}
	return o.Value(key)
}

// Step returns the value of key in v through the memory of the site, undefined when v is no collection. What comes out
// of a secret is secret.
func (s *Site) Step(v Value, key string) Value {
	if v.kind != KindCollection {
		return Undefined
	}
	o := v.Object()
	if sh := o.shape; sh != nil {
		if w := s.word.Load(); uint32(w>>32) == sh.id {
			return o.vals[uint32(w)].Under(v)
		}
	}
	return s.Get(o, key).Under(v)
}
