package plan

import "github.com/imlc-lang/imlc/vm/value"

// This file reads and writes META, STRINGS, CONSTANTS and the tables of FUNCTIONS.

func (w *writer) meta(m *Meta) {
	w.string(m.Compiler)
	w.string(m.Dialect)
	w.string(m.Name)
	w.buf = append(w.buf, m.SourceHash[:]...)
	w.bool(m.StrictEquality)
	w.bool(m.Strict)
	w.strings(m.Capabilities)
}

func (r *reader) meta(m *Meta) {
	m.Compiler, m.Dialect, m.Name = r.string(), r.string(), r.string()
	r.fixed(m.SourceHash[:])
	m.StrictEquality, m.Strict = r.bool(), r.bool()
	m.Capabilities = r.strings()
}

func (w *writer) constants(p *Plan) {
	w.count(len(p.Constants))
	for _, v := range p.Constants {
		w.value(v)
	}
}

func (r *reader) constants(p *Plan) {
	p.Constants = makeSlab[value.Value](r.count(1))
	for i := range p.Constants {
		p.Constants[i] = r.value()
	}
}

func (w *writer) paths(paths []Path) {
	total := 0
	for _, p := range paths {
		total += len(p.Steps)
	}
	w.count(len(paths))
	w.count(total)
	for _, p := range paths {
		w.count(int(p.Root))
		w.count(len(p.Steps))
		for _, s := range p.Steps {
			w.uvarint(uint64(int64(s.Name) + 1))
			if s.Name < 0 {
				w.varint(int64(s.Item))
			}
		}
	}
}

func (r *reader) paths() []Path {
	paths := makeSlab[Path](r.count(2))
	steps := makeSlab[PathStep](r.count(1))
	for i := range paths {
		paths[i].Root = r.int31()
		paths[i].Steps, steps = take(r, steps)
		for j := range paths[i].Steps {
			paths[i].Steps[j] = r.step()
		}
	}
	spent(r, steps)
	return paths
}

func (r *reader) step() PathStep {
	if n := r.int31(); n > 0 {
		return PathStep{Name: n - 1}
	}
	return PathStep{Name: -1, Item: r.int32()}
}

func (w *writer) calls(calls []CallSite) {
	w.count(len(calls))
	for i := range calls {
		c := &calls[i]
		w.count(int(c.Function))
		w.count(int(c.Version))
		w.count(int(c.Args))
		w.uvarint(c.Given)
	}
}

func (r *reader) calls() []CallSite {
	calls := makeSlab[CallSite](r.count(4))
	for i := range calls {
		calls[i] = CallSite{Function: r.int31(), Version: r.int31(), Args: r.int31(), Given: r.uvarint()}
	}
	return calls
}

func (w *writer) keySets(sets [][]int32) {
	total := 0
	for _, s := range sets {
		total += len(s)
	}
	w.count(len(sets))
	w.count(total)
	for _, s := range sets {
		w.count(len(s))
		for _, key := range s {
			w.count(int(key))
		}
	}
}

func (r *reader) keySets() [][]int32 {
	sets := makeSlab[[]int32](r.count(1))
	keys := makeSlab[int32](r.count(1))
	for i := range sets {
		sets[i], keys = take(r, keys)
		for j := range sets[i] {
			sets[i][j] = r.int31()
		}
	}
	spent(r, keys)
	return sets
}

// makeSlab is make for n records, nil for none.
func makeSlab[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return make([]T, n)
}

// take reads the length of a list and cuts it from the slab that was announced for all lists of its kind.
func take[T any](r *reader, slab []T) (list, rest []T) {
	at := r.pos
	n := r.uvarint()
	if n > uint64(len(slab)) {
		r.failAt(at, "a list of %d records, %d are left of those announced", n, len(slab))
		return nil, nil
	}
	if n == 0 {
		return nil, slab
	}
	return slab[:n:n], slab[n:]
}

// spent demands that the lists used up their slab.
func spent[T any](r *reader, slab []T) {
	if len(slab) > 0 {
		r.failAt(r.pos, "%d records announced more than there are", len(slab))
	}
}
