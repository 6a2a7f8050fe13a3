package plan

import (
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// connectionWriter writes section CONNECTION: the fields in the order of the walk, without names.
type connectionWriter struct{ *writer }

func (w connectionWriter) text(_ string, s *string)              { w.string(*s) }
func (w connectionWriter) bool(_ string, b *bool)                { w.writer.bool(*b) }
func (w connectionWriter) flag(_ string, f *Flag)                { w.byte(byte(*f)) }
func (w connectionWriter) queryMode(_ string, m *uint8)          { w.byte(*m) }
func (w connectionWriter) ref(_ string, r *Ref, _ Mode)          { w.uvarint(uint64(*r)) }
func (w connectionWriter) number(_ string, n *int32, _, _ int32) { w.uvarint(uint64(*n)) }
func (w connectionWriter) present(_ string, there bool) bool     { w.writer.bool(there); return there }
func (w connectionWriter) count(_ string, n int) int             { w.writer.count(n); return n }
func (w connectionWriter) enter(string, int)                     {}
func (w connectionWriter) leave()                                {}
func (w connectionWriter) done() bool                            { return w.err != nil }

func (w connectionWriter) bound(_ string, f *float64) {
	bounded := !math.IsNaN(*f)
	w.writer.bool(bounded)
	if bounded {
		w.double(*f)
	}
}

func (w connectionWriter) constant(name string, v *value.Value) {
	if value.ContainsSecret(*v) {
		w.fail(invalid(sectionConnection, "a %s of a parameter is secret, and a plan cannot keep a secret", name))
	}
	w.value(*v)
}

// connectionReader reads what connectionWriter writes. What the numbers mean is left to the verifier.
type connectionReader struct {
	*reader
	depth int
}

func (r *connectionReader) text(_ string, s *string)     { *s = r.string() }
func (r *connectionReader) bool(_ string, b *bool)       { *b = r.reader.bool() }
func (r *connectionReader) flag(_ string, f *Flag)       { *f = Flag(r.byte()) }
func (r *connectionReader) queryMode(_ string, m *uint8) { *m = r.byte() }
func (r *connectionReader) ref(_ string, ref *Ref, _ Mode) {
	*ref = Ref(r.int31())
}
func (r *connectionReader) number(_ string, n *int32, _, _ int32) { *n = r.int31() }
func (r *connectionReader) present(string, bool) bool             { return r.reader.bool() }
func (r *connectionReader) count(string, int) int                 { return r.reader.count(1) }
func (r *connectionReader) leave()                                { r.depth-- }
func (r *connectionReader) done() bool                            { return r.err != nil }

func (r *connectionReader) enter(string, int) {
	if r.depth++; r.depth > MaxNesting {
		r.failAt(r.pos, "parameters nested deeper than %d", MaxNesting)
	}
}

func (r *connectionReader) bound(_ string, f *float64) {
	*f = math.NaN()
	if at := r.pos; r.reader.bool() {
		if *f = r.double(); math.IsNaN(*f) {
			r.failAt(at, "NaN where a bound is expected")
		}
	}
}

func (r *connectionReader) constant(_ string, v *value.Value) { *v = r.value() }
