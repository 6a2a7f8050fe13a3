package grammar

import (
	"strings"
	"testing"
)

// TestSlips holds what is said of the notations of other languages.
func TestSlips(t *testing.T) {
	for text, want := range map[string]string{
		"name.toUpperCase()":          "write upper(name)",
		"a.b.split(',')":              `write split(a.b; ",")`,
		"a.b.frob()":                  "such as frob(a.b)",
		"JSON.parse(a)":               "write parseJSON(text)",
		"Math.floor(a.b)":             "write floor(number)",
		"not a.b":                     "write ! for not: !a.b",
		"not a.b = 1":                 "!a.b",
		"a is b":                      "write = to compare",
		"a neq b":                     "write != to compare",
		"a in b":                      "write contains(list; value)",
		"formatDate(now; YYYY-MM-DD)": `write "YYYY-MM-DD"`,
	} {
		_, _, err := Parse(text, 0, len(text), Limits{})
		if err == nil || !strings.HasSuffix(err.Help, want) {
			t.Errorf("%s: %+v, want the help %q", text, err, want)
		}
	}
}
