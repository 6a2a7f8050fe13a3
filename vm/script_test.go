package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// scriptHost answers every call of a script by fn.
type scriptHost func(vm.Script, []value.Value) (value.Value, error)

// Check implements script.Checker.
func (scriptHost) Check(*script.Program) []script.Problem { return nil }

// Call implements vm.ScriptHost.
func (h scriptHost) Call(_ context.Context, s vm.Script, args []value.Value) (value.Value, error) {
	return h(s, args)
}

// scripted is the plan of a connection with one hook, which its data call, after it was written and read again. Changes
// are made to the tree before it is compiled.
func scripted(t *testing.T, changes ...func(c *ast.Connection, at ast.Origin, call ast.Value)) *plan.Plan {
	t.Helper()
	file := source.NewFile("auth/test.js", "export default () => 1")
	at := ast.Origin{Span: source.Span{File: file}}
	hook := &ast.Hook{At: at, Name: "test", Title: `hook "test"`, Entry: "entry", Modules: []*ast.Module{{At: at, Name: file.Name, Text: file.Text, Form: ast.ModuleExport, Bind: "entry"}}}
	call := &ast.Invoke{At: at, Library: ast.LibraryScript, Function: "test", Args: []ast.Value{&ast.Root{At: at, Name: ast.RootData}}}
	conn := &ast.Connection{Hooks: []*ast.Hook{hook}, Stages: []*ast.Stage{{At: at, Name: "test", Proof: true, Requests: []*ast.Request{{At: at,
		Response: &ast.Response{At: at, Data: &ast.Object{At: at, Entries: []ast.Entry{{Key: "got", Value: call}}}}}}}}}
	for _, change := range changes {
		change(conn, at, call)
	}
	p, problems := compiler.Connection(conn, compiler.Options{Scripts: scriptHost(nil)})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	file2, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := plan.Decode(file2, plan.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestScriptsNeedAHost holds that an engine without a host refuses the plan when it is made, by file and hook.
func TestScriptsNeedAHost(t *testing.T) {
	_, err := vm.New(scripted(t), vm.Host{})
	var unsupported *vm.UnsupportedError
	if !errors.As(err, &unsupported) || !strings.Contains(err.Error(), `hook/js@1`) || !strings.Contains(err.Error(), `auth/test.js: hook \"test\"`) {
		t.Errorf("%v", err)
	}
}

func TestScriptsAreCalled(t *testing.T) {
	var got vm.Script
	answer, failure := value.Text("fine"), error(nil)
	host := scriptHost(func(s vm.Script, args []value.Value) (value.Value, error) {
		if got = s; len(args) != 1 || args[0].Object().Value("a").Float() != 1 {
			t.Errorf("arguments %v", args)
		}
		return answer, failure
	})
	engine, err := vm.New(scripted(t), vm.Host{Scripts: host})
	if err != nil {
		t.Fatal(err)
	}
	parameters := value.NewObject(1)
	parameters.Set("a", value.Number(1))
	step, err := engine.Authorize(context.Background(), vm.Grant{Parameters: parameters})
	if err != nil || step.Connection.Data.Value("got").Str() != "fine" {
		t.Fatalf("%v, %v", step, err)
	}
	if got.Name != `hook "test"` || got.Program.Entry != "entry" || got.Program.Modules[0].Text != "export default () => 1" || got.World.Functions == nil {
		t.Errorf("%+v", got)
	}
	failure = &script.Error{Script: got.Name, Type: "DataError", Code: "x/y", Message: "no"}
	_, err = engine.Authorize(context.Background(), vm.Grant{Parameters: parameters})
	var e *vm.Error
	if !errors.As(err, &e) || e.Type != "DataError" || e.Code != "x/y" || !strings.Contains(e.Message, `hook "test" no`) {
		t.Errorf("%v", err)
	}
}
