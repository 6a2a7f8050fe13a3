package builtin

import "strings"

// splitPattern takes a search text of the form /pattern/flags apart (spec iml.md §9.4). ok is false for any other text, which
// is searched for literally.
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

func appendReplace(c *Context, dst []byte, a Args) ([]byte, error) {
	s, search, with := a.text(0), a.text(1), a.text(2)
	if search == "" {
		return append(dst, s...), nil
	}
	pattern, flags, ok := splitPattern(search)
	if !ok {
		return replaceLiteral(c, dst, s, search, with)
	}
	return replaceRegex(c, dst, s, pattern, flags, with)
}

func appendReplacePattern(c *Context, dst []byte, a Args) ([]byte, error) {
	if a.text(1) == "" {
		return append(dst, a.text(0)...), nil
	}
	return replaceRegex(c, dst, a.text(0), a.text(1), "g", a.text(2))
}

func replaceLiteral(c *Context, dst []byte, s, search, with string) ([]byte, error) {
	if n := strings.Count(s, search); n > 0 && len(with) > len(search) {
		if grown := float64(n) * float64(len(with)-len(search)); grown > float64(c.maxBytes()) {
			return dst, c.fits(c.maxBytes() + 1)
		}
	}
	for {
		before, after, found := strings.Cut(s, search)
		dst = append(dst, before...)
		if !found {
			return dst, nil
		}
		dst = append(dst, with...)
		s = after
	}
}

func replaceRegex(c *Context, dst []byte, s, pattern, flags, with string) ([]byte, error) {
	re, err := compilePattern(pattern, flags)
	if err != nil {
		return dst, fail("IML406", 2, "%s", err.Error())
	}
	budget := c.RegexTimeout
	if budget <= 0 {
		budget = DefaultRegexTimeout
	}
	var limit error
	out, err := re.Replace(dst, s, with, budget, func(size int) error {
		if limit = c.fits(size); limit == nil {
			limit = c.visit(1)
		}
		return limit
	})
	switch {
	case limit != nil:
		return dst, limit
	case err != nil:
		return dst, fail("IML505", 2, "the regular expression takes too long on this text")
	}
	return out, nil
}
