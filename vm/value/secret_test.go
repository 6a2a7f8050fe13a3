package value_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/vm/value"
)

// No way of printing shows a secret, alone or inside other values.
func TestSecretsAreNotPrinted(t *testing.T) {
	const word = "hunter2hunter2"
	secret := text(word).AsSecret()
	for name, v := range map[string]value.Value{
		"text": secret, "buffer": value.Buffer([]byte(word)).AsSecret(), "list": list(num(1), secret), "collection": object("k", secret),
		"deep": object("k", list(object("x", secret))), "secret collection": object("k", text(word)).AsSecret(), "secret list": list(text(word)).AsSecret(),
	} {
		var shown []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t", "%e", "%c", "%U", "%08.3f"} {
			shown = append(shown, fmt.Sprintf(verb, v), fmt.Sprintf(verb, []value.Value{v}), fmt.Sprintf(verb, struct{ V value.Value }{v}), fmt.Sprintf(verb, struct{ v value.Value }{v}),
				fmt.Sprintf(verb, map[string]any{"a": v}), fmt.Sprintf(verb, &v), fmt.Sprintf(verb, v.Object()))
		}
		b, err := json.Marshal(map[string]any{"v": v, "o": v.Object()})
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
			slog.New(h).Info("m", "v", v, "l", []value.Value{v})
		}
		shown = append(shown, string(b), buf.String(), v.String(), v.GoString(), fmt.Sprint(v), fmt.Errorf("bad value %v", v).Error(), string(value.AppendMaskedJSON(nil, v)))
		for _, s := range shown {
			if strings.Contains(s, word) || strings.Contains(s, "68756e746572") || strings.Contains(s, "aHVudGVy") {
				t.Errorf("%s: %s", name, s)
			}
		}
		if !strings.Contains(string(b), value.Mask) {
			t.Errorf("%s: no mask in %s", name, b)
		}
		if !value.ContainsSecret(v) {
			t.Errorf("%s: no secret found", name)
		}
	}
	if got := string(value.AppendJSON(nil, list(secret))); got != `["`+word+`"]` {
		t.Errorf("the clear form is %s", got)
	}
	if value.ContainsSecret(list(object("a", text("x")))) {
		t.Error("found a secret where there is none")
	}
}

func TestSecretMarkSpreads(t *testing.T) {
	secret := text("5").AsSecret()
	plain := num(2)
	for name, v := range map[string]value.Value{
		"sum": value.Sum(num(5).AsSecret(), plain), "difference": value.Subtract(plain, secret), "product": value.Multiply(secret, plain), "quotient": value.Divide(secret, plain),
		"remainder": value.Remainder(plain, secret), "minus": value.Negate(secret), "item": value.Item(list(plain).AsSecret(), 1), "member": value.Name(object("a", plain).AsSecret(), "a"),
		"member that is secret": value.Name(object("a", secret), "a"), "taint": plain.Taint(plain, secret), "under": plain.Under(secret), "detached": value.Detach(secret),
		"minus exact": value.Negate(exact("9007199254740993").AsSecret()),
	} {
		if !v.IsSecret() {
			t.Errorf("%s is no secret", name)
		}
	}
	if value.Undefined.AsSecret().IsSecret() || value.Null().AsSecret().IsSecret() || plain.Taint(plain).IsSecret() {
		t.Error("nothing and plain values are no secrets")
	}
	if !value.Equal(secret, text("5")) || !value.StrictEqual(secret, text("5")) {
		t.Error("the mark changes equality")
	}
}

func TestFromAny(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("x", 3600))
	for _, c := range []struct {
		in   any
		want string
		kind value.Kind
	}{
		{nil, "null", value.KindNull}, {true, "true", value.KindBool}, {"a\xff", "\"a\uFFFD\"", value.KindText}, {[]byte("Make"), `"TWFrZQ=="`, value.KindBuffer},
		{1.5, "1.5", value.KindNumber}, {float32(0.5), "0.5", value.KindNumber}, {7, "7", value.KindNumber}, {int8(-7), "-7", value.KindNumber}, {int16(-7), "-7", value.KindNumber},
		{int32(-7), "-7", value.KindNumber}, {int64(1) << 60, "1152921504606846976", value.KindInteger}, {uint(7), "7", value.KindNumber}, {uint8(7), "7", value.KindNumber},
		{uint16(7), "7", value.KindNumber}, {uint32(7), "7", value.KindNumber}, {^uint64(0), "18446744073709551615", value.KindInteger}, {big.NewInt(5), "5", value.KindNumber},
		{(*big.Int)(nil), "null", value.KindNull}, {at, `"2024-01-02T02:04:05.678Z"`, value.KindDate}, {json.Number("9007199254740993"), "9007199254740993", value.KindInteger},
		{[]any{1, nil, "x", value.Undefined}, `[1,null,"x",null]`, value.KindArray}, {map[string]any{"b": 1, "a": []any{}}, `{"a":[],"b":1}`, value.KindCollection},
		{value.Text("v"), `"v"`, value.KindText}, {value.NewObject(0), "{}", value.KindCollection}, {map[string]any{"u": value.Undefined}, "{}", value.KindCollection},
	} {
		v, err := value.FromAny(c.in)
		if err != nil || v.Kind() != c.kind || string(value.AppendJSON(nil, v)) != c.want {
			t.Errorf("%T %v is %v %s (%v), want %v %s", c.in, c.in, v.Kind(), value.AppendJSON(nil, v), err, c.kind, c.want)
		}
	}
	for _, bad := range []any{struct{}{}, []any{make(chan int)}, map[string]any{"a": complex(1, 1)}, json.Number("1x"), map[int]any{}} {
		if v, err := value.FromAny(bad); err == nil {
			t.Errorf("%T is taken as %v", bad, v)
		}
	}
}

func TestToAny(t *testing.T) {
	in := object("n", value.Null(), "b", value.Bool(true), "f", num(1.5), "i", exact("9007199254740993"), "t", text("x").AsSecret(), "d", value.Date(1), "u", value.Buffer([]byte{1}), "l", list(num(1), list()))
	want := map[string]any{"n": nil, "b": true, "f": 1.5, "i": json.Number("9007199254740993"), "t": "x", "d": time.UnixMilli(1).UTC(), "u": []byte{1}, "l": []any{1.0, []any{}}}
	if diff := cmp.Diff(want, value.ToAny(in)); diff != "" {
		t.Error(diff)
	}
	if value.ToAny(value.Undefined) != nil {
		t.Error("undefined is nil")
	}
	back, err := value.FromAny(value.ToAny(in))
	if err != nil || !value.StrictEqual(back, in) {
		t.Errorf("there and back: %v, %v", back, err)
	}
}

// What is detached shares no memory with the document.
func TestDetach(t *testing.T) {
	doc := []byte(`{"a":"text","l":["x",{"k":"v"}],"n":1,"d":null}`)
	v, err := value.ParseJSON(string(doc), &value.JSONOptions{Shapes: value.NewShapes()})
	if err != nil {
		t.Fatal(err)
	}
	bytesOf := []byte{1, 2}
	v.Object().Set("b", value.Buffer(bytesOf))
	v.Object().Set("s", text("s").AsSecret())
	out := value.Detach(v)
	if !value.StrictEqual(out, v) || !out.Object().Value("s").IsSecret() || out.Object().Shape() != nil {
		t.Errorf("%v became %v", v, out)
	}
	bytesOf[0] = 9
	v.Object().Set("a", value.Null())
	if out.Object().Value("b").Bytes()[0] != 1 || out.Object().Value("a").Str() != "text" {
		t.Error("the copy follows the original")
	}
	for _, scalar := range []value.Value{value.Undefined, value.Null(), num(1), value.Bool(true), value.Date(3), exact("9007199254740993")} {
		if got := value.Detach(scalar); !value.StrictEqual(got, scalar) {
			t.Errorf("%v became %v", scalar, got)
		}
	}
}

// Accessors of another kind give nothing.
func TestAccessorsOfOtherKinds(t *testing.T) {
	all := []value.Value{value.Undefined, value.Null(), value.Bool(true), num(1), exact("9007199254740993"), text("x"), value.Date(1), value.Buffer([]byte("x")), list(num(1)), object("a", num(1))}
	for _, v := range all {
		k := v.Kind()
		if (v.Str() != "") != (k == value.KindText) || (v.Bytes() != nil) != (k == value.KindBuffer) || (v.Items() != nil) != (k == value.KindArray) ||
			(v.Object() != nil) != (k == value.KindCollection) || (v.BigInt() != nil) != (k == value.KindInteger) || (v.Float() != 0) != v.IsNumber() || (v.Millis() != 0) != (k == value.KindDate) || v.IsTrue() != (k == value.KindBool) {
			t.Errorf("%v leaks into another kind", k)
		}
	}
}

// Looking for secrets in values whose parts are shared many times over ends, and so do copying and comparing them.
func TestSharedParts(t *testing.T) {
	shared := func(leaf value.Value) value.Value {
		v := list(leaf)
		for i := range 60 {
			if v = list(v, v); i%2 == 1 {
				v = object("a", v, "b", v)
			}
		}
		return v
	}
	plain := shared(text("x"))
	if value.ContainsSecret(plain) || !value.ContainsSecret(shared(text("x").AsSecret())) {
		t.Error("secrets among shared parts are miscounted")
	}
	if !value.StrictEqual(plain, shared(text("x"))) || !value.Equal(plain, plain) || !value.StrictEqual(plain, value.Detach(plain)) {
		t.Error("equal values with shared parts differ")
	}
	if value.StrictEqual(plain, shared(text("y"))) || value.Equal(shared(num(math.NaN())), shared(num(math.NaN()))) {
		t.Error("different values with shared parts are equal")
	}
	if got := value.ToNumber(plain); !math.IsNaN(got) {
		t.Errorf("shared lists are the number %v", got)
	}
}
