package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/value"
)

// inText is the failure of a container where only a text can stand (spec dialects.md §3.3).
func inText(v value.Value) error {
	id := message.ListInText
	if v.Object() != nil {
		id = message.ObjectInText
	}
	return builtin.Say("ZAP502", "DataError", id, nil)
}

func isContainer(v value.Value) bool {
	return v.Kind() == value.KindArray || v.Kind() == value.KindCollection
}

func callPresent(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	if value.IsEmpty(a.At(0)) {
		return value.Undefined, nil
	}
	return a.At(0), nil
}

func callKnown(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.At(0).IsUndefined() {
		return value.Text(""), nil
	}
	return a.At(0), nil
}

func callHeader(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	switch v := a.At(0); {
	case isContainer(v):
		return value.Undefined, inText(v)
	case v.IsNil():
		return value.Undefined, nil
	default:
		return v, nil
	}
}

// text is the text of a value inside a text: none for undefined and null.
func text(c *builtin.Context, v value.Value) (string, error) {
	switch {
	case isContainer(v):
		return "", inText(v)
	case v.IsNil():
		return "", nil
	}
	return c.ToText(v)
}

func callText(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.At(0)
	if v.IsUndefined() {
		v = a.At(1)
	}
	s, err := text(c, v)
	return value.Text(s), err
}

func callEncoded(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s, err := text(c, a.At(0))
	if err != nil {
		return value.Undefined, err
	}
	if err := c.Read(4 * len(s)); err != nil {
		return value.Undefined, err
	}
	if err := c.Text(3 * len(s)); err != nil {
		return value.Undefined, err
	}
	return value.Text(uri.Encode(s)), nil
}

// callLegacy writes a value as the older form does (spec dialects.md §3.5).
func callLegacy(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.At(0)
	if v.Kind() != value.KindArray {
		s, err := legacy(c, v)
		return value.Text(s), err
	}
	parts := make([]string, 0, len(v.Items()))
	size := 0
	for _, item := range v.Items() {
		s, err := legacy(c, item)
		if err != nil {
			return value.Undefined, err
		}
		size += len(s) + 1
		if err := c.Fits(size); err != nil {
			return value.Undefined, err
		}
		if err := c.Look(size/len(v.Items()) + partBytes); err != nil {
			return value.Undefined, err
		}
		parts = append(parts, s)
	}
	return value.Text(strings.Join(parts, ",")), nil
}

// partBytes is how many bytes of a text are read in the time that a part of a list takes.
const partBytes = 64

func legacy(c *builtin.Context, v value.Value) (string, error) {
	if v.Kind() == value.KindBool {
		if v.IsTrue() {
			return "True", nil
		}
		return "False", nil
	}
	return text(c, v)
}

func callLabel(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if v := a.At(0); !isContainer(v) && !v.IsNil() {
		s, err := c.ToText(v)
		return value.Text(s), err
	}
	return value.Text(""), nil
}

func callUsesKey(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Bool(strings.HasPrefix(a.At(0).Str(), "RSA-")), nil
}
