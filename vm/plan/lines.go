package plan

import "math"

// This file reads and writes LINES and SOURCE, the sections that can be stripped. Positions are written as differences
// from the position before them in the same list, which starts at 0:0.

func (w *writer) lines(p *Plan) {
	total := 0
	for i := range p.Calls {
		total += len(p.Calls[i].Positions)
	}
	w.count(total)
	for i := range p.Calls {
		list := p.Calls[i].Positions
		w.count(len(list))
		last := Position{}
		for _, at := range list {
			w.position(last, at)
			last = at
		}
	}
	total = 0
	for i := range p.Functions {
		total += len(p.Functions[i].Positions)
	}
	w.count(total)
	for i := range p.Functions {
		w.functionLines(&p.Functions[i])
	}
}

func (w *writer) functionLines(f *Function) {
	w.uvarint(uint64(int64(f.File) + 1))
	w.count(int(f.Line))
	w.count(int(f.Column))
	w.count(len(f.Positions))
	last := PCPosition{PC: -1}
	for _, at := range f.Positions {
		w.count(int(at.PC - last.PC - 1))
		w.position(last.Position, at.Position)
		last = at
	}
}

func (w *writer) position(last, at Position) {
	w.varint(int64(at.Line) - int64(last.Line))
	w.varint(int64(at.Column) - int64(last.Column))
}

func (r *reader) lines(p *Plan) {
	calls := makeSlab[Position](r.count(2))
	for i := range p.Calls {
		var list []Position
		list, calls = take(r, calls)
		last := Position{}
		for j := range list {
			last = r.position(last)
			list[j] = last
		}
		p.Calls[i].Positions = list
	}
	spent(r, calls)
	slab := makeSlab[PCPosition](r.count(3))
	for i := range p.Functions {
		f := &p.Functions[i]
		f.File = r.int31() - 1
		f.Line, f.Column = r.int31(), r.int31()
		f.Positions, slab = take(r, slab)
		last := PCPosition{PC: -1}
		for j := range f.Positions {
			last = r.pcPosition(last)
			f.Positions[j] = last
		}
	}
	spent(r, slab)
}

func (r *reader) pcPosition(last PCPosition) PCPosition {
	at := r.pos
	pc := int64(last.PC) + 1 + int64(r.int31())
	if pc > math.MaxInt32 {
		r.failAt(at, "a position of instruction %d", pc)
		return last
	}
	return PCPosition{PC: int32(pc), Position: r.position(last.Position)}
}

func (r *reader) position(last Position) Position {
	at := r.pos
	line, lineOK := addDelta(last.Line, r.varint())
	column, columnOK := addDelta(last.Column, r.varint())
	if !lineOK || !columnOK {
		r.failAt(at, "a position outside 0 to %d", math.MaxInt32)
	}
	return Position{Line: line, Column: column}
}

func addDelta(n int32, delta int64) (int32, bool) {
	if delta < -math.MaxInt32 || delta > math.MaxInt32 {
		return 0, false
	}
	sum := int64(n) + delta
	return int32(sum), sum >= 0 && sum <= math.MaxInt32
}

func (w *writer) source(files []File) {
	w.count(len(files))
	for _, f := range files {
		w.string(f.Name)
		w.string(f.Text)
	}
}

func (r *reader) source() []File {
	at := r.pos
	files := makeSlab[File](r.count(2))
	if len(files) == 0 {
		r.failAt(at, "no file, expected at least one: a plan without sources has no such section")
	}
	for i := range files {
		files[i] = File{Name: r.string(), Text: r.string()}
	}
	return files
}
