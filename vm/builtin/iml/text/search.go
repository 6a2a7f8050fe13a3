package text

import (
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/array"
	"github.com/imlc-lang/imlc/vm/value"
)

func callContains(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.V[0].Kind() == value.KindArray {
		return array.Contains(c, a.V[0].Items(), a.V[1])
	}
	if a.V[1].IsNil() {
		return value.Bool(false), nil
	}
	s, err := c.ToText(a.V[0])
	if err != nil {
		return value.Undefined, err
	}
	sub, err := c.ToText(a.V[1])
	return value.Bool(strings.Contains(s, sub)), err
}

func callIndexOf(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.V[1].IsNil() {
		return value.Number(-1), nil
	}
	s, err := c.ToText(a.V[0])
	if err != nil {
		return value.Undefined, err
	}
	sub, err := c.ToText(a.V[1])
	if err != nil {
		return value.Undefined, err
	}
	start := a.IntOr(2, 0)
	if sub == "" {
		n, err := value.Len16Within(s, c)
		return value.Number(float64(max(0, min(start, n)))), err
	}
	from, half, err := value.Offset16(s, start, c)
	if err != nil {
		return value.Undefined, err
	}
	if half { // the first character that starts there or later
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
	}
	i := strings.Index(s[from:], sub)
	if i < 0 {
		return value.Number(-1), nil
	}
	n, err := value.Len16Within(s[:from+i], c)
	return value.Number(float64(n)), err
}

func callLength(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	n := 0
	switch v.Kind() {
	case value.KindBuffer:
		n = len(v.Bytes())
	case value.KindArray:
		n = len(v.Items())
	case value.KindCollection:
		n = v.Object().Len()
	default:
		s, err := c.ToText(v)
		if err != nil {
			return value.Undefined, err
		}
		if n, err = value.Len16Within(s, c); err != nil {
			return value.Undefined, err
		}
	}
	return value.Number(float64(n)), nil
}

func callTrim(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Text(value.TrimSpace(a.Text(0))), nil
}

func callSubstring(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.Text(0)
	n, err := value.Len16Within(s, c)
	if err != nil {
		return value.Undefined, err
	}
	start := max(0, min(a.IntOr(1, 0), n))
	end := max(0, min(a.IntOr(2, n), n))
	out, err := value.Slice16Within(s, min(start, end), max(start, end), c)
	return value.Text(out), err
}

func callSplit(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.Text(0)
	if a.V[1].IsNil() {
		return value.Array([]value.Value{value.Text(s)}), nil
	}
	sep, err := c.ToText(a.V[1])
	if err != nil {
		return value.Undefined, err
	}
	n := 0
	if sep == "" {
		n = utf8.RuneCountInString(s)
	} else {
		n = strings.Count(s, sep) + 1
	}
	if err := c.List(n); err != nil {
		return value.Undefined, err
	}
	if err := c.Tick(n); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, 0, n)
	if sep == "" {
		for len(s) > 0 {
			_, size := utf8.DecodeRuneInString(s)
			out = append(out, value.Text(s[:size]))
			s = s[size:]
			if err := c.Look(shortWord); err != nil {
				return value.Undefined, err
			}
		}
		return value.Array(out), nil
	}
	for {
		piece, rest, more := strings.Cut(s, sep)
		out = append(out, value.Text(piece))
		if !more {
			return value.Array(out), nil
		}
		if err := c.Look(shortWord + len(piece)); err != nil {
			return value.Undefined, err
		}
		s = rest
	}
}
