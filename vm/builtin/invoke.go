package builtin

import (
	"github.com/imlc-lang/imlc/vm/value"
)

// Invoke calls f: it applies the rule for a nil first argument, converts the arguments (in place: the slots of a are
// overwritten), computes, checks the size of the result and marks it as secret when an argument is. A failure is an
// *Error, or what Context.Charge returned.
func Invoke(f *Function, c *Context, a Args) (value.Value, error) {
	if v, done := nilResult(f, a); done {
		return v, nil
	}
	if err := checkCall(f, a); err != nil {
		return value.Undefined, err
	}
	if err := c.arguments(a.V); err != nil {
		return value.Undefined, err
	}
	secret, looked := showsSecret(f, a)
	if err := c.Tick(looked / secretItems); err != nil {
		return value.Undefined, err
	}
	if err := convert(f, c, a); err != nil {
		return value.Undefined, err
	}
	before := c.remaining()
	v, err := call(f, c, a)
	if err != nil {
		return value.Undefined, err
	}
	if v, err = finish(f, c, v, before); err != nil {
		return value.Undefined, err
	}
	if secret {
		v = v.AsSecret()
	}
	return v, nil
}

func call(f *Function, c *Context, a Args) (value.Value, error) {
	if f.Call != nil {
		return f.Call(c, a)
	}
	b, err := f.Append(c, c.Scratch(), a)
	if err != nil {
		return value.Undefined, err
	}
	return c.Written(b), nil
}

// checkCall guards against calls that no compiler makes.
func checkCall(f *Function, a Args) error {
	if f.Lazy || f.Call == nil && f.Append == nil {
		return Errorf("IML405", 0, "the function cannot be called with evaluated arguments")
	}
	if !f.Accepts(len(a.V)) {
		return Errorf("IML405", 0, "wrong number of arguments: %d", len(a.V))
	}
	return nil
}

// nilResult applies the rule for a nil first argument. The text "" counts as nil for numbers and dates (spec iml.md
// §9.1).
func nilResult(f *Function, a Args) (v value.Value, done bool) {
	if f.Nil == NilPassed || len(a.V) == 0 {
		return v, false
	}
	first := a.V[0]
	if !first.IsNil() {
		switch f.Params[0].Kind {
		case ParamNumber, ParamInteger, ParamDate:
			return value.Undefined, value.IsEmpty(first)
		}
		return v, false
	}
	switch f.Nil {
	case NilSame:
		return first, true
	case NilFalse:
		return value.Bool(false), true
	case NilMinusOne:
		return value.Number(-1), true
	case NilZero:
		return value.Number(0), true
	case NilEmptyText:
		return value.Text(""), true
	case NilEmptyArray:
		return value.Array(nil), true
	}
	return value.Undefined, true
}

// finish checks the size of a result and charges what it takes beyond what the function has charged itself: before is
// the memory that was left when it was called. A picked part of an argument takes nothing. No function returns -0.
func finish(f *Function, c *Context, v value.Value, before int64) (value.Value, error) {
	switch v.Kind() {
	case value.KindNumber:
		if v.Float() == 0 {
			return value.Number(0).Taint(v), nil
		}
		return v, nil
	case value.KindText, value.KindBuffer, value.KindArray, value.KindCollection:
	default:
		return v, nil
	}
	if err := c.Nests(v); err != nil {
		return v, err
	}
	if f.Picks {
		return v, nil
	}
	due := Shallow(v) - c.charged(before)
	switch v.Kind() {
	case value.KindArray:
		if err := c.Holds(len(v.Items())); err != nil {
			return v, err
		}
	case value.KindCollection:
		if err := c.Holds(v.Object().Len()); err != nil {
			return v, err
		}
	default:
		if err := c.Fits(int(Shallow(v))); err != nil {
			return v, err
		}
		if due > 0 {
			if err := c.made(int(due)); err != nil {
				return v, err
			}
		}
	}
	return v, c.Memory(max(0, due))
}

// made takes the work of a text of n bytes that a function wrote piece by piece.
func (m *Meter) made(n int) error { return m.Tick(kibibytes(n) + n/readBytes) }

func isScalar(v value.Value) bool {
	k := v.Kind()
	return k != value.KindArray && k != value.KindCollection
}

// showsSecret reports whether the result of f can show a secret among its arguments: every result of a secret argument
// does, and a text or number made of a container with a secret inside. Parts of a container keep their own marks. It
// must look at the arguments before they are converted. The second result is the number of items that it looked at.
func showsSecret(f *Function, a Args) (secret bool, looked int) {
	for _, v := range a.V {
		if v.IsSecret() {
			return true, 0
		}
	}
	for i, v := range a.V {
		if isScalar(v) {
			continue
		}
		if f.blends() || f.Params[min(i, len(f.Params)-1)].Kind == ParamText {
			found, n := value.FindSecret(v)
			if looked += n; found {
				return true, looked
			}
		}
	}
	return false, looked
}

// secretItems is how many items are looked at for a mark in the time of a step.
const secretItems = 8

// blends reports whether the result of f is made of its arguments as a whole rather than of parts of them.
func (f *Function) blends() bool {
	switch f.Result {
	case value.KindArray, value.KindCollection:
		return false
	case ResultUnknown:
		return f.Family == familyHost
	}
	return !f.Picks
}
