package vm

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Linked code: the bytecode of a function turned into a tree of closures when the plan is loaded, about twice as fast as the
// loop on short expressions. What cannot be turned (switch, unusual jumps of foreign compilers) stays with the loop. Tests
// hold both equal.

// evalFunc computes a value; an error is left in frame.fault, where the first one stays.
type evalFunc func(f *frame) value.Value

// node is a value that code leaves on the stack, with what is known about it at load time.
type node struct {
	eval  evalFunc
	con   *value.Value // the constant, if it is one
	path  *linkedPath  // the path, if it is one
	build *objectBuild // the object under construction, if it is one
}

type objectBuild struct {
	fn    *linkedFunc
	steps []buildStep
}

type buildStep struct {
	name   string
	spread bool
	pc     int
	eval   evalFunc
}

// linker turns the code of one function into closures.
type linker struct {
	image *image
	fn    *linkedFunc
	emits []func(f *frame) // statements of a function of ModeEmit
}

// closures returns the linked form of fn, or nil when the loop must run it.
func (m *image) closures(fn *linkedFunc) evalFunc {
	l := &linker{image: m, fn: fn}
	code := fn.Code
	last := len(code) - 1
	if last < 0 || code[last].Op != plan.OpReturn {
		return nil
	}
	stack, ok := l.block(0, last, nil)
	switch {
	case !ok:
		return nil
	case fn.Mode == plan.ModeEmit && len(stack) == 0:
		emits := l.emits
		return func(f *frame) value.Value {
			for _, emit := range emits {
				if emit(f); f.fault != nil {
					break
				}
			}
			return value.Undefined
		}
	case fn.Mode == plan.ModeValue && len(stack) == 1 && stack[0].build == nil:
		return stack[0].eval
	case fn.Mode == plan.ModeValue && len(stack) == 1:
		return stack[0].build.eval()
	}
	return nil
}

// one links the code from pc up to end, which must leave exactly one value.
func (l *linker) one(pc, end int) (node, bool) {
	emitted := len(l.emits)
	stack, ok := l.block(pc, end, nil)
	if !ok || len(stack) != 1 || len(l.emits) != emitted {
		return node{}, false
	}
	return stack[0].finished(), true
}

// finished returns n as a plain value when it is an object whose construction ended.
func (n node) finished() node {
	if n.build == nil {
		return n
	}
	return node{eval: n.build.eval()}
}

// block links the code from pc up to end on top of stack.
func (l *linker) block(pc, end int, stack []node) ([]node, bool) {
	for pc < end {
		in := l.fn.Code[pc]
		var ok bool
		switch in.Op {
		case plan.OpAnd, plan.OpOr, plan.OpIfEmpty, plan.OpJumpFalse:
			if stack, pc, ok = l.branch(in, pc, end, stack); !ok {
				return nil, false
			}
			continue
		case plan.OpJump, plan.OpCase, plan.OpReturn, plan.OpPop:
			return nil, false
		}
		if stack, ok = l.step(in, pc, stack); !ok {
			return nil, false
		}
		pc++
	}
	return stack, pc == end
}

// branch links a conditional: the operators && and ||, ifempty, and if.
func (l *linker) branch(in plan.Instr, pc, end int, stack []node) ([]node, int, bool) {
	target := int(in.A)
	if len(stack) == 0 || target > end {
		return nil, 0, false
	}
	cond := stack[len(stack)-1].finished()
	stack = stack[:len(stack)-1]
	if in.Op != plan.OpJumpFalse {
		rest, ok := l.one(pc+1, target)
		return append(stack, node{eval: shortCircuit(in.Op, cond.eval, rest.eval)}), target, ok
	}
	if target-1 <= pc || l.fn.Code[target-1].Op != plan.OpJump {
		return nil, 0, false
	}
	join := int(l.fn.Code[target-1].A)
	if join > end {
		return nil, 0, false
	}
	then, ok1 := l.one(pc+1, target-1)
	other, ok2 := l.one(target, join)
	c, a, b := cond.eval, then.eval, other.eval
	return append(stack, node{eval: func(f *frame) value.Value {
		if value.IsTruthy(c(f)) {
			return a(f)
		}
		return b(f)
	}}), join, ok1 && ok2
}

func shortCircuit(op plan.Op, a, b evalFunc) evalFunc {
	switch op {
	case plan.OpAnd:
		return func(f *frame) value.Value {
			if v := a(f); !value.IsTruthy(v) {
				return v
			}
			return b(f)
		}
	case plan.OpOr:
		return func(f *frame) value.Value {
			if v := a(f); value.IsTruthy(v) {
				return v
			}
			return b(f)
		}
	}
	return func(f *frame) value.Value {
		if v := a(f); !value.IsEmpty(v) {
			return v
		}
		return b(f)
	}
}

// take pops n finished nodes.
func take(stack []node, n int) ([]node, []evalFunc, bool) {
	if len(stack) < n {
		return nil, nil, false
	}
	evals := make([]evalFunc, n)
	for i, nd := range stack[len(stack)-n:] {
		evals[i] = nd.finished().eval
	}
	return stack[:len(stack)-n], evals, true
}

// step links one instruction without a jump.
func (l *linker) step(in plan.Instr, pc int, stack []node) ([]node, bool) {
	switch in.Op {
	case plan.OpConst:
		v := l.image.plan.Constants[in.A]
		return append(stack, node{con: &v, eval: func(*frame) value.Value { return v }}), true
	case plan.OpRoot:
		slot := int(in.A)
		return append(stack, node{eval: func(f *frame) value.Value { return f.roots[slot] }}), true
	case plan.OpPath:
		p := &l.image.paths[in.A]
		return append(stack, node{path: p, eval: linkPath(p)}), true
	case plan.OpVar:
		n := in.A
		return append(stack, node{eval: func(f *frame) value.Value {
			v, err := f.variable(n)
			f.fail(err)
			return v
		}}), true
	case plan.OpObject:
		return append(stack, node{build: &objectBuild{fn: l.fn}}), true
	case plan.OpSet, plan.OpSpread:
		return l.construct(in, pc, stack)
	case plan.OpName, plan.OpItem, plan.OpNot, plan.OpNegate:
		rest, x, ok := take(stack, 1)
		if !ok {
			return nil, false
		}
		return append(rest, node{eval: l.unary(in, pc, x[0])}), true
	case plan.OpCall, plan.OpJoin, plan.OpArray, plan.OpRecord:
		return l.gather(in, pc, stack)
	}
	if in.Op >= plan.OpEmitOpen {
		return l.statement(in, pc, stack)
	}
	if len(stack) < 2 {
		return nil, false
	}
	x, y := stack[len(stack)-2].finished(), stack[len(stack)-1].finished()
	return append(stack[:len(stack)-2], node{eval: linkBinary(in.Op, x, y)}), true
}

// linkPath unrolls paths of up to three names.
func linkPath(p *linkedPath) evalFunc {
	slot := p.root
	for i := range p.steps {
		if !p.steps[i].key {
			return func(f *frame) value.Value { return f.walk(p) }
		}
	}
	switch len(p.steps) {
	case 1:
		a := &p.steps[0]
		return func(f *frame) value.Value { return a.site.Step(f.roots[slot], a.name) }
	case 2:
		a, b := &p.steps[0], &p.steps[1]
		return func(f *frame) value.Value { return b.site.Step(a.site.Step(f.roots[slot], a.name), b.name) }
	case 3:
		a, b, c := &p.steps[0], &p.steps[1], &p.steps[2]
		return func(f *frame) value.Value {
			return c.site.Step(b.site.Step(a.site.Step(f.roots[slot], a.name), b.name), c.name)
		}
	}
	return func(f *frame) value.Value { return f.walk(p) }
}

func (l *linker) unary(in plan.Instr, pc int, x evalFunc) evalFunc {
	switch in.Op {
	case plan.OpName:
		site, name := &l.fn.sites[pc], l.image.plan.Strings[in.A]
		return func(f *frame) value.Value { return site.Step(x(f), name) }
	case plan.OpItem:
		n := int(in.A)
		return func(f *frame) value.Value { return value.Item(x(f), n) }
	case plan.OpNot:
		return func(f *frame) value.Value { return value.Bool(!value.IsTruthy(x(f))) }
	}
	return func(f *frame) value.Value { return value.Negate(x(f)) }
}

// fail keeps the first error of linked code.
func (f *frame) fail(err error) {
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
	s := buildStep{eval: x[0], pc: pc, spread: in.Op == plan.OpSpread}
	if !s.spread {
		s.name = l.image.plan.Strings[in.A]
	}
	b := rest[len(rest)-1].build
	b.steps = append(b.steps, s)
	return rest, true
}

func (b *objectBuild) eval() evalFunc {
	steps, fn := b.steps, b.fn
	return func(f *frame) value.Value {
		o := value.NewObject(len(steps))
		f.fail(f.reserve(objectBytes))
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
			o.Set(s.name, v)
			f.fail(f.reserve(memberBytes))
		}
		return value.Collection(o)
	}
}

// gather links the operations that take several values: calls, joins, lists and records.
func (l *linker) gather(in plan.Instr, pc int, stack []node) ([]node, bool) {
	n := int(in.A)
	switch in.Op {
	case plan.OpCall:
		n = l.image.calls[in.A].args
	case plan.OpRecord:
		n = len(l.image.keys[in.A].names)
	}
	rest, parts, ok := take(stack, n)
	if !ok {
		return nil, false
	}
	var finish func(f *frame, args []value.Value) (value.Value, error)
	switch in.Op {
	case plan.OpCall:
		return append(rest, node{eval: l.call(in, pc, parts)}), true
	case plan.OpJoin:
		finish = (*frame).join
	case plan.OpArray:
		finish = (*frame).list
	default:
		k := &l.image.keys[in.A]
		finish = func(f *frame, args []value.Value) (value.Value, error) { return f.record(k, args) }
	}
	return append(rest, node{eval: func(f *frame) value.Value {
		base := len(f.stack)
		for _, p := range parts {
			f.stack = append(f.stack, p(f))
		}
		v := value.Undefined
		if f.fault == nil {
			var err error
			v, err = finish(f, f.stack[base:])
			f.fail(err)
		}
		clear(f.stack[base:])
		f.stack = f.stack[:base]
		return v
	}}), true
}

func (l *linker) call(in plan.Instr, pc int, parts []evalFunc) evalFunc {
	c, fn := &l.image.calls[in.A], l.fn
	return func(f *frame) value.Value {
		base := len(f.stack)
		for _, p := range parts {
			f.stack = append(f.stack, p(f))
		}
		v := value.Undefined
		if f.fault == nil {
			var err error
			if v, err = builtin.Invoke(c.fn, &f.context, builtin.MakeArgs(f.stack[base:], c.given)); err == nil {
				err = f.reserve(shallowBytes(v))
			} else {
				err = f.located(fn, pc, c, err)
			}
			f.fail(err)
		}
		clear(f.stack[base:])
		f.stack = f.stack[:base]
		return v
	}
}

// linkBinary links a binary operator, with short forms for numbers and constants.
func linkBinary(op plan.Op, x, y node) evalFunc {
	a, b := x.eval, y.eval
	switch op {
	case plan.OpIndex:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Index(v, b(f))
		}
	case plan.OpLess:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Bool(value.Less(v, b(f)))
		}
	case plan.OpLessEqual:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Bool(value.LessEqual(v, b(f)))
		}
	case plan.OpGreater:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Bool(value.Less(b(f), v))
		}
	case plan.OpGreaterEqual:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Bool(value.LessEqual(b(f), v))
		}
	case plan.OpEqual, plan.OpNotEqual:
		negated := op == plan.OpNotEqual
		return func(f *frame) value.Value {
			v := a(f)
			return value.Bool(f.equal(v, b(f)) != negated)
		}
	case plan.OpAdd:
		return func(f *frame) value.Value {
			v := a(f)
			w := b(f)
			if !value.AddsText(v, w) {
				return value.Sum(v, w)
			}
			s, err := f.add(v, w)
			f.fail(err)
			return s
		}
	}
	return linkArithmetic(op, a, b)
}

func linkArithmetic(op plan.Op, a, b evalFunc) evalFunc {
	switch op {
	case plan.OpSubtract:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Subtract(v, b(f))
		}
	case plan.OpMultiply:
		return func(f *frame) value.Value {
			v := a(f)
			return value.Multiply(v, b(f))
		}
	}
	return func(f *frame) value.Value {
		v := a(f)
		return arithmetic(op, v, b(f))
	}
}

// statement links an emitting operation.
func (l *linker) statement(in plan.Instr, pc int, stack []node) ([]node, bool) {
	switch in.Op {
	case plan.OpEmitMember, plan.OpEmitItem, plan.OpEmitPart:
		rest, x, ok := take(stack, 1)
		if !ok || len(rest) != 0 {
			return nil, false
		}
		v := x[0]
		l.emits = append(l.emits, func(f *frame) {
			if val := v(f); f.fault == nil {
				f.fail(f.emitValue(in, val))
			}
		})
		return rest, true
	case plan.OpEmitCall:
		c, fn := &l.image.calls[in.A], l.fn
		rest, parts, ok := take(stack, c.args)
		if !ok || len(rest) != 0 {
			return nil, false
		}
		l.emits = append(l.emits, func(f *frame) {
			base := len(f.stack)
			for _, p := range parts {
				f.stack = append(f.stack, p(f))
			}
			if f.fault == nil {
				if err := f.emitCall(c, f.stack[base:]); err != nil {
					f.fail(f.located(fn, pc, c, err))
				}
			}
			clear(f.stack[base:])
			f.stack = f.stack[:base]
		})
		return rest, true
	}
	if len(stack) != 0 {
		return nil, false
	}
	l.emits = append(l.emits, func(f *frame) { f.fail(f.emit(in)) })
	return stack, true
}
