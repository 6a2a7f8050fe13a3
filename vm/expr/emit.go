package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// separate writes a comma unless an object or array just opened.
func (f *Frame) separate() { f.out = appendSeparator(f.out) }

// emit runs the emitting operations that take no value.
func (f *Frame) emit(in plan.Instr) error {
	switch in.Op {
	case plan.OpEmitOpen, plan.OpEmitClose:
		f.out = append(f.out, byte(in.A))
	case plan.OpEmitQuote:
		f.out = append(f.out, '"')
	case plan.OpEmitSep:
		f.separate()
	case plan.OpEmitKey:
		f.separate()
		f.out = append(f.out, f.image.plan.Strings[in.A]...)
	case plan.OpEmitRaw:
		f.out = append(f.out, f.image.plan.Strings[in.A]...)
	}
	return f.checkOutput()
}

// emitValue runs the emitting operations that take a value.
func (f *Frame) emitValue(in plan.Instr, v value.Value) error {
	if err := f.emittable(in.Op == plan.OpEmitPart, &v); err != nil {
		return err
	}
	switch in.Op {
	case plan.OpEmitMember:
		if v.IsUndefined() {
			return nil
		}
		f.separate()
		f.out = append(f.out, f.image.plan.Strings[in.A]...)
		f.out = value.AppendJSON(f.out, v)
	case plan.OpEmitSome:
		if v.IsUndefined() {
			return nil
		}
		f.separate()
		f.out = value.AppendJSON(f.out, v)
	case plan.OpEmitItem:
		f.separate()
		f.out = value.AppendJSON(f.out, v)
	case plan.OpEmitPart:
		f.emitText(v)
	}
	return f.checkOutput()
}

// longestEscape is the length of the longest form of a character in JSON.
const longestEscape = 6

// emittable fails when what is written for a value, as a part of a text or as JSON, is longer than a value may be.
func (f *Frame) emittable(part bool, v *value.Value) error {
	switch {
	case part:
		return f.writable(v)
	case v.Kind() != value.KindText:
		return f.sized(v)
	case len(v.Str()) <= f.limits.ValueBytes/longestEscape || value.JSONWithin(*v, f.limits.ValueBytes):
		return nil
	}
	return f.meter.TooLong()
}

func (f *Frame) emitText(v value.Value) { f.out = appendPart(f.out, v) }

// emitCall appends the text of a call.
func (f *Frame) emitCall(c *linkedCall, args []value.Value) error {
	v, err := f.call(c, args)
	if err != nil {
		return err
	}
	if err := f.writable(&v); err != nil {
		return err
	}
	f.emitText(v)
	return f.checkOutput()
}

// checkOutput bounds what one function may emit (spec iml.md §13).
func (f *Frame) checkOutput() error {
	if len(f.out)-f.outStart > f.limits.ValueBytes {
		return f.meter.TooLong()
	}
	return nil
}

// appendPart appends the text of v as it stands in a JSON text.
func appendPart(out []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.KindText:
		return value.AppendEscaped(out, v.Str())
	case value.KindNumber, value.KindBool, value.KindDate, value.KindInteger:
		return value.AppendText(out, v)
	}
	return value.AppendEscaped(out, value.ToText(v))
}

// appendSeparator writes a comma unless an object or array just opened.
func appendSeparator(out []byte) []byte {
	if n := len(out); n > 0 && out[n-1] != '{' && out[n-1] != '[' {
		return append(out, ',')
	}
	return out
}
