package compiler_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
)

func written(s string) ast.Value { return &ast.Template{Text: s, Parts: []ast.Part{{Text: s}}} }

func root(name string) ast.Value  { return &ast.Root{Name: name} }
func local(name string) ast.Value { return &ast.Local{Name: name} }

func invoke(library, function string, args ...ast.Value) *ast.Invoke {
	return &ast.Invoke{Library: library, Function: function, Args: args}
}

// trees has one golden listing for each expression of front ends.
var trees = map[string]struct {
	emit bool
	tree ast.Value
}{
	"tree-invoke": {tree: invoke("", "replace", root("a"), written("x"), nil)},
	"tree-join":   {tree: &ast.Join{Parts: []ast.Value{written("a"), written("b"), root("c")}}},
	"tree-choose": {tree: &ast.Choose{Cases: []ast.ChooseCase{
		{Test: invoke("core", "isMissing", root("a")), Then: written("1")}, {Test: written(""), Then: written("never")}, {Test: root("b"), Then: root("a")},
		{Test: written("always"), Then: root("c")}, {Test: root("d"), Then: root("d")}}, Else: root("e")}},
	"tree-let": {tree: &ast.Let{Name: "x", Value: root("a"), Body: &ast.Let{Name: "y", Value: written("c"),
		Body: &ast.Array{Items: []ast.Value{local("x"), local("y"), local("x")}}}}},
	"tree-prune": {tree: &ast.Object{Prune: true, Entries: []ast.Entry{{Key: "a", Value: root("a")},
		{Key: "b", Value: &ast.Array{Missing: ast.MissingDrop, Prune: true, Items: []ast.Value{root("b")}}}, {Key: "c", Value: &ast.Array{Missing: ast.MissingDrop, Prune: true}}}}},
	"tree-emit": {emit: true, tree: &ast.Array{Missing: ast.MissingDrop, Items: []ast.Value{root("a"), &ast.Literal{Kind: ast.LiteralMissing}, written("b"),
		&ast.Object{Prune: true, Entries: []ast.Entry{{Key: "k", Value: root("c")}}}}}},
	"tree-each": {tree: &ast.Let{Name: "x", Value: root("a"), Body: &ast.Each{Source: root("list"), Item: "row", Index: "i", Missing: ast.MissingDrop, Prune: true,
		Body: &ast.Object{Entries: []ast.Entry{{Key: "i", Value: local("i")}, {Key: "inner", Value: &ast.Each{Source: local("row"), Item: "cell",
			Body: &ast.Let{Name: "y", Value: invoke("", "upper", local("cell")), Body: &ast.Join{Parts: []ast.Value{local("y"), local("x"), local("i"), local("y")}}}}}}}}}},
}

func compileTree(t *testing.T, name string) *plan.Plan {
	t.Helper()
	p, problems := compiler.Template(trees[name].tree, trees[name].emit, compiler.Options{})
	if p == nil {
		t.Fatalf("%s does not compile: %v", name, problems.Items)
	}
	return p
}

func TestLoweringOfTrees(t *testing.T) {
	for name := range trees {
		t.Run(name, func(t *testing.T) {
			p := compileTree(t, name)
			if err := plan.Verify(p); err != nil {
				t.Fatalf("the plan does not verify: %v", err)
			}
			var b bytes.Buffer
			if err := plan.Disassemble(&b, p, plan.DisassembleOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

// What a front end must not build is refused at its place, never in silence.
func TestMisbuiltTrees(t *testing.T) {
	at := ast.Origin{Span: source.Span{File: source.NewFile("spec.json", "0123456789"), Start: 4, End: 5}}
	many := ast.Value(written("x"))
	for range plan.MaxLocals + 1 {
		many = &ast.Let{At: at, Name: "x", Value: root("a"), Body: &ast.Join{At: at, Parts: []ast.Value{local("x"), many}}}
	}
	for name, tt := range map[string]struct {
		tree ast.Value
		want string
	}{
		"library":            {&ast.Invoke{At: at, Library: "nowhere", Function: "f"}, `IMLC004: the function library "nowhere" is not linked`},
		"function":           {&ast.Invoke{At: at, Library: "core", Function: "upper"}, `IMLC004: the library "core" has no function "upper"`},
		"arguments":          {&ast.Invoke{At: at, Function: "upper"}, `IMLC004: upper(text) cannot be called with 0 evaluated arguments`},
		"lazy function":      {&ast.Invoke{At: at, Function: "if", Args: []ast.Value{root("a"), root("b")}}, `cannot be called with 2 evaluated arguments`},
		"name":               {&ast.Local{At: at, Name: "x"}, `IMLC004: nothing around it is named "x"`},
		"name out of scope":  {&ast.Array{Items: []ast.Value{&ast.Let{Name: "x", Value: root("a"), Body: local("x")}, &ast.Local{At: at, Name: "x"}}}, `nothing around it is named "x"`},
		"source sees nobody": {&ast.Each{Source: &ast.Local{At: at, Name: "item"}, Item: "item", Body: written("x")}, `nothing around it is named "item"`},
		"too many bindings":  {many, `IMLC005: this needs 1001 values at once: at most 1000 are possible`},
	} {
		tree := &ast.Object{At: at, Entries: []ast.Entry{{Key: "k", Value: tt.tree}}}
		p, problems := compiler.Template(tree, false, compiler.Options{})
		got := ""
		for _, d := range problems.Items {
			got += fmt.Sprintf("%s %s: %s", d.Span, d.Code, d.Message)
		}
		if p != nil || len(problems.Items) != 1 || !strings.HasPrefix(got, "spec.json:1:5 IMLC") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %s, want one with %q", name, got, tt.want)
		}
	}
}
