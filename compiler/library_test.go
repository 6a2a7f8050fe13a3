package compiler_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
)

// Expressions call functions of their library only: those of another language and of the host are unknown to them.
func TestLibraryOfExpressions(t *testing.T) {
	for _, tt := range []struct{ library, text, want string }{
		{"", `{{upper(a)}}`, ""},
		{"iml", `{{upper(a)}}`, ""},
		{"iml", `{{f(a)}}`, ""},
		{"iml", `{{isNil(a)}}`, "1:3 IML201!"},
		{"core", `{{isNil(a)}}`, ""},
		{"core", `{{upper(a)}}`, "1:3 IML201!"},
		{"core", `{{f(a)}}`, "1:3 IML201!"},
		{"nowhere", `{{a}}`, "1:1 IMLC003!"},
	} {
		f := source.NewFile("t", tt.text)
		tree, problems := template.Parse(f.Text, source.Identity(f, 0), template.Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		tree.At.Span = source.Span{File: f, End: len(f.Text)}
		_, list := compiler.Template(tree, false, compiler.Options{Library: tt.library, Functions: hostFunctions("f")})
		want := []string{}
		if tt.want != "" {
			want = append(want, tt.want)
		}
		if diff := cmp.Diff(want, found(list)); diff != "" {
			t.Errorf("%s, library %q: %s", tt.text, tt.library, diff)
		}
		_, list = compiler.Connection(&ast.Connection{Library: tt.library, Common: tree}, compiler.Options{Functions: hostFunctions("f")})
		if got := list.HasErrors(); got != (tt.want != "") {
			t.Errorf("connection, %s, library %q: errors %t: %v", tt.text, tt.library, got, found(list))
		}
	}
}
