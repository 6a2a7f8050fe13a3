package text

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendConcat(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	base := len(dst)
	for i := 1; i < len(a.V); i++ {
		var err error
		if i > 1 {
			dst, err = c.Write(dst, a.Text(0))
		}
		if err == nil {
			dst, err = c.Write(dst, a.Text(i))
		}
		if err == nil {
			err = c.Fits(len(dst) - base)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func callLeft(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.Text(0)
	n, err := value.Len16Within(s, c)
	if err != nil {
		return value.Undefined, err
	}
	out, err := value.Slice16Within(s, 0, max(0, min(n, a.IntOr(1, 0))), c)
	return value.Text(out), err
}

func callRight(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.Text(0)
	n, err := value.Len16Within(s, c)
	if err != nil {
		return value.Undefined, err
	}
	out, err := value.Slice16Within(s, n-max(0, min(n, a.IntOr(1, 0))), n, c)
	return value.Text(out), err
}

func appendRemoveAccents(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if !isASCII(a.Text(0)) {
		if err := c.Read(normalForm * len(a.Text(0))); err != nil {
			return dst, err
		}
	}
	return withoutMarks(c, dst, a.Text(0))
}

func appendPascal(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	return eachWord(c, dst, a.Text(0), capitalize, false)
}
