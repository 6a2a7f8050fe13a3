package show

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
	"github.com/imlc-lang/imlc/vm"
)

func TestEvalError(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		in   Template
		want string
	}{
		{"template", &vm.EvalError{Code: "IML403", Message: "no number", Function: "round", Arg: 2, Line: 1, Column: 4}, Template{Name: "t", Text: "a{{b}}"},
			"t:1:4: error IML403: round(argument 2): no number\n 1 | a{{b}}\n   |    ^\n"},
		{"document", &vm.EvalError{Code: "IML403", Message: "no number", Function: "round", Pointer: "/a~1b/1", Line: 1, Column: 1}, Template{Name: "t", Text: `{"a/b": [1, "{{x}}"]}`, Document: true},
			"t /a~1b/1:1:1: error IML403: round: no number\n 1 | {{x}}\n   | ^\n"},
		{"no such place", &vm.EvalError{Code: "IML403", Message: "no \x1b", Pointer: "/z"}, Template{Name: "t", Text: `{}`, Document: true},
			"error: IML403"},
		{"another error", errors.New("net: \x1b"), Template{}, "error: net: \\u001b\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			NewStream(&out, Look{}).EvalError(test.err, test.in)
			if test.name == "no such place" {
				if !strings.HasPrefix(out.String(), "error: ") || steers(out.String()) {
					t.Errorf("shown %q", out.String())
				}
				return
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSyntaxTree(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"{{upper(a.b[1].c[])}}", "call upper\n  path\n    name a\n    .b\n    index\n      number 1\n    .c\n    first item\n"},
		{"x{{1 + -y}}{{}}", "literal \"x\"\nhole\n  +\n    number 1\n    unary -\n      name y\nempty hole\n"},
		{"{{if(;true)}}", "call if\n  not given\n  keyword true\n"},
	} {
		tree, problems := template.Parse(test.in, source.Identity(source.NewFile("t", test.in), 0), template.Options{})
		if tree == nil {
			t.Fatalf("%s: %v", test.in, problems)
		}
		var out strings.Builder
		NewStream(&out, Look{}).SyntaxTree(tree)
		if diff := cmp.Diff(test.want, out.String()); diff != "" {
			t.Errorf("%s: %s", test.in, diff)
		}
	}
}

func TestExplanation(t *testing.T) {
	var out strings.Builder
	NewStream(&out, Look{}).Explanation(&explain.Explanation{Steps: []explain.Step{{Title: "Base string", Section: "RFC 5849 §3.4.1", Lines: []string{"GET&\x1b"}}}}, "GET")
	if diff := cmp.Diff("1. Base string  RFC 5849 §3.4.1\n   GET&\\u001b\n\n", out.String()); diff != "" {
		t.Error(diff)
	}
}
