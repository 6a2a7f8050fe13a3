package builtin

import (
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// convert converts the slots of a in place, as the parameters of f say (spec iml.md §9.1). A nil that stands for a default
// stays nil.
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
		return c.textValue(v)
	case ParamBoolean:
		return value.Bool(toBool(v)), nil
	case ParamArray:
		if v.Kind() != value.KindArray {
			return v, expected("IML404", arg, "array", v)
		}
		return v, nil
	case ParamCollection:
		if v.Kind() != value.KindCollection && !(v.IsNil() && p.takesNil()) {
			return v, expected("IML401", arg, "collection", v)
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
		return v, expected("IML401", arg, what, v)
	}
	if p.Kind == ParamDate {
		ms, err := toDate(c, v, arg)
		return value.Date(ms), err
	}
	f, ok := toNumber(v)
	if !ok {
		return v, expected("IML401", arg, "number", v)
	}
	if p.Kind == ParamInteger {
		if math.IsNaN(f) {
			return v, fail("IML401", arg, "integer expected, got a number that is not one")
		}
		f = math.Trunc(f)
	}
	return value.Number(f), nil
}

// toNumber converts for kind N; ok is false for what is no number.
func toNumber(v value.Value) (f float64, ok bool) {
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

// ToDate converts v to a date as the first argument of a date function, in the zone of c: milliseconds since the epoch, or an
// *Error. It does not apply the rule for nil. With DateFormat it makes formatDate with a constant format.
func ToDate(c *Context, v value.Value) (int64, error) { return toDate(c, v, 1) }

// toDate converts for kind D.
func toDate(c *Context, v value.Value, arg int) (int64, error) {
	switch v.Kind() {
	case value.KindDate:
		return v.Millis(), nil
	case value.KindNumber, value.KindInteger:
		f := v.Float()
		if !(math.Abs(f) <= maxMillis) {
			return 0, fail("IML402", arg, "number outside the range of dates")
		}
		return int64(f), nil
	case value.KindText:
		ms, ok := parseDateText(v.Str(), c.zone())
		if !ok {
			return 0, fail("IML402", arg, "the text is not a date")
		}
		return ms, nil
	}
	return 0, expected("IML401", arg, "date", v)
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
		return v, fail("IML405", arg, "the text is none of %s", listWords(p.Words))
	}
	return v, fail("IML405", arg, "one of %s expected, got %s", listWords(p.Words), v.Kind())
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

// textValue is ToText with the size limit.
func (c *Context) textValue(v value.Value) (value.Value, error) {
	s, err := c.toText(v)
	return value.Text(s), err
}

// toText is ToText with the size limit.
func (c *Context) toText(v value.Value) (string, error) {
	if err := c.checkText(v); err != nil {
		return "", err
	}
	return value.ToText(v), nil
}

// appendText appends ToText(v), within the size limit.
func (c *Context) appendText(dst []byte, v value.Value) ([]byte, error) {
	if err := c.checkText(v); err != nil {
		return dst, err
	}
	dst = value.AppendText(dst, v)
	return dst, c.fits(len(dst))
}

// checkText fails when the text or JSON of v is far beyond the limit. Containers may share their items, so that a small value
// can have a huge text; it must not be built.
func (c *Context) checkText(v value.Value) error {
	if k := v.Kind(); k != value.KindArray && k != value.KindCollection {
		return nil
	}
	budget := c.maxBytes()
	nodes := max(budget, c.maxItems()*4)
	if !withinText(v, &budget, &nodes) {
		return c.fits(math.MaxInt)
	}
	return nil
}

// withinText subtracts a lower bound of the text of v from budget, and the values in v from nodes; false when either is
// used up.
func withinText(v value.Value, budget, nodes *int) bool {
	*nodes--
	switch v.Kind() {
	case value.KindText:
		*budget -= len(v.Str())
	case value.KindBuffer:
		*budget -= len(v.Bytes())
	case value.KindArray:
		*budget -= len(v.Items()) - 1
		for _, item := range v.Items() {
			if !withinText(item, budget, nodes) {
				return false
			}
		}
	case value.KindCollection:
		o := v.Object()
		for i := range o.Len() {
			k, item := o.At(i)
			*budget -= len(k) + 4
			if !withinText(item, budget, nodes) {
				return false
			}
		}
	}
	return *budget >= 0 && *nodes >= 0
}
