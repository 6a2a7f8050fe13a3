package jshost_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

func program(source string) *script.Program {
	return &script.Program{Entry: "f", Library: "iml", Modules: []script.Module{{Name: "functions/f.js", Text: source}}}
}

func TestMain(m *testing.M) {
	jshost.Worker()
	os.Exit(m.Run())
}

func call(t *testing.T, h script.Host, source string, args ...value.Value) (value.Value, error) {
	t.Helper()
	return h.Call(t.Context(), script.Script{Name: `function "f"`, Program: program(source)}, args)
}

func TestValues(t *testing.T) {
	object, err := value.ParseJSON(`{"a":[1,null,"x"],"b":{"__proto__":{"c":1}},"z":true}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := jshost.New(jshost.Limits{})
	for name, c := range map[string]struct {
		source string
		args   []value.Value
		want   value.Value
	}{
		"identity of an object":  {"function f(x) { return x }", []value.Value{object}, object},
		"undefined":              {"function f(x) { return x === undefined ? 'undefined' : 'else' }", []value.Value{value.Undefined}, value.Text("undefined")},
		"null":                   {"function f(x) { return x === null ? 'null' : 'else' }", []value.Value{value.Null()}, value.Text("null")},
		"nothing given":          {"function f(x) { }", nil, value.Undefined},
		"null back":              {"function f(x) { return null }", nil, value.Null()},
		"a date":                 {"function f(d) { return d instanceof Date ? new Date(d.getTime() + 1) : 0 }", []value.Value{value.Date(41)}, value.Date(42)},
		"no date":                {"function f(d) { return new Date(NaN) }", nil, value.Undefined},
		"a buffer":               {"function f(b) { b[0] = 7; return b }", []value.Value{value.Buffer([]byte{1, 2})}, value.Buffer([]byte{7, 2})},
		"an ArrayBuffer":         {"function f() { return new Uint8Array([1]).buffer }", nil, value.Buffer([]byte{1})},
		"an arrow":               {"const f = (a, b = 2) => a + b;", []value.Value{value.Number(1)}, value.Number(3)},
		"a hole of a list":       {"function f() { return [1, undefined, 3] }", nil, value.Array([]value.Value{value.Number(1), value.Null(), value.Number(3)})},
		"a large integer":        {"function f() { return 12345678901234567890n }", nil, mustInteger("12345678901234567890")},
		"functions are left out": {"function f() { return {a: 1, b() {}} }", nil, value.Collection(objectOf("a", value.Number(1)))},
		"recursion":              {"function f(n) { return n < 2 ? 1 : n * f(n - 1) }", []value.Value{value.Number(10)}, value.Number(3628800)},
		"a promise":              {"async function f(x) { await null; return x + 1 }", []value.Value{value.Number(1)}, value.Number(2)},
		"boxed":                  {"function f() { return new String('x') }", nil, value.Text("x")},
		"of the library":         {"function f(d) { return iml.formatDate(iml.parseDate(d, 'DD.MM.YYYY'), 'YYYY-MM-DD') }", []value.Value{value.Text("02.01.2020")}, value.Text("2020-01-02")},
		"no clock of its own":    {"function f() { return Date.now() }", nil, value.Number(0)},
		"lone surrogates":        {"function f() { return '\\ud83d' }", nil, value.Text("\ufffd")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := call(t, h, c.source, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind() != c.want.Kind() || !value.StrictEqual(got, c.want) && value.ToText(got) != value.ToText(c.want) {
				t.Errorf("%v %v, want %v %v", got.Kind(), got, c.want.Kind(), c.want)
			}
			if got.Kind() >= value.KindArray && string(value.AppendJSON(nil, got)) != string(value.AppendJSON(nil, c.want)) {
				t.Errorf("%s, want %s", value.AppendJSON(nil, got), value.AppendJSON(nil, c.want))
			}
		})
	}
}

func mustInteger(s string) value.Value { v, _ := value.ParseInteger(s); return v }

func objectOf(key string, v value.Value) *value.Object {
	o := value.NewObject(1)
	o.Set(key, v)
	return o
}

// TestHostile holds that whatever a script does ends within a limit, and that the next call is clean.
func TestHostile(t *testing.T) {
	h := jshost.New(jshost.Limits{Time: time.Second, Memory: 24 << 20})
	const clean = "function f() { return [typeof leak, [].polluted, 'x'.repeat(2), JSON.stringify({a: 1})].join() }"
	for name, c := range map[string]struct{ source, want string }{
		"endless loop":            {"function f() { for (;;); }", "script time"},
		"endless recursion":       {"function f() { return f() + 1 }", "script call stack"},
		"endless promises":        {"function f() { const p = () => Promise.resolve().then(p); return p() }", "limit/script"},
		"a promise that hangs":    {"function f() { return new Promise(() => {}) }", "never settles"},
		"regular expression":      {"function f() { return /^(a+)+\\1$/.test('a'.repeat(40) + 'b') }", "script time"},
		"a list of 1e9":           {"function f() { const a = new Array(1e9); a.fill(0); return a }", "beyond"},
		"a walk over 1e9":         {"function f() { return new Array(1e9).indexOf(1) }", "beyond"},
		"a borrowed walk":         {"function f() { return Array.prototype.indexOf.call({length: 1e15}, 1) }", "beyond"},
		"a length as a result":    {"function f() { const a = []; a.length = 4e9; return a }", "script result bytes"},
		"text doubling":           {"function f() { let s = 'xxxxxxxx'; for (;;) s += s; }", "limit/script"},
		"list of texts":           {"function f() { const a = []; for (let i = 0;; i++) a.push('text number ' + i) }", "script"},
		"repeat":                  {"function f() { return 'x'.repeat(1e9) }", "beyond"},
		"padStart":                {"function f() { return 'x'.padStart(1e9) }", "beyond"},
		"replace":                 {"function f() { const s = 'a'.repeat(1e6); return s.replaceAll('a', s) }", "beyond"},
		"a large buffer":          {"function f() { return new Uint8Array(1e9).length }", "beyond"},
		"its constructor":         {"function f() { return new (new Uint8Array(1).constructor)(1e9).length }", "beyond"},
		"JSON of shared parts":    {"function f() { let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; return JSON.stringify(a) }", "limit/script"},
		"shared parts":            {"function f() { let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; return a }", "limit/script"},
		"a deep result":           {"function f() { let a = 1; for (let i = 0; i < 100; i++) a = [a]; return a }", "script result depth"},
		"a circle":                {"function f() { const a = {}; a.a = a; return a }", "script result depth"},
		"a large result":          {"function f() { return 'x'.repeat(2e6) }", "script result bytes"},
		"eval":                    {"function f() { return eval('1') }", "code cannot be made of texts"},
		"another eval":            {"function f() { return (0, globalThis['ev' + 'al'])('1') }", "code cannot be made of texts"},
		"Function":                {"function f() { return new Function('return 1')() }", "code cannot be made of texts"},
		"Function by a function":  {"function f() { return f['const' + 'ructor']('return 1')() }", "code cannot be made of texts"},
		"Function by Object":      {"function f() { return Object.constructor('return 1')() }", "code cannot be made of texts"},
		"AsyncFunction":           {"function f() { return (async () => {}).constructor('return 1')() }", "code cannot be made of texts"},
		"GeneratorFunction":       {"function f() { return (function* () {}).constructor('return 1')() }", "code cannot be made of texts"},
		"a getter of the result":  {"function f() { return { get a() { for (;;); } } }", "script time"},
		"a getter that throws":    {"function f() { return { get a() { throw new Error('from the getter') } } }", "from the getter"},
		"a getter on an argument": {"function f(list) { Object.defineProperty(list, 0, { get() { for (;;); } }); return list }", "script time"},
		"a getter that grows":     {"function f(list) { Object.defineProperty(list, 0, { get() { return list } }); return list }", "script result depth"},
		"a proxy":                 {"function f() { return new Proxy({}, { ownKeys() { for (;;); } }) }", "script time"},
		"toString that throws":    {"function f() { throw { toString() { for (;;); }, get message() { for (;;); } } }", "script time"},
		"catching everything":     {"function f() { for (;;) { try { for (;;); } catch (e) { } finally { continue } } }", "script time"},
		"pollution":               {"Array.prototype.polluted = 1; globalThis.leak = 1; JSON.stringify = null; String.prototype.repeat = () => 'y'; function f() { throw new Error('done') }", "done"},
		"pollution of objects":    {"Object.prototype.a = 2; Array.prototype.join = () => 'y'; function f() { throw new Error('done') }", "done"},
		"no entropy":              {"function f() { return Math.random() }", "there is no entropy"},
		"nothing of the host":     {"function f() { return host.request({url: 'http://x'}) }", "host is not defined"},
		"no require":              {"function f() { return require('fs') }", "require is not defined"},
		"no timers":               {"function f() { setTimeout(f, 1) }", "setTimeout is not defined"},
		"no entry":                {"function g() { }", "has no function f"},
		"a symbol":                {"function f() { return Symbol('x') }", "symbol"},
		"a thrown nothing":        {"function f() { throw undefined }", "threw nothing"},
		"a source map":            {"function f() { return 1 + g } //# sourceMappingURL=/etc/hostname", "g is not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			v, err := call(t, h, c.source, value.Array([]value.Value{value.Int(1)}))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, %v, want an error with %q", v, err, c.want)
			}
			if took := time.Since(start); took > 20*time.Second*time.Duration(race.Slowdown) {
				t.Errorf("took %v", took)
			}
			for range 3 {
				if got, err := call(t, h, clean); err != nil || got.Str() != "undefined,,xx,{\"a\":1}" {
					t.Fatalf("the next call gave %v, %v", got, err)
				}
			}
		})
	}
	runtime.GC()
}

// TestMemory holds that a script cannot make the heap grow beyond its limit for long.
func TestMemory(t *testing.T) {
	h := jshost.New(jshost.Limits{Time: jshost.MaxTime, Memory: 8 << 20})
	const hoarding = "function f() { const a = []; for (let i = 0;; i++) a.push('x'.repeat(10000) + i) }"
	var reached *limit.Error
	if _, err := call(t, h, hoarding); !errors.As(err, &reached) || reached.Name != "script memory" {
		t.Errorf("%v", err)
	}
	const littering = "function f() { let n = 0; for (let i = 0; i < 2000; i++) n += ('x'.repeat(10000) + i).length; return n > 2e7 }"
	if v, err := call(t, h, littering); err != nil || !v.IsTrue() {
		t.Errorf("garbage counts: %v, %v", v, err)
	}
}

// TestGivenUp holds that a script which stays inside of one built-in function does not keep its caller, and that only
// so many are left behind.
func TestGivenUp(t *testing.T) {
	h := jshost.New(jshost.Limits{Time: 20 * time.Millisecond, LeftBehind: 1})
	const inside = "function f() { const a = []; a[8e6] = 1; return ({})['hasOwn' + 'Property'] && [].concat.call(a)['in' + 'dex' + 'Of'].call({['len' + 'gth']: 3e8}, 1) }"
	var reached *limit.Error
	if _, err := call(t, h, inside); !errors.As(err, &reached) || reached.Name != "script time in milliseconds" {
		t.Fatalf("%v, want the limit on time", err)
	}
	if _, err := call(t, h, "function f() { return 1 }"); !errors.As(err, &reached) || reached.Name != "scripts that do not end" {
		t.Fatalf("%v, want the limit on scripts that are left behind", err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := call(t, h, "function f() { return 1 }"); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal("it never ended", err)
		}
	}
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	h := jshost.New(jshost.Limits{})
	for name, c := range map[string]struct {
		module script.Module
		want   []script.Frame
	}{
		"a script":                   {script.Module{Text: "function g() {\n  null.x;\n}\nfunction f() { g() }"}, []script.Frame{{Function: "g", File: "a.js", Line: 2, Column: 8}, {Function: "f", File: "a.js", Line: 4, Column: 17}}},
		"the first line of a module": {script.Module{Form: script.FormModule, Bind: "f", Text: "export default function f() { null.x }"}, []script.Frame{{Function: "f", File: "a.js", Line: 1, Column: 36}}},
		"a body":                     {script.Module{Form: script.FormBody, Bind: "f", Text: "\n  null.x"}, []script.Frame{{Function: "", File: "a.js", Line: 2, Column: 8}}},
		"inside of a promise":        {script.Module{Form: script.FormModule, Bind: "f", Text: "export default async () => {\n  await 1\n  null.x\n}"}, []script.Frame{{Function: "", File: "a.js", Line: 3, Column: 8}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.module.Name = "a.js"
			_, err := h.Call(t.Context(), script.Script{Name: "hook", Program: &script.Program{Entry: "f", Modules: []script.Module{c.module}}}, nil)
			var e *script.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, "TypeError") {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff(c.want, e.Stack); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	h := jshost.New(jshost.Limits{})
	for name, c := range map[string]struct {
		module script.Module
		want   script.Problem
	}{
		"a script":      {script.Module{Text: "function f() {\n  return 1 +;\n}"}, script.Problem{Line: 2, Column: 13}},
		"ends too soon": {script.Module{Form: script.FormBody, Bind: "f", Text: "if (x) {"}, script.Problem{Line: 1, Column: 9}},
		"a first line":  {script.Module{Form: script.FormModule, Bind: "f", Text: "export default }"}, script.Problem{Line: 1, Column: 16}},
		"import":        {script.Module{Form: script.FormModule, Bind: "f", Text: "\nimport x from 'x'"}, script.Problem{Line: 2, Column: 1}},
		"twice":         {script.Module{Text: "let a = 1;\nlet a = 2;"}, script.Problem{Line: 2, Column: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			got := h.Check(&script.Program{Entry: "f", Modules: []script.Module{c.module}})
			if len(got) != 1 || got[0].Line != c.want.Line || got[0].Column != c.want.Column || got[0].Message == "" {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestExports(t *testing.T) {
	h := jshost.New(jshost.Limits{})
	for name, text := range map[string]string{
		"a function":           "export default function f(x) { return x ? f(0) : 'ok' }",
		"an async function":    "export default async function f(x) { return 'ok' }",
		"an arrow":             "const a = 1\nexport default (x) => 'ok'",
		"a name":               "function f() { return 'ok' }\nexport default f;",
		"a list":               "function f() { return 'ok' }\nexport { f as default, f as g };",
		"beside another":       "export const word = 'ok';\nexport default () => word",
		"module.exports":       "module.exports = () => 'ok'",
		"exports.default":      "exports.default = () => 'ok'",
		"the word in a text":   "const s = 'export default 1', t = `export ${ {a: 'export'}.a } default`; /* export default 2 */ // export\nexport default () => 'ok'",
		"a property":           "const o = {export: 1, import: 2}; o.export = 3; export default () => 'ok'",
		"a regular expression": "const r = /[/'`]export/; export default () => r.test(\"'export\") ? 'ok' : ''",
	} {
		t.Run(name, func(t *testing.T) {
			p := &script.Program{Entry: "hook", Modules: []script.Module{{Name: "a.js", Form: script.FormModule, Bind: "hook", Text: text}}}
			got, err := h.Call(t.Context(), script.Script{Program: p}, []value.Value{value.Bool(true)})
			if err != nil || got.Str() != "ok" {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// TestSecretsStaySecret holds that a text of a result with the text of a secret argument in it is secret, and that
// neither errors nor the console show it.
func TestSecretsStaySecret(t *testing.T) {
	h := jshost.New(jshost.Limits{})
	in := objectOf("key", value.Text("hunter2").AsSecret())
	v, err := call(t, h, "function f(x) { return {a: 'Bearer ' + x.key, b: 'plain'} }", value.Collection(in))
	if err != nil {
		t.Fatal(err)
	}
	if !v.Object().Value("a").IsSecret() || v.Object().Value("b").IsSecret() {
		t.Errorf("%#v", v)
	}
	if _, err := call(t, h, "function f(x) { throw new Error('no ' + x.key) }", value.Collection(in)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
	var printed []string
	_, err = h.Call(t.Context(), script.Script{Program: program("function f(x) { console.log('it is', x.key, {k: x.key}, [1]); }"),
		World: script.World{Console: func(level, text string) { printed = append(printed, level+" "+text) }}}, []value.Value{value.Collection(in)})
	if want := []string{`log it is •••• {"k":"••••"} [1]`}; err != nil || cmp.Diff(want, printed) != "" {
		t.Errorf("%v, %v", printed, err)
	}
}

// TestMeter holds that functions of the library count for the budget of the expression that called the script.
func TestMeter(t *testing.T) {
	h := jshost.New(jshost.Limits{})
	var meter builtin.Meter
	limits := builtin.DefaultLimits()
	limits.Steps = 5000
	meter.Start(context.Background(), limits)
	_, err := h.Call(t.Context(), script.Script{Program: program("function f() { for (let i = 0; i < 1e6; i++) iml.split('a,b,c,d,e,f,g,h', ',') }"),
		World: script.World{Functions: &builtin.Context{Meter: &meter}}}, nil)
	var reached *limit.Error
	if !errors.As(err, &reached) || reached.Name != "steps" {
		t.Errorf("%v", err)
	}
}

func TestRequests(t *testing.T) {
	h := jshost.New(jshost.Limits{Time: 50 * time.Millisecond})
	own := script.Module{Form: script.FormOwn, Text: "globalThis.get = async (url) => { const a = host.request({url}); if (a.failure) throw host.failure('T', 'C', a.failure.message); return a.data }"}
	run := func(source string, send func(script.Request) (script.Answer, error)) (value.Value, error) {
		p := &script.Program{Entry: "f", Modules: []script.Module{own, {Name: "a.js", Text: source}}}
		return h.Call(t.Context(), script.Script{Program: p, World: script.World{Send: send}}, nil)
	}
	slow := func(q script.Request) (script.Answer, error) {
		time.Sleep(60 * time.Millisecond) // longer than the script may run
		return script.Answer{Status: 200, Data: value.Text(q.URL)}, nil
	}
	if v, err := run("async function f() { return await get('/a') + await get('/b') }", slow); err != nil || v.Str() != "/a/b" {
		t.Errorf("%v, %v", v, err)
	}
	n := 0
	count := func(script.Request) (script.Answer, error) { n++; return script.Answer{Status: 200}, nil }
	var reached *limit.Error
	if _, err := run("async function f() { for (let i = 0; i < 10000; i++) try { await get('/') } catch (e) {} }", count); !errors.As(err, &reached) || n != 10 {
		t.Errorf("%d requests, %v", n, err)
	}
	failing := func(script.Request) (script.Answer, error) {
		return script.Answer{Status: 401, Failure: &script.Failure{Message: "expired"}}, nil
	}
	var e *script.Error
	if _, err := run("async function f() { await get('/') }", failing); !errors.As(err, &e) || e.Type != "T" || e.Code != "C" || e.Message != "expired" {
		t.Errorf("%#v", err)
	}
	broken := func(script.Request) (script.Answer, error) { return script.Answer{}, errors.New("no way") }
	if _, err := run("async function f() { try { await get('/') } catch (e) {} return 1 }", broken); err == nil || err.Error() != "no way" {
		t.Errorf("%v", err)
	}
}

// TestConcurrentCalls holds that calls of one program see nothing of each other.
func TestConcurrentCalls(t *testing.T) {
	h, p := jshost.New(jshost.Limits{}), program("let n = 0; const seen = []; function f(x) { n++; seen.push(x); return `${n} ${seen}` }")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				v, err := h.Call(context.Background(), script.Script{Program: p}, []value.Value{value.Int(int64(i))})
				if want := "1 " + string(rune('0'+i)); err != nil || v.Str() != want {
					t.Errorf("%v, %v, want %q", v, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := jshost.New(jshost.Limits{}).Call(ctx, script.Script{Program: program("function f() { for (;;); }")}, nil)
	var reached *limit.Error
	if !errors.As(err, &reached) || reached.Code != builtin.CodeCancelled {
		t.Errorf("%v", err)
	}
}

// pure is a function of forty lines as apps have them.
const pure = `
function f(list, key, opts) {
  const out = [];
  const seen = {};
  opts = opts || {};
  for (const item of list) {
    const k = item[key];
    if (k === undefined || k === null) {
      continue;
    }
    if (seen[k]) {
      seen[k].count += 1;
      continue;
    }
    const entry = {
      key: String(k).trim().toLowerCase(),
      count: 1,
    };
    seen[k] = entry;
    out.push(entry);
  }
  let total = 0;
  for (let i = 0; i < out.length; i++) {
    total += out[i].count;
    out[i].share = out[i].count / list.length;
  }
  const parts = [];
  for (const e of out) {
    parts.push(e.key + '=' + e.count);
  }
  let text = '';
  for (const p of parts) {
    text += (text ? '&' : '') + p;
  }
  switch (opts.mode) {
    case 'text':
      return text;
    case 'total':
      return total;
    default:
      return { items: out, total: total, text: text };
  }
}
`

// BenchmarkCall measures beside a live heap of 32 MiB, as a host has one: beside an empty one half of the time is that of the
// collector, which then runs every hundred calls.
func BenchmarkCall(b *testing.B) {
	heap := make([]byte, 32<<20)
	defer runtime.KeepAlive(heap)
	for name, source := range map[string]string{"pure": pure, "texts": strings.Replace(pure, "let text = '';", "let text = parts.join('&').replace(/x/g, 'y');", 1)} {
		b.Run(name, func(b *testing.B) { benchmarkCall(b, source) })
	}
}

func benchmarkCall(b *testing.B, source string) {
	list, _ := value.ParseJSON(`[{"k":"A "},{"k":"b"},{"k":"c"},{"x":1}]`, nil)
	h, p := jshost.New(jshost.Limits{}), program(source)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Call(context.Background(), script.Script{Program: p}, []value.Value{list, value.Text("k")}); err != nil {
			b.Fatal(err)
		}
	}
}
