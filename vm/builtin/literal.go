package builtin

import "github.com/imlc-lang/imlc/vm/value"

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
		return expected("IML203", arg, "array", v)
	case ParamCollection:
		return expected("IML203", arg, "collection", v)
	case ParamNumber, ParamInteger, ParamDate:
		return checkNumericLiteral(p.Kind, arg, v)
	case ParamOption:
		if _, err := toWord(&p, v, arg); err != nil {
			return fail("IML204", arg, "one of %s expected", listWords(p.Words))
		}
	case ParamText:
		if p.Pattern {
			return checkPatternLiteral(f, arg, v)
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
			return expected("IML203", arg, "date", v)
		}
		if v.Kind() == value.KindText {
			if _, _, ok := readDateText(v.Str()); !ok {
				return fail("IML203", arg, "date expected, got a text that is not one")
			}
		}
		return nil
	}
	if v.Kind() == value.KindText {
		if _, ok := toNumber(v); !ok {
			return fail("IML203", arg, "number expected, got a text that is not one")
		}
	}
	return nil
}

// checkPatternLiteral compiles the regular expression of a literal search text.
func checkPatternLiteral(f *Function, arg int, v value.Value) *Error {
	pattern, flags, ok := splitPattern(v.Str())
	if f.Pack {
		pattern, flags, ok = v.Str(), "g", v.Str() != ""
	}
	if !ok {
		return nil
	}
	if _, err := compilePattern(pattern, flags); err != nil {
		return fail("IML205", arg, "%s", err.Error())
	}
	return nil
}
