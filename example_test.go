package imlc_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func ExampleCompileSource() {
	spec := imlc.NewFile("api.json", `{"url": "https://api.example.test/me", "response": {"uid": "{{body.id}}"}, "log": {"sanitize": []}}`)
	p, problems := imlc.CompileSource(make.Source("", map[string]*imlc.File{make.Communication: spec}, nil), imlc.Options{})
	fmt.Println(p.Connection.Stages[0].Name, len(problems.Items))
	// Output: communication 0
}

func ExampleCompileSource_problems() {
	spec := imlc.NewFile("api.json", `{"url": "https://api.example.test/{{uper(parameters.a)}}"}`)
	p, problems := imlc.CompileSource(make.Source("", map[string]*imlc.File{make.Communication: spec}, nil), imlc.Options{})
	fmt.Println(p == nil)
	for _, d := range problems.Items {
		fmt.Println(d)
	}
	// Output:
	// true
	// api.json:1:2: info MAKE307: the request has no "log.sanitize", so its contents are not logged
	// api.json:1:37: error IML201: unknown function "uper" (did you mean "upper"?)
}

func ExampleCompile() {
	files := fstest.MapFS{"crm/communication.iml.json": {Data: []byte(`{"url":"https://api.example.test/","log":{"sanitize":[]}}`)}}
	p, problems := imlc.Compile(files, "crm", imlc.Options{})
	fmt.Println(problems.HasErrors(), p.Meta.Dialect)
	// Output: false make
}

func ExampleCompileTemplate() {
	p, problems := imlc.CompileTemplate("greeting", `Hello {{ifempty(user.name; "you")}}, it is {{formatDate(now; "HH:mm")}}`, imlc.TemplateOptions{})
	if problems.HasErrors() {
		fmt.Println(problems.Items)
		return
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	context, _ := value.FromAny(map[string]any{"user": map[string]any{"name": "Ada"}})
	out, err := program.Run(&expr.Env{Context: context.Object(), Now: time.Date(2024, 1, 2, 15, 4, 0, 0, time.UTC)})
	fmt.Println(out, err)
	// Output: Hello Ada, it is 15:04 <nil>
}

func ExampleCompileTemplateJSON() {
	p, _ := imlc.CompileTemplateJSON("body", `{"{{...}}": "{{user}}", "total": "{{sum(items)}}", "gone": "{{undefined}}"}`, imlc.TemplateOptions{})
	program, _ := expr.NewProgram(p)
	context, _ := value.ParseJSON(`{"user": {"name": "Ada"}, "items": [1, 2, 3]}`, nil)
	text, err := program.AppendJSON(nil, &expr.Env{Context: context.Object()})
	fmt.Println(string(text), err)
	// Output: {"name":"Ada","total":6} <nil>
}

// ExampleCompile_embedding is the life of a connection in a host.
func ExampleCompile_embedding() {
	specs := os.DirFS("examples/make")
	run := func(ctx context.Context, host vm.Host, params *value.Object, callback, state, rawQuery string) any {
		p, problems := imlc.Compile(specs, "demo", imlc.Options{})
		if p == nil {
			return problems.Items
		}
		eng, err := vm.New(p, host)
		step, err := eng.Authorize(ctx, vm.Grant{Parameters: params, RedirectURI: callback})
		// Send the browser to step.RedirectURL and keep step.State, in a cookie if you like.
		conn, err := eng.Callback(ctx, state, rawQuery) // in any process, once
		client := eng.Client(conn)                      // an *http.Client that signs
		_, _, _ = step, err, client
		return nil
	}
	fmt.Println(run != nil)
	// Output: true
}

// A plan is a file: compile it once, run it anywhere.
func Example_planFile() {
	p, _ := imlc.CompileTemplate("t", "{{a + 1}}", imlc.TemplateOptions{})
	file, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, _ := expr.NewProgram(again)
	context, _ := value.ParseJSON(`{"a": 41}`, nil)
	fmt.Println(program.Run(&expr.Env{Context: context.Object()}))
	// Output: 42 <nil>
}

// ExampleConvert writes a connection of Zapier as one of Make, and tells what a host must know.
func ExampleConvert() {
	c, list := imlc.Convert(os.DirFS("examples"), "zapier/discogs/discogs.json", "make", imlc.Options{})
	if c == nil {
		fmt.Println(list.Items)
		return
	}
	fmt.Println(c.Files[0].Name)
	for _, m := range c.Moves {
		fmt.Printf("%s %s is now %s\n", m.Kind, m.From, m.To)
	}
	for _, loss := range c.Losses.Items {
		if loss.Severity == imlc.Warning {
			fmt.Println(loss.Error())
		}
	}
	// Output:
	// discogs.jsonc
	// call creates.want is now want
}
