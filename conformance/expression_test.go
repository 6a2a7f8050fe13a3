package conformance

import (
	"bytes"
	"testing"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/conformance/internal/oracle"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// The trees that front ends build, spelled short.
func text(s string) ast.Value       { return &ast.Template{Text: s, Parts: []ast.Part{{Text: s}}} }
func number(f float64) ast.Value    { return &ast.Literal{Kind: ast.LiteralNumber, Number: f} }
func root(name string) ast.Value    { return &ast.Root{Name: name} }
func local(name string) ast.Value   { return &ast.Local{Name: name} }
func join(p ...ast.Value) ast.Value { return &ast.Join{Parts: p} }

var (
	null    = &ast.Literal{Kind: ast.LiteralNull}
	missing = &ast.Literal{Kind: ast.LiteralMissing}
)

func call(name string, args ...ast.Value) ast.Value { return &ast.Invoke{Function: name, Args: args} }
func core(name string, args ...ast.Value) ast.Value {
	return &ast.Invoke{Library: "core", Function: name, Args: args}
}
func let(name string, v, body ast.Value) ast.Value { return &ast.Let{Name: name, Value: v, Body: body} }

func objectOf(prune bool, pairs ...any) ast.Value {
	o := &ast.Object{Prune: prune}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Entries = append(o.Entries, ast.Entry{Key: pairs[i].(string), Value: pairs[i+1].(ast.Value)})
	}
	return o
}

func listOf(m ast.Missing, prune bool, items ...ast.Value) ast.Value {
	return &ast.Array{Items: items, Missing: m, Prune: prune}
}

func each(source, body ast.Value) *ast.Each {
	return &ast.Each{Source: source, Item: "item", Index: "index", Body: body, Missing: ast.MissingDrop}
}

func choose(other ast.Value, cases ...ast.Value) ast.Value {
	c := &ast.Choose{Else: other}
	for i := 0; i+1 < len(cases); i += 2 {
		c.Cases = append(c.Cases, ast.ChooseCase{Test: cases[i], Then: cases[i+1]})
	}
	return c
}

const expressionContext = `{"n":3,"zero":0,"none":null,"empty":[],"list":[1,2,3],"rows":[{"id":"a","tags":["x","y"]},{"id":"b","tags":[]},{"id":null}]}`

const absent = "missing"

// get is a step of the language on a value.
func get(v ast.Value, path string) ast.Value { return call("get", v, text(path)) }

// TestExpressionsOfFrontEnds says what each node means. The reference, the plan as it is compiled and the plan from a
// file must agree, and so must the JSON that is written without building the value.
func TestExpressionsOfFrontEnds(t *testing.T) {
	const drop, keep = ast.MissingDrop, ast.MissingNull
	for name, tt := range map[string]struct {
		tree ast.Value
		want string // JSON, or "missing"
	}{
		"root":                         {root("n"), `3`},
		"root that is absent":          {root("gone"), absent},
		"literal that is missing":      {missing, absent},
		"function":                     {call("upper", text("x")), `"X"`},
		"function of core":             {core("isNil", root("none")), `true`},
		"argument not given":           {call("replace", text("aXb"), text("X"), nil), `"ab"`},
		"join":                         {join(text("a"), root("n"), root("none"), root("gone"), root("list")), `"a31,2,3"`},
		"join of nothing":              {join(), `""`},
		"choose first":                 {choose(text("z"), root("n"), text("a"), root("n"), text("b")), `"a"`},
		"choose second":                {choose(text("z"), root("zero"), text("a"), root("n"), text("b")), `"b"`},
		"choose other":                 {choose(text("z"), root("zero"), text("a"), root("gone"), text("b"), root("none"), text("c")), `"z"`},
		"choose nothing":               {choose(nil, root("zero"), text("a")), absent},
		"choose without cases":         {choose(root("n")), `3`},
		"choose a constant":            {choose(text("z"), null, text("a"), number(1), root("n"), root("n"), text("c")), `3`},
		"choose keeps missing":         {choose(text("z"), root("n"), missing), absent},
		"choose is lazy":               {choose(root("n"), root("zero"), core("raise", text("X"), text("Y"), text("z"))), `3`},
		"choose in a test":             {choose(text("no"), choose(root("zero"), root("zero"), root("n"), root("n"), root("list")), text("yes")), `"yes"`},
		"choose in an else":            {choose(choose(choose(text("d"), root("none"), text("c")), root("none"), text("b")), root("none"), text("a")), `"d"`},
		"let":                          {let("x", root("n"), listOf(keep, false, local("x"), local("x"))), `[3,3]`},
		"let of a constant":            {let("x", text("c"), join(local("x"), local("x"))), `"cc"`},
		"let of missing":               {let("x", root("gone"), listOf(drop, false, local("x"))), `[]`},
		"let hides":                    {let("x", root("n"), join(local("x"), let("x", root("zero"), local("x")), local("x"))), `"303"`},
		"let in a let":                 {let("x", let("y", root("n"), join(local("y"), local("y"))), join(local("x"), text("!"))), `"33!"`},
		"let in a branch":              {choose(nil, root("n"), let("x", root("list"), call("length", local("x")))), `3`},
		"let in a test":                {choose(text("no"), let("x", root("n"), local("x")), text("yes")), `"yes"`},
		"let in an else":               {choose(let("x", root("n"), choose(local("x"), root("zero"), text("b"))), root("zero"), text("a")), `3`},
		"let around an object":         {let("x", root("n"), objectOf(false, "a", local("x"), "b", local("x"))), `{"a":3,"b":3}`},
		"missing item":                 {listOf(keep, false, root("n"), root("gone"), root("none")), `[3,null,null]`},
		"missing item dropped":         {listOf(drop, false, root("n"), root("gone"), root("none")), `[3,null]`},
		"constant items dropped":       {listOf(drop, false, missing, number(1), missing), `[1]`},
		"all items dropped":            {listOf(drop, false, root("gone")), `[]`},
		"all items pruned":             {listOf(drop, true, root("gone"), root("gone")), absent},
		"constants pruned":             {listOf(drop, true, missing), absent},
		"written empty":                {listOf(drop, true), `[]`},
		"null is not pruned":           {listOf(drop, true, root("none")), `[null]`},
		"member dropped":               {objectOf(false, "a", root("gone"), "b", root("none")), `{"b":null}`},
		"members pruned":               {objectOf(true, "a", root("gone")), absent},
		"members kept":                 {objectOf(false, "a", root("gone")), `{}`},
		"object written empty":         {objectOf(true), `{}`},
		"empty values are no members":  {objectOf(true, "a", listOf(drop, true), "b", root("empty")), `{"a":[],"b":[]}`},
		"pruned up to the root":        {objectOf(true, "a", objectOf(true, "b", listOf(drop, true, root("gone")))), absent},
		"pruned beside others":         {objectOf(true, "a", objectOf(true, "b", root("gone")), "c", root("n")), `{"c":3}`},
		"each":                         {each(root("list"), join(local("index"), text(":"), local("item"))), `["0:1","1:2","2:3"]`},
		"each of no list":              {each(root("n"), local("item")), absent},
		"each of missing":              {each(root("gone"), local("item")), absent},
		"each of null":                 {each(root("none"), local("item")), absent},
		"each of nothing":              {each(root("empty"), local("item")), `[]`},
		"each of nothing, pruned":      {&ast.Each{Source: root("empty"), Item: "i", Body: local("i"), Prune: true}, absent},
		"each of a constant":           {each(listOf(keep, false, number(1), text("a")), local("item")), `[1,"a"]`},
		"each of a constant, no list":  {each(text("a"), local("item")), absent},
		"each with a constant body":    {each(root("list"), text("c")), `["c","c","c"]`},
		"each as a filter":             {each(root("list"), choose(nil, call("contains", listOf(keep, false, number(1), number(3)), local("item")), local("item"))), `[1,3]`},
		"each drops missing":           {each(root("rows"), get(local("item"), "id")), `["a","b",null]`},
		"each keeps null":              {&ast.Each{Source: root("rows"), Item: "r", Body: get(local("r"), "tags")}, `[["x","y"],[],null]`},
		"each drops all, pruned":       {&ast.Each{Source: root("list"), Body: missing, Missing: drop, Prune: true}, absent},
		"each sees roots":              {each(root("list"), call("sum", local("item"), root("n"))), `[4,5,6]`},
		"each sees bindings":           {let("x", root("n"), each(root("list"), join(local("x"), local("item")))), `["31","32","33"]`},
		"each binds":                   {each(root("list"), let("x", join(local("item"), text("!")), join(local("x"), local("x")))), `["1!1!","2!2!","3!3!"]`},
		"each in each":                 {each(root("rows"), objectOf(true, "id", get(local("item"), "id"), "tags", &ast.Each{Source: get(local("item"), "tags"), Item: "tag", Body: join(local("index"), get(local("item"), "id"), local("tag")), Missing: drop, Prune: true})), `[{"id":"a","tags":["0ax","0ay"]},{"id":"b"},{"id":null}]`},
		"each passes bindings through": {let("x", root("n"), each(root("list"), each(root("list"), local("x")))), `[[3,3,3],[3,3,3],[3,3,3]]`},
		"each hides":                   {each(root("list"), each(listOf(keep, false, text("in")), local("item"))), `[["in"],["in"],["in"]]`},
		"each in an argument":          {call("join", each(root("list"), local("index")), text("-")), `"0-1-2"`},
		"each of each":                 {each(each(root("list"), choose(nil, local("index"), local("item"))), join(local("index"), local("item"))), `["02","13"]`},
	} {
		t.Run(name, func(t *testing.T) {
			context, err := value.ParseJSON(expressionContext, nil)
			if err != nil {
				t.Fatal(err)
			}
			v, err := oracle.Evaluate(tt.tree, oracle.Env{Context: context.Object()})
			check(t, "oracle", tt.want, v, err)
			p, problems := compiler.Template(tt.tree, false, compiler.Options{})
			if p == nil {
				t.Fatal(problems.Items)
			}
			data, err := plan.Encode(p, plan.EncodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				program, err := expr.NewProgram(p)
				if err != nil {
					t.Fatal(err)
				}
				v, err := program.Run(&expr.Env{Context: context.Object()})
				check(t, "plan", tt.want, v, err)
				if p, err = plan.Decode(data, plan.DecodeOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.want == absent {
				return
			}
			if p, problems = compiler.Template(tt.tree, true, compiler.Options{}); p == nil {
				t.Fatal(problems.Items)
			}
			program, err := expr.NewProgram(p)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := program.AppendJSON(nil, &expr.Env{Context: context.Object()}); err != nil || !bytes.Equal(got, []byte(tt.want)) {
				t.Errorf("written: got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func check(t *testing.T, who, want string, v value.Value, err error) {
	t.Helper()
	got := absent
	if !v.IsUndefined() {
		got = string(value.AppendJSON(nil, v))
	}
	if err != nil || got != want {
		t.Errorf("%s: got %s, %v, want %s", who, got, err, want)
	}
}

// TestRaisedErrors checks that what a front end raises keeps its type and is worded as the front end wrote it.
func TestRaisedErrors(t *testing.T) {
	tree := each(root("list"), choose(core("raise", text("ZAP502"), text("DataError"), text("a list inside text")), root("gone"), text("a")))
	p, problems := compiler.Template(tree, false, compiler.Options{})
	if p == nil {
		t.Fatal(problems.Items)
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	context, _ := value.ParseJSON(expressionContext, nil)
	_, err = program.Run(&expr.Env{Context: context.Object()})
	want := expr.EvalError{Code: "ZAP502", Type: "DataError", Message: "a list inside text"}
	if got, ok := err.(*expr.EvalError); !ok || *got != want {
		t.Errorf("got %#v, want %#v", err, want)
	}
}
