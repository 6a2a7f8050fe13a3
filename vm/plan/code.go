package plan

import "math"

// operands is the column of effects that the reader of code needs, for every byte that can stand for an operation.
var operands = func() (t [256]operand) {
	for op := range t {
		t[op] = operandInvalid
		if op > int(OpInvalid) && op < int(opCount) {
			t[op] = effects[op].operand
		}
	}
	return t
}()

func (w *writer) functions(functions []Function) {
	total := 0
	for i := range functions {
		total += len(functions[i].Code)
	}
	w.count(len(functions))
	w.count(total)
	for i := range functions {
		f := &functions[i]
		w.string(f.Pointer)
		w.byte(byte(f.Mode))
		w.count(int(f.MaxStack))
		w.count(int(f.Params))
		w.count(int(f.Locals))
		w.count(len(f.Code))
		for pc, in := range f.Code {
			w.instr(pc, in)
		}
	}
}

func (w *writer) instr(pc int, in Instr) {
	w.byte(byte(in.Op))
	switch operands[in.Op] {
	case operandNone:
	case operandInt:
		w.varint(int64(in.A))
	case operandTarget:
		w.count(int(in.A) - pc - 1)
	default:
		w.count(int(in.A))
	}
}

func (r *reader) functions() []Function {
	functions := makeSlab[Function](r.count(6))
	slab := makeSlab[Instr](r.count(1))
	for i := range functions {
		f := &functions[i]
		f.File = -1
		f.Pointer = r.string()
		f.Mode = Mode(r.byte())
		f.MaxStack, f.Params, f.Locals = r.int31(), r.int31(), r.int31()
		f.Code, slab = take(r, slab)
		r.code(f.Code)
	}
	spent(r, slab)
	return functions
}

// code fills in the instructions of one function. It is the inner loop of Decode: operands of one byte are read here,
// all else by the methods that report errors.
func (r *reader) code(code []Instr) {
	s, pos := r.s, r.pos
	for i := range code {
		if pos+1 < len(s) {
			op, a := s[pos], s[pos+1]
			kind := operands[op]
			if kind == operandNone {
				code[i].Op = Op(op)
				pos++
				continue
			}
			if kind > operandInt && a < 0x80 {
				code[i] = Instr{Op: Op(op), A: int32(a)}
				if kind == operandTarget {
					code[i].A += int32(i) + 1
				}
				pos += 2
				continue
			}
		}
		r.pos = pos
		code[i] = r.instr(i)
		pos = r.pos
	}
	r.pos = pos
}

func (r *reader) instr(pc int) Instr {
	at := r.pos
	in := Instr{Op: Op(r.byte())}
	switch operands[in.Op] {
	case operandInvalid:
		if r.err == nil {
			r.failAt(at, "operation %d, this version knows 1 to %d", in.Op, opCount-1)
			r.err.Kind = ErrUnsupported
		}
	case operandNone:
	case operandInt:
		in.A = r.int32()
	case operandTarget:
		n := int64(r.int31()) + int64(pc) + 1
		if n > math.MaxInt32 {
			r.failAt(at, "a jump to instruction %d", n)
			return in
		}
		in.A = int32(n)
	default:
		in.A = r.int31()
	}
	return in
}
