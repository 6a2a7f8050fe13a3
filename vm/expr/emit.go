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
	var err error
	switch in.Op {
	case plan.OpEmitMember:
		if v.IsUndefined() {
			return nil
		}
		f.separate()
		f.out = append(f.out, f.image.plan.Strings[in.A]...)
		f.out, err = value.WriteJSON(f.out, v, &f.meter)
	case plan.OpEmitSome:
		if v.IsUndefined() {
			return nil
		}
		f.separate()
		f.out, err = value.WriteJSON(f.out, v, &f.meter)
	case plan.OpEmitItem:
		f.separate()
		f.out, err = value.WriteJSON(f.out, v, &f.meter)
	case plan.OpEmitPart:
		f.out, err = f.appendPart(f.out, v)
	}
	if err != nil {
		return err
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
	case len(v.Str()) <= f.limits.ValueBytes/longestEscape:
		return nil
	}
	return f.meter.CheckJSON(*v)
}

// emitCall appends the text of a call.
func (f *Frame) emitCall(c *linkedCall, args []value.Value) error {
	v, err := f.call(c, args)
	if err != nil {
		return err
	}
	if err := f.writable(&v); err != nil {
		return err
	}
	if f.out, err = f.appendPart(f.out, v); err != nil {
		return err
	}
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
func (f *Frame) appendPart(out []byte, v value.Value) ([]byte, error) {
	switch v.Kind() {
	case value.KindText:
		return value.WriteEscaped(out, v.Str(), &f.meter)
	case value.KindNumber, value.KindBool, value.KindDate, value.KindInteger:
		return value.AppendText(out, v), nil
	}
	s, err := f.context.ToText(v)
	if err != nil {
		return out, err
	}
	return value.WriteEscaped(out, s, &f.meter)
}

// appendSeparator writes a comma unless an object or array just opened.
func appendSeparator(out []byte) []byte {
	if n := len(out); n > 0 && out[n-1] != '{' && out[n-1] != '[' {
		return append(out, ',')
	}
	return out
}
