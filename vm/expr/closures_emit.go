package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// emitter gathers the emitting operations of a function while it is linked. Everything that is known at load time
// becomes literal text: brackets, keys, constants, and the commas wherever it is certain that something stands before.
type emitter struct {
	ops     []emitOp
	pending []byte // literal text that no operation carries yet
	place   emitPlace
	count   int // statements so far
}

// emitPlace says whether a comma belongs before what comes next.
type emitPlace uint8

const (
	placeFirst  emitPlace = iota // no: a bracket just opened, or nothing was written
	placeNext                    // yes
	placeEither                  // the last byte of the output tells
)

type emitKind uint8

const (
	emitLiteral emitKind = iota
	emitMember           // key and value, or item; an undefined member is left out
	emitValue            // a value
	emitPart             // a part of a text
)

// emitOp is one operation of emitting closures: literal text, then a value in one of three forms.
type emitOp struct {
	lit   string
	key   string // of a member, with the comma before it where that is certain
	kind  emitKind
	item  bool // an item, which is null when it is undefined
	comma bool // the last byte of the output tells whether a comma comes before the key or value
	path  *linkedPath
	text  textFunc
	eval  evalFunc
}

// separator plans the comma before something that is certainly written, and reports whether the output must tell.
func (e *emitter) separator() (dynamic bool) {
	place := e.place
	e.place = placeNext
	switch place {
	case placeNext:
		e.pending = append(e.pending, ',')
	case placeEither:
		return true
	}
	return false
}

// literal plans text behind a separator.
func (e *emitter) literal(text string) {
	if e.separator() {
		e.flush(emitOp{kind: emitLiteral, key: text, comma: true})
		return
	}
	e.pending = append(e.pending, text...)
}

// flush ends the pending text with an operation.
func (e *emitter) flush(op emitOp) {
	op.lit = string(e.pending)
	e.pending = e.pending[:0]
	e.ops = append(e.ops, op)
}

func (op emitOp) of(n node) emitOp {
	switch {
	case n.path != nil:
		op.path = n.path
	case n.text != nil:
		op.text = n.text
	default:
		op.eval = n.eval
	}
	return op
}

// statement links an emitting operation.
func (l *linker) statement(in plan.Instr, stack []node) ([]node, bool) {
	e := &l.emits
	e.count++
	switch in.Op {
	case plan.OpEmitMember, plan.OpEmitItem, plan.OpEmitSome, plan.OpEmitPart:
		rest, x, ok := take(stack, 1)
		if !ok || len(rest) != 0 {
			return nil, false
		}
		e.value(in.Op, l.stringOf(in), x[0])
		return rest, true
	case plan.OpEmitCall:
		rest, parts, ok := take(stack, l.image.calls[in.A].args)
		if !ok || len(rest) != 0 {
			return nil, false
		}
		e.flush(emitOp{kind: emitPart}.of(l.call(in, parts)))
		return rest, true
	}
	if len(stack) != 0 {
		return nil, false
	}
	e.fixed(in, l.stringOf(in))
	return stack, true
}

// stringOf returns the string that an emitting operation names.
func (l *linker) stringOf(in plan.Instr) string {
	switch in.Op {
	case plan.OpEmitKey, plan.OpEmitRaw, plan.OpEmitMember:
		return l.image.plan.Strings[in.A]
	}
	return ""
}

// fixed plans an operation without a value.
func (e *emitter) fixed(in plan.Instr, s string) {
	switch in.Op {
	case plan.OpEmitOpen:
		e.pending = append(e.pending, byte(in.A))
		e.place = placeFirst
	case plan.OpEmitClose:
		e.pending = append(e.pending, byte(in.A))
		e.place = placeNext
	case plan.OpEmitQuote:
		e.pending = append(e.pending, '"')
		e.place = placeNext
	case plan.OpEmitSep:
		e.literal("")
	case plan.OpEmitKey:
		e.literal(s)
	case plan.OpEmitRaw:
		e.pending = append(e.pending, s...)
		if s != "" {
			e.place = placeNext
		}
	}
}

// value plans an operation with a value.
func (e *emitter) value(op plan.Op, key string, n node) {
	switch {
	case op == plan.OpEmitPart:
		e.flush(emitOp{kind: emitPart}.of(n))
	case op == plan.OpEmitItem && e.place != placeEither && n.path != nil:
		e.literal("")
		e.flush(emitOp{kind: emitValue}.of(n))
	default:
		out := emitOp{kind: emitMember, key: key, item: op == plan.OpEmitItem}
		switch e.place {
		case placeFirst:
			e.place = placeEither
		case placeNext:
			out.key = "," + key
		case placeEither:
			out.comma = true
		}
		if out.item || n.defined {
			e.place = placeNext
		}
		e.flush(out.of(n))
	}
}

// link returns the function that runs the operations.
func (e *emitter) link() evalFunc {
	if len(e.pending) > 0 {
		e.flush(emitOp{kind: emitLiteral})
	}
	ops := e.ops
	return func(f *Frame) value.Value {
		f.emitOps(ops)
		return value.Undefined
	}
}

func (f *Frame) emitOps(ops []emitOp) {
	out, limit := f.out, f.outStart+f.limits.ValueBytes
	for i := range ops {
		if len(out) > limit {
			break
		}
		op := &ops[i]
		if out = append(out, op.lit...); len(out) > limit {
			break
		}
		var v value.Value
		switch {
		case op.path != nil:
			v = value.Walk(&f.roots[op.path.root], op.path.steps)
		case op.text != nil:
			before := len(out)
			var written bool
			if out, v, written = f.writeText(out, op); f.fault != nil {
				f.out = out[:before]
				return
			}
			if written {
				continue
			}
		case op.eval != nil:
			if v = op.eval(f); f.fault != nil {
				f.out = out
				return
			}
		}
		if v.Kind() >= value.KindText {
			if f.fail(f.emittable(op.kind == emitPart, &v)); f.fault != nil {
				f.out = out
				return
			}
		}
		var err error
		if out, err = f.writeValue(out, op, v); err != nil {
			f.out = out
			f.fail(err)
			return
		}
	}
	f.out = out
	f.fail(f.checkOutput())
}

// writeValue appends what an operation writes for its value.
func (f *Frame) writeValue(out []byte, op *emitOp, v value.Value) ([]byte, error) {
	switch op.kind {
	case emitPart:
		return f.appendPart(out, v)
	case emitMember:
		if v.IsUndefined() && !op.item {
			return out, nil
		}
		out = op.head(out)
	case emitLiteral:
		return op.head(out), nil
	}
	switch v.Kind() {
	case value.KindText:
		out, err := value.WriteEscaped(append(out, '"'), v.Str(), &f.meter)
		return append(out, '"'), err
	case value.KindNumber:
		if n, _ := v.Double(); n == float64(int32(n)) {
			return value.AppendNumber(out, n), nil
		}
	}
	return value.WriteJSON(out, v, &f.meter)
}

// head appends the key of a member, behind a comma where one belongs.
func (op *emitOp) head(out []byte) []byte {
	if op.comma {
		out = appendSeparator(out)
	}
	return append(out, op.key...)
}

// writeText lets a value write itself: in place, behind the key and quote it needs if it turns out to be a text.
func (f *Frame) writeText(out []byte, op *emitOp) ([]byte, value.Value, bool) {
	start := len(out)
	if op.kind == emitMember {
		out = op.head(out)
	}
	if op.kind != emitPart {
		out = append(out, '"')
	}
	at := len(out)
	out, v, written := op.text(f, out)
	if !written {
		return out[:start], v, false
	}
	if !value.IsPlain(out[at:]) {
		out = value.AppendEscaped(out[:at], string(out[at:]))
	}
	if op.kind != emitPart {
		out = append(out, '"')
	}
	return out, v, true
}
