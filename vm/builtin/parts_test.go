package builtin

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin/regex"
	"github.com/imlc-lang/imlc/vm/builtin/rs256"
	"github.com/imlc-lang/imlc/vm/value"
)

// The tests of this package cannot import package full, which imports this one.
func init() {
	RegisterPatterns(func(pattern, flags string) (Pattern, error) {
		re, err := regex.Compile(pattern, flags)
		if err != nil {
			return nil, err
		}
		return re, nil
	})
	RegisterRS256(rs256.Sign)
}

// withoutParts runs f in a library without its parts.
func withoutParts(f func()) {
	linked := parts
	defer func() { parts = linked }()
	parts.compilePattern, parts.signRS256 = nil, nil
	f()
}

func TestMissing(t *testing.T) {
	needy := map[string]bool{"replace": true, "replacePattern": true, "jwt": true}
	withoutParts(func() {
		for _, f := range IML.All(true) {
			want := ""
			if needy[f.Name] {
				want = "github.com/imlc-lang/imlc/vm/builtin/full"
			}
			if got := f.Missing(); got != want {
				t.Errorf("%s without parts: missing %q, want %q", f.Name, got, want)
			}
		}
	})
	for _, f := range IML.All(true) {
		if got := f.Missing(); got != "" {
			t.Errorf("%s with all parts: missing %q", f.Name, got)
		}
	}
}

// TestExamplesWithoutParts runs the example of every function in the small library: it is the result of the whole one, unless
// the function says that something is missing.
func TestExamplesWithoutParts(t *testing.T) {
	root, err := value.ParseJSON(strings.ReplaceAll(testData, `"p":`, `"parameters":`), nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(f *Function) (value.Value, error) {
		return eval(testContext(), root, strings.TrimSuffix(strings.TrimPrefix(f.Example, "{{"), "}}"))
	}
	for _, f := range IML.All(true) {
		want, wantErr := run(f)
		withoutParts(func() {
			if f.Missing() != "" {
				return
			}
			got, err := run(f)
			if (err == nil) != (wantErr == nil) || !value.StrictEqual(got, want) && got.Kind() != value.KindArray && got.Kind() != value.KindCollection {
				t.Errorf("%s: got %v, %v, want %v, %v", f.Example, got, err, want, wantErr)
			}
		})
	}
}

// TestCallsWithoutParts: what is called all the same fails and says what to import.
func TestCallsWithoutParts(t *testing.T) {
	texts := func(s ...string) Args {
		v := make([]value.Value, len(s))
		for i := range s {
			v[i] = value.Text(s[i])
		}
		return MakeArgs(v, 15)
	}
	withoutParts(func() {
		_, replace := Invoke(&fnReplace, testContext(), texts("abc", "/b/", "x"))
		_, replacePattern := Invoke(&fnReplacePattern, testContext(), texts("abc", "b", "x"))
		_, jwt := Invoke(&fnJwt, testContext(), MakeArgs([]value.Value{value.Collection(value.NewObject(0)), value.Text("key"), value.Text("RS256")}, 7))
		for name, err := range map[string]error{"replace": replace, "replacePattern": replacePattern, "jwt": jwt,
			"literal": CheckLiteral(&fnReplace, 2, value.Text("/b/"))} {
			var failure *Error
			if !errors.As(err, &failure) || !strings.Contains(failure.Message, full) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if _, err := MatchPattern("a", "a"); !errors.Is(err, ErrPattern) {
			t.Errorf("MatchPattern: got %v", err)
		}
	})
}
