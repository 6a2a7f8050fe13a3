package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
)

// JSONOptions controls ParseJSON. The zero value, or nil, has the defaults.
type JSONOptions struct {
	// MaxDepth bounds the nesting of arrays and objects; 0 means DefaultJSONDepth.
	MaxDepth int
	// MaxItems bounds the items of one array and the keys of one object; 0 means no bound.
	MaxItems int
	// Shapes, when set, is where objects take their shapes from, so that access sites can remember them.
	Shapes *Shapes
	// Budget, when set, is where the memory of the value and the work are taken from.
	Budget Budget
	// Duplicates, when set, receives the number of keys that were written twice (the last one wins).
	Duplicates *int
}

// DefaultJSONDepth is the nesting that ParseJSON allows by default (spec iml.md §13).
const DefaultJSONDepth = 250

// SyntaxError says where a text stops being JSON.
type SyntaxError struct {
	Offset   int    // byte offset, 0-based
	Expected string // what was expected there
	Found    string // what stands there: a character, or "end of text"
	TooDeep  bool   // the nesting limit was reached
	TooMany  bool   // the item limit was reached
}

// Error implements error; it shows one character of the input at most.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: expected %s, found %s", e.Offset, e.Expected, e.Found)
}

// ParseJSON reads one JSON value (RFC 8259, nothing more): integers keep all digits, of a repeated key the last wins,
// invalid UTF-8 becomes U+FFFD. Texts of the result share the memory of s; Detach copies what must outlive it.
func ParseJSON(s string, opts *JSONOptions) (Value, error) {
	room := rooms.Get().(*[]Value)
	d := decoder{s: s, stack: *room, maxDepth: DefaultJSONDepth, maxItems: math.MaxInt}
	if opts != nil {
		d.limit(opts)
	}
	v := d.document()
	d.settle()
	d.giveBack(room)
	if d.spent {
		return Undefined, d.err
	}
	if d.err != nil || d.seen&highs != 0 {
		look := lookOf(d.budget)
		valid, err := characters.Valid(s, look)
		if err != nil {
			return Undefined, err
		}
		if !valid {
			if d.take(utf8.UTFMax * len(s)); !d.settle() && d.spent {
				return Undefined, d.err
			}
			if s, err = characters.Mend(s, look); err != nil {
				return Undefined, err
			}
			return ParseJSON(s, opts)
		}
	}
	if opts != nil && opts.Duplicates != nil {
		*opts.Duplicates += d.duplicates
	}
	if d.err != nil {
		return Undefined, d.err
	}
	return v, nil
}

// decoder reads s. Its methods take the position to read from and return the one behind what they read, or failed,
// which means that err is set. Whether the text is UTF-8 is asked only at the end, and only if seen says that it may
// not be ASCII; until then nothing that was read may be kept.
type decoder struct {
	s          string
	maxDepth   int
	maxItems   int
	root       *Shape   // nil when objects shall have keys of their own
	stack      []Value  // values of the arrays and objects that are being read
	slab       []Value  // memory that finished arrays and objects are cut from
	objects    []Object // likewise
	grow       int
	seen       uint64 // all bytes of texts, laid on each other
	top        int    // the number of values that the stack has had at most
	duplicates int
	budget     Budget
	due        int  // memory that was not taken from the budget yet, in bytes
	spent      bool // err is the budget's
	err        error
}

const failed = -1

func (d *decoder) limit(opts *JSONOptions) {
	if opts.MaxDepth > 0 {
		d.maxDepth = opts.MaxDepth
	}
	if opts.MaxItems > 0 {
		d.maxItems = opts.MaxItems
	}
	if opts.Shapes != nil {
		d.root = opts.Shapes.root
	}
	d.budget = opts.Budget
}

// portion is the memory that is taken from the budget at a time, in bytes.
const portion = 4096

// take notes memory that is about to be used; false when there is none left.
func (d *decoder) take(bytes int) bool {
	if d.budget == nil {
		return true
	}
	if d.due += bytes; d.due < portion {
		return true
	}
	return d.settle()
}

// settle takes what is due from the budget.
func (d *decoder) settle() bool {
	if d.budget == nil || d.due == 0 {
		return !d.spent
	}
	err := d.budget.Memory(int64(d.due))
	if err == nil {
		err = d.budget.Tick((d.due + 1023) / 1024)
	}
	if d.due = 0; err != nil {
		d.err, d.spent = err, true
	}
	return !d.spent
}

// push puts a value on the stack.
func (d *decoder) push(v Value) bool {
	room := ItemBytes
	if len(d.stack) == cap(d.stack) && len(d.stack) >= maxRoom {
		room += ItemBytes * cap(d.stack) // about what the stack grows by
	}
	if !d.take(room) || len(d.stack) == cap(d.stack) && len(d.stack) >= maxRoom && !d.widen() {
		return false
	}
	d.stack = append(d.stack, v)
	return true
}

func (d *decoder) document() Value {
	v, i := d.value(skip(d.s, 0), 0)
	if i != failed {
		if i = skip(d.s, i); i < len(d.s) {
			d.fail(i, "the end of the text")
		}
	}
	return v
}

func (d *decoder) fail(i int, expected string) int {
	d.err = d.refusal(i, expected)
	return failed
}

func (d *decoder) refusal(i int, expected string) *SyntaxError {
	found := "end of text"
	if i < len(d.s) {
		r, _ := utf8.DecodeRuneInString(d.s[i:])
		found = strconv.QuoteRune(r)
	}
	return &SyntaxError{Offset: i, Expected: expected, Found: found}
}

func (d *decoder) tooDeep(i int) int {
	e := d.refusal(i, fmt.Sprintf("at most %d levels of nesting", d.maxDepth))
	e.TooDeep = true
	d.err = e
	return failed
}

func (d *decoder) tooMany(i int) int {
	e := d.refusal(i, fmt.Sprintf("at most %d items", d.maxItems))
	e.TooMany = true
	d.err = e
	return failed
}

// skip returns the position of the first character of s from i on that is no white space.
func skip(s string, i int) int {
	if i < len(s) && s[i] > ' ' {
		return i
	}
	return skipBlanks(s, i)
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

func (d *decoder) value(i, depth int) (Value, int) {
	s := d.s
	if i >= len(s) {
		return Undefined, d.fail(i, "a value")
	}
	switch s[i] {
	case '"':
		text, next := d.text(i)
		return Text(text), next
	case '{':
		return d.object(i, depth+1)
	case '[':
		return d.array(i, depth+1)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return d.number(i)
	case 't':
		if strings.HasPrefix(s[i:], "true") {
			return Bool(true), i + 4
		}
	case 'f':
		if strings.HasPrefix(s[i:], "false") {
			return Bool(false), i + 5
		}
	case 'n':
		if strings.HasPrefix(s[i:], "null") {
			return Null(), i + 4
		}
	}
	return Undefined, d.fail(i, "a value")
}

// array reads the list whose bracket stands at i.
func (d *decoder) array(i, depth int) (Value, int) {
	if depth > d.maxDepth {
		return Undefined, d.tooDeep(i)
	}
	if i = skip(d.s, i+1); i < len(d.s) && d.s[i] == ']' {
		return array(make([]Value, 0, 1), 1), i + 1 // a list of its own, see Same
	}
	base, deep := len(d.stack), uint16(1)
	for more := true; more; {
		var v Value
		if v, i = d.value(i, depth); i == failed {
			return Undefined, failed
		}
		if v.kind >= KindArray {
			deep = max(deep, deeper(v))
		}
		if !d.push(v) {
			return Undefined, failed
		}
		if len(d.stack)-base > d.maxItems {
			return Undefined, d.tooMany(i)
		}
		if i, more = d.separator(i, ']'); i == failed {
			return Undefined, failed
		}
	}
	return array(d.cut(base), deep), i
}

// separator goes to the next item, with true, or behind the closer.
func (d *decoder) separator(i int, closer byte) (next int, more bool) {
	i = skip(d.s, i)
	if i < len(d.s) {
		switch d.s[i] {
		case ',':
			return skip(d.s, i+1), true
		case closer:
			return i + 1, false
		}
	}
	return d.fail(i, fmt.Sprintf("',' or %q", closer)), false
}

// object reads the collection whose brace stands at i. As long as its keys are those of a known shape, they are not
// looked at one by one: the text is compared with what the shape expects.
func (d *decoder) object(i, depth int) (Value, int) {
	if depth > d.maxDepth {
		return Undefined, d.tooDeep(i)
	}
	if !d.take(ObjectBytes) {
		return Undefined, failed
	}
	shape, base, deep := d.root, len(d.stack), uint16(0)
	i = skip(d.s, i+1)
	if i < len(d.s) && d.s[i] == '}' {
		return d.finish(shape, base, 0), i + 1
	}
	for more := true; more; {
		var key string
		next, after := shape.follow(d.s, i)
		if next == nil {
			if key, after = d.key(i); after == failed {
				return Undefined, failed
			}
			next = shape.with(key)
		}
		var v Value
		if v, i = d.value(skip(d.s, after), depth); i == failed {
			return Undefined, failed
		}
		if next == nil {
			return d.rest(d.leave(shape, base, deep), key, v, i, depth)
		}
		if v.kind >= KindArray {
			deep = max(deep, deeper(v))
		}
		shape = next
		if !d.push(v) {
			return Undefined, failed
		}
		if len(d.stack)-base > d.maxItems {
			return Undefined, d.tooMany(i)
		}
		if i, more = d.separator(i, '}'); i == failed {
			return Undefined, failed
		}
	}
	return d.finish(shape, base, deep), i
}

// finish makes an object of the values above base.
func (d *decoder) finish(shape *Shape, base int, deep uint16) Value {
	o := d.newObject()
	o.depth = deep
	if shape != nil {
		o.keys, o.shape, o.vals = shape.keys, shape, d.cut(base)
	}
	return Collection(o)
}

// leave makes an object of the values above base whose keys will go on as no shape does.
func (d *decoder) leave(shape *Shape, base int, deep uint16) *Object {
	o := d.newObject()
	o.depth = deep
	if shape != nil {
		o.keys, o.shape, o.vals = shape.keys, shape, append([]Value(nil), d.stack[base:]...)
		d.drop(base)
	}
	return o
}

// rest goes on with the object o, which has keys of its own, behind its key and the value v.
func (d *decoder) rest(o *Object, key string, v Value, i, depth int) (Value, int) {
	for {
		d.put(o, key, v)
		if bytes := o.memberBytes(); !d.take(bytes) {
			return Undefined, failed
		}
		if o.Len() > d.maxItems {
			return Undefined, d.tooMany(i)
		}
		var more bool
		if i, more = d.separator(i, '}'); i == failed {
			return Undefined, failed
		}
		if !more {
			return Collection(o), i
		}
		if key, i = d.key(i); i == failed {
			return Undefined, failed
		}
		if v, i = d.value(skip(d.s, i), depth); i == failed {
			return Undefined, failed
		}
	}
}

func (d *decoder) put(o *Object, key string, v Value) {
	if i := o.position(key); i >= 0 {
		d.duplicates++
		o.vals[i] = v
		o.deepen(v)
		return
	}
	o.append(key, v)
}

// valid reports whether a key is UTF-8.
func (d *decoder) valid(key string) bool {
	if len(key) < longText {
		return utf8.ValidString(key)
	}
	valid, err := characters.Valid(key, lookOf(d.budget))
	if err != nil {
		d.err, d.spent = err, true
	}
	return valid
}

// key reads a key and its colon. A shape may learn it, so it must be UTF-8 at once.
func (d *decoder) key(i int) (string, int) {
	if i >= len(d.s) || d.s[i] != '"' {
		return "", d.fail(i, "a key in quotes")
	}
	key, next := d.text(i)
	if next == failed {
		return "", failed
	}
	if d.seen&highs != 0 && !d.valid(key) {
		if d.spent {
			return "", failed
		}
		return "", d.fail(i, "a key in UTF-8")
	}
	if next = skip(d.s, next); next >= len(d.s) || d.s[next] != ':' {
		return "", d.fail(next, "':'")
	}
	return key, next + 1
}
