package jshost_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// apart is a host that runs scripts in processes of their own.
func apart(t *testing.T, l jshost.Limits) *jshost.Subprocess {
	t.Helper()
	s := jshost.NewSubprocess(l)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestSubprocessValues holds that values keep their kinds on their way into another process and back, secret marks among them.
func TestSubprocessValues(t *testing.T) {
	h := apart(t, jshost.Limits{})
	const same = "function f(x) { return x }"
	for name, v := range map[string]value.Value{
		"undefined": value.Undefined, "null": value.Null(), "text": value.Text("\u2028é"), "number": value.Number(-0.5), "date": value.Date(41),
		"buffer": value.Buffer([]byte{0, 255}), "bool": value.Bool(true),
		"list": value.Array([]value.Value{value.Null(), value.Text("x")}), "object": value.Collection(objectOf("__proto__", value.Number(1))),
	} {
		got, err := call(t, h, same, v)
		if err != nil || got.Kind() != v.Kind() || string(value.AppendJSON(nil, got)) != string(value.AppendJSON(nil, v)) {
			t.Errorf("%s: %v %v, %v", name, got.Kind(), got, err)
		}
	}
	got, err := call(t, h, "function f(x) { return {a: 'Bearer ' + x} }", value.Text("s3cret-token").AsSecret())
	if err != nil || !value.ContainsSecret(got) {
		t.Errorf("a secret lost its mark: %v, %v", got, err)
	}
}

// TestSubprocessWorld holds that functions, requests, the console, the clock and entropy are those of the caller, and that the
// caller's errors come back as they are.
func TestSubprocessWorld(t *testing.T) {
	h := apart(t, jshost.Limits{})
	var m builtin.Meter
	m.Start(t.Context(), builtin.DefaultLimits())
	var printed []string
	down := errors.New("down")
	world := script.World{
		Functions: &builtin.Context{Meter: &m, Now: 1700000000000, Entropy: bytes.NewReader(bytes.Repeat([]byte{1}, 64))},
		Send: func(q script.Request) (script.Answer, error) {
			if strings.HasSuffix(q.URL, "/down") {
				return script.Answer{}, down
			}
			return script.Answer{Status: 201, Text: q.Method + " " + q.URL, Headers: value.Collection(objectOf("x", value.Text("y"))),
				Data: value.Collection(objectOf("query", value.Collection(q.Query)))}, nil
		},
		Console: func(level, text string) { printed = append(printed, level+": "+text) },
	}
	own := script.Module{Name: "own", Form: script.FormOwn, Text: "globalThis.ask = (url) => host.request({url, method: 'PUT', query: {a: 1}});"}
	run := func(source string) (value.Value, error) {
		p := program(source)
		p.Modules = append([]script.Module{own}, p.Modules...)
		return h.Call(t.Context(), script.Script{Name: "hook", Program: p, World: world}, nil)
	}
	got, err := run(`function f() {
		console.log('here');
		const a = ask('https://x.test/p');
		return [iml.upper('a'), Date.now(), Math.random() < 1, a.status, a.text, a.headers.x, a.data.query.a].join();
	}`)
	if want := "A,1700000000000,true,201,PUT https://x.test/p,y,1"; err != nil || got.Str() != want || fmt.Sprint(printed) != "[log: here]" {
		t.Errorf("got %v (%v), printed %q, want %s", got, err, printed, want)
	}
	if m.Spent() == 0 {
		t.Error("what a script calls is not counted by the caller's meter")
	}
	if _, err := run("function f() { try { return ask('https://x.test/down') } catch (e) { return 'caught' } }"); !errors.Is(err, down) {
		t.Errorf("got %v, want the error of the request", err)
	}
	if _, err := run("function f() { return iml.upper() }"); err == nil || !strings.Contains(err.Error(), "TypeError") {
		t.Errorf("a wrong call of a function: %v", err)
	}
	var thrown *script.Error
	if _, err := run("function f() {\n  throw new Error('no') }"); !errors.As(err, &thrown) || len(thrown.Stack) == 0 || thrown.Stack[0].Line != 2 {
		t.Errorf("a thrown error has no place: %v", err)
	}
}

// TestSubprocessHostile holds that what a script takes at a blow, or never ends with, costs its process and not this one, and
// that the next call is clean.
func TestSubprocessHostile(t *testing.T) {
	if race.Slowdown > 1 || testing.Short() {
		t.Skip("memory and time are other ones here")
	}
	// A child begins with what its parent had at most, so that the parent must be one that other tests did not run in.
	const fresh = "IMLC_TEST_FRESH"
	if os.Getenv(fresh) == "" {
		again := exec.Command(os.Args[0], "-test.run=^TestSubprocessHostile$")
		again.Env = append(os.Environ(), fresh+"=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	h := apart(t, jshost.Limits{Time: 500 * time.Millisecond, Memory: 32 << 20})
	for name, c := range map[string]struct{ source, want string }{
		"a blow in disguise":   {"function f() { return 'x'['rep' + 'eat'](2 ** 31 - 2).length }", "script memory"},
		"a list of 1e9":        {"function f() { return new Array(1e9)['fi' + 'll'](1).length }", "beyond"},
		"text doubling":        {"function f() { let s = 'xxxxxxxx'; for (;;) s += s; }", "limit/script"},
		"endless loop":         {"function f() { for (;;); }", "script time"},
		"regular expression":   {"function f() { return /^(a+)+\\1$/.test('a'.repeat(40) + 'b') }", "script time"},
		"a promise that hangs": {"function f() { return new Promise(() => {}) }", "never settles"},
	} {
		began := time.Now()
		_, err := call(t, h, c.source)
		var reached *limit.Error
		text := fmt.Sprint(err)
		if errors.As(err, &reached) {
			text = reached.Code + " " + reached.Name
		}
		if err == nil || !strings.Contains(text, c.want) {
			t.Errorf("%s: %s (%v), want %s", name, text, err, c.want)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if got, err := call(t, h, "function f() { return [typeof leak, [].polluted].join() }"); err != nil || got.Str() != "undefined," {
			t.Errorf("%s: the next call gives %v, %v", name, got, err)
		}
	}
	most := childMemory()
	if most > 256<<20 {
		t.Errorf("a process of scripts had %d MiB", most>>20)
	}
	t.Logf("a process of scripts had at most %d MiB", most>>20)
}

// TestSubprocessEnds holds that a call ends with its context, and that what is no process of scripts is told.
func TestSubprocessEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	h := apart(t, jshost.Limits{})
	if _, err := call(t, h, "function f() { return 1 }"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Call(ctx, script.Script{Name: "f", Program: program("function f() { for (;;); }")}, nil); err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Errorf("got %v, want the end of the context", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := jshost.NewSubprocess(jshost.Limits{}, self, "-test.run=^$")
	if _, err := call(t, other, "function f() { return 1 }"); err == nil || !strings.Contains(err.Error(), "jshost.Worker") {
		t.Errorf("got %v, want a word about Worker", err)
	}
	if _, err := call(t, jshost.NewSubprocess(jshost.Limits{}, "/no/such/program"), "function f() {}"); err == nil || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("got %v", err)
	}
}

// TestSubprocessSharesNothing calls from many goroutines: each gets its own answer, from few processes.
func TestSubprocessSharesNothing(t *testing.T) {
	h := apart(t, jshost.Limits{})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			got, err := call(t, h, "var n = (globalThis.n || 0) + 1; function f(x) { n++; return x * 10 + n }", value.Number(float64(i)))
			if err != nil || got.Float() != float64(i*10+2) {
				t.Errorf("%d: %v, %v", i, got, err)
			}
		})
	}
	all.Wait()
}
