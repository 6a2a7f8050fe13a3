package builtin

import (
	"math"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/value"
)

// convert converts the slots of a in place, as the parameters of f say (spec iml.md §9.1). A nil that stands for a
// default stays nil.
func convert(f *Function, c *Context, a Args) error {
	for i := range a.V {
		p := &f.Params[min(i, len(f.Params)-1)]
		if p.Kind == ParamAny {
			continue
		}
		v, err := convertOne(p, c, a.V[i], i+1)
		if err != nil {
			return err
		}
		a.V[i] = v
	}
	return nil
}

func convertOne(p *Param, c *Context, v value.Value, arg int) (value.Value, error) {
	switch p.Kind {
	case ParamText:
		if v.Kind() == value.KindText || v.IsNil() {
			return v, nil
		}
		s, err := c.ToText(v)
		return value.Text(s), err
	case ParamBoolean:
		return value.Bool(toBool(v)), nil
	case ParamArray:
		if v.Kind() != value.KindArray {
			return v, Expected("IML404", arg, "array", v)
		}
		return v, nil
	case ParamCollection:
		if v.Kind() != value.KindCollection && !(v.IsNil() && p.takesNil()) {
			return v, Expected("IML401", arg, "collection", v)
		}
		return v, nil
	case ParamOption:
		return toWord(p, v, arg)
	}
	return convertNumeric(p, c, v, arg)
}

func (p *Param) takesNil() bool { return p.Optional || p.Defaulted }

// convertNumeric converts for N, I and D, for which "" is nil.
func convertNumeric(p *Param, c *Context, v value.Value, arg int) (value.Value, error) {
	if value.IsEmpty(v) {
		if p.takesNil() {
			return value.Undefined, nil
		}
		what := "number"
		if p.Kind == ParamDate {
			what = "date"
		}
		return v, Expected("IML401", arg, what, v)
	}
	if p.Kind == ParamDate {
		ms, err := toDate(c, v, arg)
		return value.Date(ms), err
	}
	if err := c.Read(len(v.Str())); err != nil {
		return v, err
	}
	f, ok := ToNumber(v)
	if !ok {
		return v, Expected("IML401", arg, "number", v)
	}
	if p.Kind == ParamInteger {
		if math.IsNaN(f) {
			return v, Errorf("IML401", arg, "integer expected, got a number that is not one")
		}
		f = math.Trunc(f)
	}
	return value.Number(f), nil
}

// ToNumber converts as for ParamNumber; ok is false for what is no number.
func ToNumber(v value.Value) (f float64, ok bool) {
	switch v.Kind() {
	case value.KindNumber, value.KindInteger:
		return v.Float(), true
	case value.KindBool:
		if v.IsTrue() {
			return 1, true
		}
		return 0, true
	case value.KindDate:
		return float64(v.Millis()), true
	case value.KindText:
		return value.ParseDecimal(value.TrimSpace(v.Str()))
	}
	return 0, false
}

// toDate converts for kind D.
func toDate(c *Context, v value.Value, arg int) (int64, error) {
	switch v.Kind() {
	case value.KindDate:
		return v.Millis(), nil
	case value.KindNumber, value.KindInteger:
		f := v.Float()
		if !(math.Abs(f) <= calendar.MaxMillis) {
			return 0, Errorf("IML402", arg, "number outside the range of dates")
		}
		return int64(f), nil
	case value.KindText:
		ms, ok := calendar.ParseText(v.Str(), c.Location())
		if !ok {
			return 0, Errorf("IML402", arg, "the text is not a date")
		}
		return ms, nil
	}
	return 0, Expected("IML401", arg, "date", v)
}

// toBool converts for kind B.
func toBool(v value.Value) bool {
	return value.IsTruthy(v) && !(v.Kind() == value.KindText && v.Str() == "false")
}

// toWord converts for kind E to the position of the word.
func toWord(p *Param, v value.Value, arg int) (value.Value, error) {
	if value.IsEmpty(v) {
		return value.Undefined, nil
	}
	if v.Kind() == value.KindText {
		for i, w := range p.Words {
			if w == v.Str() {
				return value.Number(float64(i)), nil
			}
		}
		return v, Errorf("IML405", arg, "the text is none of %s", listWords(p.Words))
	}
	return v, Errorf("IML405", arg, "one of %s expected, got %s", listWords(p.Words), v.Kind())
}

func listWords(words []string) string {
	s := ""
	for _, w := range words {
		if w == "" {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += w
	}
	return s
}
