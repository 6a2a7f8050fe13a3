package runtime

import (
	"errors"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func callCreateJSON(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	if v.IsUndefined() {
		return v, nil
	}
	if err := c.CheckJSON(v); err != nil {
		return value.Undefined, err
	}
	b, err := value.WriteJSON(c.Scratch(), v, c)
	if err != nil {
		return value.Undefined, err
	}
	return c.Written(b), nil
}

func callParseJSON(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	s := ""
	switch v.Kind() {
	case value.KindText:
		s = v.Str()
	case value.KindBuffer:
		if err := c.Text(len(v.Bytes())); err != nil {
			return value.Undefined, err
		}
		s = value.TextOf(v.Bytes()).Str() // nobody changes them
		valid, err := characters.Valid(s, c.Look)
		if err != nil {
			return value.Undefined, err
		}
		if !valid { // RFC 8259 §8.1
			return value.Undefined, builtin.Errorf("IML407", 1, "malformed JSON: valid UTF-8 expected")
		}
	default:
		return v, nil
	}
	if err := c.Tick((len(s) + 1023) >> 10); err != nil {
		return value.Undefined, err
	}
	out, err := value.ParseJSON(s, &value.JSONOptions{MaxDepth: c.Limits().Nesting, MaxItems: c.Limits().Items, Shapes: c.Shapes, Budget: c.Meter})
	if err == nil {
		return out, nil
	}
	var syntax *value.SyntaxError
	switch {
	case !errors.As(err, &syntax):
		return value.Undefined, err // the budget's
	case syntax.TooMany:
		return value.Undefined, c.Holds(c.Limits().Items + 1)
	case syntax.TooDeep:
		return value.Undefined, builtin.Errorf("IML407", 1, "JSON nested deeper than %d levels", c.Limits().Nesting)
	}
	return value.Undefined, builtin.Errorf("IML407", 1, "malformed JSON at byte %d: %s expected", syntax.Offset, syntax.Expected)
}
