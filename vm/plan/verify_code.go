package plan

import "fmt"

// verifier runs functions abstractly: it knows of every value on the stack only whether it is an object under
// construction, and of the output only which brackets and texts are open. Jumps go forward, so one pass sees every
// instruction after all that can lead to it. Nothing it does costs more than the logarithm of what is on the stack.
type verifier struct {
	p *Plan
	// waiting holds, for each instruction, one more than the index in joins of the state that jumps bring there, or 0.
	// It is all zero between functions.
	waiting []int32
	joins   []state
	objects objectList
	// fragments is what each string can be emitted as, filled in on demand; nil remembers nothing.
	fragments []fragment
	number    int
	f         *Function
}

// state is what is known before an instruction.
type state struct {
	depth int32
	// top is the node of the topmost object under construction, 0 when there is none.
	top int32
	out output
}

func newVerifier(p *Plan) *verifier {
	longest := 0
	for i := range p.Functions {
		longest = max(longest, len(p.Functions[i].Code))
	}
	v := newEmptyVerifier(p, longest)
	v.fragments = make([]fragment, len(p.Strings))
	return v
}

func newEmptyVerifier(p *Plan, longest int) *verifier {
	v := &verifier{p: p, waiting: make([]int32, longest)}
	v.objects.nodes = append(make([]objectNode, 0, 16), objectNode{position: -1})
	return v
}

// StackDepth returns the number of values that f has on its stack at most, which is what its MaxStack must at least be.
// It looks at f as Verify does and returns its errors, except that it does not look at f.MaxStack; the tables of p that
// f refers to are taken to be sound.
func StackDepth(p *Plan, f *Function) (int32, error) {
	return newEmptyVerifier(p, len(f.Code)).run(-1, f)
}

func (v *verifier) errorf(pc int, format string, args ...any) error {
	return invalid(sectionFunctions, "%s%s", v.place(pc), fmt.Sprintf(format, args...))
}

func (v *verifier) linesError(format string, args ...any) error {
	return invalid(sectionLines, "%s%s", v.place(-1), fmt.Sprintf(format, args...))
}

func (v *verifier) place(pc int) string {
	s := "function"
	if v.number >= 0 {
		s = fmt.Sprintf("function %d", v.number)
	}
	if v.f.Pointer != "" {
		s += " (" + v.f.Pointer + ")"
	}
	if pc >= 0 {
		s += fmt.Sprintf(" instruction %d (%s)", pc, v.f.Code[pc].Op)
	}
	return s + ": "
}

// run runs f, the function of the given number, and returns how deep its stack gets.
func (v *verifier) run(number int, f *Function) (int32, error) {
	v.number, v.f = number, f
	v.joins, v.objects.nodes = v.joins[:0], v.objects.nodes[:1]
	if f.Mode > ModeEmit {
		return 0, v.errorf(-1, "mode %d, expected 0 or 1", f.Mode)
	}
	if int64(len(f.Code)) > maxInt32 {
		return 0, v.errorf(-1, "%d instructions", len(f.Code))
	}
	if f.Params < 0 || f.Params > f.Locals || f.Locals > MaxLocals {
		return 0, v.errorf(-1, "%d parameters among %d locals, expected at most %d locals", f.Params, f.Locals, MaxLocals)
	}
	if f.Params > 0 && (f.Params < eachParams || f.Mode != ModeValue) {
		return 0, v.errorf(-1, "%d parameters in mode %d, expected none, or %d and more in a function that returns a value", f.Params, f.Mode, eachParams)
	}
	var s state
	deepest, reached := int32(0), true
	for pc := range f.Code {
		if w := v.waiting[pc]; w > 0 {
			v.waiting[pc] = 0
			if reached {
				if err := v.join(pc, &s, &v.joins[w-1]); err != nil {
					return 0, err
				}
			} else {
				s, reached = v.joins[w-1], true
			}
		}
		if !reached {
			return 0, v.errorf(pc, "it cannot be reached, expected code that can")
		}
		next, err := v.step(pc, f.Code[pc], &s)
		if err != nil {
			return 0, err
		}
		reached = next
		deepest = max(deepest, s.depth)
	}
	if reached {
		return 0, v.errorf(-1, "it runs past its last instruction, expected return")
	}
	return deepest, nil
}

// join merges the state o that a jump brought to pc into s.
func (v *verifier) join(pc int, s, o *state) error {
	if s.depth != o.depth {
		return v.errorf(pc, "reached with %d and with %d values on the stack", s.depth, o.depth)
	}
	if s.top != o.top {
		// Two branches may leave different values on top; one that is an object on one way only is any value.
		under, otherUnder := v.objects.below(s.top, s.depth-1), v.objects.below(o.top, o.depth-1)
		if under != otherUnder {
			return v.errorf(pc, "reached with different objects under construction")
		}
		if s.top == under || o.top == otherUnder {
			s.top = under
		}
	}
	if v.f.Mode == ModeEmit && !s.out.join(&o.out) {
		return v.errorf(pc, "reached with different brackets or texts open in the output")
	}
	return nil
}

// jump brings s to the instruction target.
func (v *verifier) jump(pc int, target int32, s state) error {
	if int(target) <= pc || int(target) >= len(v.f.Code) {
		return v.errorf(pc, "a jump to instruction %d of %d, expected a later one", target, len(v.f.Code))
	}
	if w := v.waiting[target]; w > 0 {
		return v.join(int(target), &v.joins[w-1], &s)
	}
	v.joins = append(v.joins, s)
	v.waiting[target] = int32(len(v.joins))
	return nil
}

// step runs one instruction and reports whether control can go on to the next.
func (v *verifier) step(pc int, in Instr, s *state) (next bool, err error) {
	if in.Op == OpInvalid || in.Op >= opCount {
		return false, unsupported(sectionFunctions, "%soperation %d, this version knows 1 to %d", v.place(pc), in.Op, opCount-1)
	}
	e := &effects[in.Op]
	if e.emit && v.f.Mode != ModeEmit {
		return false, v.errorf(pc, "an emitting operation in a function that returns a value")
	}
	pops, ok := v.operand(e, in.A)
	if !ok {
		return false, v.errorf(pc, "operand %d is out of range", in.A)
	}
	if s.depth < pops {
		return false, v.errorf(pc, "it takes %d values, the stack has %d", pops, s.depth)
	}
	switch in.Op {
	case OpReturn:
		return false, v.ret(pc, s)
	case OpSet, OpSpread:
		return v.store(pc, s)
	case OpJump, OpJumpFalse, OpAnd, OpOr, OpIfEmpty, OpCase:
		return v.branch(pc, in, s)
	}
	if pops > 0 {
		s.depth -= pops
		s.top = v.objects.below(s.top, s.depth)
	}
	if e.emit {
		return true, v.emit(pc, in, s)
	}
	if in.Op == OpObject {
		s.top = v.objects.push(s.top, s.depth)
	}
	s.depth += int32(e.pushes)
	return true, nil
}

// operand checks the operand and returns how many values the operation takes.
func (v *verifier) operand(e *effect, a int32) (pops int32, ok bool) {
	pops = int32(e.pops)
	switch e.operand {
	case operandNone:
		return pops, a == 0
	case operandInt, operandTarget: // any number; targets are checked by jump
		return pops, true
	case operandConst:
		return pops, below(a, len(v.p.Constants))
	case operandRoot:
		return pops, below(a, len(v.p.Roots))
	case operandPath:
		return pops, below(a, len(v.p.Paths))
	case operandString:
		return pops, below(a, len(v.p.Strings))
	case operandVar:
		return pops, a >= 0 && a < varCount
	case operandLocal:
		return pops, a >= 0 && a < v.f.Locals
	case operandEach:
		if !below(a, len(v.p.Functions)) || int(a) <= v.number {
			return 0, false
		}
		params := v.p.Functions[a].Params
		return params - eachParams + 1, params >= eachParams && params <= MaxLocals
	case operandCall:
		if !below(a, len(v.p.Calls)) {
			return 0, false
		}
		return v.p.Calls[a].Args, v.p.Calls[a].Args >= 0
	case operandCount:
		return a, a >= 0
	case operandKeySet:
		if !below(a, len(v.p.KeySets)) {
			return 0, false
		}
		return int32(len(v.p.KeySets[a])), true
	case operandBracket:
		return pops, a == '{' || a == '[' || a == '}' || a == ']'
	}
	return 0, false
}

// eachParams is the number of parameters that every function called for each item has: the item and its position.
const eachParams = 2

// ret checks what a function leaves behind.
func (v *verifier) ret(pc int, s *state) error {
	switch {
	case v.f.Mode == ModeValue && s.depth != 1:
		return v.errorf(pc, "%d values on the stack, expected the result alone", s.depth)
	case v.f.Mode == ModeEmit && s.depth != 0:
		return v.errorf(pc, "%d values on the stack, expected none", s.depth)
	case v.f.Mode == ModeEmit && s.out.at != atEnd:
		return v.errorf(pc, "the output is not one complete JSON value")
	}
	return nil
}

// store runs set and spread, which put a value into the object below it.
func (v *verifier) store(pc int, s *state) (bool, error) {
	s.depth--
	s.top = v.objects.below(s.top, s.depth)
	if v.objects.nodes[s.top].position != s.depth-1 {
		return false, v.errorf(pc, "the value below the top is no object under construction")
	}
	return true, nil
}

// branch runs the operations that may go elsewhere.
func (v *verifier) branch(pc int, in Instr, s *state) (next bool, err error) {
	there := *s
	switch in.Op {
	case OpJumpFalse:
		there.depth--
	case OpCase: // keeps the lower value on the way to the target
		there.depth--
	}
	there.top = v.objects.below(there.top, there.depth)
	s.depth -= int32(effects[in.Op].pops)
	s.top = v.objects.below(s.top, s.depth)
	return in.Op != OpJump, v.jump(pc, in.A, there)
}

// objectList holds the lists of objects under construction that the stacks of all states share: each node names the
// object below it. Node 0 ends every list. The further link to a node deep below makes every search logarithmic (E. W.
// Myers, "An applicative random-access stack", 1983).
type objectList struct{ nodes []objectNode }

type objectNode struct {
	position int32 // place on the stack; -1 in node 0
	under    int32
	far      int32
	length   int32
}

// push puts an object at a stack position on the list top.
func (l *objectList) push(top, position int32) int32 {
	n := objectNode{position: position, under: top, far: top, length: l.nodes[top].length + 1}
	far := l.nodes[top].far
	if l.nodes[top].length-l.nodes[far].length == l.nodes[far].length-l.nodes[l.nodes[far].far].length {
		n.far = l.nodes[far].far
	}
	l.nodes = append(l.nodes, n)
	return int32(len(l.nodes) - 1)
}

// below returns the topmost node of the list top that lies below the stack depth.
func (l *objectList) below(top, depth int32) int32 {
	for top != 0 && l.nodes[top].position >= depth {
		if far := l.nodes[top].far; far != 0 && l.nodes[far].position >= depth {
			top = far
		} else {
			top = l.nodes[top].under
		}
	}
	return top
}
