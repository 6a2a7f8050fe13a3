package plan

import (
	"fmt"
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// Section CONNECTION is self-describing: a record is its fields in ascending order of their numbers, each as number,
// length of the content in bytes, content. A field that has its default (0, "", false, an empty list, no bound) is left
// out; a list is the field of each item in turn. A reader that does not know a number refuses the plan by that number,
// so that a new directive makes no stored plan stale.

// connectionWriter writes section CONNECTION.
type connectionWriter struct {
	*writer
	starts []start
}

// start is where a record that is being written begins. The length of its content is put in when it ends.
type start struct {
	pos       int // of the content
	droppable bool
	field     int // position of the number in front of it
}

// field writes a field whose content is written by content; number 0 has no frame of its own.
func (w *connectionWriter) field(number int, content func()) {
	if number == 0 {
		content()
		return
	}
	w.open(number, false)
	content()
	w.close()
}

func (w *connectionWriter) open(number int, droppable bool) {
	s := start{field: len(w.buf), droppable: droppable}
	w.uvarint(uint64(number))
	s.pos = len(w.buf)
	w.starts = append(w.starts, s)
}

func (w *connectionWriter) close() {
	s := w.starts[len(w.starts)-1]
	w.starts = w.starts[:len(w.starts)-1]
	n := len(w.buf) - s.pos
	if n == 0 && s.droppable {
		w.buf = w.buf[:s.field]
		return
	}
	var prefix writer
	prefix.uvarint(uint64(n))
	w.buf = append(w.buf, prefix.buf...)
	copy(w.buf[s.pos+len(prefix.buf):], w.buf[s.pos:s.pos+n])
	copy(w.buf[s.pos:], prefix.buf)
}

func (w *connectionWriter) more(_, i, n int) bool { return i < n && w.err == nil }
func (w *connectionWriter) list(string, int)      {}
func (w *connectionWriter) leave()                { w.close() }

func (w *connectionWriter) enter(number int, _ string, i int) { w.open(number, i == constantPart) }

func (w *connectionWriter) text(number int, _ string, s *string) {
	if *s != "" || number == 0 {
		w.field(number, func() { w.buf = append(w.buf, *s...) })
	}
}

func (w *connectionWriter) uint(number int, n uint64) {
	if n != 0 || number == 0 {
		w.field(number, func() { w.uvarint(n) })
	}
}

func (w *connectionWriter) bool(number int, _ string, b *bool) { w.uint(number, uint64(boolByte(*b))) }
func (w *connectionWriter) enum(number int, _ string, v *uint8, _ []string) {
	w.uint(number, uint64(*v))
}
func (w *connectionWriter) ref(number int, _ string, r *Ref, _ Mode) { w.uint(number, uint64(*r)) }
func (w *connectionWriter) number(number int, _ string, n *int32, _, _ int32) {
	w.uint(number, uint64(*n))
}

func (w *connectionWriter) bound(number int, _ string, f *float64) {
	if !math.IsNaN(*f) {
		w.field(number, func() { w.double(*f) })
	}
}

func (w *connectionWriter) constant(number int, name string, v *value.Value) {
	if value.ContainsSecret(*v) {
		w.fail(invalid(sectionConnection, "a %s of a parameter is secret, and a plan cannot keep a secret", name))
	}
	if !v.IsUndefined() {
		w.field(number, func() { w.value(*v) })
	}
}

// connectionReader reads what connectionWriter writes. What the values mean is left to the verifier.
type connectionReader struct {
	*reader
	// compiler wrote the plan; it is named when a field is not known.
	compiler string
	frames   []frame
	last     int // number of the last field of the record that is being read
}

// frame is a record around the one that is being read.
type frame struct {
	s    string
	last int
}

// next returns the number of the field that comes next, 0 at the end of the record.
func (r *connectionReader) next() int {
	if r.err != nil || r.left() == 0 {
		return 0
	}
	at := r.pos
	n := r.int31()
	if r.err == nil && int(n) < r.last || n == 0 {
		r.failAt(at, "field %d behind field %d", n, r.last)
		return 0
	}
	r.pos = at
	return int(n)
}

// begin enters the content of the next field if it is the one with that number.
func (r *connectionReader) begin(number int) bool {
	if number == 0 {
		return r.err == nil
	}
	if r.next() != number {
		return false
	}
	r.last = number
	r.int31()
	n := r.count(1)
	if r.err != nil {
		return false
	}
	r.frames = append(r.frames, frame{r.s, r.last})
	r.s, r.last = r.s[:r.pos+n], 0
	return true
}

// end leaves the content of a field, which must have been read whole.
func (r *connectionReader) end(number int) {
	if number == 0 {
		return
	}
	if r.left() > 0 && r.err == nil {
		r.failAt(r.pos, "%d bytes behind the content of field %d", r.left(), number)
	}
	r.pop()
}

func (r *connectionReader) pop() {
	f := r.frames[len(r.frames)-1]
	r.frames = r.frames[:len(r.frames)-1]
	r.s, r.last = f.s, f.last
	if r.err != nil {
		r.pos = len(r.s)
	}
}

func (r *connectionReader) list(string, int) {}

func (r *connectionReader) more(number, i, _ int) bool { return r.next() == number }

func (r *connectionReader) enter(number int, _ string, i int) {
	if len(r.frames) >= maxNesting {
		r.failAt(r.pos, "parameters nested deeper than %d", maxNesting)
	}
	if at := r.pos; r.begin(number) {
		if i == constantPart && r.left() == 0 {
			r.failAt(at, "field %d is empty", number)
		}
		return
	}
	r.frames = append(r.frames, frame{r.s, r.last})
	r.s, r.last = r.s[:r.pos], 0 // a part whose fields have their defaults
}

// leave ends a record. A field that is left over is one that a later version knows.
func (r *connectionReader) leave() {
	r.known()
	r.pop()
}

func (r *connectionReader) known() {
	if number := r.next(); number != 0 {
		r.err = &FormatError{Kind: ErrUnsupported, Section: sectionNames[r.section], Offset: r.base + r.pos,
			Detail: fmt.Sprintf("field %d is not known here: the plan was compiled by %s and needs that version or a later one", number, r.compiler)}
	}
}

func (r *connectionReader) text(number int, _ string, s *string) {
	at := r.pos
	if !r.begin(number) {
		return
	}
	*s = r.s[r.pos:]
	r.pos = len(r.s)
	if *s == "" && number != 0 {
		r.failAt(at, "field %d is written with its default", number)
	}
	r.end(number)
}

func (r *connectionReader) uint(number int) (n int32) {
	at := r.pos
	if !r.begin(number) {
		return 0
	}
	if n = r.int31(); n == 0 && number != 0 {
		r.failAt(at, "field %d is written with its default", number)
	}
	r.end(number)
	return n
}

func (r *connectionReader) bool(number int, _ string, b *bool) {
	at := r.pos
	n := r.uint(number)
	if n > 1 {
		r.failAt(at, "number %d where 1 is expected", n)
	}
	*b = n == 1
}

func (r *connectionReader) enum(number int, name string, v *uint8, names []string) {
	at := r.pos
	n := r.uint(number)
	if int(n) >= len(names) {
		r.failAt(at, "%s %d, expected 0 to %d", name, n, len(names)-1)
		return
	}
	*v = uint8(n)
}

func (r *connectionReader) ref(number int, _ string, ref *Ref, _ Mode)        { *ref = Ref(r.uint(number)) }
func (r *connectionReader) number(number int, _ string, n *int32, _, _ int32) { *n = r.uint(number) }

func (r *connectionReader) bound(number int, _ string, f *float64) {
	*f = math.NaN()
	at := r.pos
	if !r.begin(number) {
		return
	}
	if *f = r.double(); math.IsNaN(*f) {
		r.failAt(at, "NaN where a bound is expected")
	}
	r.end(number)
}

func (r *connectionReader) constant(number int, _ string, v *value.Value) {
	at := r.pos
	if !r.begin(number) {
		return
	}
	if *v = r.value(); v.IsUndefined() {
		r.failAt(at, "field %d is written with its default", number)
	}
	r.end(number)
}
