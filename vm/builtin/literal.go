package builtin

import (
	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/value"
)

// CheckLiteral checks a literal text, number or boolean that stands as argument number arg, counted from 1, of f before
// anything runs (spec iml.md §9.1). It returns nil when the literal may stand there, else an Error with the code IML203
// (wrong type), IML204 (unknown option word) or IML205 (invalid regular expression).
func CheckLiteral(f *Function, arg int, v value.Value) *Error {
	p, ok := f.Param(arg - 1)
	if !ok {
		return nil
	}
	switch v.Kind() {
	case value.KindText, value.KindNumber, value.KindInteger, value.KindBool:
	default:
		return nil
	}
	switch p.Kind {
	case ParamArray:
		return Expected("IML203", arg, "array", v)
	case ParamCollection:
		return Expected("IML203", arg, "collection", v)
	case ParamNumber, ParamInteger, ParamDate:
		return checkNumericLiteral(p.Kind, arg, v)
	case ParamOption:
		if _, err := toWord(&p, v, arg); err != nil {
			return Errorf("IML204", arg, "one of %s expected", listWords(p.Words))
		}
	case ParamText:
		if p.Literal == nil || v.Kind() != value.KindText {
			return nil
		}
		if err := p.Literal(v.Str()); err != nil {
			return Errorf("IML205", arg, "%s", err.Error())
		}
	}
	return nil
}

func checkNumericLiteral(kind ParamKind, arg int, v value.Value) *Error {
	if value.IsEmpty(v) {
		return nil // "" counts as nil
	}
	if kind == ParamDate {
		if v.Kind() == value.KindBool {
			return Expected("IML203", arg, "date", v)
		}
		if v.Kind() == value.KindText {
			if _, _, ok := calendar.ReadText(v.Str()); !ok {
				return Errorf("IML203", arg, "date expected, got a text that is not one")
			}
		}
		return nil
	}
	if v.Kind() == value.KindText {
		if _, ok := ToNumber(v); !ok {
			return Errorf("IML203", arg, "number expected, got a text that is not one")
		}
	}
	return nil
}
