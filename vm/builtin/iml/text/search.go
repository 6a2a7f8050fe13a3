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
		return value.Number(float64(max(0, min(start, value.Len16(s))))), nil
	}
	from := unitOffset(s, start)
	i := strings.Index(s[from:], sub)
	if i < 0 {
		return value.Number(-1), nil
	}
	return value.Number(float64(value.Index16(s, from+i))), nil
}

// unitOffset returns the offset of the first character of s that starts at code unit n or later.
func unitOffset(s string, n int) int {
	i := 0
	for i < len(s) && n > 0 {
		if s[i] < utf8.RuneSelf {
			i, n = i+1, n-1
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i, n = i+size, n-1
		if r > 0xFFFF {
			n--
		}
	}
	return i
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
		n = value.Len16(s)
	}
	return value.Number(float64(n)), nil
}

func callTrim(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Text(value.TrimSpace(a.Text(0))), nil
}

func callSubstring(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.Text(0)
	n := value.Len16(s)
	start := max(0, min(a.IntOr(1, 0), n))
	end := max(0, min(a.IntOr(2, n), n))
	return value.Text(value.Slice16(s, min(start, end), max(start, end))), nil
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
