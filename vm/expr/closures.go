package expr

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Closures: the bytecode of a function turned into a tree of closures when the plan is loaded, about twice as fast as
// the interpreter on short expressions. What cannot be turned (switch, unusual jumps of foreign compilers) stays with
// the interpreter. Tests hold both equal.

// evalFunc computes a value; an error is left in frame.fault, where the first one stays.
type evalFunc func(f *Frame) value.Value

// node is a value that code leaves on the stack, with what is known about it at load time. Only eval is always set, but
// for an object under construction.
type node struct {
	eval    evalFunc
	con     *value.Value // the constant, if it is one
	path    *linkedPath  // the path, if it is one
	test    testFunc     // the value as a boolean, if it always is one
	number  numberFunc   // the value as an operand of arithmetic
	text    textFunc     // the value written to a buffer
	made    *composite   // what it is made of, if it is a record or a list
	defined bool         // the value is never undefined
	build   *objectBuild // the object under construction, if it is one
}

type objectBuild struct {
	fn     *linkedFunc
	steps  []buildStep
	before []store // what is done first
}

type buildStep struct {
	name   string
	spread bool
	pc     int
	eval   evalFunc
}

// linker turns the code of one function into closures.
type linker struct {
	image *Image
	fn    *linkedFunc
	emits emitter // what a function of ModeEmit has emitted so far
}

// closures returns the code of fn as closures, or nil when the interpreter must run it.
func (m *Image) closures(fn *linkedFunc) evalFunc {
	l := &linker{image: m, fn: fn}
	code := fn.Code
	last := len(code) - 1
	if last < 0 || code[last].Op != plan.OpReturn {
		return nil
	}
	stack, _, ok := l.block(0, last, nil, false)
	switch {
	case !ok:
		return nil
	case fn.Mode == plan.ModeEmit && len(stack) == 0:
		return l.emits.link()
	case fn.Mode == plan.ModeValue && len(stack) == 1:
		return stack[0].finished().eval
	}
	return nil
}

// take pops n finished nodes.
func take(stack []node, n int) ([]node, []node, bool) {
	if len(stack) < n {
		return nil, nil, false
	}
	taken := make([]node, n)
	for i, nd := range stack[len(stack)-n:] {
		taken[i] = nd.finished()
	}
	return stack[:len(stack)-n], taken, true
}

// step links one instruction without a jump.
func (l *linker) step(in plan.Instr, pc int, stack []node) ([]node, bool) {
	switch in.Op {
	case plan.OpConst:
		v := l.image.plan.Constants[in.A]
		return append(stack, node{con: &v, defined: !v.IsUndefined(), eval: func(*Frame) value.Value { return v }}), true
	case plan.OpRoot:
		slot := int(in.A)
		return append(stack, node{eval: func(f *Frame) value.Value { return f.roots[slot] }}), true
	case plan.OpPath:
		p := &l.image.paths[in.A]
		return append(stack, node{path: p, eval: linkPath(p)}), true
	case plan.OpVar:
		n := in.A
		return append(stack, node{eval: func(f *Frame) value.Value {
			v, err := f.variable(n)
			f.fail(err)
			return v
		}}), true
	case plan.OpLocal:
		return append(stack, linkLocal(int(in.A))), true
	case plan.OpObject:
		return append(stack, node{build: &objectBuild{fn: l.fn}}), true
	case plan.OpSet, plan.OpSpread:
		return l.construct(in, pc, stack)
	case plan.OpName, plan.OpItem, plan.OpNot, plan.OpNegate, plan.OpPrune:
		rest, x, ok := take(stack, 1)
		if !ok {
			return nil, false
		}
		return append(rest, l.linkUnary(in, pc, x[0])), true
	case plan.OpCall, plan.OpJoin, plan.OpArray, plan.OpList, plan.OpRecord, plan.OpEach, plan.OpEachNull:
		return l.gather(in, stack)
	}
	if in.Op >= plan.OpEmitOpen {
		return l.statement(in, stack)
	}
	rest, xy, ok := take(stack, 2)
	if !ok {
		return nil, false
	}
	return append(rest, linkBinary(in.Op, xy[0], xy[1])), true
}

// fail keeps the first error of closures.
func (f *Frame) fail(err error) {
	if err != nil && f.fault == nil {
		f.fault = err
	}
}

// construct links the steps that fill an object.
func (l *linker) construct(in plan.Instr, pc int, stack []node) ([]node, bool) {
	rest, x, ok := take(stack, 1)
	if !ok || len(rest) == 0 || rest[len(rest)-1].build == nil {
		return nil, false
	}
	s := buildStep{eval: x[0].eval, pc: pc, spread: in.Op == plan.OpSpread}
	if !s.spread {
		s.name = l.image.plan.Strings[in.A]
	}
	b := rest[len(rest)-1].build
	b.steps = append(b.steps, s)
	return rest, true
}

func (b *objectBuild) eval() evalFunc {
	steps, fn, before := b.steps, b.fn, b.before
	return func(f *Frame) value.Value {
		f.store(before)
		o := value.NewObject(len(steps))
		f.fail(f.Reserve(builtin.ObjectBytes))
		for i := range steps {
			s := &steps[i]
			v := s.eval(f)
			if f.fault != nil {
				break
			}
			if s.spread {
				f.fail(f.spread(fn, s.pc, o, v))
				continue
			}
			f.fail(f.put(o, s.name, v))
		}
		return value.Collection(o)
	}
}

// gather links the operations that take several values: calls, joins, lists and records.
func (l *linker) gather(in plan.Instr, stack []node) ([]node, bool) {
	n := int(in.A)
	switch in.Op {
	case plan.OpCall:
		n = l.image.calls[in.A].args
	case plan.OpRecord:
		n = len(l.image.keys[in.A].names)
	case plan.OpEach, plan.OpEachNull:
		n = l.image.funcs[in.A].eachArgs()
	}
	rest, parts, ok := take(stack, n)
	if !ok {
		return nil, false
	}
	switch in.Op {
	case plan.OpCall:
		return append(rest, l.call(in, parts)), true
	case plan.OpJoin:
		return append(rest, linkJoin(parts)), true
	case plan.OpArray:
		made := collect(parts, (*Frame).list)
		made.made = compose(nil, parts)
		return append(rest, made), true
	case plan.OpList:
		return append(rest, collect(parts, (*Frame).compact)), true
	case plan.OpEach, plan.OpEachNull:
		body := &l.image.funcs[in.A]
		made := collect(parts, func(f *Frame, args []value.Value) (value.Value, error) { return f.each(in.Op, body, args) })
		made.defined = false
		return append(rest, made), true
	}
	k := &l.image.keys[in.A]
	made := collect(parts, func(f *Frame, args []value.Value) (value.Value, error) { return f.record(k, args) })
	made.made = compose(k, parts)
	return append(rest, made), true
}

// collect links the evaluation of parts, whose values finish gets in one slice.
func collect(parts []node, finish func(f *Frame, args []value.Value) (value.Value, error)) node {
	evals := evalsOf(parts)
	return node{defined: true, eval: func(f *Frame) value.Value {
		base := len(f.stack)
		f.push(evals)
		v := value.Undefined
		if f.fault == nil {
			var err error
			v, err = finish(f, f.stack[base:])
			f.fail(err)
		}
		f.drop(base)
		return v
	}}
}

func evalsOf(nodes []node) []evalFunc {
	evals := make([]evalFunc, len(nodes))
	for i := range nodes {
		evals[i] = nodes[i].eval
	}
	return evals
}

// push evaluates onto the stack.
func (f *Frame) push(evals []evalFunc) {
	for _, eval := range evals {
		f.stack = append(f.stack, eval(f))
	}
}

// drop takes everything above base off the stack.
func (f *Frame) drop(base int) {
	clear(f.stack[base:])
	f.stack = f.stack[:base]
}
