package expr

import (
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// binary applies an operator to two values (spec iml.md §7).
func (f *Frame) binary(op plan.Op, x, y value.Value) (value.Value, error) {
	switch op {
	case plan.OpAdd:
		return f.add(x, y)
	case plan.OpEqual:
		equal, err := f.equal(x, y)
		return value.Bool(equal), err
	case plan.OpNotEqual:
		equal, err := f.equal(x, y)
		return value.Bool(!equal), err
	case plan.OpLess, plan.OpLessEqual, plan.OpGreater, plan.OpGreaterEqual:
		in, err := f.ordered(op, x, y)
		return value.Bool(in), err
	}
	return arithmetic(op, x, y), f.reading(x, y)
}

// reading takes the work of reading the numbers in long texts.
func (f *Frame) reading(x, y value.Value) error {
	if x.Kind() < value.KindText && y.Kind() < value.KindText {
		return nil
	}
	return f.meter.Tick((value.NumberLength(x) + value.NumberLength(y)) / kibibyte)
}

const kibibyte = 1024

// arithmetic applies - * / %.
func arithmetic(op plan.Op, x, y value.Value) value.Value {
	switch op {
	case plan.OpSubtract:
		return value.Subtract(x, y)
	case plan.OpMultiply:
		return value.Multiply(x, y)
	case plan.OpDivide:
		return value.Divide(x, y)
	}
	return value.Remainder(x, y)
}

// add is + : text when either operand is text, date, list, collection or buffer, else a sum (spec iml.md §7.1).
func (f *Frame) add(x, y value.Value) (value.Value, error) {
	if !value.AddsText(x, y) {
		return value.Sum(x, y), nil
	}
	return f.join([]value.Value{x, y})
}

// join concatenates the texts of values. They are written to the frame's scratch first, so that the result takes one
// allocation of its exact size.
func (f *Frame) join(parts []value.Value) (value.Value, error) {
	buf, secret, length := f.scratch[:0], false, 0
	for i := range parts {
		length += len(parts[i].Str())
	}
	if err := f.meter.Fits(length); err != nil {
		return value.Undefined, err
	}
	if length > maxScratch && len(parts) == 2 && parts[0].Kind() == value.KindText && parts[1].Kind() == value.KindText {
		return f.joinLong(parts[0], parts[1])
	}
	buf = slices.Grow(buf, length)
	for i := range parts {
		v := &parts[i]
		if v.Kind() == value.KindText {
			buf = append(buf, v.Str()...)
		} else {
			var err error
			if buf, err = f.appendText(buf, v); err != nil {
				return value.Undefined, err
			}
		}
		secret = secret || v.IsSecret()
		if len(buf) > f.limits.ValueBytes {
			break
		}
	}
	if err := f.meter.Text(len(buf)); err != nil {
		return value.Undefined, err
	}
	t := f.written(buf)
	if secret {
		t = t.AsSecret()
	}
	return t, nil
}

// joinLong joins two long texts without a copy beside the result.
func (f *Frame) joinLong(a, b value.Value) (value.Value, error) {
	if err := f.meter.Text(len(a.Str()) + len(b.Str())); err != nil {
		return value.Undefined, err
	}
	t := value.Text(a.Str() + b.Str())
	if a.IsSecret() || b.IsSecret() {
		t = t.AsSecret()
	}
	return t, nil
}

// writable fails when the text of v is longer than a value may be (spec iml.md §13). Lists and collections may share
// what they hold, so this must be known before the text is built.
func (f *Frame) writable(v *value.Value) error {
	if v.Kind() < value.KindArray {
		return nil
	}
	return f.meter.CheckText(*v)
}

// appendText appends the text of v, which is no text, when it is no longer than a value may be.
func (f *Frame) appendText(dst []byte, v *value.Value) ([]byte, error) {
	if v.Kind() < value.KindArray {
		return value.AppendText(dst, *v), nil
	}
	if err := f.meter.CheckText(*v); err != nil {
		return dst, err
	}
	return value.WriteText(dst, *v, &f.meter)
}

// sized fails when the JSON of a result is longer than it may be (spec iml.md §13).
func (f *Frame) sized(v *value.Value) error {
	if v.Kind() < value.KindArray {
		return nil
	}
	return f.meter.CheckJSON(*v)
}

// written returns the text that was built in the scratch: buf, unless it is kept for the next text.
func (f *Frame) written(buf []byte) value.Value {
	if cap(buf) > maxScratch {
		f.scratch = nil
		return value.TextOf(buf)
	}
	f.scratch = buf
	return value.Text(string(buf))
}

// maxScratch is the largest scratch, in bytes, that a frame keeps.
const maxScratch = 64 << 10

func (f *Frame) list(parts []value.Value) (value.Value, error) {
	if err := f.Reserve(int64(len(parts)) * builtin.ValueBytes); err != nil {
		return value.Undefined, err
	}
	items := make([]value.Value, len(parts))
	for i, v := range parts {
		if v.IsUndefined() {
			v = value.Null()
		}
		part, err := f.part(v)
		if err != nil {
			return value.Undefined, err
		}
		items[i] = part
	}
	return f.made(value.Array(items))
}

// part returns v as it stands in a list or collection under construction, and takes what a copy needs.
func (f *Frame) part(v value.Value) (value.Value, error) {
	o := v.Object()
	if !o.Caseless() {
		return v, nil
	}
	if err := f.meter.Object(o.Len()); err != nil {
		return value.Undefined, err
	}
	return v.Part(), nil
}

// made returns a list or collection that was made, unless it is too deep.
func (f *Frame) made(v value.Value) (value.Value, error) {
	if err := f.meter.Nests(v); err != nil {
		return value.Undefined, err
	}
	return v, nil
}

// put stores v under a key of an object under construction.
func (f *Frame) put(o *value.Object, key string, v value.Value) error {
	v, err := f.part(v)
	if err != nil {
		return err
	}
	o.Set(key, v)
	if err := f.Reserve(builtin.MemberBytes); err != nil || v.Kind() < value.KindArray {
		return err
	}
	return f.meter.Nests(value.Collection(o))
}

// compact is list without what is undefined.
func (f *Frame) compact(parts []value.Value) (value.Value, error) {
	kept := 0
	for i := range parts {
		if !parts[i].IsUndefined() {
			kept++
		}
	}
	if err := f.Reserve(int64(kept) * builtin.ValueBytes); err != nil {
		return value.Undefined, err
	}
	items := make([]value.Value, 0, kept)
	for _, v := range parts {
		if !v.IsUndefined() {
			part, err := f.part(v)
			if err != nil {
				return value.Undefined, err
			}
			items = append(items, part)
		}
	}
	return f.made(value.Array(items))
}

// prune makes an empty array or collection undefined.
func prune(v value.Value) value.Value {
	if v.Kind() == value.KindArray && len(v.Items()) == 0 || v.Kind() == value.KindCollection && v.Object().Len() == 0 {
		return value.Undefined
	}
	return v
}

// record builds an object with known keys; it takes the shared shape when no value is undefined.
func (f *Frame) record(k *linkedKeys, vals []value.Value) (value.Value, error) {
	if err := f.Reserve(builtin.ObjectBytes + int64(len(vals))*builtin.MemberBytes); err != nil {
		return value.Undefined, err
	}
	full := k.shape != nil
	for i := range vals {
		part, err := f.part(vals[i])
		if err != nil {
			return value.Undefined, err
		}
		vals[i] = part
		full = full && !part.IsUndefined()
	}
	if full {
		return f.made(value.Collection(value.NewShaped(k.shape, vals)))
	}
	o := value.NewObject(len(vals))
	for i, v := range vals {
		o.Set(k.names[i], v)
	}
	return f.made(value.Collection(o))
}

// spread copies the entries of v into o (spec iml.md §3.3).
func (f *Frame) spread(fn *linkedFunc, pc int, o *value.Object, v value.Value) error {
	if v.IsNil() {
		return nil
	}
	src := v.Object()
	if src == nil {
		at, _ := fn.PositionOf(pc)
		return &EvalError{Code: "IML410", Line: max(1, int(at.Line)), Column: max(1, int(at.Column)), Pointer: fn.Pointer,
			Message: "the value of a spread key must be a collection, got " + v.Kind().String()}
	}
	if err := f.Charge(src.Len()); err != nil {
		return err
	}
	if err := f.Reserve(int64(src.Len()) * builtin.MemberBytes); err != nil {
		return err
	}
	for i := range src.Len() {
		k, item := src.At(i)
		o.Set(k, item.Under(v))
	}
	return f.meter.Nests(value.Collection(o))
}
