package jshost

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/imlc-lang/imlc/vm/value"
)

// toJS makes a value of the script of one of the engine: undefined and null apart, dates as Date, buffers as
// Uint8Array. A whole number beyond what a number of JavaScript keeps loses its last digits.
func (c *call) toJS(v value.Value) goja.Value {
	switch v.Kind() {
	case value.KindUndefined:
		return goja.Undefined()
	case value.KindNull:
		return goja.Null()
	case value.KindBool:
		return c.rt.ToValue(v.IsTrue())
	case value.KindNumber, value.KindInteger:
		return c.number(v.Float())
	case value.KindText:
		return c.rt.ToValue(v.Str())
	case value.KindDate:
		return c.construct("Date", c.number(float64(v.Millis())))
	case value.KindBuffer:
		return c.construct("Uint8Array", c.rt.ToValue(c.rt.NewArrayBuffer(append([]byte(nil), v.Bytes()...))))
	case value.KindArray:
		items := make([]any, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = c.toJS(item)
		}
		return c.rt.NewArray(items...)
	}
	from, o := v.Object(), c.rt.NewObject()
	for i := range from.Len() {
		key, item := from.At(i)
		if key == "__proto__" { // a key like any other
			_ = o.DefineDataProperty(key, c.toJS(item), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
			continue
		}
		_ = o.Set(key, c.toJS(item))
	}
	return o
}

func (c *call) number(f float64) goja.Value {
	if i := int64(f); float64(i) == f && math.Abs(f) <= value.MaxSafeInteger && !(f == 0 && math.Signbit(f)) {
		return c.rt.ToValue(i)
	}
	return c.rt.ToValue(f)
}

func (c *call) construct(class string, args ...goja.Value) goja.Value {
	o, err := c.rt.New(c.rt.Get(class), args...)
	if err != nil {
		panic(err)
	}
	return o
}

// fromJS makes a value of the engine of one of the script, within the limits of results. Texts that hold the text of a
// secret argument are secret.
func (c *call) fromJS(v goja.Value) (value.Value, error) {
	r := reading{call: c, left: c.host.limits.ResultBytes}
	return r.value(v, 0)
}

// reading is the reading of one result.
type reading struct {
	*call
	left int
}

// nodeBytes is what each value of a result counts beside its text.
const nodeBytes = 16

func (r *reading) take(n int) error {
	if r.left -= n; r.left < 0 {
		return reached(limitResult, int64(r.host.limits.ResultBytes))
	}
	return nil
}

func (r *reading) value(v goja.Value, depth int) (value.Value, error) {
	if err := r.take(nodeBytes); err != nil {
		return value.Undefined, err
	}
	switch v := v.(type) {
	case nil:
		return value.Undefined, nil
	case *goja.Object:
		return r.object(v, depth)
	case goja.String:
		return r.text(v)
	case *goja.Symbol:
		return value.Undefined, r.failed("gave a symbol, which is no value", nil)
	}
	switch {
	case goja.IsUndefined(v):
		return value.Undefined, nil
	case goja.IsNull(v):
		return value.Null(), nil
	}
	switch x := v.Export().(type) {
	case bool:
		return value.Bool(x), nil
	case int64:
		return r.marked(value.Int(x)), nil
	case float64:
		return r.marked(value.Number(x)), nil
	case *big.Int:
		if x.BitLen() > value.MaxIntegerDigits*3 {
			return value.Undefined, r.failed("gave a whole number that is too large", nil)
		}
		return r.marked(value.Integer(x)), nil
	}
	return value.Undefined, r.failed("gave what is no value", nil)
}

func (r *reading) text(v goja.String) (value.Value, error) {
	if err := r.take(v.Length()); err != nil {
		return value.Undefined, err
	}
	return r.marked(value.Text(value.ValidText(v.String()))), nil
}

// marked marks a value as secret whose text holds that of a secret argument.
func (r *reading) marked(v value.Value) value.Value {
	if len(r.secrets) == 0 {
		return v
	}
	text := value.ToText(v)
	for _, secret := range r.secrets {
		if strings.Contains(text, secret) {
			return v.AsSecret()
		}
	}
	return v
}

func (r *reading) object(o *goja.Object, depth int) (value.Value, error) {
	if depth++; depth > r.host.limits.ResultDepth {
		return value.Undefined, reached(limitResultDepth, int64(r.host.limits.ResultDepth))
	}
	switch o.ClassName() {
	case "Array":
		return r.list(o, depth)
	case "Date":
		return r.date(o), nil
	case "Function", "AsyncFunction", "GeneratorFunction":
		return value.Undefined, nil
	case "String": // boxed
		return r.value(r.rt.ToValue(o.String()), depth)
	}
	switch o.ExportType() { // which, unlike Export, does not look inside
	case reflect.TypeFor[goja.ArrayBuffer]():
		return r.buffer(o.Export().(goja.ArrayBuffer).Bytes())
	case reflect.TypeFor[[]byte]():
		if b, ok := o.Export().([]byte); ok {
			return r.buffer(b)
		}
	case reflect.TypeFor[int64](), reflect.TypeFor[float64](), reflect.TypeFor[bool](): // boxed
		return r.value(r.rt.ToValue(o.Export()), depth)
	case reflect.TypeFor[*goja.Promise]():
		return value.Undefined, r.failed("gave a promise inside of its result: await it", nil)
	}
	return r.members(o, depth)
}

func (r *reading) buffer(b []byte) (value.Value, error) {
	if err := r.take(len(b)); err != nil {
		return value.Undefined, err
	}
	return value.Buffer(append([]byte(nil), b...)), nil
}

// date reads a Date; one that is none is undefined.
func (r *reading) date(o *goja.Object) value.Value {
	get, ok := goja.AssertFunction(o.Get("getTime"))
	if !ok {
		return value.Undefined
	}
	v, err := get(o)
	if err != nil {
		panic(err)
	}
	ms := v.ToFloat()
	if math.IsNaN(ms) || math.Abs(ms) > 8.64e15 {
		return value.Undefined
	}
	return value.Date(int64(ms))
}

func (r *reading) list(o *goja.Object, depth int) (value.Value, error) {
	n := o.Get("length").ToInteger()
	if n*nodeBytes > int64(r.left) {
		return value.Undefined, reached(limitResult, int64(r.host.limits.ResultBytes))
	}
	items := make([]value.Value, n)
	for i := range items {
		v, err := r.value(o.Get(strconv.Itoa(i)), depth)
		if err != nil {
			return v, err
		}
		if v.IsUndefined() {
			v = value.Null() // as in a list of the engine's own
		}
		items[i] = v
	}
	return value.Array(items), nil
}

func (r *reading) members(o *goja.Object, depth int) (value.Value, error) {
	keys := o.Keys()
	out := value.NewObject(min(len(keys), 64))
	for _, key := range keys {
		if err := r.take(len(key)); err != nil {
			return value.Undefined, err
		}
		v, err := r.value(o.Get(key), depth)
		if err != nil {
			return v, err
		}
		out.Set(value.ValidText(key), v)
	}
	return value.Collection(out), nil
}

// secretTexts returns the texts of the secret parts of arguments, each once.
func secretTexts(args []value.Value) []string {
	var out []string
	seen := map[string]bool{}
	var walk func(v value.Value, secret bool)
	walk = func(v value.Value, secret bool) {
		secret = secret || v.IsSecret()
		switch v.Kind() {
		case value.KindArray:
			for _, item := range v.Items() {
				walk(item, secret)
			}
		case value.KindCollection:
			for i := range v.Object().Len() {
				_, item := v.Object().At(i)
				walk(item, secret)
			}
		case value.KindText, value.KindNumber, value.KindInteger, value.KindBuffer:
			if text := value.ToText(v); secret && text != "" && !seen[text] {
				seen[text] = true
				out = append(out, text)
			}
		}
	}
	for _, a := range args {
		if value.ContainsSecret(a) {
			walk(a, false)
		}
	}
	return out
}
