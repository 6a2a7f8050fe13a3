package membrane

import (
	"math"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// text is JavaScript's String(v) (spec dialects.md §2.5).
func text(c *builtin.Context, v value.Value) (string, error) {
	switch v.Kind() {
	case value.KindText:
		return v.Str(), nil
	case value.KindUndefined:
		return "undefined", nil
	case value.KindNull:
		return "null", nil
	case value.KindCollection:
		return "[object Object]", nil
	case value.KindArray:
		b, err := appendItems(c, c.Scratch(), v.Items())
		c.Keep(b)
		if err == nil {
			err = c.Text(len(b))
		}
		if err != nil {
			return "", err
		}
		return string(b), nil
	}
	return c.ToText(v)
}

// appendItems adds to the text dst the texts of items, joined with commas; null, missing and empty lists are empty.
func appendItems(c *builtin.Context, dst []byte, items []value.Value) ([]byte, error) {
	if err := c.Tick(len(items)); err != nil {
		return dst, err
	}
	var err error
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case item.IsNil():
		case item.Kind() == value.KindArray: // values nest within the limit of the run
			dst, err = appendItems(c, dst, item.Items())
		case item.Kind() == value.KindCollection:
			dst = append(dst, "[object Object]"...)
		default:
			dst, err = c.AppendText(dst, 0, item)
		}
		if err == nil {
			err = c.Fits(len(dst))
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// truthy is the truth of a value in JavaScript: lists and objects are true, however empty.
func truthy(v value.Value) bool {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return false
	case value.KindBool:
		return v.IsTrue()
	case value.KindNumber, value.KindInteger:
		f := v.Float()
		return f != 0 && !math.IsNaN(f)
	case value.KindText:
		return v.Str() != ""
	}
	return true
}

// isEmpty is the operator isEmpty: 0 and false are not empty.
func isEmpty(v value.Value) bool {
	switch v.Kind() {
	case value.KindArray:
		return len(v.Items()) == 0
	case value.KindCollection:
		return v.Object().Len() == 0
	}
	return value.IsEmpty(v)
}

// looselyEqual is JavaScript's ==. Containers are equal only as the same object; fresh says that one of the two was made by the
// formula itself, so that they cannot be.
func looselyEqual(c *builtin.Context, x, y value.Value, fresh bool) (bool, error) {
	switch a, b := class(x), class(y); {
	case a == classNil || b == classNil:
		return a == b, nil
	case a == classContainer && b == classContainer:
		return !fresh && value.Same(x, y), nil
	case a == classContainer:
		return primitiveEqual(c, x, y)
	case b == classContainer:
		return primitiveEqual(c, y, x)
	}
	return scalarsEqual(c, x, y)
}

// primitiveEqual compares the text of a container with a scalar.
func primitiveEqual(c *builtin.Context, container, scalar value.Value) (bool, error) {
	s, err := text(c, container)
	if err != nil {
		return false, err
	}
	return scalarsEqual(c, value.Text(s), scalar)
}

func scalarsEqual(c *builtin.Context, x, y value.Value) (bool, error) {
	if x.Kind() == value.KindText && y.Kind() == value.KindText {
		return x.Str() == y.Str(), c.Tick(min(len(x.Str()), len(y.Str())) / kibibyte)
	}
	if x.IsNumber() && y.IsNumber() {
		return value.StrictEqual(x, y), nil
	}
	return number(x) == number(y), c.Read(len(x.Str()) + len(y.Str()))
}

// kibibyte is the number of bytes that are compared in the time of a step.
const kibibyte = 1024

// number is JavaScript's Number(v) of a scalar.
func number(v value.Value) float64 {
	switch v.Kind() {
	case value.KindText:
		return locator.Number(v.Str())
	case value.KindBool:
		if v.IsTrue() {
			return 1
		}
		return 0
	}
	return v.Float()
}

// parseFloat is JavaScript's parseFloat of the text of v: the longest prefix behind white space that is a decimal number.
func parseFloat(c *builtin.Context, v value.Value) (float64, error) {
	s, err := text(c, v)
	if err != nil {
		return 0, err
	}
	if err := c.Read(len(s)); err != nil {
		return 0, err
	}
	f, n := locator.Decimal(value.TrimSpace(s))
	if n == 0 {
		return math.NaN(), nil
	}
	return f, nil
}

// The classes of values that == tells apart.
const (
	classNil = iota
	classScalar
	classContainer
)

func class(v value.Value) int {
	switch {
	case v.IsNil():
		return classNil
	case v.Kind() == value.KindArray || v.Kind() == value.KindCollection:
		return classContainer
	}
	return classScalar
}

// strictlyEqual is JavaScript's ===, by which lists are searched.
func strictlyEqual(c *builtin.Context, x, y value.Value, fresh bool) (bool, error) {
	if class(x) == classContainer || class(y) == classContainer {
		return !fresh && value.Same(x, y), nil
	}
	if len(x.Str()) != len(y.Str()) {
		return false, nil
	}
	return value.StrictEqual(x, y), c.Tick(len(x.Str()) / kibibyte)
}
