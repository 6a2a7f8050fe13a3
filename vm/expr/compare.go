package expr

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// ordered applies < <= > >= (spec iml.md §7.2).
func (f *Frame) ordered(op plan.Op, x, y value.Value) (bool, error) {
	if x.Kind() == value.KindArray && isTextual(y) || y.Kind() == value.KindArray && isTextual(x) {
		var err error
		if x, err = f.textual(x); err != nil {
			return false, err
		}
		if y, err = f.textual(y); err != nil {
			return false, err
		}
	}
	if err := f.reading(x, y); err != nil {
		return false, err
	}
	switch op {
	case plan.OpLess:
		return value.Less(x, y), nil
	case plan.OpLessEqual:
		return value.LessEqual(x, y), nil
	case plan.OpGreater:
		return value.Less(y, x), nil
	}
	return value.LessEqual(y, x), nil
}

func isTextual(v value.Value) bool { return v.Kind() == value.KindText || v.Kind() == value.KindArray }

// equal is the operator = (spec iml.md §7.3).
func (f *Frame) equal(x, y value.Value) (bool, error) { return f.context.Equal(x, y) }

// textual returns the text of a list, which counts as one that the expression builds (spec iml.md §13), and any other
// value as it is.
func (f *Frame) textual(v value.Value) (value.Value, error) {
	if v.Kind() != value.KindArray {
		return v, nil
	}
	s, err := f.context.ToText(v)
	return value.Text(s), err
}

// inOrder and same are ordered and equal for closures.
func (f *Frame) inOrder(op plan.Op, x, y value.Value) bool {
	in, err := f.ordered(op, x, y)
	f.fail(err)
	return in
}

func (f *Frame) same(x, y value.Value) bool {
	equal, err := f.equal(x, y)
	f.fail(err)
	return equal
}
