package expr

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/value"
)

// The net of closures: every operator on every spelling of its operands, consumed in every form that a node can take.
// What is expected is written down here, not computed by another evaluator.

// mark says whose secret mark the result of an operator carries.
type mark int

const (
	markNone   mark = iota // nobody's: a boolean tells too little
	markBoth               // that of either operand
	markFirst              // that of the first operand
	markPicked             // that of the operand which is the result
)

// operator is a row of the table: its source with X and Y for the operands, and cases of X, Y and result. A result of x
// or y is that operand itself.
type operator struct {
	source      string
	mark        mark
	strict      bool // equality is strict
	interpreted bool // only the interpreter runs it
	cases       [][3]string
}

// The operands and results are JSON; undefined is what is missing, @… a date.
var operators = []operator{
	{source: `X`, mark: markPicked, cases: [][3]string{{`2`, ``, `x`}, {`0`, ``, `x`}, {`-0.5`, ``, `x`}, {`"ab"`, ``, `x`}, {`""`, ``, `x`}, {`"a\"b\u0001"`, ``, `x`}, {`true`, ``, `x`}, {`false`, ``, `x`}, {`null`, ``, `x`},
		{`undefined`, ``, `x`}, {`[1,"a"]`, ``, `x`}, {`{"k":1}`, ``, `x`}, {`@2024-01-02T03:04:05Z`, ``, `x`}, {`123456789012345678901`, ``, `x`}}},
	{source: `X + Y`, mark: markBoth, cases: [][3]string{{`2`, `3`, `5`}, {`"2"`, `3`, `"23"`}, {`2`, `"x"`, `"2x"`}, {`"a"`, `"b"`, `"ab"`}, {`true`, `2`, `3`}, {`null`, `2`, `2`}, {`[1,2]`, `3`, `"1,23"`}, {`2`, `undefined`, `NaN`},
		{`@2024-01-02T03:04:05Z`, `1`, `"2024-01-02T03:04:05.000Z1"`}, {`"a"`, `null`, `"a"`}}},
	{source: `X - Y`, mark: markBoth, cases: [][3]string{{`7`, `2`, `5`}, {`2`, `7`, `-5`}, {`"7"`, `2`, `5`}, {`7`, `"2"`, `5`}, {`true`, `false`, `1`}, {`null`, `2`, `-2`}, {`"x"`, `2`, `NaN`}, {`@2024-01-02T03:04:05Z`, `@2024-01-02T03:04:04Z`, `1000`}}},
	{source: `X * Y`, mark: markBoth, cases: [][3]string{{`7`, `2`, `14`}, {`"7"`, `2`, `14`}, {`7`, `"2"`, `14`}, {`true`, `3`, `3`}, {`null`, `3`, `0`}, {`{"k":1}`, `2`, `NaN`}}},
	{source: `X / Y`, mark: markBoth, cases: [][3]string{{`7`, `2`, `3.5`}, {`2`, `8`, `0.25`}, {`"7"`, `2`, `3.5`}, {`7`, `"2"`, `3.5`}, {`null`, `3`, `0`}, {`0`, `0`, `NaN`}}},
	{source: `X % Y`, mark: markBoth, cases: [][3]string{{`7`, `4`, `3`}, {`-7`, `4`, `-3`}, {`"7"`, `4`, `3`}, {`7`, `0`, `NaN`}}},
	{source: `-X`, mark: markFirst, cases: [][3]string{{`7`, ``, `-7`}, {`-7`, ``, `7`}, {`"7"`, ``, `-7`}, {`true`, ``, `-1`}, {`"x"`, ``, `NaN`}}},
	{source: `!X`, cases: [][3]string{{`true`, ``, `false`}, {`false`, ``, `true`}, {`0`, ``, `true`}, {`3`, ``, `false`}, {`""`, ``, `true`}, {`"a"`, ``, `false`}, {`null`, ``, `true`}, {`undefined`, ``, `true`}, {`[]`, ``, `false`}}},
	{source: `X < Y`, cases: orders(true, false, false)},
	{source: `X <= Y`, cases: orders(true, true, false)},
	{source: `X > Y`, cases: orders(false, false, true)},
	{source: `X >= Y`, cases: orders(false, true, true)},
	{source: `X = Y`, cases: equalities(true, false)},
	{source: `X != Y`, cases: equalities(false, false)},
	{source: `X = Y`, strict: true, cases: equalities(true, true)},
	{source: `X != Y`, strict: true, cases: equalities(false, true)},
	{source: `X && Y`, mark: markPicked, cases: [][3]string{{`true`, `true`, `y`}, {`true`, `false`, `y`}, {`false`, `true`, `x`}, {`false`, `false`, `x`}, {`2`, `"a"`, `y`}, {`0`, `"a"`, `x`}, {`""`, `3`, `x`}, {`"a"`, `0`, `y`}, {`null`, `1`, `x`}, {`1`, `null`, `y`}, {`undefined`, `true`, `x`}}},
	{source: `X || Y`, mark: markPicked, cases: [][3]string{{`true`, `true`, `x`}, {`true`, `false`, `x`}, {`false`, `true`, `y`}, {`false`, `false`, `y`}, {`2`, `"a"`, `x`}, {`0`, `"a"`, `y`}, {`""`, `3`, `y`}, {`"a"`, `0`, `x`}, {`null`, `1`, `y`}, {`1`, `null`, `x`}, {`undefined`, `true`, `y`}}},
	{source: `ifempty(X; Y)`, mark: markPicked, cases: [][3]string{{`1`, `2`, `x`}, {`0`, `2`, `x`}, {`false`, `true`, `x`}, {`""`, `"b"`, `y`}, {`"a"`, `"b"`, `x`}, {`null`, `2`, `y`}, {`undefined`, `true`, `y`}}},
	{source: `if(X; Y; 'other')`, mark: markPicked, cases: [][3]string{{`true`, `2`, `y`}, {`false`, `2`, `"other"`}, {`"a"`, `true`, `y`}, {`""`, `true`, `"other"`}, {`0`, `"b"`, `"other"`}, {`3`, `"b"`, `y`}, {`null`, `[1]`, `"other"`}, {`[]`, `[1]`, `y`}}},
	{source: `if(X; 'other'; Y)`, mark: markPicked, cases: [][3]string{{`true`, `2`, `"other"`}, {`false`, `2`, `y`}, {`"a"`, `true`, `"other"`}, {`""`, `true`, `y`}, {`0`, `"b"`, `y`}, {`undefined`, `[1]`, `y`}}},
	{source: `switch(X; 1; 'one'; 'b'; Y; 'other')`, mark: markPicked, interpreted: true, cases: [][3]string{{`1`, `true`, `"one"`}, {`"b"`, `true`, `y`}, {`"b"`, `"c"`, `y`}, {`2`, `3`, `"other"`}, {`null`, `3`, `"other"`}}},
	{source: `X.k`, mark: markFirst, cases: [][3]string{{`{"k":3}`, ``, `3`}, {`{"k":{"l":1}}`, ``, `{"l":1}`}, {`{"j":3}`, ``, `undefined`}, {`[{"k":4}]`, ``, `undefined`}, {`null`, ``, `undefined`}}},
	{source: `X[2]`, mark: markFirst, cases: [][3]string{{`[1,"b"]`, ``, `"b"`}, {`[1]`, ``, `undefined`}, {`null`, ``, `undefined`}}},
	{source: `X[Y]`, mark: markFirst, cases: [][3]string{{`[1,"b"]`, `2`, `"b"`}, {`[1,"b"]`, `3`, `undefined`}, {`[1,"b"]`, `-1`, `"b"`}, {`{"k":3}`, `"k"`, `3`}, {`{"k":3}`, `"j"`, `undefined`}, {`null`, `1`, `undefined`}}},
}

// orders are the cases of < <= > >=, by what holds for a smaller, an equal and a greater first operand.
func orders(smaller, equal, greater bool) [][3]string {
	s, e, g := fmt.Sprint(smaller), fmt.Sprint(equal), fmt.Sprint(greater)
	return [][3]string{{`1`, `2`, s}, {`2`, `2`, e}, {`3`, `2`, g}, {`"3"`, `2`, g}, {`3`, `"2"`, g}, {`"10"`, `"9"`, s}, {`"a"`, `"a"`, e}, {`"b"`, `"a"`, g}, {`"x"`, `2`, `false`}, {`2`, `"x"`, `false`},
		{`undefined`, `2`, `false`}, {`2`, `undefined`, `false`}, {`null`, `0`, e}, {`false`, `true`, s}, {`true`, `true`, e}, {`[3]`, `20`, s}, {`[3]`, `"20"`, g},
		{`123456789012345678902`, `123456789012345678901`, g}, {`@2024-01-02T03:04:05Z`, `@2024-01-02T03:04:06Z`, s}}
}

// equalities are the cases of = and !=; want is what holds for equal operands.
func equalities(want, strict bool) [][3]string {
	yes, no, loose := fmt.Sprint(want), fmt.Sprint(!want), fmt.Sprint(want != strict)
	return [][3]string{{`1`, `1`, yes}, {`1`, `2`, no}, {`"a"`, `"a"`, yes}, {`"a"`, `"b"`, no}, {`true`, `true`, yes}, {`true`, `false`, no}, {`false`, `false`, yes}, {`false`, `true`, no}, {`null`, `null`, yes}, {`undefined`, `null`, loose},
		{`null`, `""`, no}, {`0`, `null`, no}, {`"1"`, `1`, loose}, {`1`, `"1"`, loose}, {`"x"`, `1`, no}, {`true`, `1`, loose}, {`0`, `false`, loose}, {`1`, `false`, no}, {`[1]`, `"1"`, loose}, {`[1]`, `[1]`, yes}, {`[1]`, `[2]`, no}, {`"2"`, `[2]`, loose},
		{`{"k":1}`, `{"k":1}`, yes}, {`{"k":1}`, `{"k":2}`, no}, {`{"k":1}`, `"x"`, no}, {`123456789012345678901`, `123456789012345678901`, yes}, {`@2024-01-02T03:04:05Z`, `"2024-01-02T03:04:05.000Z"`, loose}}
}

// parseOperand reads an operand of the table.
func parseOperand(t *testing.T, text string) value.Value {
	t.Helper()
	switch {
	case text == "" || text == "undefined":
		return value.Undefined
	case text == "NaN":
		return value.Number(value.ToNumber(value.Undefined))
	case strings.HasPrefix(text, "@"):
		at, err := time.Parse(time.RFC3339, text[1:])
		if err != nil {
			t.Fatal(err)
		}
		return value.Date(at.UnixMilli())
	}
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// spelling is one way to write an operand; marked says that the result is secret when the context is.
type spelling struct {
	form, source string
	marked       bool
}

// spellings are the ways to write the operand r.NAME whose value is v: each makes another kind of node.
func spellings(name, text string, v value.Value) []spelling {
	out := []spelling{{"path", "r." + name, true}, {"call", `get(r; "` + name + `")`, true}}
	switch v.Kind() {
	case value.KindBool:
		out = append(out, spelling{"constant", text, false}, spelling{"test", "(r." + name + " = true)", false})
	case value.KindNumber:
		out = append(out, spelling{"constant", text, false}, spelling{"number", "(r." + name + " * 1)", true})
	case value.KindText:
		out = append(out, spelling{"constant", `"` + strings.ReplaceAll(v.Str(), `"`, `""`) + `"`, false})
		if v.Str() == strings.ToLower(v.Str()) {
			out = append(out, spelling{"text", "lower(r." + name + ")", true})
		}
	case value.KindNull, value.KindUndefined, value.KindInteger:
		out = append(out, spelling{"constant", text, false})
	}
	return out
}

// consumers are the forms in which an expression E is asked for its result, and what each makes of it.
var consumers = []struct {
	name, template string
	want           func(v value.Value) value.Value
}{
	{"value", `{{E}}`, func(v value.Value) value.Value { return v }},
	{"test", `{{if(E; r.yes; 'no')}}`, func(v value.Value) value.Value {
		if value.IsTruthy(v) {
			return value.Text("yes")
		}
		return value.Text("no")
	}},
	{"both tests", `{{if((E) && (r.yes = 'yes'); 'yes'; r.no)}}`, func(v value.Value) value.Value {
		if value.IsTruthy(v) {
			return value.Text("yes")
		}
		return value.Text("no")
	}},
	{"not", `{{!(E)}}`, func(v value.Value) value.Value { return value.Bool(!value.IsTruthy(v)) }},
	{"number", `{{(E) * 2}}`, func(v value.Value) value.Value { return value.Number(value.ToNumber(v) * 2).Taint(v) }},
	{"text", `<{{E}}>`, func(v value.Value) value.Value { return value.Text("<" + value.ToText(v) + ">").Taint(v) }},
	{"two texts", `{{E}}{{E}}`, func(v value.Value) value.Value { return value.Text(strings.Repeat(value.ToText(v), 2)).Taint(v) }},
	{"list", ``, func(v value.Value) value.Value {
		if v.IsUndefined() {
			v = value.Null()
		}
		return value.Array([]value.Value{v})
	}},
}

// consuming is the JSON template that asks e for its result in every form.
func consuming(e string) string {
	var b strings.Builder
	for i, c := range consumers {
		fmt.Fprintf(&b, `%c"%s":`, ",{"[max(0, 1-i)], c.name)
		if c.name == "list" {
			fmt.Fprintf(&b, `["%s"]`, value.AppendEscaped(nil, "{{"+e+"}}"))
			continue
		}
		fmt.Fprintf(&b, `"%s"`, value.AppendEscaped(nil, strings.ReplaceAll(c.template, "E", e)))
	}
	return b.String() + "}"
}

// consumed is the collection that consuming gives when e has the value v; without marks of its own.
func consumed(v value.Value) value.Value {
	o := value.NewObject(len(consumers))
	for _, c := range consumers {
		o.Set(c.name, c.want(v))
	}
	return value.Collection(o)
}

func TestOperatorForms(t *testing.T) {
	for _, op := range operators {
		name := op.source
		if op.strict {
			name += " strictly"
		}
		t.Run(name, func(t *testing.T) {
			known := map[string]*formPrograms{}
			for _, c := range op.cases {
				x, y := parseOperand(t, c[0]), parseOperand(t, c[1])
				for _, p := range spellings("a", c[0], x) {
					seconds := spellings("b", c[1], y)
					if !strings.Contains(op.source, "Y") {
						seconds = seconds[:1]
					}
					for _, q := range seconds {
						source := strings.NewReplacer("X", p.source, "Y", q.source).Replace(op.source)
						if known[source] == nil {
							known[source] = op.programs(t, source)
						}
						op.check(t, known[source], c, x, y, p, q)
					}
				}
			}
		})
	}
}

// formPrograms are the programs of one source: for values and for emitted JSON, by closures and by the interpreter.
type formPrograms struct {
	source                string
	closures, interpreted [2]*Program
}

func (op *operator) programs(t *testing.T, source string) *formPrograms {
	t.Helper()
	out := &formPrograms{source: source}
	for i := range out.closures {
		p, l := imlc.CompileTemplateJSON("t", consuming(source), imlc.TemplateOptions{Emit: i == 1, StrictEquality: op.strict})
		if p == nil {
			t.Fatalf("%s: %v", source, l.Items)
		}
		var err error
		if out.closures[i], err = NewProgram(p); err != nil {
			t.Fatal(err)
		}
		if program := out.closures[i]; program.fn.fast == nil != op.interpreted && !program.constant {
			t.Fatalf("%s: closures are %v, expected %v", source, op.interpreted, !op.interpreted)
		}
		out.interpreted[i] = interpreted(t, p)
	}
	return out
}

// check runs one spelling of one case, open and with secret operands, by closures and by the interpreter, as a value,
// boxed and emitted.
func (op *operator) check(t *testing.T, programs *formPrograms, c [3]string, x, y value.Value, p, q spelling) {
	t.Helper()
	for secret := range 4 { // neither operand, the first, the second, both
		first, second := secret&1 != 0, secret&2 != 0
		if first && !p.marked || second && (!q.marked || !strings.Contains(op.source, "Y")) {
			continue
		}
		want := op.result(t, c, x, y, first && !x.IsNil(), second && !y.IsNil())
		o := value.NewObject(4)
		o.Set("a", marked(x, first))
		o.Set("b", marked(y, second))
		o.Set("yes", value.Text("yes"))
		o.Set("no", value.Text("no"))
		context := value.NewObject(1)
		context.Set("r", value.Collection(o))
		for form, ps := range map[string][2]*Program{"closures": programs.closures, "interpreter": programs.interpreted} {
			if diff := compareConsumed(ps, &Env{Context: context}, consumed(want)); diff != "" {
				t.Errorf("%s with a = %s, b = %s (secret %v and %v), %s and %s operand, %s: %s", programs.source, c[0], c[1], first, second, p.form, q.form, form, diff)
			}
		}
	}
}

// result is what a case expects, with the mark that it should carry.
func (op *operator) result(t *testing.T, c [3]string, x, y value.Value, first, second bool) value.Value {
	t.Helper()
	var out value.Value
	picked := false
	switch c[2] {
	case "x":
		out, picked = x, first
	case "y":
		out, picked = y, second
	default:
		out = parseOperand(t, c[2])
	}
	return marked(out, map[mark]bool{markNone: false, markBoth: first || second, markFirst: first, markPicked: picked}[op.mark])
}

// marked returns v, as a secret if it shall be one.
func marked(v value.Value, secret bool) value.Value {
	if secret {
		return v.AsSecret()
	}
	return v
}

// compareConsumed runs the programs for values and for emitted JSON in all ways and says where one differs from want.
func compareConsumed(programs [2]*Program, env *Env, want value.Value) string {
	got, err := programs[0].Run(env)
	if err != nil {
		return err.Error()
	}
	for i := range want.Object().Len() {
		name, w := want.Object().At(i)
		if g := got.Object().Value(name); !identical(g, w) {
			return fmt.Sprintf("as %s: %s, expected %s (secret %v, expected %v)", name, value.AppendJSON(nil, g), value.AppendJSON(nil, w), g.IsSecret(), w.IsSecret())
		}
	}
	if got.Object().Len() != want.Object().Len() {
		return fmt.Sprintf("%d entries, expected %d", got.Object().Len(), want.Object().Len())
	}
	s := programs[0].Session(env)
	boxed, err := s.RunAny()
	s.Close()
	if err != nil {
		return "boxed: " + err.Error()
	}
	if plain := value.ToAny(want); !reflect.DeepEqual(boxed, plain) && fmt.Sprintf("%#v", boxed) != fmt.Sprintf("%#v", plain) { // NaN equals nothing
		return "boxed: " + cmp.Diff(plain, boxed)
	}
	emitted, err := programs[1].AppendJSON(nil, env)
	if err != nil {
		return "emitted: " + err.Error()
	}
	if w := string(value.AppendJSON(nil, want)); string(emitted) != w {
		return "emitted: " + cmp.Diff(w, string(emitted))
	}
	return ""
}
