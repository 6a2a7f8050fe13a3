package jsonpath

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for path, want := range map[string]string{
		"$": "", "$.a.0.-b.ключ": "", "$['a']['b\\'c']": "", `$["x"]`: "", "$.['n']": "", "$.*": "", "$[*]": "", "$[0]": "", "$[-1]": "", "$[ 0 , 1 ]": "",
		"$['a','b']": "", "$[1:]": "", "$[:2]": "", "$[::-1]": "", "$[:]": "", "$..a": "", "$..[0]": "", "$..*": "",
		"$[?(@.a)]": "", "$[?(@.a==1 && !(@.b<'x' || $.c))]": "", "$[?(@.a[?(@.b)])]": "", "$[?(@.a == ['x','y'])]": "", "$[?(@ =~ /a[/]b\\/c/i)]": "",
		"$[?(@.a==007)]": "", "$[?(@.a!=null)]": "", "$[?(@.a==-1.5e3)]": "",
		"a": "begins with $", "": "begins with $", "$a": "begins with . or [", "$.": "a name", "$..": "a name", "$[]": "a quoted name", "$[a]": "a quoted name",
		"$[(1)]": "a quoted name", "$['a',0]": "in quotes", "$[0,'a']": "a number", "$[?@.a]": "in parentheses", "$[?(1)]": "a literal alone",
		"$[?(@.a==1),?(@.b==1)]": "] is expected", "$['a": "not closed", "$[0": "] is expected", "$[99999999999]": "too large", "$.a b": "begins with . or [",
		"$[?(@.a=~x)]": "between slashes", "$[?(@.a=~/x)]": "not closed", "$[?(@.a===1)]": "a path, a text", "$[?(@.a==x)]": "a path, a text",
		"$[?(" + strings.Repeat("(", 40) + "@.a" + strings.Repeat(")", 40) + ")]": "too deep",
		"$[?(" + strings.Repeat("!", 40) + "@.a)]":                                "too deep",
	} {
		_, err := Parse(path)
		if want == "" && err != nil || want != "" && (!errors.As(err, new(*SyntaxError)) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

func TestTokens(t *testing.T) {
	if _, err := Parse("$" + strings.Repeat(".a", MaxTokens)); err != nil {
		t.Error(err)
	}
	if _, err := Parse("$" + strings.Repeat(".a", MaxTokens+1)); err != ErrTokens {
		t.Errorf("got %v", err)
	}
	if _, err := Parse("$.a[?(@" + strings.Repeat(".a", MaxTokens) + ")]"); err != ErrTokens {
		t.Errorf("steps of filters do not count: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"$", "$..a[?(@.b==1 && @.c =~ /x/)]['y',\"z\"][0,1][::2]", "$[?(", "$[?(@=~/[", "$.é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := Parse(path)
		if (p == nil) != (err != nil) {
			t.Errorf("%q: %v and %v", path, p, err)
		}
	})
}
