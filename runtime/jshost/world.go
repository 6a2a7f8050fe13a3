package jshost

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

//go:embed bounds.js
var boundsSource string

// bounds puts limits around the built-in functions that can take memory or time at a blow, and deny takes away what
// makes code of texts where functions of all kinds are.
var (
	bounds = sync.OnceValue(func() *goja.Program { return goja.MustCompile("bounds", boundsSource, true) })
	deny   = sync.OnceValue(func() *goja.Program {
		return goja.MustCompile("deny", `(function(no){for(const f of [async function(){},function*(){}])
		Object.defineProperty(Object.getPrototypeOf(f),"constructor",{value:no})})`, true)
	})
)

// boundWords are the names of what bounds.js guards. What spells such a name together at run time is not guarded, only
// interrupted or given up: see the package comment.
var boundWords = []string{"repeat", "padStart", "padEnd", "join", "replace", "replaceAll", "stringify", "ArrayBuffer", "Uint8Array", "Uint8ClampedArray",
	"Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"}

// longList finds where a list, or what looks like one, can get a length without having as many items.
var longList = regexp.MustCompile(`\bArray\s*[(.\[]|\blength['"\]]*\s*([-+*/%&|^<>]*=[^=]|:|\+\+)|['"\x60]length|Reflect|defineProperty`)

// guards returns what has to be guarded for a source.
func guards(words map[string]bool, long bool) []any {
	var out []any
	for _, w := range boundWords {
		if words[w] {
			out = append(out, w)
		}
	}
	if long {
		out = append(out, "walks")
	}
	return out
}

// prepare gives the runtime what a script can see.
func (c *call) prepare() error {
	rt := c.rt
	rt.SetMaxCallStackSize(c.host.limits.Stack)
	rt.SetParserOptions(parser.WithDisableSourceMaps) // which would read files
	now := time.UnixMilli(0).UTC()
	if f := c.script.World.Functions; f != nil {
		now = time.UnixMilli(f.Now).In(time.UTC)
	}
	rt.SetTimeSource(func() time.Time { return now })
	rt.SetRandSource(c.random)
	if err := c.forbid(); err != nil {
		return err
	}
	if len(c.code.guards) > 0 {
		if err := c.with(bounds(), rt.NewArray(c.code.guards...)); err != nil {
			return err
		}
	}
	if c.code.words["console"] {
		if err := rt.Set("console", c.console()); err != nil {
			return err
		}
	}
	if name := c.script.Program.Library; name != "" && c.code.words[name] {
		if library, ok := builtin.Find(name); ok {
			return rt.Set(name, rt.NewDynamicObject(&functions{call: c, library: library, made: map[string]goja.Value{}}))
		}
	}
	return nil
}

// forbid takes eval and the constructors of functions away. A text that becomes code would run within the same limits,
// but its source would not.
func (c *call) forbid() error {
	rt := c.rt
	no := rt.ToValue(func(goja.ConstructorCall) *goja.Object { // which can be called as well
		panic(rt.NewTypeError("code cannot be made of texts here"))
	})
	global := rt.GlobalObject()
	for _, name := range [...]string{"eval", "Function"} {
		if err := global.DefineDataProperty(name, no, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE); err != nil {
			return err
		}
	}
	prototype := no.(*goja.Object).Prototype()
	if err := prototype.DefineDataProperty("constructor", no, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE); err != nil {
		return err
	}
	if !c.code.kinds {
		return nil
	}
	return c.with(deny(), no)
}

// with runs a program that is a function with an argument.
func (c *call) with(p *goja.Program, arg goja.Value) error {
	v, err := c.rt.RunProgram(p)
	if err != nil {
		return err
	}
	f, _ := goja.AssertFunction(v)
	_, err = f(goja.Undefined(), arg)
	return err
}

// random gives the numbers of Math.random from the entropy of the engine.
func (c *call) random() float64 {
	var b [8]byte
	f := c.script.World.Functions
	if f == nil || f.Entropy == nil {
		panic(c.rt.NewTypeError("there is no entropy here"))
	}
	var err error
	c.ask(func() { _, err = io.ReadFull(f.Entropy, b[:]) })
	if err != nil {
		panic(c.rt.NewTypeError("the entropy cannot be read"))
	}
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(b[:]), 0)).Float64()
}

// counted counts what the script asks its host for.
func (c *call) counted() {
	if c.calls++; c.calls > c.host.limits.Calls {
		c.stop(reached(limitCalls, int64(c.host.limits.Calls)))
	}
}

// stop ends the script by a limit, whatever it catches.
func (c *call) stop(err error) {
	c.limit = err
	c.rt.Interrupt(err)
	panic(c.rt.NewTypeError("a limit is reached"))
}

// console prints to the trace of the run.
func (c *call) console() *goja.Object {
	o := c.rt.NewObject()
	for _, level := range [...]string{"debug", "log", "info", "warn", "error"} {
		_ = o.Set(level, func(in goja.FunctionCall) goja.Value {
			c.counted()
			print := c.script.World.Console
			if print == nil {
				return goja.Undefined()
			}
			parts := make([]string, len(in.Arguments))
			for i, a := range in.Arguments {
				parts[i] = c.shown(a)
			}
			text := c.masked(strings.Join(parts, " "))
			c.ask(func() { print(level, text) })
			return goja.Undefined()
		})
	}
	return o
}

// shown is how the console shows a value: texts as they are, everything else as JSON.
func (c *call) shown(a goja.Value) string {
	if s, ok := a.(goja.String); ok {
		return s.String()
	}
	if o, ok := a.(*goja.Object); ok && o.ClassName() == "Error" {
		return c.describe(o)
	}
	v, err := c.fromJS(a)
	if err != nil {
		return "(too large)"
	}
	if v.IsUndefined() {
		return "undefined"
	}
	return string(value.AppendMaskedJSON(nil, v))
}

// functions is the global of a library of functions, each of which is made when it is asked for.
type functions struct {
	*call
	library *builtin.Library
	made    map[string]goja.Value
}

// Get implements goja.DynamicObject.
func (f *functions) Get(name string) goja.Value {
	if made, ok := f.made[name]; ok {
		return made
	}
	fn, ok := f.library.Lookup(name)
	if !ok || fn.WhiteLabel || fn.Lazy {
		return nil
	}
	made := f.rt.ToValue(func(in goja.FunctionCall) goja.Value { return f.invoke(fn, in.Arguments) })
	f.made[name] = made
	return made
}

// Has implements goja.DynamicObject.
func (f *functions) Has(name string) bool { return f.Get(name) != nil }

// Set implements goja.DynamicObject: the library cannot be changed.
func (f *functions) Set(string, goja.Value) bool { return false }

// Delete implements goja.DynamicObject.
func (f *functions) Delete(string) bool { return false }

// Keys implements goja.DynamicObject.
func (f *functions) Keys() []string { return nil }

// invoke calls a function of the library within the budget of the expression that called the script.
func (f *functions) invoke(fn *builtin.Function, in []goja.Value) goja.Value {
	f.counted()
	if !fn.Accepts(len(in)) {
		if len(in) < fn.Min {
			panic(f.rt.NewTypeError(fmt.Sprintf("write %s", fn.Signature)))
		}
		in = in[:fn.Max]
	}
	args := make([]value.Value, len(in))
	given := uint64(0)
	for i, a := range in {
		v, err := f.fromJS(a)
		if err != nil {
			panic(f.rt.NewGoError(err))
		}
		if args[i] = v; i < 64 {
			given |= 1 << i
		}
	}
	var out value.Value
	var err error
	f.ask(func() {
		if f.host.library != nil {
			out, err = f.host.library(fn.Name, args, given)
			return
		}
		out, err = invoke(f.script, fn, args, given)
	})
	switch e := err.(type) {
	case nil:
		return f.toJS(out)
	case *builtin.Error:
		panic(f.rt.NewTypeError(fmt.Sprintf("%s: %s", f.library.Name+"."+fn.Name, e.Message)))
	default:
		f.stop(err)
		return nil
	}
}

// invoke calls a function with the budget of a script's caller.
func invoke(s *script.Script, fn *builtin.Function, args []value.Value, given uint64) (value.Value, error) {
	context := s.World.Functions
	if context == nil {
		context = &builtin.Context{}
	}
	return builtin.Invoke(fn, context, builtin.MakeArgs(args, given))
}

// primitives is what the dialect's own part of a script can do: make requests, and fail with a type and a code.
func (c *call) primitives() *goja.Object {
	o := c.rt.NewObject()
	_ = o.Set("request", func(in goja.FunctionCall) goja.Value { return c.request(in.Argument(0)) })
	_ = o.Set("failure", func(in goja.FunctionCall) goja.Value {
		e := c.rt.NewTypeError(in.Argument(2).String())
		_ = e.Set("name", "Error")
		c.failure = &failure{object: e, typ: in.Argument(0).String(), code: in.Argument(1).String()}
		return e
	})
	return o
}

// request makes a request and returns its answer. The script waits, and its clock stands still.
func (c *call) request(in goja.Value) goja.Value {
	if c.script.World.Send == nil {
		panic(c.rt.NewTypeError("this script cannot make requests"))
	}
	if c.requests++; c.requests > c.host.limits.Requests {
		c.stop(reached(limitRequests, int64(c.host.limits.Requests)))
	}
	v, err := c.fromJS(in)
	if err != nil {
		panic(c.rt.NewGoError(err))
	}
	o := v.Object()
	text := func(key string) string { return value.ToText(o.Value(key)) }
	q := script.Request{Method: text("method"), URL: text("url"), Query: o.Value("query").Object(), Headers: o.Value("headers").Object(),
		Body: o.Value("body"), BodyType: text("bodyType"), Connection: value.IsTruthy(o.Value("connection")), OAuth: o.Value("oauth").Object()}
	var answer script.Answer
	c.ask(func() { answer, err = c.script.World.Send(q) })
	if err != nil {
		c.stop(err)
	}
	out := value.NewObject(5)
	out.Set("status", value.Int(int64(answer.Status)))
	out.Set("headers", answer.Headers)
	out.Set("text", value.Text(answer.Text))
	out.Set("data", answer.Data)
	if f := answer.Failure; f != nil {
		reason := value.NewObject(3)
		reason.Set("type", value.Text(f.Type))
		reason.Set("code", value.Text(f.Code))
		reason.Set("message", value.Text(f.Message))
		out.Set("failure", value.Collection(reason))
	}
	return c.toJS(value.Collection(out))
}
