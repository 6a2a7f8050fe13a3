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
	room  []string                       // keys, with the room behind them; nil when a shape with more keys uses it
	index atomic.Pointer[map[string]int] // of more than IndexAt keys, once somebody has looked for one
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
	if len(s.keys) <= IndexAt {
		return s.scan(key)
	}
	index := s.index.Load()
	if index == nil {
		index = s.learnIndex()
	}
	if *index == nil {
		return s.scan(key)
	}
	if i, ok := (*index)[key]; ok {
		return i
	}
	return -1
}

func (s *Shape) scan(key string) int {
	for i, k := range s.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// learnIndex makes the index of s, an empty one when the table is full.
func (s *Shape) learnIndex() *map[string]int {
	t := s.table
	t.mu.Lock()
	defer t.mu.Unlock()
	if index := s.index.Load(); index != nil {
		return index
	}
	var index map[string]int
	if t.takes(IndexBytes * len(s.keys)) {
		index = make(map[string]int, len(s.keys))
		for i, k := range s.keys {
			index[k] = i
		}
	}
	s.index.Store(&index)
	return &index
}

var shapeIDs atomic.Uint32

// Shapes is a table of the shapes met in documents. Shapes are learnt from foreign input and kept as long as the table,
// so that what they take up and how they branch is capped; beyond the caps objects keep keys of their own. A table
// takes up at most 1 MiB. It is safe for concurrent use.
type Shapes struct {
	mu    sync.Mutex
	root  *Shape
	bytes int // that the shapes take up
}

// The caps of one table.
const (
	maxShapesBytes   = 1 << 20
	maxShapeKeys     = 128 // keys of a shape
	maxShapeKey      = 128 // bytes of a key
	maxShapeBranches = 32
)

// shapeBytes is what a shape takes up besides its keys.
const shapeBytes = 192

// takes reports whether the table may take up so many bytes more, and counts them.
func (t *Shapes) takes(bytes int) bool {
	if bytes > maxShapesBytes-t.bytes {
		return false
	}
	t.bytes += bytes
	return true
}

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
	if len(s.keys) >= maxShapeKeys || len(key) > maxShapeKey || len(list) >= maxShapeBranches || s.scan(key) >= 0 {
		return nil
	}
	keys, bytes := s.longer()
	if !t.takes(bytes + shapeBytes + 2*len(key)) { // the key itself, and as it stands in JSON
		return nil
	}
	s.room = nil
	keys = append(keys, strings.Clone(key))
	c := &Shape{id: shapeIDs.Add(1), table: t, keys: keys[:len(keys):len(keys)], room: keys}
	c.expect()
	grown := append([]*Shape{c}, list...)
	s.next.Store(&grown)
	return c
}

// longer returns the keys of s with room for one more, and the bytes that were made for that. One of the shapes that
// have one more key shares the keys of s.
func (s *Shape) longer() ([]string, int) {
	if cap(s.room) > len(s.keys) {
		return s.room, 0
	}
	room := len(s.keys) + 1 + len(s.keys)/2
	return append(make([]string, 0, room), s.keys...), KeyBytes * room
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
