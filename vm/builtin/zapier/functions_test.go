package zapier_test

import (
	"errors"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/zapier"
	"github.com/imlc-lang/imlc/vm/value"
)

// invoke calls a function with arguments written as JSON; "-" is undefined.
func invoke(t *testing.T, name string, args ...string) (value.Value, error) {
	t.Helper()
	f, ok := zapier.Library().Lookup(name)
	if !ok {
		t.Fatalf("there is no function %s", name)
	}
	values := make([]value.Value, len(args))
	for i, a := range args {
		if a == "-" {
			continue
		}
		v, err := value.ParseJSON(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		values[i] = v
	}
	return builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs(values, 1<<len(args)-1))
}

func TestFunctions(t *testing.T) {
	const bank = `{"a": {"b": {"c": 1}, "l": [1], "n": null}, "a.b": {"d": 2}, "x.y": 3, "": 4, "s": "t"}`
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"lookup", []string{bank, `"a.b.c"`, `true`}, `1`},
		{"lookup", []string{bank, `"a.b.d"`, `true`}, `2`},
		{"lookup", []string{bank, `"a.l"`, `false`}, `[1]`},
		{"lookup", []string{bank, `"a.l.0"`, `true`}, `-`},
		{"lookup", []string{bank, `"a.n"`, `true`}, `null`},
		{"lookup", []string{bank, `"a"`, `true`}, `{"b":{"c":1},"l":[1],"n":null}`},
		{"lookup", []string{bank, `"a"`, `false`}, `-`},
		{"lookup", []string{bank, `"x.y"`, `false`}, `3`},
		{"lookup", []string{bank, `""`, `false`}, `4`},
		{"lookup", []string{bank, `"s.length"`, `true`}, `-`},
		{"lookup", []string{bank, `" s"`, `true`}, `-`},
		{"lookup", []string{`-`, `"s"`, `true`}, `-`},
		{"lookup", []string{`{"a": {"b": {"c": 1}}}`, `"a.b"`, `true`}, `-`},
		{"known", []string{`-`}, `""`},
		{"known", []string{`null`}, `null`},
		{"present", []string{`""`}, `-`},
		{"present", []string{`0`}, `0`},
		{"header", []string{`null`}, `-`},
		{"header", []string{`false`}, `false`},
		{"text", []string{`-`, `"{{x}}"`}, `"{{x}}"`},
		{"text", []string{`null`, `"{{x}}"`}, `""`},
		{"text", []string{`1.50`}, `"1.5"`},
		{"encoded", []string{`"a b/é~"`}, `"a%20b%2F%C3%A9~"`},
		{"legacy", []string{`true`}, `"True"`},
		{"legacy", []string{`[false, null, "a", 1]`}, `"False,,a,1"`},
		{"legacy", []string{`-`}, `""`},
		{"label", []string{`{"a": 1}`}, `""`},
		{"label", []string{`7`}, `"7"`},
		{"usesKey", []string{`"RSA-SHA256"`}, `true`},
		{"usesKey", []string{`-`}, `false`},
		{"prunedURL", []string{`"https://a.test/p?x=1&y=&z&w=2#f"`}, `"https://a.test/p?x=1&w=2#f"`},
		{"prunedURL", []string{`"https://a.test/p?y="`}, `"https://a.test/p"`},
		{"pruned", []string{`{"a": 0, "b": "", "c": null, "d e": 1, "f": 2}`, `"https://a.test/?d+e=&f=&%66=1"`}, `{"a":0,"f":2}`},
	} {
		got, err := invoke(t, tt.name, tt.args...)
		if err != nil {
			t.Errorf("%s%v: %v", tt.name, tt.args, err)
			continue
		}
		text := "-"
		if !got.IsUndefined() {
			text = string(value.AppendJSON(nil, got))
		}
		if text != tt.want {
			t.Errorf("%s%v is %s, expected %s", tt.name, tt.args, text, tt.want)
		}
	}
}

// TestContainersInTexts is the error of an object or a list where a text is made; it shows nothing of the value.
func TestContainersInTexts(t *testing.T) {
	for _, tt := range [][]string{{"text", `{"a": "hidden"}`}, {"text", `["hidden"]`}, {"encoded", `[1]`}, {"header", `{}`}, {"legacy", `[[1]]`}, {"legacy", `{}`}} {
		_, err := invoke(t, tt[0], tt[1])
		var e *builtin.Error
		if !errors.As(err, &e) || e.Code != "ZAP502" || e.Type != "DataError" {
			t.Errorf("%v: %v", tt, err)
		}
	}
}

// TestSecretsStaySecret holds that what a lookup finds in a secret object is secret.
func TestSecretsStaySecret(t *testing.T) {
	f, _ := zapier.Library().Lookup("lookup")
	o := value.NewObject(1)
	o.Set("CLIENT_SECRET", value.Text("s").AsSecret())
	v, err := builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs([]value.Value{value.Collection(o), value.Text("CLIENT_SECRET"), value.Bool(false)}, 7))
	if err != nil || !v.IsSecret() || v.Str() != "s" {
		t.Errorf("found %v, secret %v, error %v", v.Kind(), v.IsSecret(), err)
	}
}
