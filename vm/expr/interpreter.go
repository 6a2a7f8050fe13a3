package expr

import (
	"errors"
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// interpret runs fn instruction by instruction: the form of evaluation that closures are held equal to. The plan
// was verified, so operands, jumps and stack depths need no checks here.
func (f *Frame) interpret(fn *linkedFunc) (value.Value, error) {
	base := len(f.stack) - int(fn.Params) // the caller left the parameters there
	need := base + int(fn.Locals) + int(fn.MaxStack)
	if cap(f.stack) < need {
		f.stack = append(make([]value.Value, 0, need+32), f.stack...)
	}
	f.stack = f.stack[:need]
	v, err := f.execute(fn, f.stack[base:])
	clear(f.stack[base:])
	f.stack = f.stack[:base]
	return v, err
}

func (f *Frame) execute(fn *linkedFunc, st []value.Value) (value.Value, error) {
	m, sp := f.image, int(fn.Locals)
	for pc := 0; ; pc++ {
		in := fn.Code[pc]
		switch in.Op {
		case plan.OpConst:
			st[sp] = m.plan.Constants[in.A]
			sp++
		case plan.OpRoot:
			st[sp] = f.roots[in.A]
			sp++
		case plan.OpPath:
			st[sp] = f.walk(&m.paths[in.A])
			sp++
		case plan.OpName:
			st[sp-1] = fn.sites[pc].Step(st[sp-1], m.plan.Strings[in.A])
		case plan.OpItem:
			st[sp-1] = value.Item(st[sp-1], int(in.A))
		case plan.OpIndex:
			sp--
			st[sp-1] = value.Index(st[sp-1], st[sp])
		case plan.OpVar:
			v, err := f.variable(in.A)
			if err != nil {
				return value.Undefined, err
			}
			st[sp] = v
			sp++
		case plan.OpLocal:
			st[sp] = st[in.A]
			sp++
		case plan.OpStore:
			sp--
			st[in.A] = st[sp]
		case plan.OpPop:
			sp--
		case plan.OpJump:
			pc = int(in.A) - 1
		case plan.OpJumpFalse:
			if sp--; !value.IsTruthy(st[sp]) {
				pc = int(in.A) - 1
			}
		case plan.OpAnd:
			if !value.IsTruthy(st[sp-1]) {
				pc = int(in.A) - 1
			} else {
				sp--
			}
		case plan.OpOr:
			if value.IsTruthy(st[sp-1]) {
				pc = int(in.A) - 1
			} else {
				sp--
			}
		case plan.OpIfEmpty:
			if !value.IsEmpty(st[sp-1]) {
				pc = int(in.A) - 1
			} else {
				sp--
			}
		case plan.OpCase:
			sp--
			equal, err := f.equal(st[sp-1], st[sp])
			if err != nil {
				return value.Undefined, err
			}
			if equal {
				sp--
			} else {
				pc = int(in.A) - 1
			}
		case plan.OpNegate:
			if err := f.reading(st[sp-1], value.Undefined); err != nil {
				return value.Undefined, err
			}
			st[sp-1] = value.Negate(st[sp-1])
		case plan.OpNot:
			st[sp-1] = value.Bool(!value.IsTruthy(st[sp-1]))
		case plan.OpReturn:
			if fn.Mode == plan.ModeEmit {
				return value.Undefined, nil
			}
			return st[sp-1], nil
		case plan.OpCall:
			c := &m.calls[in.A]
			sp -= c.args
			v, err := f.call(c, st[sp:sp+c.args])
			if err != nil {
				return value.Undefined, f.located(fn, c, err)
			}
			st[sp] = v
			sp++
		default:
			var err error
			if sp, err = f.build(fn, pc, st, sp); err != nil {
				return value.Undefined, err
			}
		}
	}
}

// build runs the operations that make texts, lists and objects, the binary operators, and those that emit.
func (f *Frame) build(fn *linkedFunc, pc int, st []value.Value, sp int) (int, error) {
	m, in := f.image, fn.Code[pc]
	switch in.Op {
	case plan.OpJoin:
		sp -= int(in.A)
		v, err := f.join(st[sp : sp+int(in.A)])
		st[sp] = v
		return sp + 1, err
	case plan.OpArray:
		sp -= int(in.A)
		v, err := f.list(st[sp : sp+int(in.A)])
		st[sp] = v
		return sp + 1, err
	case plan.OpList:
		sp -= int(in.A)
		v, err := f.compact(st[sp : sp+int(in.A)])
		st[sp] = v
		return sp + 1, err
	case plan.OpPrune:
		st[sp-1] = prune(st[sp-1])
		return sp, nil
	case plan.OpEach, plan.OpEachNull:
		body := &m.funcs[in.A]
		sp -= body.eachArgs()
		v, err := f.each(in.Op, body, st[sp:sp+body.eachArgs()])
		st[sp] = v
		return sp + 1, err
	case plan.OpRecord:
		k := &m.keys[in.A]
		sp -= len(k.names)
		v, err := f.record(k, st[sp:sp+len(k.names)])
		st[sp] = v
		return sp + 1, err
	case plan.OpObject:
		st[sp] = value.Collection(value.NewObject(0))
		return sp + 1, f.Reserve(builtin.ObjectBytes)
	case plan.OpSet:
		sp--
		return sp, f.put(st[sp-1].Object(), m.plan.Strings[in.A], st[sp])
	case plan.OpSpread:
		sp--
		return sp, f.spread(fn, pc, st[sp-1].Object(), st[sp])
	case plan.OpEmitMember, plan.OpEmitItem, plan.OpEmitSome, plan.OpEmitPart:
		sp--
		return sp, f.emitValue(in, st[sp])
	case plan.OpEmitCall:
		c := &m.calls[in.A]
		sp -= c.args
		if err := f.emitCall(c, st[sp:sp+c.args]); err != nil {
			return sp, f.located(fn, c, err)
		}
		return sp, nil
	case plan.OpEmitOpen, plan.OpEmitClose, plan.OpEmitKey, plan.OpEmitSep, plan.OpEmitRaw, plan.OpEmitQuote:
		return sp, f.emit(in)
	}
	sp--
	v, err := f.binary(in.Op, st[sp-1], st[sp])
	st[sp-1] = v
	return sp, err
}

func (f *Frame) variable(n int32) (value.Value, error) {
	switch n {
	case plan.VarNow:
		return value.Date(f.context.Now), nil
	case plan.VarTimestamp:
		return value.Number(math.Floor(float64(f.context.Now) / 1000)), nil
	case plan.VarRandom:
		x, err := builtin.Random(f.context.Entropy)
		return value.Number(x), noEntropy(err)
	case plan.VarUUID:
		s, err := builtin.UUID(f.context.Entropy)
		return value.Text(s), noEntropy(err)
	}
	return f.context.ExecutionID, nil
}

// noEntropy turns the failure of the host's entropy into an error of the expression.
func noEntropy(err error) error {
	var e *builtin.Error
	if !errors.As(err, &e) {
		return err
	}
	return &EvalError{Code: e.Code, Message: e.Message}
}

func (f *Frame) call(c *linkedCall, args []value.Value) (value.Value, error) {
	return builtin.Invoke(c.fn, &f.context, builtin.MakeArgs(args, c.given))
}

// located turns an error of a function into one that says where the call stands in its template.
func (f *Frame) located(fn *linkedFunc, c *linkedCall, err error) error {
	var e *builtin.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &EvalError{Code: e.Code, Type: e.Type, Function: c.fn.Name, Arg: e.Arg, Message: e.Message, Pointer: fn.Pointer}
	if e.ID != "" {
		out.said = e
	}
	if e.Type != "" || c.fn.Family == builtin.FamilyScript {
		out.Function = "" // the message names it
	}
	if at := e.Arg; at < len(c.site.Positions) {
		out.Line, out.Column = int(c.site.Positions[at].Line), int(c.site.Positions[at].Column)
	}
	return out
}
