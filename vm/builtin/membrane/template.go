package membrane

import (
	"errors"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// patternOf returns the regular expression that a key of $tpl stands for.
func patternOf(key string) string { return `\{` + key + `\}` }

// callTpl replaces, for each pair of key and value that follows the template, every match of the key's pattern by the text of the
// value, in which the replacement patterns of JavaScript count. Later keys see what earlier ones put in.
func callTpl(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.At(0).Str()
	secret := false
	for i := 1; i+1 < len(a.V); i += 2 {
		with := ""
		if v := a.V[i+1]; !v.IsNil() {
			var err error
			if with, err = text(c, v); err != nil {
				return value.Undefined, err
			}
		}
		secret = secret || a.V[i+1].IsSecret()
		out, err := c.ReplacePattern(c.Scratch(), s, patternOf(a.V[i].Str()), "gn", with)
		c.Keep(out)
		if _, bad := errors.AsType[*builtin.PatternError](err); bad {
			return value.Undefined, &builtin.Error{Code: "MEM307", Message: "a key of $tpl is no regular expression"}
		}
		if err != nil {
			return value.Undefined, err
		}
		if err := c.Text(len(out)); err != nil {
			return value.Undefined, err
		}
		s = string(out)
	}
	v := value.Text(s)
	if secret {
		v = v.AsSecret()
	}
	return v, nil
}
