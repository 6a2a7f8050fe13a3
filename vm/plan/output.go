package plan

// output is what is known of the JSON that a function has emitted.
type output struct {
	at    place
	depth int32
	// objects has bit d set when bracket d (0 is the outermost) is a brace.
	objects [(maxNesting + 63) / 64]uint64
}

// place says what may come next.
type place uint8

const (
	atValue  place = iota // a value: at the start and after a key
	atText                // inside a text
	atOpen                // just behind an opening bracket
	atNext                // behind an item or a member
	atEither              // inside a bracket, behind an item or the bracket
	atItem                // behind a separator
	atEnd                 // behind the one value of the function
)

// join makes o what is known when either o or other holds, and reports whether that is anything.
func (o *output) join(other *output) bool {
	if o.depth != other.depth || o.objects != other.objects {
		return false
	}
	if o.at != other.at {
		if !o.at.between() || !other.at.between() {
			return false
		}
		o.at = atEither
	}
	return true
}

// between reports whether p lies between the items of a bracket, where separators and closing brackets stand.
func (p place) between() bool { return p == atOpen || p == atNext || p == atEither }

func (o *output) object() bool {
	return o.depth > 0 && o.objects[(o.depth-1)/64]>>(uint(o.depth-1)%64)&1 == 1
}

func (o *output) array() bool { return o.depth > 0 && !o.object() }

// valueHere reports whether a value may stand here.
func (o *output) valueHere() bool {
	return o.at == atValue || o.array() && (o.at == atOpen || o.at == atItem)
}

// valueDone moves behind a value.
func (o *output) valueDone() {
	if o.depth == 0 {
		o.at = atEnd
	} else {
		o.at = atNext
	}
}

func (o *output) open(object bool) {
	bit := uint64(1) << (uint(o.depth) % 64)
	if object {
		o.objects[o.depth/64] |= bit
	}
	o.depth++
	o.at = atOpen
}

func (o *output) close() {
	o.depth--
	o.objects[o.depth/64] &^= 1 << (uint(o.depth) % 64)
	o.valueDone()
}

// emit runs an emitting operation, whose operand is in range and whose values are already taken.
func (v *verifier) emit(pc int, in Instr, s *state) error {
	o := &s.out
	switch in.Op {
	case OpEmitOpen:
		return v.emitOpen(pc, in.A, o)
	case OpEmitClose:
		if in.A != '}' && in.A != ']' || !o.at.between() || o.object() != (in.A == '}') {
			return v.errorf(pc, "%q does not close what is open", rune(in.A))
		}
		o.close()
	case OpEmitKey:
		if !o.object() || !o.at.between() || v.fragment(in.A)&fragmentKey == 0 {
			return v.errorf(pc, "a key stands only between the members of an object, quoted and with its colon")
		}
		o.at = atValue
	case OpEmitMember:
		if !o.object() || !o.at.between() || v.fragment(in.A)&fragmentKey == 0 {
			return v.errorf(pc, "a member stands only between the members of an object, its key quoted and with its colon")
		}
		o.at = o.at.perhaps()
	case OpEmitItem, OpEmitSome:
		if !o.array() || !o.at.between() {
			return v.errorf(pc, "an item stands only between the items of an array")
		}
		if in.Op == OpEmitItem {
			o.at = atNext
		} else {
			o.at = o.at.perhaps()
		}
	case OpEmitSep:
		if !o.at.between() {
			return v.errorf(pc, "a separator stands only between the items of an array or the members of an object")
		}
		o.at = atItem
	case OpEmitRaw:
		return v.emitRaw(pc, in.A, o)
	case OpEmitQuote:
		return v.emitQuote(pc, o)
	case OpEmitPart, OpEmitCall:
		if o.at != atText {
			return v.errorf(pc, "a part of a text stands only between two quotes")
		}
	}
	return nil
}

// perhaps is the place behind a member that may have been left out.
func (p place) perhaps() place {
	if p == atOpen {
		return atEither
	}
	return p
}

func (v *verifier) emitOpen(pc int, bracket int32, o *output) error {
	if bracket != '{' && bracket != '[' || !o.valueHere() {
		return v.errorf(pc, "%q where no value may stand", rune(bracket))
	}
	if o.depth == maxNesting {
		return v.errorf(pc, "brackets nested deeper than %d", maxNesting)
	}
	o.open(bracket == '{')
	return nil
}

func (v *verifier) emitQuote(pc int, o *output) error {
	switch {
	case o.at == atText:
		o.valueDone()
	case o.valueHere():
		o.at = atText
	default:
		return v.errorf(pc, "a text where no value may stand")
	}
	return nil
}

// emitRaw accepts ready JSON: a piece of a text, a value, or several items or members with the commas between them.
func (v *verifier) emitRaw(pc int, a int32, o *output) error {
	kinds := v.fragment(a)
	fits := false
	switch {
	case o.at == atText:
		if kinds&fragmentText == 0 {
			return v.errorf(pc, "raw text that is not escaped")
		}
		return nil
	case o.at == atValue:
		fits = kinds&fragmentValue != 0
	case o.at == atOpen || o.at == atItem:
		fits = o.object() && kinds&fragmentMembers != 0 || o.array() && kinds&fragmentItems != 0
	}
	if !fits {
		return v.errorf(pc, "raw JSON that does not fit its place: expected a value, items in an array, members in an object")
	}
	o.valueDone()
	return nil
}
