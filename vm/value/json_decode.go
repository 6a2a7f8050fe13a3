package value

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSONOptions controls ParseJSON. The zero value, or nil, has the defaults.
type JSONOptions struct {
	// MaxDepth bounds the nesting of arrays and objects; 0 means DefaultJSONDepth.
	MaxDepth int
	// MaxItems bounds the items of one array and the keys of one object; 0 means no bound.
	MaxItems int
	// Shapes, when set, is where objects take their shapes from, so that access sites can remember them.
	Shapes *Shapes
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
	if !utf8.ValidString(s) {
		s = ValidText(s)
	}
	var room [24]Value
	d := decoder{s: s, maxDepth: DefaultJSONDepth, stack: room[:0]}
	if opts != nil {
		d.opts = *opts
		if opts.MaxDepth > 0 {
			d.maxDepth = opts.MaxDepth
		}
	}
	d.skip()
	v, err := d.value(0)
	if err != nil {
		return Undefined, err
	}
	if d.skip(); d.i < len(d.s) {
		return Undefined, d.fail("the end of the text")
	}
	return v, nil
}

type decoder struct {
	s        string
	i        int
	maxDepth int
	opts     JSONOptions
	stack    []Value  // values of the arrays and objects that are being read
	slab     []Value  // memory that finished arrays and objects are cut from
	objects  []Object // likewise
	grow     int
}

func (d *decoder) fail(expected string) error {
	found := "end of text"
	if d.i < len(d.s) {
		r, _ := utf8.DecodeRuneInString(d.s[d.i:])
		found = strconv.QuoteRune(r)
	}
	return &SyntaxError{Offset: d.i, Expected: expected, Found: found}
}

func (d *decoder) skip() {
	if d.i < len(d.s) && d.s[d.i] > ' ' {
		return
	}
	d.skipBlanks()
}

func (d *decoder) skipBlanks() {
	for d.i < len(d.s) {
		switch d.s[d.i] {
		case ' ', '\t', '\n', '\r':
			d.i++
		default:
			return
		}
	}
}

func (d *decoder) value(depth int) (Value, error) {
	if d.i >= len(d.s) {
		return Undefined, d.fail("a value")
	}
	switch c := d.s[d.i]; c {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.array(depth + 1)
	case '"':
		s, err := d.text()
		return Text(s), err
	case 't':
		return d.word("true", Bool(true))
	case 'f':
		return d.word("false", Bool(false))
	case 'n':
		return d.word("null", Null())
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return d.number()
		}
	}
	return Undefined, d.fail("a value")
}

func (d *decoder) word(w string, v Value) (Value, error) {
	if !strings.HasPrefix(d.s[d.i:], w) {
		return Undefined, d.fail("a value")
	}
	d.i += len(w)
	return v, nil
}

func (d *decoder) number() (Value, error) {
	s, start, i := d.s, d.i, d.i
	if s[i] == '-' {
		i++
	}
	var n int
	first := i
	i, n = skipDigits(s, i)
	if n == 0 || n > 1 && s[first] == '0' {
		d.i = first
		return Undefined, d.fail("a number without leading zeros")
	}
	whole := true
	if i < len(s) && s[i] == '.' {
		whole = false
		if i, n = skipDigits(s, i+1); n == 0 {
			d.i = i
			return Undefined, d.fail("a digit")
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		whole = false
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if i, n = skipDigits(s, i); n == 0 {
			d.i = i
			return Undefined, d.fail("a digit")
		}
	}
	d.i = i
	if !whole {
		f, _ := strconv.ParseFloat(s[start:i], 64)
		return Number(f), nil
	}
	if i-start <= 15 {
		return Number(float64(smallInt(s[start:i]))), nil
	}
	v, _ := ParseInteger(s[start:i])
	return v, nil
}

// smallInt reads up to 15 characters of a valid integer.
func smallInt(s string) (n int64) {
	neg := s[0] == '-'
	if neg {
		s = s[1:]
	}
	for i := 0; i < len(s); i++ {
		n = n*10 + int64(s[i]-'0')
	}
	if neg {
		return -n
	}
	return n
}

// text reads a string; d.i stands at its quote.
func (d *decoder) text() (string, error) {
	start := d.i + 1
	i := spanText(d.s, start)
	if i == len(d.s) {
		d.i = i
		return "", d.fail(`the closing quote of the text`)
	}
	switch d.s[i] {
	case '"':
		d.i = i + 1
		return d.s[start:i], nil
	case '\\':
		return d.escaped(start, i)
	}
	d.i = i
	return "", d.fail("an escape instead of a control character")
}

// escaped goes on with a string whose first escape stands at i.
func (d *decoder) escaped(start, i int) (string, error) {
	buf := append(make([]byte, 0, len(d.s[start:i])+32), d.s[start:i]...)
	for i < len(d.s) {
		switch c := d.s[i]; {
		case c == '"':
			d.i = i + 1
			return string(buf), nil
		case c < 0x20:
			d.i = i
			return "", d.fail("an escape instead of a control character")
		case c != '\\':
			buf = append(buf, c)
			i++
		default:
			var n int
			if buf, n = appendUnescaped(buf, d.s[i:]); n == 0 {
				d.i = i
				return "", d.fail("a valid escape")
			}
			i += n
		}
	}
	d.i = len(d.s)
	return "", d.fail("the closing quote of the text")
}

// appendUnescaped decodes the escape at the start of s and returns its length, 0 when it is malformed.
func appendUnescaped(dst []byte, s string) ([]byte, int) {
	if len(s) < 2 {
		return dst, 0
	}
	switch c := s[1]; c {
	case '"', '\\', '/':
		return append(dst, c), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		r, ok := hex4(s, 2)
		if !ok {
			return dst, 0
		}
		if utf16.IsSurrogate(r) {
			if low, ok := hex4(s, 8); ok && s[6] == '\\' && s[7] == 'u' {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(dst, pair), 12
				}
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(dst, r), 6
	}
	return dst, 0
}

func hex4(s string, i int) (rune, bool) {
	if len(s) < i+4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[i:i+4], 16, 16)
	return rune(n), err == nil && s[i] != '+' && s[i] != '-'
}

func (d *decoder) enter(depth int) error {
	if depth > d.maxDepth {
		e := d.fail(fmt.Sprintf("at most %d levels of nesting", d.maxDepth)).(*SyntaxError)
		e.TooDeep = true
		return e
	}
	d.i++
	d.skip()
	return nil
}

func (d *decoder) checkItems(n int) error {
	if d.opts.MaxItems > 0 && n > d.opts.MaxItems {
		e := d.fail(fmt.Sprintf("at most %d items", d.opts.MaxItems)).(*SyntaxError)
		e.TooMany = true
		return e
	}
	return nil
}

func (d *decoder) array(depth int) (Value, error) {
	if err := d.enter(depth); err != nil {
		return Undefined, err
	}
	base := len(d.stack)
	for first := true; ; first = false {
		if first && d.i < len(d.s) && d.s[d.i] == ']' {
			break
		}
		v, err := d.value(depth)
		if err != nil {
			return Undefined, err
		}
		d.stack = append(d.stack, v)
		if err := d.checkItems(len(d.stack) - base); err != nil {
			return Undefined, err
		}
		more, err := d.separator(']')
		if err != nil {
			return Undefined, err
		}
		if !more {
			break
		}
	}
	d.i++
	return Array(d.cut(base)), nil
}

// separator skips to what follows an item: true after a comma, false before the closer.
func (d *decoder) separator(closer byte) (bool, error) {
	d.skip()
	if d.i < len(d.s) {
		switch d.s[d.i] {
		case ',':
			d.i++
			d.skip()
			return true, nil
		case closer:
			return false, nil
		}
	}
	return false, d.fail(fmt.Sprintf("',' or %q", closer))
}

// cut moves the values above base off the stack into memory of their own.
func (d *decoder) cut(base int) []Value {
	n := len(d.stack) - base
	if n == 0 {
		d.stack = d.stack[:base]
		return nil
	}
	if n > len(d.slab) {
		d.grow = min(max(8, len(d.s)/64, d.grow*2), 256)
		d.slab = make([]Value, max(n, d.grow))
	}
	out := d.slab[:n:n]
	d.slab = d.slab[n:]
	copy(out, d.stack[base:])
	d.stack = d.stack[:base]
	return out
}

func (d *decoder) newObject() *Object {
	if len(d.objects) == 0 {
		d.objects = make([]Object, min(max(1, len(d.s)/512, d.grow/8), 32))
	}
	o := &d.objects[0]
	d.objects = d.objects[1:]
	return o
}

func (d *decoder) object(depth int) (Value, error) {
	if err := d.enter(depth); err != nil {
		return Undefined, err
	}
	var shape *Shape
	if d.opts.Shapes != nil {
		shape = d.opts.Shapes.root
	}
	var own *Object // set once the object has left the shapes
	if shape == nil {
		own = d.newObject()
	}
	base := len(d.stack)
	for first := true; ; first = false {
		if first && d.i < len(d.s) && d.s[d.i] == '}' {
			break
		}
		key, err := d.key()
		if err != nil {
			return Undefined, err
		}
		v, err := d.value(depth)
		if err != nil {
			return Undefined, err
		}
		if own == nil {
			if next := shape.with(key); next != nil {
				shape = next
				d.stack = append(d.stack, v)
			} else {
				own = d.newObject()
				*own = Object{keys: shape.keys, shape: shape, vals: append([]Value(nil), d.stack[base:]...)}
				d.stack = d.stack[:base]
			}
		}
		if own != nil {
			d.put(own, key, v)
		}
		if err := d.checkItems(len(d.stack) - base + own.Len()); err != nil {
			return Undefined, err
		}
		more, err := d.separator('}')
		if err != nil {
			return Undefined, err
		}
		if !more {
			break
		}
	}
	d.i++
	if own == nil {
		own = d.newObject()
		*own = Object{keys: shape.keys, shape: shape, vals: d.cut(base)}
	}
	return Collection(own), nil
}

func (d *decoder) put(o *Object, key string, v Value) {
	if i := o.position(key); i >= 0 {
		if d.opts.Duplicates != nil {
			*d.opts.Duplicates++
		}
		o.vals[i] = v
		return
	}
	o.append(key, v)
}

func (d *decoder) key() (string, error) {
	if d.i >= len(d.s) || d.s[d.i] != '"' {
		return "", d.fail("a key in quotes")
	}
	key, err := d.text()
	if err != nil {
		return "", err
	}
	if d.skip(); d.i >= len(d.s) || d.s[d.i] != ':' {
		return "", d.fail("':'")
	}
	d.i++
	d.skip()
	return key, nil
}
