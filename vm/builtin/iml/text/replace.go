package text

import (
	"errors"
	"math"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// splitPattern takes a search text of the form /pattern/flags apart (spec iml.md §9.4). ok is false for any other text,
// which is searched for literally.
func splitPattern(s string) (pattern, flags string, ok bool) {
	last := strings.LastIndexByte(s, '/')
	if last < 2 || s[0] != '/' {
		return "", "", false
	}
	flags = s[last+1:]
	for i := 0; i < len(flags); i++ {
		if strings.IndexByte("gimsu", flags[i]) < 0 || strings.IndexByte(flags[i+1:], flags[i]) >= 0 {
			return "", "", false
		}
	}
	return s[1:last], flags, true
}

// judgeSearch and judgePattern say what is wrong with a literal search text of replace, and with a pattern of
// replacePattern.
func judgeSearch(s string) error {
	pattern, flags, ok := splitPattern(s)
	if !ok {
		return nil
	}
	_, err := builtin.CompilePattern(pattern, flags)
	return err
}

func judgePattern(s string) error {
	if s == "" {
		return nil
	}
	_, err := builtin.CompilePattern(s, "g")
	return err
}

func appendReplace(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	s, search, with := a.Text(0), a.Text(1), a.Text(2)
	if search == "" {
		return append(dst, s...), nil
	}
	pattern, flags, ok := splitPattern(search)
	if !ok {
		return replaceLiteral(c, dst, s, search, with)
	}
	return replaceRegex(c, dst, s, pattern, flags, with)
}

func appendReplacePattern(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if a.Text(1) == "" {
		return append(dst, a.Text(0)...), nil
	}
	return replaceRegex(c, dst, a.Text(0), a.Text(1), "g", a.Text(2))
}

func replaceLiteral(c *builtin.Context, dst []byte, s, search, with string) ([]byte, error) {
	grown := int64(len(s)) + int64(strings.Count(s, search))*int64(len(with)-len(search))
	if err := c.Text(int(min(grown, math.MaxInt32))); err != nil {
		return dst, err
	}
	for {
		before, after, found := strings.Cut(s, search)
		dst = append(dst, before...)
		if !found {
			return dst, nil
		}
		if err := c.Look(len(before) + shortWord); err != nil {
			return dst, err
		}
		dst = append(dst, with...)
		s = after
	}
}

func replaceRegex(c *builtin.Context, dst []byte, s, pattern, flags, with string) ([]byte, error) {
	out, err := c.ReplacePattern(dst, s, pattern, flags, with)
	if bad, ok := errors.AsType[*builtin.PatternError](err); ok {
		return dst, builtin.Errorf("IML406", 2, "%s", bad.Reason)
	}
	return out, err
}
